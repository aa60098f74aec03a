//! How many batches a second Kafka's log takes and hands out, with ten thousand records stored and with
//! a million: what an operation costs must not grow with what lies behind it.
//!
//! `cargo bench -p systems --bench kafka`; `cargo xtask bench` prints it too. A measurement, not a test.
//! Offsets at random are slower in a long log whatever is done, because memory is then read that no
//! cache has.

#[path = "common/turns.rs"]
mod turns;

use explore::seed::Seed;
use explore::time::{Instant, Span};
use std::time::Duration;
use systems::kafka::isolation::next;
use systems::kafka::log::record::{Batch, Ended, Record, Stamp};
use systems::kafka::log::{Isolation, Read, producers::Sequence};
use systems::kafka::produce::Transactional;
use systems::kafka::settings::TransactionVersion;
use systems::kafka::transaction::{Identity, TransactionalId};
use systems::kafka::{Broker, Offset, Partition, Settings};

const SIZES: [u64; 2] = [10_000, 1_000_000];
const OPERATIONS: u32 = 20_000;

/// A broker with one topic, and who writes to it.
struct Filled {
    broker: Broker,
    partition: Partition,
    batch: Batch,
    end: u64,
}

impl Filled {
    /// With so many records, in batches of this size.
    fn new(records: u64, per_batch: usize, idempotent: bool) -> Self {
        let mut broker = Broker::new(Settings::default(), 0);
        let topic = broker.create_topic("orders", 1, &[]);
        let topic = topic.expect("nobody has a topic of this name yet");
        let identity = idempotent.then(|| broker.init_idempotent());
        let stamp = identity.map(|by| stamp(by, 0));
        let batch = Batch {
            stamp,
            transactional: false,
            records: vec![Record::new("customer-17", "a parcel was handed over"); per_batch],
        };
        let partition = Partition { topic, index: 0 };
        let mut filled = Filled {
            broker,
            partition,
            batch,
            end: 0,
        };
        while filled.end < records {
            filled.append();
        }
        filled
    }

    fn append(&mut self) {
        if let Some(stamp) = &mut self.batch.stamp {
            stamp.sequence = Sequence((self.end % (1 << 31)) as i32);
        }
        let appended = self
            .broker
            .produce(Instant(0), self.partition, &self.batch, None);
        self.end = appended.expect("the log takes it").last.0 + 1;
    }

    /// A copy that shares nothing it will write to, so that no first write is measured.
    fn copy(&self) -> Self {
        let mut copy = Filled {
            broker: self.broker.clone(),
            partition: self.partition,
            batch: self.batch.clone(),
            end: self.end,
        };
        copy.append();
        copy
    }

    fn read(&self, from: u64, bytes_max: u64, isolation: Isolation) -> u64 {
        let read = Read {
            bytes_max,
            isolation,
            ..Read::onward(from as i64)
        };
        let found = self.broker.fetch(self.partition, &read);
        let found = found.expect("the log goes from 0 to its end");
        next(&found.batches, Offset(from)).0
    }

    /// A thousand aborted transactions of one record each.
    fn with_aborted(mut self) -> Self {
        let now = Instant(0);
        let id = TransactionalId(0);
        let version = TransactionVersion::V2;
        let one = Transactional { id, version };
        let timeout = Span::from_ms(60_000);
        let by = self.broker.init_transactional(now, id, timeout, None);
        let mut by = by.expect("nobody has this id yet");
        for _ in 0..1_000 {
            let batch = Batch {
                stamp: Some(stamp(by, 0)),
                transactional: true,
                records: vec![Record::new("customer-17", "never mind")],
            };
            self.broker
                .produce(now, self.partition, &batch, Some(one))
                .expect("the transaction begins");
            let ended = self.broker.end_txn(now, one, by, Ended::Abort);
            by = ended.expect("the transaction is open");
            self.broker.write_markers(now);
        }
        self.end = self.broker.log(self.partition).map_or(0, |log| log.end().0);
        self
    }
}

fn stamp(by: Identity, sequence: i32) -> Stamp {
    Stamp {
        producer: by.producer,
        epoch: by.epoch,
        sequence: Sequence(sequence),
    }
}

/// Brokers with these numbers of records, each with its name.
fn sizes(filled: impl Fn(u64) -> Filled) -> [(String, Filled); 2] {
    SIZES.map(|records| (format!("{records} records"), filled(records)))
}

/// Batches a second on each of the two, in turns.
fn compare(what: &str, filled: &mut [(String, Filled); 2], run: impl Fn(&Filled) -> Duration) {
    turns::take_turns(what, OPERATIONS, filled, |filled| run(filled));
}

fn appends(filled: &Filled) -> Duration {
    let mut copy = filled.copy();
    turns::timed(|| (0..OPERATIONS).for_each(|_| copy.append()))
}

/// Reads from random offsets on.
fn scattered(filled: &Filled, isolation: Isolation) -> Duration {
    let mut random = Seed::new(1);
    let offsets: Vec<u64> = (0..OPERATIONS)
        .map(|_| random.between(0, filled.end - 1))
        .collect();
    turns::timed(|| {
        for from in &offsets {
            std::hint::black_box(filled.read(*from, 1, isolation));
        }
    })
}

/// Reads from somewhere on, each where the last one has ended.
fn onward(filled: &Filled, isolation: Isolation) -> Duration {
    let mut from = filled.end / 3;
    turns::timed(|| {
        for _ in 0..OPERATIONS {
            from = filled.read(from, 1, isolation) % filled.end;
        }
    })
}

/// Appends to copies of their own: what a branch of a run costs.
fn branches(filled: &Filled) -> Duration {
    turns::timed(|| {
        for _ in 0..OPERATIONS / 50 {
            std::hint::black_box(filled.copy());
        }
    }) * 50
}

fn main() {
    for (per_batch, idempotent) in [(1, false), (1, true), (100, false), (100, true)] {
        let filled = &mut sizes(|records| Filled::new(records, per_batch, idempotent));
        let kind = if idempotent { "idempotent" } else { "plain" };
        let what = format!("append {kind} batches of {per_batch}");
        compare(&what, filled, appends);
        if !idempotent {
            let what = format!("append to a copy batches of {per_batch}");
            compare(&what, filled, branches);
            let all = Isolation::ReadUncommitted;
            let what = format!("fetch batches of {per_batch}, one after the other");
            compare(&what, filled, |filled| onward(filled, all));
            let what = format!("fetch batches of {per_batch} at random offsets");
            compare(&what, filled, |filled| scattered(filled, all));
        }
    }
    let committed = Isolation::ReadCommitted;
    let filled = &mut sizes(|records| Filled::new(records, 1, false).with_aborted());
    compare("append behind 1000 aborted transactions", filled, appends);
    let what = "fetch committed records, 1000 aborted transactions in the log, at random offsets";
    compare(what, filled, |filled| scattered(filled, committed));
    let what = "fetch committed records, 1000 aborted transactions in the log, one after the other";
    compare(what, filled, |filled| onward(filled, committed));
}
