//! What a FIFO queue remembers of the messages of the last five minutes.
//!
//! Q14. A message with a deduplication id that was sent within the last five minutes is taken and not
//! stored; the sender gets the id of the first. It does not matter whether the first was received,
//! deleted or moved to a dead-letter queue since. Source: SQS developer guide, "Exactly-once
//! processing"; API reference, "SendMessage". Shown by: sqs-fifo-dedup-in-queue, sqs_scenarios
//! (c:dedup-window-edge), the test `a_duplicate_is_not_stored_even_after_the_first_is_gone`.
//!
//! Q15. The five minutes count from the first message, not from its duplicates; after exactly five
//! minutes the id is free. Source: as Q14. Shown by: sqs_scenarios (c:dedup-window-edge).
//!
//! Q16. With `DeduplicationScope` `queue` an id counts in the whole queue, with `messageGroup` in its
//! group only. Source: SQS API reference, "CreateQueue". Shown by: sqs-fifo-dedup-group-scope, the
//! test `deduplication_can_be_per_message_group`.
//!
//! Q17. With content-based deduplication a message without an id has the SHA-256 of its body, without
//! its attributes; an id that the sender gives wins. Source: SQS API reference, "SendMessage". Shown
//! by: sqs_scenarios (q:provided-id-wins), the test `a_hash_of_the_body_is_the_id`.

use super::message::MessageId;
use super::receipt::QueueId;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct First {
    /// Its id.
    pub message: MessageId,
    /// Its place in the queue.
    pub sequence: u64,
}

/// The ids of the last five minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deduplication {
    first: BTreeMap<Key, First>,
    /// In the order of sending.
    since: VecDeque<(Instant, Key)>,
}

impl Deduplication {
    /// The message that came first with an id, if it is still remembered.
    pub fn first(&mut self, now: Instant, key: &Key) -> Option<First> {
        while let Some((since, key)) = self.since.front() {
            if now < *since + WINDOW {
                break;
            }
            self.first.remove(key);
            self.since.pop_front();
        }
        self.first.get(key).copied()
    }

    /// Remembers an id from now on.
    pub fn remember(&mut self, now: Instant, key: Key, first: First) {
        self.since.push_back((now, key.clone()));
        self.first.insert(key, first);
    }

    pub(super) fn visit_in(&mut self, queue: QueueId, visitor: &mut impl Visitor) {
        for (since, key) in &mut self.since {
            since.visit(visitor);
            if let Some(first) = self.first.get_mut(key) {
                first.message.visit(visitor);
                visitor.counter(queue.sequences(), &mut first.sequence);
            }
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
