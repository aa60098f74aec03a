//! Seeking to a time and to a snapshot, what the subscription lets go of, and what it will do by itself.
//!
//! # Rules
//! P37. Seeking to a time acknowledges all that was published before it, in flight or not, in this
//! subscription only; what was published at that time or later is unacknowledged, and there at once, even
//! what is in flight. Acknowledged messages come back only if the subscription retains them, or its topic
//! does. Source: "Replay and purge with seek". Shown by: pubsub-seek-back-retained, the test
//! `seeking_to_a_time_acknowledges_what_is_older`.
//!
//! P38. Seeking to a snapshot makes exactly that unacknowledged which is in the snapshot or was published
//! since. Source: "Replay and purge with seek". Shown by: pubsub-snapshot.
//!
//! P39. Acknowledgement ids from before a seek no longer count. Source: Google's emulator; the
//! documentation does not tell. Shown by: the test `ids_from_before_a_seek_no_longer_count`.
//!
//! Simplified: a seek takes effect at once, and one to the future acknowledges what is there, not what comes.

use super::{Entry, Standing, Subscription, Work};
use crate::pubsub::fact::Fact;
use crate::pubsub::message::Message;
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Something that a subscription will do by itself. It names all that it rests on, so that it is no longer
/// due when anything of that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// The acknowledgement deadline of a message passes.
    Deadline {
        /// Of which message.
        message: u64,
        /// Of which of its deliveries.
        delivery: u64,
        /// When.
        until: Instant,
    },
    /// The retry policy lets a message come again.
    Retry {
        /// Which message.
        message: u64,
        /// When.
        until: Instant,
    },
    /// A waiting pull is answered with nothing.
    PullEnds {
        /// Whose.
        caller: crate::party::Caller,
        /// When.
        until: Instant,
    },
    /// Pushing goes on.
    BackoffEnds {
        /// When.
        until: Instant,
    },
}

impl Subscription {
    /// All that it will do by itself.
    pub fn dues(&self, each: &mut dyn FnMut(Instant, Due)) {
        for (until, message) in self.in_flight.iter() {
            let entry = self.entries.get(message);
            if let Some(delivery) = entry.and_then(|entry| entry.delivery) {
                each(
                    until,
                    Due::Deadline {
                        message,
                        delivery,
                        until,
                    },
                );
            }
        }
        for (until, message) in &self.delayed {
            let (message, until) = (*message, *until);
            each(until, Due::Retry { message, until });
        }
        for pull in &self.pulls {
            let (caller, until) = (pull.caller, pull.until);
            each(until, Due::PullEnds { caller, until });
        }
        let has_pushes = self.settings.push_endpoint.is_some() && !self.ready.is_empty();
        if let Some(until) = self.backoff.until.filter(|_| has_pushes) {
            each(until, Due::BackoffEnds { until });
        }
    }

    /// Who has the message whose deadline may pass.
    pub fn holder(&self, message: u64) -> Option<super::Holder> {
        match self.entries.get(message)?.standing {
            Standing::InFlight { holder, .. } => Some(holder),
            _ => None,
        }
    }

    /// Does what was due, if it still is.
    pub fn fire(&mut self, due: Due, work: &mut Work<'_>) {
        match due {
            Due::Deadline {
                message,
                delivery,
                until,
            } => {
                let entry = self.entries.get(message);
                let is_due = entry.is_some_and(|entry| entry.delivery == Some(delivery));
                if is_due && self.in_flight.has(message, until) {
                    self.exceed(message, work);
                }
            }
            Due::Retry { message, until } => {
                if self.delayed.contains(&(until, message)) {
                    self.end_delay(message);
                }
            }
            Due::PullEnds { caller, until } => self.end_pull(caller, until, work),
            Due::BackoffEnds { until } => self.end_backoff(until),
        }
    }

