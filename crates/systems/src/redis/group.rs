//! Consumer groups: who was given what, and what of it is not acknowledged.
//!
//! R9. A group gives each entry after its last delivered id to one consumer, once, and puts it into
//! the group's pending entries list with its owner, the time and the number of deliveries. There is
//! no redelivery timer: it stays there until it is acknowledged, claimed, or its consumer is deleted.
//! Source: Redis manual, "Redis Streams", consumer groups. Shown by: redis-crash-keeps-pending,
//! redis-group-read-new-vs-history, redis-group-start-positions, the test
//! `a_pending_entry_has_one_owner_and_delivered_ids_only_grow`.
//!
//! R10. Where the group was set back, an entry that is pending already gets the new owner and begins
//! again with one delivery. Source: Redis commands, XGROUP SETID. Shown by: redis_streams
//! (setid-reassigns-pel).
//!
//! R11. A group counts the entries it has read, where the number is known: it is unknown after
//! starting at an arbitrary id or being set to one, until it can be told from the stream's counts
//! again. The lag is the entries added but not read; it is unknown while entries after the last
//! delivered id have been deleted with XDEL. Trimmed entries count as not read: the lag of 7.0 stays
//! too great by them. Source: Redis commands, XINFO GROUPS. Shown by: redis_streams (lag-empty),
//! redis-trim-unread-lost, redis-noack.

use super::id::StreamId;
use super::stream::{Hint, Log};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::sync::Arc;

/// A consumer group of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The last id that counts as delivered.
    pub last: StreamId,
    /// How many entries it has read, where that is known.
    pub entries_read: Option<u64>,
    /// Where it reads.
    pub(super) near: Hint,
    /// What was delivered and not acknowledged.
    pending: BTreeMap<StreamId, Pending>,
    consumers: BTreeMap<Arc<str>, Consumer>,
}

/// An entry that was delivered and not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pending {
    /// Whose it is.
    pub consumer: Arc<str>,
    /// When it was last delivered.
    pub at: At,
    /// How often.
    pub deliveries: u64,
}

/// A time that may lie before the scene began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    /// The time, or the scene's begin.
    pub instant: Instant,
    /// How many milliseconds before that.
    pub earlier_ms: u64,
}

impl At {
    /// This instant.
    pub fn now(now: Instant) -> At {
        At {
            instant: now,
            earlier_ms: 0,
        }
    }

    /// So many milliseconds ago.
    pub fn ago(now: Instant, ms: u64) -> At {
        match now.ms().checked_sub(ms) {
            Some(at) => At::now(Instant(at.saturating_mul(1_000))),
            None => At {
                instant: Instant(0),
                earlier_ms: ms - now.ms(),
            },
        }
    }

    /// How many milliseconds ago that was.
    pub fn idle_ms(self, now: Instant) -> u64 {
        let since = now.ms().saturating_sub(self.instant.ms());
        since.saturating_add(self.earlier_ms)
    }
}

impl Visit for At {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.instant.visit(visitor);
    }
}

/// A consumer of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consumer {
    /// The ids of what is pending for it.
    pending: BTreeSet<StreamId>,
    /// When it last asked for something.
    pub seen: Instant,
    /// When it last got something.
    pub active: Option<Instant>,
}

impl Consumer {
    /// The ids of what is pending for it, from the lowest.
    pub fn pending(&self) -> &BTreeSet<StreamId> {
        &self.pending
    }
}

impl Group {
    /// A group that is given the entries after an id.
    pub fn new(last: StreamId, entries_read: Option<u64>) -> Group {
        Group {
            last,
            entries_read,
            near: Hint::default(),
            pending: BTreeMap::new(),
            consumers: BTreeMap::new(),
        }
    }

    /// The pending entries by id.
    pub fn pending(&self) -> &BTreeMap<StreamId, Pending> {
        &self.pending
    }

