//! What holds of a broker whatever it was asked.

use explore::time::Instant;
use rustc_hash::FxHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use systems::kafka::log::Log;
use systems::kafka::log::producers::{Epoch, ProducerId};
use systems::kafka::{Broker, Offset, Partition};

/// The epoch of a batch, its first and its last sequence.
type Sequences = (Epoch, i32, i32);

/// What was seen before: marks may go up only.
#[derive(Default)]
pub struct Memory {
    marks: BTreeMap<Partition, [Offset; 4]>,
    /// Up to where the batches of a log were looked at.
    looked: BTreeMap<Partition, Offset>,
    /// First and last sequence of every batch of a producer that the partition knows.
    batches: BTreeMap<(Partition, ProducerId), BTreeSet<Sequences>>,
}

/// The hash of a whole broker.
pub fn hash(broker: &Broker) -> u64 {
    let mut hasher = FxHasher::default();
    broker.hash(&mut hasher);
    hasher.finish()
}

/// Checks all of it.
pub fn check(broker: &Broker, now: Instant, memory: &mut Memory) {
    let copy = broker.clone();
    assert!(copy == *broker && hash(&copy) == hash(broker));
    let present: BTreeSet<_> = broker
        .topics()
        .flat_map(|(topic, _)| broker.partitions(topic))
        .collect();
    for partition in &present {
        let log = broker.log(*partition).expect("it was just counted");
        check_marks(log, *partition, memory);
        check_segments(log);
        check_producers(log, *partition, memory);
    }
    memory.marks.retain(|at, _| present.contains(at));
    memory.looked.retain(|at, _| present.contains(at));
    memory.batches.retain(|(at, _), _| present.contains(at));
    if let Some(due) = broker.due(now) {
        let to_write = broker
            .transactions()
            .any(|(_, one)| matches!(one.state, systems::kafka::transaction::State::Prepare(_)));
        assert!(due > now || to_write, "due at {due}, and it is {now}");
    }
}

fn check_marks(log: &Log, partition: Partition, memory: &mut Memory) {
    let marks = [
        log.start(),
        log.last_stable(),
        log.high_watermark(),
        log.end(),
    ];
    assert!(marks.is_sorted(), "{partition:?}: {marks:?}");
    let before = memory.marks.insert(partition, marks).unwrap_or_default();
    for (before, after) in before.iter().zip(&marks) {
        assert!(before <= after, "{partition:?} went back: {marks:?}");
    }
}

/// Segments stand in a row, batches in them, and bytes are sums.
fn check_segments(log: &Log) {
    let mut behind = None;
    for segment in log.segments() {
        if let Some(behind) = behind {
            assert!(segment.base() >= behind, "segments overlap");
        }
        let (mut bytes, mut next) = (0, segment.base());
        for batch in segment.batches() {
            assert!(batch.base >= next && batch.last >= batch.base);
            let offsets: Vec<_> = batch.records().iter().map(|(at, _)| *at).collect();
            assert!(offsets.is_sorted_by(|one, other| one < other));
            let within = |offset: &Offset| (batch.base..=batch.last).contains(offset);
            assert!(offsets.iter().all(within));
            next = Offset(batch.last.0 + 1);
            bytes += batch.bytes;
        }
        assert_eq!(segment.bytes(), bytes);
        behind = Some(next);
    }
    assert!(behind <= Some(log.end()));
}

/// No batch of an idempotent producer is stored twice, as long as the producer is known.
fn check_producers(log: &Log, partition: Partition, memory: &mut Memory) {
    memory
        .batches
        .retain(|(at, producer), _| *at != partition || log.producers().get(*producer).is_some());
    let looked = memory.looked.entry(partition).or_default();
    for batch in log.batches().filter(|batch| batch.base >= *looked) {
        let sequences = batch.sequence.zip(batch.last_sequence());
        if let (Some((producer, epoch)), Some((first, last))) = (batch.producer, sequences) {
            let seen = memory.batches.entry((partition, producer)).or_default();
            assert!(
                seen.insert((epoch, first.0, last.0)),
                "{producer:?} stored {first:?} twice in {partition:?}"
            );
        }
    }
    *looked = log.end();
}
