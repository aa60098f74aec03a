//! How the fields of facts are written, and read back.

use crate::cast::{Cast, ClientId, ConsumerId, RecordId, ServiceId, TableId};
use crate::handler::Value;
use systems::kafka::group::{Generation, MemberId};
use systems::kafka::log::producers::{Epoch, ProducerId};
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{Error, GroupId, Offset, Partition};

/// How a value of a fact is written and read. Names never contain white space or commas.
pub(super) trait Field: Sized {
    fn write(&self, cast: &Cast) -> String;
    fn read(text: &str, cast: &Cast) -> Option<Self>;
}

/// Numbers, as they are.
macro_rules! numbers {
    ($( $kind:ty: |$one:ident| $number:expr, $read:expr ),* $(,)?) => { $(
        impl Field for $kind {
            fn write(&self, _: &Cast) -> String {
                let $one = self;
                $number.to_string()
            }
            fn read(text: &str, _: &Cast) -> Option<Self> {
                text.parse().ok().map($read)
            }
        }
    )* };
}

numbers! {
    u16: |one| one, |read| read,
    u32: |one| one, |read| read,
    Offset: |one| one.0, Offset,
    Generation: |one| one.0, Generation,
    ProducerId: |one| one.0, ProducerId,
    Epoch: |one| one.0, Epoch,
}

impl Field for Error {
    fn write(&self, _: &Cast) -> String {
        self.name().to_owned()
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        Error::ALL
            .iter()
            .copied()
            .find(|error| error.name() == text)
    }
}

impl Field for Value {
    /// As JSON; what a line of a trace cannot carry (white space, commas, `%`) as `%` and two hexadecimal digits.
    fn write(&self, _: &Cast) -> String {
        let mut out = String::new();
        for byte in self.to_string().bytes() {
            if byte.is_ascii_graphic() && byte != b',' && byte != b'%' {
                out.push(char::from(byte));
            } else {
                let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
                out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        out
    }
    fn read(text: &str, _: &Cast) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let mut digit = || char::from(rest.next()?).to_digit(16);
                    (digit()? * 16 + digit()?) as u8
                }
                plain => plain,
            });
        }
        crate::json::from_text(std::str::from_utf8(&bytes).ok()?).ok()
    }
}

/// A number that the cast has a name for.
macro_rules! named {
    ($( $kind:ty: $name:ident $find:ident ),* $(,)?) => { $(
        impl Field for $kind {
            fn write(&self, cast: &Cast) -> String {
                cast.$name(*self)
            }
            fn read(text: &str, cast: &Cast) -> Option<Self> {
                cast.$find(text)
            }
        }
    )* };
}

named! {
    ConsumerId: consumer_name find_consumer,
    ClientId: client_name find_client,
    TransactionalId: transactional_name find_transactional,
    ServiceId: service_name find_service,
    TableId: table_name find_table,
    RecordId: record_name find_record,
    GroupId: group_name find_group,
    Partition: partition_name find_partition,
    MemberId: member_name find_member,
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, cast: &Cast) -> String {
        if self.is_empty() {
            return "-".to_owned();
        }
        self.iter()
            .map(|item| item.write(cast))
            .collect::<Vec<_>>()
            .join(",")
    }
    fn read(text: &str, cast: &Cast) -> Option<Self> {
        if text == "-" {
            return Some(Vec::new());
        }
        text.split(',').map(|item| T::read(item, cast)).collect()
    }
}
