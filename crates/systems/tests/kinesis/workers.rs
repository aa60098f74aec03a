//! What holds for workers of the client library, whenever they act or stand still.

use proptest::prelude::*;
use systems::kinesis::kcl::Settings;
use systems::kinesis::kcl::lease::{Checkpoint, Lease, LeaseTable};
use systems::kinesis::kcl::worker::Worker;
use systems::kinesis::sequence::SequenceNumber;
use systems::kinesis::shard::ShardId;
use systems::{Instant, Span};

const SHARDS: u32 = 4;

#[derive(Clone, Debug)]
enum Op {
    Act {
        worker: usize,
    },
    Checkpoint {
        worker: usize,
        shard: u32,
        index: u64,
    },
    Wait {
        ms: u64,
    },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..3_usize).prop_map(|worker| Op::Act { worker }),
        2 => (0..3_usize, 0..SHARDS, 1..50_u64)
            .prop_map(|(worker, shard, index)| Op::Checkpoint { worker, shard, index }),
        2 => (0..12_000_u64).prop_map(|ms| Op::Wait { ms }),
    ]
}

fn number(shard: u32, index: u64) -> SequenceNumber {
    SequenceNumber::new(Instant(0), shard, index, Instant(0))
}

#[test]
fn at_any_time_at_most_one_worker_may_checkpoint_a_shard() {
    proptest!(ProptestConfig::with_cases(128), |(ops in prop::collection::vec(op(), 0..60))| {
        let mut table = LeaseTable::default();
        for shard in 0..SHARDS {
            table.create(Lease::new(ShardId(shard), Vec::new(), Checkpoint::TrimHorizon));
        }
        let mut now = Instant(0);
        let mut workers: Vec<Worker> = ["a", "b", "c"]
            .map(|name| Worker::new(name, Settings::default(), now))
            .to_vec();
        for op in ops {
            let before = table.clone();
            match op {
                Op::Act { worker } => {
                    workers[worker].act(now, &mut table);
                }
                Op::Checkpoint { worker, shard, index } => {
                    workers[worker].gave(ShardId(shard), number(shard, index));
                    let at = number(shard, index);
                    let _ = workers[worker].checkpoint(now, &mut table, ShardId(shard), at);
                }
                Op::Wait { ms } => now = now + Span::from_ms(ms),
            }
            for (old, new) in before.leases().zip(table.leases()) {
                prop_assert!(old.checkpoint <= new.checkpoint, "a checkpoint went back");
                prop_assert!(old.counter <= new.counter, "a counter went back");
            }
            for shard in 0..SHARDS {
                let may = workers.iter().filter(|worker| {
                    let mut worker = (*worker).clone();
                    let last = number(shard, 1_000);
                    worker.gave(ShardId(shard), last);
                    worker.checkpoint(now, &mut table.clone(), ShardId(shard), last).is_ok()
                });
                prop_assert!(may.count() <= 1);
            }
        }
    });
}

#[test]
fn workers_come_to_share_the_leases_evenly() {
    proptest!(ProptestConfig::with_cases(48), |(shards in 1..9_u32, count in 1..5_usize, ops in prop::collection::vec(0..4_usize, 0..10))| {
        let mut table = LeaseTable::default();
        for shard in 0..shards {
            table.create(Lease::new(ShardId(shard), Vec::new(), Checkpoint::TrimHorizon));
        }
        let names = ["a", "b", "c", "d"];
        let mut workers: Vec<Worker> = names[..count]
            .iter()
            .map(|name| Worker::new(name, Settings::default(), Instant(0)))
            .collect();
        // Some act early, in any order; then all live for a quarter of an hour.
        for one in ops {
            if let Some(worker) = workers.get_mut(one) {
                worker.act(Instant(0), &mut table);
            }
        }
        let end = Instant(900_000_000);
        while let Some(worker) = workers.iter_mut().filter(|one| one.next_due() <= end).min_by_key(|one| one.next_due()) {
            let at = worker.next_due();
            worker.act(at, &mut table);
        }
        let counts: Vec<usize> = workers.iter().map(|worker| worker.holds(end).len()).collect();
        prop_assert_eq!(counts.iter().sum::<usize>(), shards as usize);
        let share = (shards as usize).div_ceil(count);
        prop_assert!(counts.iter().all(|held| *held <= share), "{:?}", counts);
    });
}
