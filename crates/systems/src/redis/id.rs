//! Ids of stream entries: a time in milliseconds and a sequence number, two unsigned numbers of 64
//! bits that are compared one after the other.
//!
//! R1. An id is `ms-seq`, and ids are compared as two numbers, never as texts: `9-10` comes before
//! `10-0`. Source: Redis manual, "Redis Streams", entry IDs. Shown by: redis_stream_id_order.
//!
//! R2. An id without a sequence number begins a range at sequence 0 and ends one at the greatest
//! sequence; `-` and `+` are the smallest and the greatest id; `(` leaves the bound itself out.
//! Source: Redis commands, XRANGE. Shown by: redis-range-forms, redis_streams.

use super::error::Error;
use std::fmt;

/// The id of an entry. Ids only grow within a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The time part, in milliseconds.
    pub ms: u64,
    /// The place among the entries of this millisecond.
    pub seq: u64,
}

impl StreamId {
    /// The id before all others, `0-0`. No entry can have it.
    pub const MIN: StreamId = StreamId { ms: 0, seq: 0 };
    /// The id after all others.
    pub const MAX: StreamId = StreamId {
        ms: u64::MAX,
        seq: u64::MAX,
    };

    /// The id right after this one; the greatest has none.
    pub fn next(self) -> Option<StreamId> {
        match self.seq.checked_add(1) {
            Some(seq) => Some(StreamId { seq, ..self }),
            None => Some(StreamId {
                ms: self.ms.checked_add(1)?,
                seq: 0,
            }),
        }
    }

    /// The id right before this one; the smallest has none.
    pub fn previous(self) -> Option<StreamId> {
        match self.seq.checked_sub(1) {
            Some(seq) => Some(StreamId { seq, ..self }),
            None => Some(StreamId {
                ms: self.ms.checked_sub(1)?,
                seq: u64::MAX,
            }),
        }
    }

    /// Reads `ms-seq` or `ms`, to which then belongs the sequence `missing`.
    ///
    /// # Errors
    /// It is no id.
    pub fn read(text: &str, missing: u64) -> Result<StreamId, Error> {
        let dash = text.bytes().position(|byte| byte == b'-');
        let id = match dash.and_then(|at| text.split_at_checked(at)) {
            None => digits(text).map(|ms| StreamId { ms, seq: missing }),
            Some((ms, rest)) => digits(ms)
                .zip(digits(&rest[1..]))
                .map(|(ms, seq)| StreamId { ms, seq }),
        };
        id.ok_or(Error::InvalidId)
    }

    /// Like [`read`](StreamId::read), and `-` and `+` are the smallest and the greatest id.
    ///
    /// # Errors
    /// It is no id.
    pub fn read_or_sign(text: &str, missing: u64) -> Result<StreamId, Error> {
        match text {
            "-" => Ok(StreamId::MIN),
            "+" => Ok(StreamId::MAX),
            text => StreamId::read(text, missing),
        }
    }

    /// The first id of a range that begins with this bound.
    ///
    /// # Errors
    /// It is no bound, or nothing comes after it.
    pub fn read_start(text: &str) -> Result<StreamId, Error> {
        match text.strip_prefix('(') {
            Some(rest) if !rest.is_empty() => {
                StreamId::read(rest, 0)?.next().ok_or(Error::InvalidStart)
            }
            _ => StreamId::read_or_sign(text, 0),
        }
    }

    /// The last id of a range that ends with this bound.
    ///
    /// # Errors
    /// It is no bound, or nothing comes before it.
    pub fn read_end(text: &str) -> Result<StreamId, Error> {
        match text.strip_prefix('(') {
            Some(rest) if !rest.is_empty() => StreamId::read(rest, u64::MAX)?
                .previous()
                .ok_or(Error::InvalidEnd),
            _ => StreamId::read_or_sign(text, u64::MAX),
        }
    }
}

/// A number of nothing but digits.
fn digits(text: &str) -> Option<u64> {
    let add = |number: u64, byte: u8| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    let is_any = !text.is_empty();
    text.bytes().try_fold(0, add).filter(|_| is_any)
}

impl fmt::Display for StreamId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two numbers of at most twenty digits, from the last digit on.
        let (mut text, mut at) = ([b'-'; 41], 41);
        for (number, dash) in [(self.seq, 1), (self.ms, 0)] {
            let mut left = number;
            loop {
                at -= 1;
                text[at] = b'0' + (left % 10) as u8;
                left /= 10;
                if left == 0 {
                    break;
                }
            }
            at -= dash;
        }
        out.write_str(std::str::from_utf8(&text[at..]).unwrap_or_default())
    }
}

/// The id that XADD asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// `*`: from the clock.
    Clock,
    /// `ms-*`: the next sequence number of this millisecond.
    Sequence(u64),
    /// This one.
    Explicit(StreamId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_has_neighbours() {
        let id = StreamId { ms: 5, seq: 0 };
        assert_eq!(StreamId::read("5-0", 9), Ok(id));
        assert_eq!(id.previous().and_then(StreamId::next), Some(id));
        assert_eq!(
            (StreamId::MIN.previous(), StreamId::MAX.next()),
            (None, None)
        );
        for id in [id, StreamId::MIN, StreamId::MAX] {
            assert_eq!(id.to_string(), format!("{}-{}", id.ms, id.seq));
            assert_eq!(StreamId::read(&id.to_string(), 9), Ok(id));
        }
        for text in [
            "",
            "-",
            "+",
            "5-",
            "-5",
            "5-+1",
            "x",
            "5-*",
            "18446744073709551616",
        ] {
            assert_eq!(StreamId::read(text, 0), Err(Error::InvalidId), "{text}");
        }
        assert_eq!(StreamId::read_start("(-"), Err(Error::InvalidId));
        assert_eq!(StreamId::read_end("(0-0"), Err(Error::InvalidEnd));
    }
}
