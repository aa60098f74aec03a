//! Random writes to a log, and what a reader makes of the log.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use systems::kafka::Offset;
use systems::kafka::log::producers::{
    Aborted, CoordinatorEpoch, Epoch, Origin, ProducerId, Sequence,
};
use systems::kafka::log::record::{Batch, Ended, Marker, Record, Stamp, Timestamp};
use systems::kafka::log::{Isolation, Log, Read};
use systems::kafka::topic::{Cleanup, Config};

/// How a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Plain,
    Idempotent,
    Transactional,
}

/// What happens to a log.
#[derive(Clone, Debug)]
pub enum Act {
    /// A batch: for each record its key, and whether it is a tombstone.
    Write(How, u64, Vec<(u8, bool)>),
    /// The end of a transaction, and whether it raises the epoch.
    End(u64, Ended, bool),
    Wait(i64),
    /// All replicas have everything.
    Replicate,
    Clean,
}

pub fn acts() -> impl Strategy<Value = Vec<Act>> {
    let how = prop::sample::select(vec![How::Plain, How::Idempotent, How::Transactional]);
    let records = prop::collection::vec((0_u8..5, prop::bool::weighted(0.2)), 1..4);
    let ended = prop::sample::select(vec![Ended::Commit, Ended::Abort]);
    let act = prop_oneof![
        6 => (how, 0_u64..3, records).prop_map(|(how, id, records)| Act::Write(how, id, records)),
        3 => (0_u64..3, ended, any::<bool>()).prop_map(|(id, ended, raises)| Act::End(id, ended, raises)),
        2 => (1_i64..200).prop_map(Act::Wait),
        3 => Just(Act::Replicate),
        2 => Just(Act::Clean),
    ];
    prop::collection::vec(act, 1..80)
}

/// Settings of a compacted topic with segments of a few batches.
pub fn configs() -> impl Strategy<Value = Config> {
    let lags = (0_i64..300, prop_oneof![Just(i64::MAX), 300_i64..600]);
    let limits = (prop::option::of(0_i64..400), prop::option::of(0_u64..1_000));
    let segments = (150_u64..600, 50_i64..500);
    (lags, limits, segments, 0_u64..=1_000_000, 0_i64..300).prop_map(
        |((min, max), (ms, bytes), segments, ratio, horizon)| Config {
            cleanup: Cleanup {
                delete: false,
                compact: true,
            },
            min_compaction_lag_ms: min,
            max_compaction_lag_ms: max,
            retention_ms: ms,
            retention_bytes: bytes,
            segment_bytes: segments.0,
            segment_ms: segments.1,
            min_cleanable_dirty_millionths: ratio,
            delete_retention_ms: horizon,
            ..Config::default()
        },
    )
}

/// The same, cleaned whenever there is anything to clean.
pub fn eager(config: Config) -> Config {
    Config {
        min_compaction_lag_ms: 0,
        max_compaction_lag_ms: i64::MAX,
        min_cleanable_dirty_millionths: 0,
        ..config
    }
}

/// A log, and everything that was ever written to it.
#[derive(Clone, Default)]
pub struct Written {
    pub log: Log,
    pub now: i64,
    pub records: BTreeMap<Offset, Record>,
    /// Offsets of records that count: of no transaction, or of a committed one.
    pub counting: BTreeSet<Offset>,
    open: BTreeMap<ProducerId, Vec<Offset>>,
}

