//! A window in which an id is taken once: what came first with it is remembered for a while.
//!
//! Amazon SQS and SNS share it: five minutes from the first message, however many duplicates came
//! since, and the hash of the body where a sender gives no id. NATS JetStream has a window too, and
//! counts it otherwise, so it has its own.

use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

/// How long AWS remembers a deduplication id.
pub const WINDOW: Span = Span::from_ms(300_000);

/// A deduplication id, with the message group if ids count in their group only.
pub type Key = (Option<Arc<str>>, Arc<str>);

/// The ids of the last [`WINDOW`], each with what came first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deduplication<First> {
    first: BTreeMap<Key, First>,
    /// In the order of arrival.
    since: VecDeque<(Instant, Key)>,
}

impl<First> Default for Deduplication<First> {
    fn default() -> Self {
        Deduplication {
            first: BTreeMap::new(),
            since: VecDeque::new(),
        }
    }
}

impl<First> Deduplication<First> {
    /// What came first with an id, if it is still remembered. After exactly the window it is not.
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

    /// Everything remembered, the earliest first, to be visited.
    pub fn each(&mut self, mut visit: impl FnMut(&mut Instant, &mut First)) {
        for (since, key) in &mut self.since {
            if let Some(first) = self.first.get_mut(key) {
                visit(since, first);
            }
        }
    }
}

impl<First> Visit for Deduplication<First> {
    /// Shows the times; what came first may have numbers of its own, see [`Deduplication::each`].
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (since, _) in &mut self.since {
            since.visit(visitor);
        }
    }
}

/// The deduplication id of a body: its SHA-256.
pub fn content_id(body: &str) -> Arc<str> {
    let mut hex = String::new();
    for byte in Sha256::digest(body.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_the_body_is_the_id() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(
            &*content_id("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn an_id_is_free_after_exactly_the_window() {
        let mut ids = Deduplication::default();
        let key = (None, Arc::from("a"));
        ids.remember(Instant(0), key.clone(), 7);
        assert_eq!(ids.first(Instant(WINDOW.0 - 1), &key), Some(&7));
        assert_eq!(ids.first(Instant(WINDOW.0), &key), None);
    }
}
