//! Hash keys: where in the hash space of a stream a partition key falls.
//!
//! # Rules
//! K1. The hash key of a record is the MD5 of the UTF-8 bytes of its partition key, read as a
//! 128-bit number with the first byte highest; an explicit hash key replaces it. Source: API
//! reference, PutRecord, `ExplicitHashKey`. Shown by: kinesis_hash_shard, kinesis-key-to-shard,
//! kinesis-explicit-hash-key.
//!
//! K2. A record goes to the open shard whose range holds its hash key; both ends of a range belong
//! to it. Source: API reference, `HashKeyRange`. Shown by: kinesis_hash_shard, kinesis-explicit-hash-key.
//!
//! K3. A new stream of n shards is divided evenly: shard i starts at i times the whole part of
//! 2^128 / n, and the last one takes what remains. Source: developer guide, "Amazon Kinesis Data
//! Streams terminology and concepts". Shown by: kinesis-hash-ranges.

use md5::{Digest, Md5};
use std::fmt;

/// A place in the hash space, from 0 to 2^128 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashKey(pub u128);

impl HashKey {
    /// The last place of the hash space.
    pub const LAST: HashKey = HashKey(u128::MAX);

    /// Where a partition key falls.
    ///
    /// ```
    /// use systems::kinesis::hash::HashKey;
    /// assert_eq!(HashKey::of("a").to_string(), "16955237001963240173058271559858726497");
    /// ```
    pub fn of(partition_key: &str) -> HashKey {
        HashKey(u128::from_be_bytes(
            Md5::digest(partition_key.as_bytes()).into(),
        ))
    }

    /// Reads a hash key as requests write it: a decimal number without zeros before it.
    ///
    /// # Errors
    /// Says whether it is no such number, or one beyond the hash space.
    pub fn read(text: &str) -> Result<HashKey, NoHashKey> {
        let is_number = !text.is_empty()
            && text.len() <= 39
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        if !is_number {
            return Err(NoHashKey::Form);
        }
        text.parse().map(HashKey).map_err(|_| NoHashKey::Range)
    }
}

/// Why a text is no hash key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHashKey {
    /// It is no decimal number of at most 39 digits.
    Form,
    /// It is 2^128 or more.
    Range,
}

impl fmt::Display for HashKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The part of the hash space that a shard takes; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashKeyRange {
    /// Its first hash key.
    pub start: HashKey,
    /// Its last hash key.
    pub end: HashKey,
}

impl HashKeyRange {
    /// Whether a hash key falls into it.
    pub fn holds(self, key: HashKey) -> bool {
        self.start <= key && key <= self.end
    }

    /// Whether the other range begins right after this one ends.
    pub fn is_followed_by(self, other: HashKeyRange) -> bool {
        self.end.0.checked_add(1) == Some(other.start.0)
    }

    /// The hash space divided evenly among so many shards; without shards there is nothing.
    pub fn even(shards: u32) -> Vec<HashKeyRange> {
        let count = u128::from(shards);
        let width = match count {
            0 => return Vec::new(),
            // 2^128 itself does not fit: the only shard takes everything.
            1 => u128::MAX,
            _ => u128::MAX / count + u128::from(u128::MAX % count == count - 1),
        };
        let start = |at: u32| HashKey(u128::from(at).saturating_mul(width));
        (0..shards)
            .map(|at| HashKeyRange {
                start: start(at),
                end: match at + 1 == shards {
                    true => HashKey::LAST,
                    false => HashKey(start(at + 1).0.saturating_sub(1)),
                },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_ranges_cover_the_hash_space() {
        for shards in [1, 2, 3, 5, 7, 16, 1000] {
            let ranges = HashKeyRange::even(shards);
            assert_eq!(ranges.len(), shards as usize);
            assert_eq!(ranges[0].start, HashKey(0));
            assert_eq!(ranges[ranges.len() - 1].end, HashKey::LAST);
            assert!(ranges.windows(2).all(|two| two[0].is_followed_by(two[1])));
        }
    }

    #[test]
    fn a_text_is_a_hash_key_or_says_why_not() {
        let check = |text: &str, expected| assert_eq!(HashKey::read(text), expected, "{text}");
        check("0", Ok(HashKey(0)));
        check("340282366920938463463374607431768211455", Ok(HashKey::LAST));
        check(
            "340282366920938463463374607431768211456",
            Err(NoHashKey::Range),
        );
        for text in [
            "",
            "-1",
            "01",
            "x",
            "1111111111111111111111111111111111111111",
        ] {
            check(text, Err(NoHashKey::Form));
        }
    }
}
