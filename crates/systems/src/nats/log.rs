//! What a stream stores: messages under sequences that only grow.
//!
//! # Rules
//! N8. A sequence is given once. Removing messages leaves gaps; the first sequence moves to the first
//! message that is left, and past the last one when none is left. Source: NATS docs, "Streams".
//! Shown by: nats-js-purge, the test `sequences_only_grow_and_limits_hold`.
//!
//! Simplified: a stream whose sequences are used up, which only a purge to the end of them can bring
//! about, stores nothing more. The real server's numbers begin again at 0, below what it has stored.

use super::message::Message;
use super::subject;
use crate::numbered::Numbered;
use crate::row::Row;
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// Its sequence.
    pub seq: u64,
    /// When it was stored.
    pub at: Instant,
    /// What was published.
    pub message: Message,
}

impl Stored {
    /// How many bytes it takes: subject, headers, body and 16 for sequence and time.
    pub fn size(&self) -> u64 {
        (self.message.subject.len() as u64 + self.message.size()).saturating_add(16)
    }
}

impl Visit for Stored {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.at.visit(visitor);
    }
}

/// The greatest sequence that a message may have; the one after it stands for the next message.
const LAST: u64 = u64::MAX - 1;

/// Stored messages by sequence, and by subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log {
    messages: Numbered<Stored>,
    by_subject: BTreeMap<Arc<str>, Row>,
    first: u64,
    last: u64,
    bytes: u64,
}

impl Default for Log {
    fn default() -> Self {
        Log {
            messages: Numbered::default(),
            by_subject: BTreeMap::new(),
            first: 1,
            last: 0,
            bytes: 0,
        }
    }
}

impl Log {
    /// How many messages there are.
    pub fn len(&self) -> u64 {
        self.messages.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The first sequence: of the oldest message, or the next one when there is none.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The last sequence that was given.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// Whether there is no sequence left to give.
    pub const fn is_used_up(&self) -> bool {
        self.last >= LAST
    }

    /// How many bytes are stored.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many sequences between the first and the last have no message.
    pub fn deleted(&self) -> u64 {
        self.last
            .saturating_add(1)
            .saturating_sub(self.first)
            .saturating_sub(self.len())
    }

    /// The message with this sequence.
    pub fn get(&self, seq: u64) -> Option<&Stored> {
        self.messages.get(seq)
    }

    /// All messages from a sequence on, in order.
    pub fn from(&self, seq: u64) -> impl Iterator<Item = &Stored> {
        self.messages.from(seq).map(|(_, stored)| stored)
    }

    /// The oldest message.
    pub fn oldest(&self) -> Option<&Stored> {
        self.messages.first().map(|(_, stored)| stored)
    }

    /// The newest message.
    pub fn newest(&self) -> Option<&Stored> {
        self.messages.last().map(|(_, stored)| stored)
    }

    /// The sequences on one subject, without wildcards.
    pub fn on(&self, subject: &str) -> Option<&Row> {
        self.by_subject.get(subject)
    }

    /// The subjects there are messages on that a filter takes, with their sequences.
    pub fn subjects<'a>(
        &'a self,
        filter: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Row)> {
        let subjects = self.by_subject.iter();
        subjects.filter(move |(name, _)| subject::matches(filter, name))
    }

    /// How many different subjects there are messages on.
    pub fn subject_count(&self) -> usize {
        self.by_subject.len()
    }

    /// The last message on a subject or wildcard.
    pub fn last_on(&self, filter: &str) -> Option<&Stored> {
        let last = self
            .subjects(filter)
            .filter_map(|(_, seqs)| seqs.last())
            .max();
        last.and_then(|seq| self.get(seq))
    }

    /// Stores a message under the next sequence.
    pub fn append(&mut self, at: Instant, message: Message) -> u64 {
        let seq = self.last.saturating_add(1);
        self.put(Stored { seq, at, message });
        seq
    }

    /// Stores a message under its own sequence, which is above the last.
    pub fn put(&mut self, stored: Stored) {
        if self.messages.is_empty() {
            self.first = stored.seq;
        }
        self.last = stored.seq;
        self.bytes = self.bytes.saturating_add(stored.size());
        let subject = &stored.message.subject;
        match self.by_subject.get_mut(subject) {
            Some(seqs) => {
                seqs.insert(stored.seq);
            }
            None => {
                let alone = [stored.seq].into_iter().collect();
                self.by_subject.insert(Arc::clone(subject), alone);
            }
        }
        self.messages.insert(stored.seq, stored);
    }

    /// Gives a sequence away without storing anything.
    pub fn skip(&mut self) -> u64 {
        self.last = self.last.saturating_add(1);
        if self.messages.is_empty() {
            self.first = self.last.saturating_add(1);
        }
        self.last
    }

    /// Removes a message.
    pub fn remove(&mut self, seq: u64) -> Option<Stored> {
        let stored = self.messages.remove(seq)?;
        self.bytes = self.bytes.saturating_sub(stored.size());
        if let Some(seqs) = self.by_subject.get_mut(&stored.message.subject) {
            seqs.remove(seq);
            if seqs.is_empty() {
                self.by_subject.remove(&stored.message.subject);
            }
        }
        let oldest = self.messages.first().map(|(seq, _)| seq);
        self.first = oldest.unwrap_or(self.last.saturating_add(1));
        Some(stored)
    }

    /// Removes all messages below a sequence; beyond the last one, the next message gets it.
    pub fn compact(&mut self, seq: u64) -> Vec<Stored> {
        let all = self.messages.iter().map(|(seq, _)| seq);
        let gone: Vec<u64> = all.take_while(|one| *one < seq).collect();
        let gone = gone
            .into_iter()
            .filter_map(|seq| self.remove(seq))
            .collect();
        if seq > self.last {
            self.first = seq;
            self.last = seq - 1;
        }
        gone
    }
}

impl Visit for Log {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for stored in self.messages.values_mut() {
            stored.visit(visitor);
        }
    }
}