    /// Whether something has to be let go of because of its age.
    pub fn is_stale(&self, now: Instant) -> bool {
        let first = [self.entries.first(), self.acknowledged.first()];
        let retention = self.retention();
        let is_old = |entry: &Entry| entry.message.publish_time + retention <= now;
        first.into_iter().flatten().any(|(_, entry)| is_old(entry))
    }

    fn retention(&self) -> Span {
        Span::from_ms(u64::from(self.settings.message_retention_duration) * 1000)
    }

    /// Lets go of what is too old.
    pub fn prune(&mut self, work: &mut Work<'_>) {
        let retention = self.retention();
        let is_old = |entry: &Entry| entry.message.publish_time + retention <= work.now;
        while let Some((id, entry)) = self.acknowledged.first() {
            if !is_old(entry) {
                break;
            }
            self.acknowledged.remove(id);
        }
        while let Some((id, entry)) = self.entries.first() {
            if entry.message.publish_time + retention > work.now {
                break;
            }
            work.out.tell(Fact::RetentionExceeded {
                record: entry.message.record,
                subscription: Arc::clone(&self.name),
            });
            self.take_out(id, work);
        }
    }

    /// What is not acknowledged, for a snapshot.
    pub fn unacknowledged_messages(&self) -> BTreeMap<u64, Arc<Message>> {
        let entries = self.entries.iter();
        entries
            .map(|(id, entry)| (id, Arc::clone(&entry.message)))
            .collect()
    }

    /// Moves to a time; `kept` is what the topic keeps from that time on.
    pub fn seek_to_time(&mut self, to: Instant, kept: Vec<Arc<Message>>, work: &mut Work<'_>) {
        let retained = self
            .acknowledged
            .values()
            .map(|entry| Arc::clone(&entry.message));
        let all: Vec<Arc<Message>> = retained
            .chain(kept)
            .filter(|message| message.publish_time >= to)
            .collect();
        let is_acknowledged = |entry: &Entry| entry.message.publish_time < to;
        self.seek(is_acknowledged, all, work);
    }

    /// Moves to a snapshot.
    pub fn seek_to_snapshot(
        &mut self,
        unacknowledged: &BTreeMap<u64, Arc<Message>>,
        work: &mut Work<'_>,
    ) {
        let all = unacknowledged.values().cloned().collect();
        let is_acknowledged = |entry: &Entry| !unacknowledged.contains_key(&entry.message.id);
        self.seek(is_acknowledged, all, work);
    }

    fn seek(
        &mut self,
        is_acknowledged: impl Fn(&Entry) -> bool,
        back: Vec<Arc<Message>>,
        work: &mut Work<'_>,
    ) {
        let gone: Vec<u64> = self
            .entries
            .values()
            .filter(|entry| is_acknowledged(entry))
            .map(|entry| entry.message.id)
            .collect();
        for &id in &gone {
            let entry = self.entries.remove(id);
            if let Some(entry) = entry.filter(|_| self.settings.retain_acked_messages) {
                self.acknowledged.insert(id, entry);
            }
        }
        let mut came_back: u64 = 0;
        for message in back {
            let id = message.id;
            let passes = self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.matches(&message));
            if !passes || self.entries.has(id) {
                continue;
            }
            let entry = self.acknowledged.remove(id).unwrap_or(Entry {
                message,
                standing: Standing::Waiting,
                delivery: None,
                failures: 0,
                retries: 0,
            });
            self.entries.insert(id, entry);
            came_back += 1;
        }
        // A delivery that nobody got outdates all earlier ids.
        self.last_delivery = self.last_delivery.saturating_add(1);
        for entry in self.entries.values_mut() {
            if let Some(delivery) = &mut entry.delivery {
                *delivery = self.last_delivery;
            }
            entry.retries = 0;
        }
        self.arrange();
        work.out.tell(Fact::Sought {
            subscription: Arc::clone(&self.name),
            back: came_back,
            acknowledged: gone.len() as u64,
        });
    }
}
