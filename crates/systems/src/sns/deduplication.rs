//! What a FIFO topic remembers of the messages of the last five minutes.
//!
//! S31. A message with a deduplication id that was published within the last five minutes is taken
//! and not delivered; the publisher gets the id and the sequence number of the first. Source: SNS
//! developer guide, "Message deduplication for FIFO topics". Shown by: the test
//! `a_duplicate_is_taken_and_not_delivered`.
//!
//! S32. With `FifoThroughputScope` `Topic` an id counts in the whole topic, with `MessageGroup` in
//! its group only. Source: SNS API reference, "CreateTopic". Shown by: the test
//! `deduplication_can_be_per_group`.
//!
//! S33. With content-based deduplication a message without an id has the SHA-256 of its body, without
//! its attributes. Source: SNS API reference, "Publish". Shown by: the test
//! `a_hash_of_the_body_is_the_id`.
//!
//! Simplified: the documentation says of a duplicate only that it is accepted; that it gets the id of
//! the first is taken from Amazon SQS.

use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

/// How long an id is remembered.
pub const WINDOW: Span = Span::from_ms(300_000);

/// A deduplication id, with the message group if ids count in their group only.
pub type Key = (Option<Arc<str>>, Arc<str>);

/// The message that came first with an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct First {
    /// Its message id.
    pub message_id: Arc<str>,
    /// Its sequence number.
    pub sequence_number: Arc<str>,
}

/// The ids of the last five minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deduplication {
    first: BTreeMap<Key, First>,
    /// In the order of publishing.
    since: VecDeque<(Instant, Key)>,
}

impl Deduplication {
    /// The message that came first with an id, if it is still remembered.
    pub fn first(&mut self, now: Instant, key: &Key) -> Option<&First> {
        while let Some((since, key)) = self.since.front() {
            if now < *since + WINDOW {
                break;
            }
            self.first.remove(key);
            self.since.pop_front();
        }
        self.first.get(key)
    }

    /// Remembers an id from now on.
    pub fn remember(&mut self, now: Instant, key: Key, first: First) {
        self.since.push_back((now, key.clone()));
        self.first.insert(key, first);
    }
}

impl Visit for Deduplication {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (since, _) in &mut self.since {
            since.visit(visitor);
        }
    }
}

/// The deduplication id of a body.
pub fn content_id(body: &str) -> Arc<str> {
    let mut hex = String::new();
    for byte in Sha256::digest(body.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::content_id;

    #[test]
    fn a_hash_of_the_body_is_the_id() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            &*content_id("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
