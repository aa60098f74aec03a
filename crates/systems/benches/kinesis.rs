//! How many records a second go through a stream of Amazon Kinesis, put one by one, read in batches and
//! checkpointed, with more and more records waiting in it: the numbers should stay flat.
//!
//! `cargo bench -p systems --bench kinesis`. A measurement, not a test, except that as many must be read
//! as were put.

#[path = "common/turns.rs"]
mod turns;

use systems::kinesis::Kinesis;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::kcl::lease::{Checkpoint, Lease, LeaseTable};
use systems::kinesis::kcl::worker::Worker;
use systems::kinesis::reply::Reply;
use systems::kinesis::request::{Entry, Request, Starting};
use systems::kinesis::setting::Settings;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Mode;
use systems::{Caller, Instant, Out, Server};

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};
const OPERATIONS: u32 = 100_000;
const BATCH: u32 = 100;
const SHARD: ShardId = ShardId(0);

/// A stream, and the worker that reads its shard from the oldest record on.
struct Filled {
    kinesis: Kinesis,
    worker: Worker,
    table: LeaseTable,
    iterator: ShardIterator,
}

fn ask(kinesis: &mut Kinesis, request: Request) -> Reply {
    let mut out = Out::default();
    kinesis.handle(Instant(0), ME, request, &mut out);
    out.to.pop().expect("every request is answered").1
}

fn put(kinesis: &mut Kinesis, count: u32) {
    let entry = Entry::new("key", "body");
    for _ in 0..count {
        let request = Request::PutRecord {
            stream: "s".into(),
            entry: entry.clone(),
            sequence_number_for_ordering: None,
        };
        assert!(matches!(ask(kinesis, request), Reply::Put(_)));
    }
}

/// A stream with so many records behind the place where a worker reads.
fn filled(waiting: u32) -> Filled {
    let mut kinesis = Kinesis::new(Settings {
        create_ms: 0,
        write_bytes: u64::MAX,
        write_records: u64::MAX,
        read_bytes: u64::MAX,
        read_calls: u64::MAX,
        ..Settings::default()
    });
    let request = Request::CreateStream {
        stream: "s".into(),
        shards: Some(1),
        mode: Mode::Provisioned,
    };
    ask(&mut kinesis, request);
    let (now, due) = kinesis.next_due().expect("the stream becomes active");
    kinesis.fire(now, due, &mut Out::default());
    put(&mut kinesis, waiting);
    let mut table = LeaseTable::default();
    table.create(Lease::new(SHARD, Vec::new(), Checkpoint::TrimHorizon));
    let mut worker = Worker::new("w", systems::kinesis::kcl::Settings::default(), now);
    worker.act(now, &mut table);
    let request = Request::GetShardIterator {
        stream: "s".into(),
        shard: SHARD,
        starting: Starting::TrimHorizon,
    };
    let Reply::Iterator(iterator) = ask(&mut kinesis, request) else {
        panic!("an iterator");
    };
    Filled {
        kinesis,
        worker,
        table,
        iterator,
    }
}

/// Reads a batch of the oldest records that were not read, and checkpoints it.
fn read(filled: &mut Filled) {
    let request = Request::GetRecords {
        iterator: filled.iterator.clone(),
        limit: Some(BATCH),
    };
    let Reply::Records(batch, Some(next)) = ask(&mut filled.kinesis, request) else {
        panic!("records");
    };
    assert_eq!(batch.records.len(), BATCH as usize);
    let last = batch.records.last().expect("there are records").sequence;
    filled.worker.gave(SHARD, last);
    let (worker, table) = (&mut filled.worker, &mut filled.table);
    assert!(worker.checkpoint(Instant(0), table, SHARD, last).is_ok());
    filled.iterator = next;
}

fn main() {
    let named = |waiting: u32| (format!("{waiting} waiting"), filled(waiting));
    let mut streams = [1_000, 100_000, 1_000_000].map(named);
    let what = "put, read and checkpoint";
    turns::take_turns(what, OPERATIONS, &mut streams, |filled| {
        turns::timed(|| {
            for _ in 0..OPERATIONS / BATCH {
                put(&mut filled.kinesis, BATCH);
                read(filled);
            }
        })
    });
}