impl Written {
    /// Does these, and calls `cleaned` with the log before and after each cleaning.
    pub fn all(
        &mut self,
        acts: &[Act],
        config: &Config,
        mut cleaned: impl FnMut(&Log, &Written) -> Result<(), TestCaseError>,
    ) -> Result<(), TestCaseError> {
        for act in acts {
            match act {
                Act::Write(how, id, keys) => self.write(*how, ProducerId(*id), keys, config),
                Act::End(id, ended, raises) => {
                    self.end(ProducerId(*id), *ended, *raises, config);
                }
                Act::Wait(ms) => self.now += ms,
                Act::Replicate => self.log.acknowledge(self.log.end()),
                Act::Clean => {
                    let before = self.log.clone();
                    if self.log.clean(Timestamp(self.now), config) {
                        cleaned(&before, self)?;
                    } else {
                        prop_assert_eq!(&before, &self.log);
                    }
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, how: How, id: ProducerId, keys: &[(u8, bool)], config: &Config) {
        let first = self.log.end();
        let record = |(at, (key, is_tombstone)): (u64, &(u8, bool))| Record {
            timestamp: Timestamp(self.now),
            key: Some([b'a' + key].as_slice().into()),
            // No two are alike.
            value: (!is_tombstone).then(|| (first.0 + at).to_string().into_bytes().into()),
            ..Record::default()
        };
        let known = self.log.producers().get(id);
        let last = known.and_then(|known| known.last_sequence());
        let stamp = Stamp {
            producer: id,
            epoch: known.map_or(Epoch(0), |known| known.epoch),
            sequence: last.map_or(Sequence(0), |last| last.plus(1)),
        };
        let batch = Batch {
            stamp: (how != How::Plain).then_some(stamp),
            transactional: how == How::Transactional,
            records: (0..).zip(keys).map(record).collect(),
        };
        let origin = Origin::Client { bumps_epochs: true };
        let now = Timestamp(self.now);
        // An open transaction refuses what lies outside of it.
        if self.log.append(now, &batch, origin, config).is_err() {
            return;
        }
        let offsets = (first.0..).map(Offset).zip(batch.records);
        for (offset, record) in offsets {
            self.records.insert(offset, record);
            if how == How::Transactional {
                self.open.entry(id).or_default().push(offset);
            } else {
                self.counting.insert(offset);
            }
        }
    }

    fn end(&mut self, id: ProducerId, ended: Ended, raises: bool, config: &Config) {
        let known = self.log.producers().get(id);
        let epoch = known.map_or(Epoch(0), |known| known.epoch);
        let epoch = if raises { epoch.next() } else { epoch };
        let marker = Marker {
            ended,
            coordinator: CoordinatorEpoch(0),
        };
        let now = Timestamp(self.now);
        let appended = self
            .log
            .append_marker(now, (id, epoch), marker, raises, config);
        let offsets = self.open.remove(&id).unwrap_or_default();
        assert!(appended.is_ok(), "{appended:?}");
        if ended == Ended::Commit {
            self.counting.extend(offsets);
        }
    }
}

/// What a reader of committed records gets, from the log's start to where it may read.
pub fn committed(log: &Log) -> Vec<(Offset, Record)> {
    let mut read = Vec::new();
    let mut from = log.start();
    while from < log.last_stable() {
        let found = log.read(&Read {
            from: from.0 as i64,
            bytes_max: 200,
            at_least_one: true,
            isolation: Isolation::ReadCommitted,
        });
        let found = found.expect("it lies in the log");
        let Some(last) = found.batches.last() else {
            break;
        };
        let mut aborted: Vec<Aborted> = found.aborted.clone();
        aborted.sort_by_key(|one| std::cmp::Reverse(one.first));
        let mut skipped = BTreeSet::new();
        for batch in &found.batches {
            while let Some(next) = aborted.pop_if(|next| next.first <= batch.last) {
                skipped.insert(next.producer);
            }
            let producer = batch.producer.map(|(producer, _)| producer);
            if batch.end_marker().map(|marker| marker.ended) == Some(Ended::Abort) {
                producer.map(|producer| skipped.remove(&producer));
            }
            let is_skipped = producer.is_some_and(|producer| skipped.contains(&producer));
            if !(batch.transactional && is_skipped) {
                read.extend(batch.records().iter().cloned());
            }
        }
        from = Offset(last.last.0 + 1);
    }
    read.retain(|(offset, _)| *offset >= log.start());
    read
}

/// What stands for each key after reading these: the last value, and nothing after a tombstone.
pub fn table(records: &[(Offset, Record)]) -> BTreeMap<&[u8], &[u8]> {
    let mut table = BTreeMap::new();
    for (_, record) in records {
        let key = record.key.as_deref().unwrap_or_default();
        match &record.value {
            Some(value) => table.insert(key, &**value),
            None => table.remove(key),
        };
    }
    table
}
