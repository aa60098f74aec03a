//! Sequence numbers: the place of a record in its shard, as a large decimal number.
//!
//! # Rules
//! K4. Each record gets a sequence number when it is put; within a shard they grow in the order of
//! putting, but they are not consecutive, and numbers of different shards say nothing about each
//! other. Source: API reference, PutRecord. Shown by: kinesis-key-to-shard,
//! the test `a_stream_does_what_the_slow_model_does`.
//!
//! K5. A sequence number carries its shard and when that shard was made, so it is refused where it
//! is used on another shard or on another stream. Source: words of the service's own errors. Shown
//! by: the test `a_sequence_number_of_another_shard_is_refused`.
//!
//! Simplified: AWS does not document how a sequence number is made up. Here it is the arrangement
//! that look-alikes found: a version, the second at which the shard was made, a running number, the
//! second of the put, and the shard.

use super::date::SECONDS_AT_ZERO;
use super::error::Error;
use crate::visit::{Counter, Visit, Visitor};
use explore::time::Instant;
use std::fmt;
use std::sync::Arc;

/// A sequence number. They are ordered as the decimal numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber {
    created: Instant,
    shard: u32,
    index: u64,
    at: Instant,
}

/// The last second since 1970 that nine hexadecimal digits can hold.
const LAST_SECOND: u64 = 0xf_ffff_ffff;
/// The running number with which a closed shard ends.
const LAST_INDEX: u64 = 0x7fff_ffff_ffff_ffff;

/// A point of time cut to its second, and to the last one that can be written.
fn second(at: Instant) -> Instant {
    Instant((at.0 / 1_000_000).min(LAST_SECOND - SECONDS_AT_ZERO) * 1_000_000)
}

fn unix_second(at: Instant) -> u64 {
    (at.0 / 1_000_000)
        .saturating_add(SECONDS_AT_ZERO)
        .min(LAST_SECOND)
}

impl SequenceNumber {
    /// The number of the `index`-th record of a shard that was made at `created`.
    pub fn new(created: Instant, shard: u32, index: u64, at: Instant) -> Self {
        SequenceNumber {
            created: second(created),
            shard: shard.min(0x7fff_ffff),
            index: index.min(LAST_INDEX),
            at: second(at),
        }
    }

    /// The number with which a shard ends that is closed at `at`.
    pub fn ending(created: Instant, shard: u32, at: Instant) -> Self {
        SequenceNumber::new(created, shard, LAST_INDEX, at)
    }

    /// The number of its shard.
    pub const fn shard(self) -> u32 {
        self.shard
    }

    /// The how-manieth record of its shard it is, from 1.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// When it was given.
    pub const fn at(self) -> Instant {
        self.at
    }

    /// Whether it could have been given by a shard made then.
    pub fn is_of(self, created: Instant) -> bool {
        self.created == second(created)
    }

    /// Reads the decimal number.
    pub fn read(text: &str) -> Option<SequenceNumber> {
        if text.len() > 60 || text.starts_with('0') {
            return None;
        }
        let decimal: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(10)).collect();
        let digits = convert(&decimal?, 10, 16);
        let number = |from: usize, to: usize| {
            digits.get(from..to).map(|part| {
                part.iter()
                    .fold(0_u64, |sum, digit| (sum << 4) | u64::from(*digit))
            })
        };
        let is_form = digits.len() == 47 && number(0, 1) == Some(2) && number(46, 47) == Some(2);
        let instant = |from: usize, to: usize| {
            let seconds = number(from, to)?.checked_sub(SECONDS_AT_ZERO)?;
            Some(Instant(seconds.checked_mul(1_000_000)?))
        };
        let read = SequenceNumber {
            created: instant(1, 10)?,
            index: number(11, 27)?,
            at: instant(29, 38)?,
            shard: u32::try_from(number(38, 46)?).ok()?,
        };
        let is_whole = is_form
            && read.index <= LAST_INDEX
            && number(10, 11) == Some(u64::from(read.shard & 15))
            && number(27, 29) == Some(0);
        is_whole.then_some(read)
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = format!(
            "2{:09x}{:x}{:016x}00{:09x}{:08x}2",
            unix_second(self.created),
            self.shard & 15,
            self.index,
            unix_second(self.at),
            self.shard,
        );
        let digits: Vec<u32> = written
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .collect();
        for digit in convert(&digits, 16, 10) {
            digit.fmt(out)?;
        }
        Ok(())
    }
}

impl Visit for SequenceNumber {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.instant(&mut self.created);
        visitor.instant(&mut self.at);
        let counter = Counter {
            kind: "sequence number",
            scope: (self.shard & 0xffff) as u16,
        };
        visitor.counter(counter, &mut self.index);
    }
}

/// The digits of a number in another base, highest first.
fn convert(digits: &[u32], from: u32, to: u32) -> Vec<u32> {
    let mut converted: Vec<u32> = Vec::new();
    for digit in digits {
        let mut carry = *digit;
        for place in converted.iter_mut() {
            let value = *place * from + carry;
            *place = value % to;
            carry = value / to;
        }
        while carry > 0 {
            converted.push(carry % to);
            carry /= to;
        }
    }
    converted.reverse();
    converted
}

/// A sequence number as a request gives it: one that was handed out, or any text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Given {
    /// One that was handed out, or a text that could be one.
    Number(SequenceNumber),
    /// A text that is none; empty where none was given.
    Text(Arc<str>),
}

impl Given {
    /// What a client wrote.
    pub fn text(text: &str) -> Given {
        SequenceNumber::read(text).map_or_else(|| Given::Text(text.into()), Given::Number)
    }

    /// Refuses a text that does not even have the form of a sequence number.
    pub(super) fn check_form(&self, member: &str) -> Result<(), Error> {
        let Given::Text(text) = self else {
            return Ok(());
        };
        let is_form = (1..=129).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (&**text == "0" || !text.starts_with('0'));
        match is_form {
            true => Ok(()),
            false => Err(Error::member(
                text,
                member,
                "satisfy regular expression pattern: 0|([1-9]\\d{0,128})",
            )),
        }
    }
}

impl Visit for Given {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Given::Number(number) = self {
            number.visit(visitor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_number_is_a_large_decimal_number_and_reads_back() {
        let mut before = String::new();
        for index in [0, 1, 2, 9, 10, 1_000_000, LAST_INDEX] {
            let at = Instant(index.min(1_000) * 1_500_000);
            let number = SequenceNumber::new(Instant(7_000_000), 3, index, at);
            let text = number.to_string();
            assert_eq!(text.len(), 56, "{text}");
            assert!(before < text, "{before} {text}");
            assert_eq!(SequenceNumber::read(&text), Some(number));
            before = text;
        }
        for text in [
            "",
            "0",
            "1",
            "x",
            "4",
            "99999999999999999999999999999999999999999999999999999999",
        ] {
            assert_eq!(SequenceNumber::read(text), None, "{text}");
        }
    }
}
