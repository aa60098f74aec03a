//! How many records a second go through a stream (put, read, checkpoint), with more and more records
//! waiting in it: the numbers should stay flat.

use std::time::Instant as Clock;
use systems::kinesis::Kinesis;
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
const RECORDS: usize = 100_000;

fn ask(kinesis: &mut Kinesis, request: Request) -> Reply {
    let mut out = Out::default();
    kinesis.handle(Instant(0), ME, request, &mut out);
    out.to.pop().expect("every request is answered").1
}

fn put(kinesis: &mut Kinesis, count: usize) {
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

/// Reads so many records from a place on, and checkpoints after every batch.
fn read(kinesis: &mut Kinesis, from: Starting, count: usize) {
    let (shard, now) = (ShardId(0), Instant(0));
    let mut table = LeaseTable::default();
    table.create(Lease::new(shard, Vec::new(), Checkpoint::TrimHorizon));
    let mut worker = Worker::new("w", systems::kinesis::kcl::Settings::default(), now);
    worker.act(now, &mut table);
    let request = Request::GetShardIterator {
        stream: "s".into(),
        shard,
        starting: from,
    };
    let Reply::Iterator(mut iterator) = ask(kinesis, request) else {
        panic!("an iterator");
    };
    let mut seen = 0;
    while seen < count {
        let limit = Some(100);
        let request = Request::GetRecords { iterator, limit };
        let Reply::Records(batch, Some(next)) = ask(kinesis, request) else {
            panic!("records");
        };
        let last = batch.records.last().expect("there are records").sequence;
        worker.gave(shard, last);
        assert!(worker.checkpoint(now, &mut table, shard, last).is_ok());
        seen += batch.records.len();
        iterator = next;
    }
}

fn main() {
    for backlog in [0, 10_000, 100_000, 1_000_000] {
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
        put(&mut kinesis, backlog);
        let clock = Clock::now();
        put(&mut kinesis, RECORDS);
        let put_in = clock.elapsed();
        let clock = Clock::now();
        read(&mut kinesis, Starting::TrimHorizon, RECORDS);
        let read_in = clock.elapsed();
        let rate = |elapsed: std::time::Duration| RECORDS as f64 / elapsed.as_secs_f64();
        println!(
            "{backlog:>9} waiting: {:>9.0} put, {:>9.0} read and checkpointed a second",
            rate(put_in),
            rate(read_in)
        );
    }
}
