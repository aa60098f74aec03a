//! A slow and obvious model of a partition, to hold the broker's against: batches in one row, a fate
//! for each, everything looked for from the beginning. No segments, no indexes, no lists of aborted
//! transactions.

pub mod coordinator;

use crate::encode;
use std::collections::BTreeMap;
use systems::kafka::log::producers::{CoordinatorEpoch, Epoch, ProducerId};
use systems::kafka::log::record::{Batch, Ended, Marker, Record, Stamp, Timestamp};
use systems::kafka::log::{Appended, At, Isolation};
use systems::kafka::topic::{Config, TimestampType};
use systems::kafka::{Error, Offset};

/// What has become of a batch's transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It belongs to none.
    Plain,
    Open,
    Ended(Ended),
}

/// A batch, or a marker, which has no records.
#[derive(Clone, Debug)]
pub struct Entry {
    pub base: u64,
    pub last: u64,
    pub producer: Option<ProducerId>,
    pub records: Vec<Record>,
    pub marker: Option<Timestamp>,
    pub fate: Fate,
    pub bytes: u64,
}

/// What a partition knows of a producer.
#[derive(Clone, Debug)]
struct Known {
    epoch: Epoch,
    /// First and last sequence, first and last offset; the last five.
    batches: Vec<(i32, i32, u64, u64)>,
    latest: i64,
    coordinator: Option<CoordinatorEpoch>,
}

/// A partition.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    pub entries: Vec<Entry>,
    pub start: u64,
    /// What lies below is not on disk any more.
    pub kept_from: u64,
    /// Whether compaction may have taken something: then the model knows only what must be gone and
    /// what must have stayed.
    pub cleaned: bool,
    known: BTreeMap<ProducerId, Known>,
    /// Of producers whose write the coordinator was asked about: epoch, and the lowest sequence.
    asked: BTreeMap<ProducerId, (Epoch, i32)>,
}

/// What is refused, with the positions of bad records.
pub type Refusal = (Error, Vec<usize>);

const SEQUENCES: i64 = 1 << 31;

fn sequence_after(first: i32, records: i64) -> i32 {
    ((i64::from(first) + records) % SEQUENCES) as i32
}

