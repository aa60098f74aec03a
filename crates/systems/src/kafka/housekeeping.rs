//! What the broker does by itself, and when.
//!
//! The real one looks every so often. What it will find is known beforehand from the state, so nothing
//! ticks here: [`Broker::due`] says at which look there will be something to do, and a broker at rest
//! has none.
//!
//! # Rules
//! 1. Looks are at multiples of their interval, counted from the beginning: for open transactions
//!    `transaction.abort.timed.out.transaction.cleanup.interval.ms`, for unused transactional ids
//!    `transaction.remove.expired.transaction.cleanup.interval.ms`, for silent producers
//!    `producer.id.expiration.check.interval.ms`, for old segments `log.retention.check.interval.ms`,
//!    for compaction `log.cleaner.backoff.ms`, for offsets and groups
//!    `offsets.retention.check.interval.ms`. Source: documentation, "Broker Configs". The real ones
//!    begin after a delay and drift; that is left out. Shown by: kafka-txn-timeout,
//!    kafka-log-retention-time, kafka-log-compaction, kafka-group-offsets-expire.
//! 2. The markers of a transaction that is decided are written at once. Shown by: kafka-txn-commit.
//! 3. The look for old segments passes compacted topics by: the cleaner drops theirs, after it has
//!    looked for something to clean. Source: `LogManager.cleanupLogs`, `LogCleaner`. Shown by:
//!    kafka-log-compaction.
//! 4. In a scene the logs of topics that set something of their log are looked after as steps of their own
//!    ([`Upkeep`]): one for each segment that goes, and one for each log that is cleaned. What such a step
//!    does to a segment depends on no clock, so that a search without times may take it at any time: there
//!    a segment with a retention can always be gone, and no tombstone is ever old enough to go.
//!
//! Simplified in scenes: what has to go whatever the time, by its size for example, goes at the first look
//! of the scene, and what comes later at once instead of at the next look.

use super::fact::Fact;
use super::log::record::{Stored, Timestamp};
use super::topic::Topic;
use super::transaction::{Deadline, TransactionalId};
use super::{Broker, Offset, Out, Partition};
use crate::record::RecordId;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// What is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chore {
    Transactions,
    TransactionalIds,
    Producers,
    Retention,
    Compaction,
    Offsets,
}

/// How a log of a scene is looked after (rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upkeep {
    /// It is cleaned.
    Clean,
    /// Its oldest segment is deleted.
    DropSegment,
}

const CHORES: [Chore; 6] = [
    Chore::Transactions,
    Chore::TransactionalIds,
    Chore::Producers,
    Chore::Retention,
    Chore::Compaction,
    Chore::Offsets,
];

impl Broker {
    fn interval(&self, chore: Chore) -> Span {
        match chore {
            Chore::Transactions => self.settings.transaction_abort_interval,
            Chore::TransactionalIds => self.settings.transactional_id_expiration_interval,
            Chore::Producers => self.settings.producer_id_expiration_check_interval,
            Chore::Retention => self.settings.retention_check_interval,
            Chore::Compaction => self.settings.cleaner_backoff,
            Chore::Offsets => self.settings.offsets_retention_check_interval,
        }
    }

    /// From when on there is something to do.
    fn ripe(&self, chore: Chore) -> Option<Instant> {
        let settings = &self.settings;
        match chore {
            // Longer than its time-out: not at the very instant.
            Chore::Transactions => {
                let late = self.transactions.next_time_out();
                late.map(|late| late + Span(1))
            }
            Chore::TransactionalIds => self
                .transactions
                .next_expiry(settings.transactional_id_expiration),
            Chore::Producers => {
                let silence = (settings.producer_id_expiration.0 / 1_000) as i64;
                let logs = self.topics.iter().flat_map(|topic| &topic.logs);
                logs.filter_map(|log| log.producers().next_expiry(silence))
                    .min()
                    .map(instant)
            }
            Chore::Retention => self.earliest(false, |topic| {
                let logs = topic.logs.iter();
                logs.filter_map(|log| log.retention_due(&topic.config))
                    .min()
            }),
            Chore::Compaction => self.earliest(true, |topic| {
                let logs = topic.logs.iter();
                let due = logs.flat_map(|log| {
                    [
                        log.cleaning_due(&topic.config),
                        log.retention_due(&topic.config),
                    ]
                });
                due.flatten().min()
            }),
            Chore::Offsets => {
                let groups = self.groups.iter();
                groups
                    .filter_map(|group| group.expires(settings.offsets_retention))
                    .min()
            }
        }
    }

