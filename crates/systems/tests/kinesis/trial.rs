//! The service on trial: any requests under the service's invariants, and a stream beside a slow model.

use crate::operations::{Op, request};
use crate::stage::{Sent, Stage};
use crate::{properties, sequence};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeMap;
use systems::kinesis::Kinesis;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::reply::{Batch, Reply};
use systems::kinesis::request::Request;
use systems::kinesis::sequence::SequenceNumber;
use systems::kinesis::setting::Settings;
use systems::kinesis::stream::{Mode, Status, Stream};
use systems::kinesis::tools::{describe_stream_summary, list_shards};
use systems::{Caller, Span};

/// How many shards a stream has at most whose printed form is looked at: printing takes its time.
const PRINTED_MAX: usize = 8;

/// Plays what the bytes say: the first says what kind of trial it is.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    let kind = bytes.int_in_range(0..=3_u8).unwrap_or_default();
    if kind == 0 {
        properties::run(&mut bytes);
        return;
    }
    let ops = sequence::decode(&mut bytes, 200, Op::arbitrary);
    let mut trial = Trial::new();
    sequence::each(&ops, |op| trial.play(op));
}

struct Trial {
    stage: Stage<Kinesis>,
    iterators: Vec<ShardIterator>,
    /// The running numbers that the next record of each shard gets, and its oldest one.
    next: BTreeMap<(String, u32), [u64; 2]>,
}

fn caller(client: u8) -> Caller {
    Caller {
        client: client % 3,
        connection: 1,
    }
}

impl Trial {
    /// A stream of two shards.
    fn new() -> Trial {
        let settings = Settings {
            create_ms: 1_000,
            ..Settings::default()
        };
        let mut trial = Trial {
            stage: Stage::new(Kinesis::new(settings)),
            iterators: Vec::new(),
            next: BTreeMap::new(),
        };
        let create = Request::CreateStream {
            stream: "s".into(),
            shards: Some(2),
            mode: Mode::Provisioned,
        };
        trial.stage.ask(caller(0), create);
        trial.stage.pass(Span::from_ms(1_000));
        trial
    }

    fn play(&mut self, op: &Op<'_>) {
        let sent = match op {
            Op::Wait(ms) => self.stage.pass(Span::from_ms(u64::from(*ms) % 100_000)),
            // Time goes on for centuries, and does not run over.
            Op::WaitLong(ms) => self.stage.pass(Span::from_ms(*ms)),
            Op::Sleep(ms) => {
                self.stage.sleep(Span::from_ms((*ms).into()));
                Vec::new()
            }
            Op::Fire => self.stage.fire(),
            Op::Disconnect(client) => self.stage.lose(caller(*client)),
            op => {
                let Some(request) = request(op, &self.iterators) else {
                    return;
                };
                let me = caller(self.iterators.len() as u8);
                let sent = self.stage.ask(me, request);
                let mine = sent.iter().filter(|(to, reply)| {
                    let is_pushed =
                        matches!(reply, Reply::Event { .. } | Reply::SubscriptionEnded { .. });
                    *to == me && !is_pushed
                });
                assert_eq!(mine.count(), 1, "every request has one answer");
                sent
            }
        };
        self.took(sent);
        self.check();
    }

    fn took(&mut self, sent: Sent<Kinesis>) {
        for (_, reply) in sent {
            match reply {
                Reply::Iterator(iterator) => self.iterators.push(iterator),
                Reply::Records(batch, iterator) => {
                    in_order(&batch);
                    self.iterators.extend(iterator);
                }
                Reply::Event { batch, .. } => in_order(&batch),
                _ => {}
            }
        }
    }

    fn check(&mut self) {
        let kinesis = &self.stage.server;
        let streams = kinesis.streams();
        self.next.retain(|(name, _), _| streams.get(name).is_some());
        for (name, stream) in kinesis.streams().iter() {
            let open = check_hash_space(stream);
            assert_eq!(open, stream.open_count());
            for (id, shard) in stream.shards() {
                assert!(shard.records().count() as u64 == shard.next() - shard.first());
                let numbers: Vec<SequenceNumber> =
                    shard.records().map(|record| record.sequence).collect();
                assert!(numbers.is_sorted_by(|one, other| one < other));
                let now = [shard.next(), shard.first()];
                let before = self.next.insert((name.to_string(), id.0), now);
                let grows = before
                    .unwrap_or_default()
                    .iter()
                    .zip(&now)
                    .all(|(a, b)| a <= b);
                assert!(grows, "{id:?} of {name}: {before:?} became {now:?}");
            }
            if stream.status() == Status::Creating {
                // Its shards are not shown yet.
                continue;
            }
            let shards = stream.shards().count();
            if shards > PRINTED_MAX {
                continue;
            }
            let printed = describe_stream_summary(kinesis, name);
            let line = format!("\"OpenShardCount\": {open}");
            assert!(printed.contains(&line), "{line} is not in {printed}");
            let listed = list_shards(kinesis, name);
            assert_eq!(listed.matches("\"ShardId\"").count(), shards, "{listed}");
        }
    }
}

/// What comes from a shard comes in the order of its sequence numbers.
fn in_order(batch: &Batch) {
    let mut records = batch.records.iter().map(|record| record.sequence);
    let mut last = records.next();
    for next in records {
        assert!(last < Some(next), "{next} comes after {last:?}");
        last = Some(next);
    }
}

/// The open shards have each hash key once; how many there are.
fn check_hash_space(stream: &Stream) -> u32 {
    let open = stream.shards().filter(|(_, shard)| shard.closed.is_none());
    let mut ranges: Vec<(u128, u128)> = open
        .map(|(_, shard)| (shard.range.start.0, shard.range.end.0))
        .collect();
    ranges.sort_unstable();
    let mut next = Some(0);
    for (start, end) in &ranges {
        assert!(Some(*start) == next && start <= end, "{ranges:?}");
        next = end.checked_add(1);
    }
    assert_eq!(next, None, "{ranges:?}");
    ranges.len() as u32
}