impl Partition {
    pub fn end(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.last + 1)
    }

    /// Everything is on all replicas; so it is the end, or the first open record.
    pub fn last_stable(&self) -> u64 {
        let open = self.entries.iter().find(|entry| entry.fate == Fate::Open);
        open.map_or(self.end(), |entry| entry.base.max(self.start))
    }

    pub fn below(&self, isolation: Isolation) -> u64 {
        match isolation {
            Isolation::ReadUncommitted => self.end(),
            Isolation::ReadCommitted => self.last_stable(),
        }
    }

    /// Whether a producer has a transaction open here, in this epoch.
    pub fn is_open(&self, producer: ProducerId, epoch: Epoch) -> bool {
        let known = self.known.get(&producer);
        known.is_some_and(|known| known.epoch == epoch) && self.has_open(producer)
    }

    fn has_open(&self, producer: ProducerId) -> bool {
        let its = |entry: &&Entry| entry.producer == Some(producer) && entry.fate == Fate::Open;
        self.entries.iter().any(|entry| its(&entry))
    }

    /// The sequence that is expected of a producer, and what it wrote last.
    pub fn next_sequence(&self, producer: ProducerId, epoch: Epoch) -> i32 {
        let known = self.known.get(&producer).filter(|one| one.epoch == epoch);
        let last = known.and_then(|known| known.batches.last());
        last.map_or(0, |(_, last, _, _)| sequence_after(*last, 1))
    }

    /// First sequence and length of a batch that a producer wrote before.
    pub fn earlier(&self, producer: ProducerId, back: usize) -> Option<(i32, usize)> {
        let batches = &self.known.get(&producer)?.batches;
        let (first, _, base, last) = batches.iter().rev().nth(back % batches.len().max(1))?;
        Some((*first, (last - base + 1) as usize))
    }

    /// The coordinator is asked about a write.
    pub fn ask(&mut self, stamp: Stamp) {
        let asked = self.asked.entry(stamp.producer);
        let asked = asked.or_insert((stamp.epoch, stamp.sequence.0));
        if stamp.epoch > asked.0 {
            *asked = (stamp.epoch, stamp.sequence.0);
        } else if stamp.epoch == asked.0 {
            asked.1 = asked.1.min(stamp.sequence.0);
        }
    }

    pub fn append(
        &mut self,
        now: i64,
        batch: &Batch,
        second_version: bool,
        config: &Config,
    ) -> Result<Appended, Refusal> {
        let refused = |error| Err((error, Vec::new()));
        let bytes = encode::batch(batch).len() as u64;
        if bytes > config.max_message_bytes {
            return refused(Error::MessageTooLarge);
        }
        let unsound = match batch.stamp {
            Some(stamp) => stamp.sequence.0 < 0,
            None => batch.transactional,
        };
        if batch.records.is_empty() || unsound {
            return refused(Error::InvalidRecord);
        }
        let by_broker = config.timestamp_type == TimestampType::LogAppendTime;
        let mut bad = Vec::new();
        for (at, record) in batch.records.iter().enumerate() {
            let ahead = i128::from(record.timestamp.0) - i128::from(now);
            let untimely = ahead > config.timestamp_after_max_ms.into()
                || config.timestamp_before_max_ms < i64::MAX
                    && -ahead > config.timestamp_before_max_ms.into();
            if config.cleanup.compact && record.key.is_none() {
                bad.push((at, Error::InvalidRecord));
            } else if !by_broker && untimely {
                bad.push((at, Error::InvalidTimestamp));
            }
        }
        if let Some((_, error)) = bad.first() {
            return Err((*error, bad.iter().map(|(at, _)| *at).collect()));
        }
        if bytes > config.segment_bytes {
            return refused(Error::RecordListTooLarge);
        }
        let time = by_broker.then_some(Timestamp(now));
        if let Some(stamp) = batch.stamp {
            let last = sequence_after(stamp.sequence.0, batch.records.len() as i64 - 1);
            if let Some(known) = self.known.get(&stamp.producer)
                && known.epoch == stamp.epoch
                && let Some((_, _, first, end)) = known
                    .batches
                    .iter()
                    .find(|one| (one.0, one.1) == (stamp.sequence.0, last))
            {
                return Ok(Appended {
                    first: Offset(*first),
                    last: Offset(*end),
                    time,
                    duplicate: true,
                });
            }
            self.check(stamp, batch.transactional, second_version)
                .map_err(|error| (error, Vec::new()))?;
        }
        let base = self.end();
        let end = base + batch.records.len() as u64 - 1;
        let mut records = batch.records.clone();
        for record in &mut records {
            record.timestamp = time.unwrap_or(record.timestamp);
        }
        if let Some(stamp) = batch.stamp {
            let latest = records.iter().map(|record| record.timestamp.0).max();
            self.remember(stamp, base, end, latest.unwrap_or(0));
            if batch.transactional {
                self.asked.remove(&stamp.producer);
            }
        }
        self.entries.push(Entry {
            base,
            last: end,
            producer: batch.stamp.map(|stamp| stamp.producer),
            records,
            marker: None,
            fate: if batch.transactional {
                Fate::Open
            } else {
                Fate::Plain
            },
            bytes,
        });
        Ok(Appended {
            first: Offset(base),
            last: Offset(end),
            time,
            duplicate: false,
        })
    }

    fn check(&self, stamp: Stamp, transactional: bool, second: bool) -> Result<(), Error> {
        let sequence = stamp.sequence.0;
        let known = self.known.get(&stamp.producer);
        if known.is_some_and(|known| stamp.epoch < known.epoch) {
            return Err(Error::InvalidProducerEpoch);
        }
        let nothing_yet = known.is_none_or(|known| known.batches.is_empty());
        if let Some((_, lowest)) = self.asked.get(&stamp.producer) {
            let must_begin = transactional && second && nothing_yet;
            if must_begin && sequence != 0 || sequence > *lowest {
                return Err(Error::OutOfOrderSequenceNumber);
            }
        }
        if known.is_some() && sequence != self.next_sequence(stamp.producer, stamp.epoch) {
            return Err(Error::OutOfOrderSequenceNumber);
        }
        if !transactional && self.has_open(stamp.producer) {
            return Err(Error::InvalidTxnState);
        }
        Ok(())
    }

    fn enter(&mut self, producer: ProducerId, epoch: Epoch, latest: i64) -> &mut Known {
        let known = self.known.entry(producer).or_insert(Known {
            epoch,
            batches: Vec::new(),
            latest,
            coordinator: None,
        });
        if known.epoch != epoch {
            known.epoch = epoch;
            known.batches = Vec::new();
        }
        known.latest = latest;
        known
    }

    fn remember(&mut self, stamp: Stamp, base: u64, end: u64, latest: i64) {
        let last = sequence_after(stamp.sequence.0, (end - base) as i64);
        let known = self.enter(stamp.producer, stamp.epoch, latest);
        known.batches.push((stamp.sequence.0, last, base, end));
        if known.batches.len() > 5 {
            known.batches.remove(0);
        }
    }

    pub fn mark(
        &mut self,
        now: i64,
        (producer, epoch): (ProducerId, Epoch),
        marker: Marker,
        second_version: bool,
    ) -> Result<Offset, Error> {
        if let Some(known) = self.known.get(&producer) {
            let same = epoch == known.epoch;
            if epoch < known.epoch || second_version && same && self.has_open(producer) {
                return Err(Error::InvalidProducerEpoch);
            }
            if known
                .coordinator
                .is_some_and(|one| one > marker.coordinator)
            {
                return Err(Error::TransactionCoordinatorFenced);
            }
        }
        self.enter(producer, epoch, now).coordinator = Some(marker.coordinator);
        self.asked.remove(&producer);
        for entry in &mut self.entries {
            if entry.producer == Some(producer) && entry.fate == Fate::Open {
                entry.fate = Fate::Ended(marker.ended);
            }
        }
        let base = self.end();
        self.entries.push(Entry {
            base,
            last: base,
            producer: Some(producer),
            records: Vec::new(),
            marker: Some(Timestamp(now)),
            fate: Fate::Plain,
            bytes: 61 + 17,
        });
        Ok(Offset(base))
    }

    pub fn expire_producers(&mut self, now: i64, silence: i64) {
        let open: Vec<ProducerId> = self.known.keys().copied().collect();
        for producer in open {
            let idle = i128::from(now) - i128::from(self.known[&producer].latest);
            if !self.has_open(producer) && idle >= i128::from(silence) {
                self.known.remove(&producer);
            }
        }
    }

    pub fn delete_before(&mut self, before: Option<u64>) -> Result<Offset, Error> {
        let before = before.unwrap_or(self.end());
        if before > self.end() {
            return Err(Error::OffsetOutOfRange);
        }
        self.start = self.start.max(before);
        Ok(Offset(self.start))
    }

    /// What a reader sees of a range of offsets.
    pub fn seen(&self, from: u64, to: u64, isolation: Isolation) -> Vec<(Offset, &Record)> {
        let mut seen = Vec::new();
        for entry in &self.entries {
            let hidden = entry.fate == Fate::Open || entry.fate == Fate::Ended(Ended::Abort);
            if isolation == Isolation::ReadCommitted && hidden {
                continue;
            }
            let numbered = (entry.base..).zip(&entry.records);
            seen.extend(
                numbered
                    .filter(|(offset, _)| (from..to).contains(offset))
                    .map(|(offset, record)| (Offset(offset), record)),
            );
        }
        seen
    }

    /// The last records of the keys that a reader of committed records sees, tombstones left out: no
    /// compaction takes them.
    pub fn last_of_keys(&self) -> Vec<(Offset, &Record)> {
        let mut last = BTreeMap::new();
        let isolation = Isolation::ReadCommitted;
        for (offset, record) in self.seen(self.start, self.below(isolation), isolation) {
            if let Some(key) = &record.key {
                last.insert(key.clone(), (offset, record));
            }
        }
        let last = last.into_values();
        last.filter(|(_, record)| record.value.is_some()).collect()
    }

    /// Everything in the log with its time, also what lies below the start.
    fn timed(&self) -> impl Iterator<Item = (u64, Timestamp)> {
        let kept = self.entries.iter().filter(|one| one.base >= self.kept_from);
        kept.flat_map(|entry| {
            let marker = entry.marker.map(|time| (entry.base, time));
            let records = (entry.base..).zip(&entry.records);
            let records = records.map(|(offset, record)| (offset, record.timestamp));
            records.chain(marker)
        })
    }

    /// The offset for a time. The broker looks in one segment only (rule 7 of its log), so behind a start
    /// that was moved up it may find nothing; that is for the caller to allow.
    pub fn offset_at(&self, at: At, isolation: Isolation) -> Option<(Offset, Option<Timestamp>)> {
        let below = self.below(isolation);
        let found = match at {
            At::Earliest => return Some((Offset(self.start), None)),
            At::Latest => return Some((Offset(below), None)),
            At::Time(time) => self
                .timed()
                .find(|(offset, at)| *offset >= self.start && *at >= time),
            At::LatestTimestamp => {
                let latest = self.timed().map(|(_, at)| at).max()?;
                self.timed().find(|(_, at)| *at == latest)
            }
        };
        let (offset, time) = found.filter(|(offset, _)| *offset < below)?;
        Some((Offset(offset), Some(time)))
    }
}