    /// What the coordinator of transactions is about to do by itself: when, and to which. An open
    /// transaction is aborted at the first look that finds it open for too long.
    pub fn transaction_deadlines(
        &self,
    ) -> impl Iterator<Item = (Instant, TransactionalId, Deadline)> + '_ {
        let interval = self.interval(Chore::Transactions);
        self.transactions
            .deadlines()
            .filter_map(move |(at, id, deadline)| {
                let due = match deadline {
                    Deadline::Markers => Some(at),
                    Deadline::TimeOut => look(Instant(0), at + Span(1), interval),
                };
                Some((due?, id, deadline))
            })
    }

    /// The earliest time among the topics that are compacted, or among those that are not.
    fn earliest(
        &self,
        compacted: bool,
        due: impl Fn(&Topic) -> Option<Timestamp>,
    ) -> Option<Instant> {
        let topics = self.topics.iter().map(|topic| &**topic);
        let topics = topics.filter(|topic| topic.config.cleanup.compact == compacted);
        topics.filter_map(due).min().map(instant)
    }

    /// The next instant after this one at which the broker does something by itself.
    pub fn due(&self, now: Instant) -> Option<Instant> {
        if self.transactions.endings().next().is_some() {
            return Some(now);
        }
        let looks = CHORES.iter().filter_map(|&chore| {
            let ripe = self.ripe(chore)?;
            look(now, ripe, self.interval(chore))
        });
        looks.min()
    }

    /// How the logs of a scene will be looked after, and when (rule 4): of each log the next step, cleaning
    /// first (rule 3).
    pub(super) fn upkeep(&self) -> impl Iterator<Item = (Instant, Partition, Upkeep)> + '_ {
        let topics = self.settings.looked_after.iter().copied();
        let partitions = topics.flat_map(|topic| self.partitions(topic));
        partitions.filter_map(move |partition| {
            let (at, upkeep) = self.upkeep_of(partition)?;
            Some((at, partition, upkeep))
        })
    }

    /// How a log of a scene will be looked after next, and when.
    pub fn upkeep_of(&self, partition: Partition) -> Option<(Instant, Upkeep)> {
        let topic = self.topic(partition.topic)?;
        let log = topic.logs.get(usize::from(partition.index))?;
        let chore = match topic.config.cleanup.compact {
            true => Chore::Compaction,
            false => Chore::Retention,
        };
        let at = |ripe| look(Instant(0), instant(ripe), self.interval(chore));
        let cleaning = log.cleaning_due(&topic.config).and_then(at);
        let retention = log.retention_due(&topic.config).and_then(at);
        let cleaning = cleaning.map(|at| (at, Upkeep::Clean));
        let retention = retention.map(|at| (at, Upkeep::DropSegment));
        let both = [cleaning, retention].into_iter().flatten();
        both.min_by_key(|(at, _)| *at)
    }

    /// Looks after a log of a scene, and tells what went (rule 4).
    pub(super) fn look_after(
        &mut self,
        now: Instant,
        partition: Partition,
        upkeep: Upkeep,
        out: &mut Out,
    ) {
        let due = self.upkeep_of(partition);
        if due.is_none_or(|(_, next)| next != upkeep) {
            return;
        }
        let Ok(topic) = self.topic_mut(partition.topic) else {
            return;
        };
        let config = topic.config.clone();
        let Some(log) = topic.logs.get_mut(usize::from(partition.index)) else {
            return;
        };
        match upkeep {
            Upkeep::Clean => {
                let before = records(log.batches());
                log.clean(now.into(), &config);
                let kept = records(log.batches());
                let gone = before.into_iter().filter(|one| !kept.contains(one));
                out.tell(Fact::Cleaned {
                    partition,
                    below: log.first_dirty(),
                    records: gone.map(|(_, record)| record).collect(),
                });
            }
            Upkeep::DropSegment => {
                let Some(gone) = log.drop_segment(&config) else {
                    return;
                };
                out.tell(Fact::SegmentDeleted {
                    partition,
                    base: gone.base,
                    start: log.start(),
                    why: gone.why,
                    records: gone.records,
                });
            }
        }
    }

    /// Drops what is too old; first compacts, where that is the policy (rule 3).
    fn clean(&mut self, now: Timestamp, compacted: bool) {
        for slot in &mut self.topics {
            if slot.config.cleanup.compact != compacted {
                continue;
            }
            let topic = &mut **slot;
            for log in &mut topic.logs {
                if compacted {
                    log.clean(now, &topic.config);
                }
                log.retain(now, &topic.config);
            }
        }
    }

    /// Does what is due at this instant.
    pub fn tick(&mut self, now: Instant) {
        for chore in CHORES {
            let interval = self.interval(chore);
            if !now.0.is_multiple_of(interval.0.max(1)) {
                continue;
            }
            if self.ripe(chore).is_none_or(|ripe| ripe > now) {
                continue;
            }
            let settings = std::sync::Arc::clone(&self.settings);
            match chore {
                Chore::Transactions => self.transactions.abort_timed_out(now, &settings),
                Chore::TransactionalIds => self
                    .transactions
                    .expire(now, settings.transactional_id_expiration),
                Chore::Producers => {
                    let silence = (settings.producer_id_expiration.0 / 1_000) as i64;
                    for topic in &mut self.topics {
                        for log in &mut topic.logs {
                            log.expire_producers(now.into(), silence);
                        }
                    }
                }
                Chore::Offsets => {
                    for group in &mut self.groups {
                        group.expire_offsets(now, settings.offsets_retention);
                    }
                }
                Chore::Retention | Chore::Compaction => {
                    self.clean(now.into(), chore == Chore::Compaction);
                }
            }
        }
        self.write_markers(now);
    }
}