    /// The consumers by name.
    pub fn consumers(&self) -> &BTreeMap<Arc<str>, Consumer> {
        &self.consumers
    }

    /// The consumer of a name.
    pub fn consumer_mut(&mut self, name: &str) -> Option<&mut Consumer> {
        self.consumers.get_mut(name)
    }

    /// Makes a consumer known, and says whether it was not.
    pub fn add_consumer(&mut self, name: &Arc<str>, now: Instant) -> bool {
        if self.consumers.contains_key(name) {
            return false;
        }
        let consumer = Consumer {
            pending: BTreeSet::new(),
            seen: now,
            active: None,
        };
        self.consumers.insert(name.clone(), consumer);
        true
    }

    /// Removes a consumer with all that is pending for it, and gives the ids.
    pub fn delete_consumer(&mut self, name: &str) -> BTreeSet<StreamId> {
        let Some(consumer) = self.consumers.remove(name) else {
            return BTreeSet::new();
        };
        for id in &consumer.pending {
            self.pending.remove(id);
        }
        consumer.pending
    }

    /// Makes an entry pending for a consumer, whoever had it.
    pub fn own(&mut self, id: StreamId, pending: Pending) -> Option<Arc<str>> {
        if let Some(consumer) = self.consumers.get_mut(&pending.consumer) {
            consumer.pending.insert(id);
        }
        match self.pending.entry(id) {
            Entry::Vacant(place) => {
                place.insert(pending);
                None
            }
            Entry::Occupied(mut place) => {
                let previous = place.insert(pending).consumer;
                if previous != place.get().consumer
                    && let Some(consumer) = self.consumers.get_mut(&previous)
                {
                    consumer.pending.remove(&id);
                }
                Some(previous)
            }
        }
    }

    /// Takes an entry off the pending entries.
    pub fn settle(&mut self, id: StreamId) -> Option<Pending> {
        let pending = self.pending.remove(&id)?;
        if let Some(consumer) = self.consumers.get_mut(&pending.consumer) {
            consumer.pending.remove(&id);
        }
        Some(pending)
    }

    /// Notes one more delivery of a pending entry to its owner, and gives their number.
    pub fn deliver_again(&mut self, id: StreamId, now: Instant) -> Option<u64> {
        let pending = self.pending.get_mut(&id)?;
        pending.at = At::now(now);
        pending.deliveries = pending.deliveries.saturating_add(1);
        Some(pending.deliveries)
    }

    /// Moves the last delivered id on to an entry that is being delivered.
    pub fn advance(&mut self, id: StreamId, log: &Log) {
        if id <= self.last {
            return;
        }
        self.entries_read = match self.entries_read {
            Some(read) if !log.has_deleted_from(id) => Some(read.saturating_add(1)),
            _ => log.place_of(id),
        };
        self.last = id;
    }

    /// How many entries were added that the group has not read, where that is known.
    pub fn lag(&self, log: &Log) -> Option<i64> {
        if log.added == 0 {
            return Some(0);
        }
        let read = match self.entries_read {
            Some(read) if !log.has_deleted_from(self.last) => read,
            _ => log.place_of(self.last)?,
        };
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Some(signed(log.added).saturating_sub(signed(read)))
    }

    /// Whether every pending entry is in the list of exactly one known consumer: its owner.
    pub fn is_consistent(&self) -> bool {
        let owned: usize = self.consumers.values().map(|one| one.pending.len()).sum();
        let is_owned = |(id, pending): (&StreamId, &Pending)| {
            let owner = self.consumers.get(&pending.consumer);
            owner.is_some_and(|owner| owner.pending.contains(id))
        };
        owned == self.pending.len() && self.pending.iter().all(is_owned)
    }
}

impl Visit for Group {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for pending in self.pending.values_mut() {
            pending.at.visit(visitor);
        }
        for consumer in self.consumers.values_mut() {
            consumer.seen.visit(visitor);
            consumer.active.visit(visitor);
        }
    }
}
