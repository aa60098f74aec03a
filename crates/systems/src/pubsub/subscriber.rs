//! What a subscriber's client library keeps: the messages whose deadline it extends while the program works.
//!
//! # Rules
//! P44. The library of a streaming subscriber extends the deadline of every message that it holds, some
//! seconds before it passes, for as long as the program works, but no longer than its limit (an hour): then
//! it lets the deadline pass, and the message comes to somebody else. Source: "Extend ack time with lease
//! management". Shown by: the test `the_library_extends_until_its_limit`.
//!
//! Simplified: the length of an extension is a setting, where the libraries take it from how long messages
//! took so far (their 99th percentile).

use super::message::AckId;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};

/// The leases that a client library manages.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leases {
    /// How many seconds an extension is, 10 to 600.
    pub extension_seconds: u32,
    /// How long before a deadline it extends.
    pub margin: Span,
    /// How long it extends at most, counted from when the message came.
    pub max_extension: Span,
    held: Vec<Lease>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lease {
    id: AckId,
    since: Instant,
    extend_at: Instant,
}

impl Default for Leases {
    fn default() -> Self {
        Leases {
            extension_seconds: 60,
            margin: Span::from_ms(5_000),
            max_extension: Span::from_ms(3_600_000),
            held: Vec::new(),
        }
    }
}

impl Leases {
    fn before_deadline(&self, now: Instant, seconds: u32) -> Instant {
        let span = Span::from_ms(u64::from(seconds) * 1000).0;
        now + Span(span.saturating_sub(self.margin.0).max(1))
    }

    /// A message came, with so many seconds to its deadline.
    pub fn took(&mut self, now: Instant, id: AckId, deadline_seconds: u32) {
        let extend_at = self.before_deadline(now, deadline_seconds);
        let since = now;
        self.held.push(Lease {
            id,
            since,
            extend_at,
        });
    }

    /// The program is done with a message, one way or the other.
    pub fn settled(&mut self, id: AckId) {
        self.held.retain(|lease| lease.id != id);
    }

    /// How many messages it holds.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// When it has something to do next.
    pub fn next(&self) -> Option<Instant> {
        self.held.iter().map(|lease| lease.extend_at).min()
    }

    /// What to extend now, by [`extension_seconds`](Leases::extension_seconds). Messages that were held too
    /// long are given up.
    pub fn extend(&mut self, now: Instant) -> Vec<AckId> {
        let next = self.before_deadline(now, self.extension_seconds);
        let limit = self.max_extension;
        self.held.retain(|lease| lease.since + limit > now);
        let mut due = Vec::new();
        for lease in &mut self.held {
            if lease.extend_at <= now {
                lease.extend_at = next;
                due.push(lease.id);
            }
        }
        due
    }
}

impl Visit for Leases {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for lease in &mut self.held {
            lease.id.visit(visitor);
            lease.since.visit(visitor);
            lease.extend_at.visit(visitor);
        }
    }
}