/// The records of a scene in these batches, each with its offset.
pub(super) fn records<'a>(
    batches: impl Iterator<Item = &'a Arc<Stored>>,
) -> Vec<(Offset, RecordId)> {
    let records = batches.flat_map(|batch| batch.records());
    let of = records.filter_map(|(offset, record)| Some((*offset, record.of?)));
    of.collect()
}

/// The first look after an instant at which something is ripe. There is none behind the end of time.
fn look(now: Instant, ripe: Instant, interval: Span) -> Option<Instant> {
    let interval = interval.0.max(1);
    let from = ripe.0.max(now.0.checked_add(1)?);
    let looks = from.div_ceil(interval);
    looks.checked_mul(interval).map(Instant)
}

/// A record's time as an instant of the broker's clock; what lies before the beginning is the beginning.
fn instant(timestamp: Timestamp) -> Instant {
    Instant(
        u64::try_from(timestamp.0)
            .unwrap_or(0)
            .saturating_mul(1_000),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_at_multiples_and_after_now() {
        let check = |now, ripe, expected| {
            let found = look(Instant(now), Instant(ripe), Span(500));
            assert_eq!(found, Some(Instant(expected)));
        };
        check(0, 0, 500);
        check(0, 500, 500);
        check(500, 500, 1_000);
        check(499, 0, 500);
        check(0, 501, 1_000);
        let never = [(u64::MAX, 0), (0, u64::MAX)];
        for (now, ripe) in never {
            assert_eq!(look(Instant(now), Instant(ripe), Span(500)), None);
        }
    }
}
