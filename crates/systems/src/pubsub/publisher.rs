//! What a publisher's client library keeps of ordering keys.
//!
//! # Rules
//! P43. When a message with an ordering key fails for good, the library refuses every further publish with
//! that key, without a request, until the program resumes the key; other keys go on. The program has to send
//! the failed message again itself. Source: "Publish messages to topics", ordering keys; client libraries'
//! `ResumePublish`. Shown by: the test `q27_a_failed_key_is_paused_until_it_is_resumed`.
//!
//! Left out: batching, and the library's own retries before a failure is final.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The keys that are paused because of an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderingKeys {
    paused: BTreeSet<Arc<str>>,
}

/// The key is paused because of an earlier error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Paused;

impl OrderingKeys {
    /// Whether a message with this key may be sent.
    ///
    /// # Errors
    /// The key is paused.
    pub fn allow(&self, key: &str) -> Result<(), Paused> {
        match self.paused.contains(key) {
            true => Err(Paused),
            false => Ok(()),
        }
    }

    /// A message with this key failed for good. Messages without a key pause nothing.
    pub fn failed(&mut self, key: &str) {
        if !key.is_empty() {
            self.paused.insert(key.into());
        }
    }

    /// The program takes up the key again.
    pub fn resume(&mut self, key: &str) {
        self.paused.remove(key);
    }
}
