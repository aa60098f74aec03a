//! What goes over a connection: commands as lists of words, and replies of the protocol RESP2.
//!
//! R5. A command is a list of texts, and its name and options are written in either case. A reply is
//! a status, an error, a number, a text, nothing (nil) or a list of replies. Source: Redis
//! serialization protocol specification. Shown by: redis_streams.

use super::error::Error;
use super::id::StreamId;
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use std::sync::Arc;

/// What reaches the server from a client's connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// A command.
    Command {
        /// Its words.
        words: Vec<Arc<str>>,
        /// What of a scene it carries or settles.
        records: Vec<RecordId>,
    },
    /// The client's socket takes no more bytes: it has stopped reading.
    StopsReading,
    /// It takes bytes again.
    ReadsOn,
}

impl Request {
    /// A command, written with one blank between its words.
    pub fn line(line: &str) -> Request {
        Request::words(line.split(' ').map(Arc::from).collect())
    }

    /// A command of these words.
    pub fn words(words: Vec<Arc<str>>) -> Request {
        Request::Command {
            words,
            records: Vec::new(),
        }
    }

    /// The same command, carrying or settling these records.
    #[must_use]
    pub fn carrying(mut self, about: &[RecordId]) -> Request {
        if let Request::Command { records, .. } = &mut self {
            *records = about.to_vec();
        }
        self
    }
}

impl Visit for Request {
    fn visit(&mut self, _: &mut impl Visitor) {}
}

/// The commands after which somebody is done with something.
const SETTLING: [&str; 4] = ["XACK", "XDEL", "HDEL", "ZREM"];

impl Wire for Request {
    fn about(&self) -> About {
        match self {
            Request::Command { words, records } if !records.is_empty() => {
                let name = words.first().map_or("", |name| name);
                match SETTLING.iter().any(|one| one.eq_ignore_ascii_case(name)) {
                    true => About::Settling(records.clone()),
                    false => About::Records(records.clone()),
                }
            }
            _ => About::Nothing,
        }
    }
    fn is_upkeep(&self) -> bool {
        let is_ping = |word: &Arc<str>| word.eq_ignore_ascii_case("PING");
        matches!(self, Request::Command { words, .. } if words.first().is_some_and(is_ping))
    }
    fn can_be_lost(&self) -> bool {
        // That a client stops reading is no message.
        matches!(self, Request::Command { .. })
    }
}

/// A text with what it carries of a scene.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Element {
    /// The text.
    pub text: Arc<str>,
    /// What it carries.
    pub record: Option<RecordId>,
}

/// The fields of an entry with their values, in turn, and what it carries of a scene.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Field, value, field, value, …
    pub fields: Arc<[Arc<str>]>,
    /// What it carries.
    pub record: Option<RecordId>,
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// A status, such as OK.
    Status(&'static str),
    /// A refusal.
    Error(Error),
    /// A number.
    Integer(i64),
    /// A text.
    Text(Arc<str>),
    /// A text that somebody put in.
    Element(Element),
    /// The id of an entry, a text in the protocol.
    Id(StreamId),
    /// An entry: a list of its id and its fields. A pending entry that is no longer in the stream
    /// has no fields.
    Entry(StreamId, Option<Entry>),
    /// Nothing.
    Nil,
    /// A list.
    List(Vec<Reply>),
    /// The server has closed the connection; nothing of the protocol.
    Closed,
}

impl Reply {
    /// A text.
    pub fn text(text: &str) -> Reply {
        Reply::Text(Arc::from(text))
    }

    /// A number; one that is too great is the greatest.
    pub fn count(count: impl TryInto<i64>) -> Reply {
        Reply::Integer(count.try_into().unwrap_or(i64::MAX))
    }

    /// The entries in it, in order.
    pub fn entries(&self) -> Vec<(StreamId, Option<&Entry>)> {
        match self {
            Reply::Entry(id, entry) => vec![(*id, entry.as_ref())],
            Reply::List(list) => list.iter().flat_map(Reply::entries).collect(),
            _ => Vec::new(),
        }
    }

    /// What of a scene it carries.
    pub fn records(&self) -> Vec<RecordId> {
        match self {
            Reply::Element(element) => element.record.into_iter().collect(),
            Reply::Entry(_, Some(entry)) => entry.record.into_iter().collect(),
            Reply::List(list) => list.iter().flat_map(Reply::records).collect(),
            _ => Vec::new(),
        }
    }

    /// How many bytes it takes on the wire.
    pub fn bytes(&self) -> u64 {
        let digits = |number: usize| number.to_string().len();
        let text = |length: usize| 1 + digits(length) + 2 + length + 2;
        let bytes = match self {
            Reply::Status(status) => status.len() + 3,
            Reply::Error(error) => error.to_string().len() + 3,
            Reply::Integer(number) => number.to_string().len() + 3,
            Reply::Text(one) | Reply::Element(Element { text: one, .. }) => text(one.len()),
            Reply::Id(id) => text(id.to_string().len()),
            Reply::Entry(id, entry) => {
                let fields = entry.as_ref().map_or(5, |entry| {
                    let words: usize = entry.fields.iter().map(|one| text(one.len())).sum();
                    3 + digits(entry.fields.len()) + words
                });
                4 + text(id.to_string().len()) + fields
            }
            Reply::Nil => 5,
            Reply::List(list) => {
                let inner: u64 = list.iter().map(Reply::bytes).sum();
                return inner.saturating_add(3 + digits(list.len()) as u64);
            }
            Reply::Closed => 0,
        };
        bytes as u64
    }
}

impl Visit for Reply {
    fn visit(&mut self, _: &mut impl Visitor) {}
}

impl Wire for Reply {
    fn about(&self) -> About {
        match self.records() {
            records if records.is_empty() => About::Nothing,
            records => About::Records(records),
        }
    }
    fn is_upkeep(&self) -> bool {
        *self == Reply::Status("PONG")
    }
    fn can_be_lost(&self) -> bool {
        *self != Reply::Closed
    }
}
