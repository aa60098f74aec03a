//! Whatever clients send, in whatever order: the service answers and does not panic.

use crate::account::Account;
use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::reply::Reply;
use systems::kinesis::request::{Entry, Request, Starting};
use systems::kinesis::sequence::{Given, SequenceNumber};
use systems::kinesis::setting::Settings;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Mode;
use systems::kinesis::tools::{describe_stream_summary, list_shards};
use systems::{Caller, Instant, Out, Parts, Server, Visit, Visitor, Wire};

#[derive(Arbitrary, Debug)]
enum Word<'a> {
    S,
    T,
    Any(&'a str),
}

impl Word<'_> {
    fn text(&self) -> std::sync::Arc<str> {
        match self {
            Word::S => "s".into(),
            Word::T => "t".into(),
            Word::Any(text) => (*text).into(),
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Start<'a> {
    TrimHorizon,
    Latest,
    At(u32, u64, u64),
    After(u8, u8),
    Text(&'a str),
    Time(u64),
}

impl Start<'_> {
    fn starting(&self) -> Starting {
        match self {
            Start::TrimHorizon => Starting::TrimHorizon,
            Start::Latest => Starting::Latest,
            Start::At(shard, index, at) => {
                let number = SequenceNumber::new(Instant(*at), *shard, *index, Instant(*at));
                assert_eq!(SequenceNumber::read(&number.to_string()), Some(number));
                Starting::AtSequenceNumber(Given::Number(number))
            }
            Start::After(shard, index) => {
                let (shard, index) = (u32::from(*shard % 4), u64::from(*index));
                let number = SequenceNumber::new(Instant(0), shard, index, Instant(0));
                Starting::AfterSequenceNumber(Given::Number(number))
            }
            Start::Text(text) => Starting::AfterSequenceNumber(Given::text(text)),
            Start::Time(at) => Starting::AtTimestamp(Instant(*at)),
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Op<'a> {
    Create(Word<'a>, Option<u8>, bool),
    Delete(Word<'a>, bool),
    List(Option<Word<'a>>, Option<u32>),
    Summary(Word<'a>),
    Shards(Word<'a>, Option<u32>, Option<u32>),
    Put(Word<'a>, &'a str, &'a str, Option<&'a str>),
    PutAt(u8, Option<Start<'a>>),
    PutMany(Word<'a>, u16),
    Iterator(Word<'a>, u8, Start<'a>),
    Get(u8, Option<u32>),
    Split(u8, u128),
    SplitText(Word<'a>, u32, &'a str),
    Merge(Word<'a>, u8, u8),
    Count(Word<'a>, u8),
    Mode(Word<'a>, bool),
    Retention(Word<'a>, bool, u32),
    Retain(u16),
    Register(Word<'a>, Word<'a>),
    Deregister(Word<'a>, Word<'a>),
    Consumers(Word<'a>),
    Subscribe(Word<'a>, Word<'a>, u8, Start<'a>),
    Disconnect,
    Wait(u32),
    WaitLong(u64),
}

fn mode(is_on_demand: bool) -> Mode {
    match is_on_demand {
        true => Mode::OnDemand,
        false => Mode::Provisioned,
    }
}

fn request(op: &Op, iterators: &[ShardIterator]) -> Option<Request> {
    let number = |shard: u8| ShardId(u32::from(shard % 16));
    Some(match op {
        Op::Create(name, shards, on_demand) => Request::CreateStream {
            stream: name.text(),
            shards: shards.map(u32::from),
            mode: mode(*on_demand),
        },
        Op::Delete(name, enforce) => Request::DeleteStream {
            stream: name.text(),
            enforce_consumer_deletion: *enforce,
        },
        Op::List(after, limit) => Request::ListStreams {
            after: after.as_ref().map(Word::text),
            limit: *limit,
        },
        Op::Summary(name) => Request::DescribeStreamSummary {
            stream: name.text(),
        },
        Op::Shards(name, after, limit) => Request::ListShards {
            stream: name.text(),
            after: after.map(ShardId),
            limit: *limit,
        },
        Op::Put(name, key, body, hash) => Request::PutRecord {
            stream: name.text(),
            entry: Entry {
                explicit_hash_key: hash.map(Into::into),
                ..Entry::new(key, body)
            },
            sequence_number_for_ordering: None,
        },
        Op::PutAt(key, after) => Request::PutRecord {
            stream: "s".into(),
            entry: Entry::new(&key.to_string(), "x"),
            sequence_number_for_ordering: match after.as_ref().map(Start::starting) {
                Some(Starting::AtSequenceNumber(given) | Starting::AfterSequenceNumber(given)) => {
                    Some(given)
                }
                _ => None,
            },
        },
        Op::PutMany(name, count) => Request::PutRecords {
            stream: name.text(),
            entries: (0..count % 600)
                .map(|at| Entry::new(&at.to_string(), "x"))
                .collect(),
        },
        Op::Iterator(name, shard, start) => Request::GetShardIterator {
            stream: name.text(),
            shard: number(*shard),
            starting: start.starting(),
        },
        Op::Get(at, limit) => Request::GetRecords {
            iterator: iterators
                .get(usize::from(*at) % iterators.len().max(1))?
                .clone(),
            limit: *limit,
        },
        Op::Split(shard, at) => Request::SplitShard {
            stream: "s".into(),
            shard: number(*shard),
            new_starting_hash_key: at.to_string().into(),
        },
        Op::SplitText(name, shard, at) => Request::SplitShard {
            stream: name.text(),
            shard: ShardId(*shard),
            new_starting_hash_key: (*at).into(),
        },
        Op::Merge(name, shard, adjacent) => Request::MergeShards {
            stream: name.text(),
            shard: number(*shard),
            adjacent: number(*adjacent),
        },
        Op::Count(name, target) => Request::UpdateShardCount {
            stream: name.text(),
            target: u32::from(*target),
        },
        Op::Mode(name, on_demand) => Request::UpdateStreamMode {
            stream: name.text(),
            mode: mode(*on_demand),
        },
        Op::Retention(name, is_longer, hours) => {
            let (stream, hours) = (name.text(), *hours);
            match is_longer {
                true => Request::IncreaseStreamRetentionPeriod { stream, hours },
                false => Request::DecreaseStreamRetentionPeriod { stream, hours },
            }
        }
        Op::Retain(hours) => Request::IncreaseStreamRetentionPeriod {
            stream: "s".into(),
            hours: u32::from(*hours),
        },
        Op::Register(name, consumer) => Request::RegisterStreamConsumer {
            stream: name.text(),
            consumer: consumer.text(),
        },
        Op::Deregister(name, consumer) => Request::DeregisterStreamConsumer {
            stream: name.text(),
            consumer: consumer.text(),
        },
        Op::Consumers(name) => Request::ListStreamConsumers {
            stream: name.text(),
        },
        Op::Subscribe(name, consumer, shard, start) => Request::SubscribeToShard {
            stream: name.text(),
            consumer: consumer.text(),
            shard: number(*shard),
            starting: start.starting(),
        },
        Op::Disconnect | Op::Wait(_) | Op::WaitLong(_) => return None,
    })
}

/// Looks at everything and changes nothing.
struct Look(usize);

impl Visitor for Look {
    fn instant(&mut self, _: &mut Instant) {
        self.0 += 1;
    }
}

fn play(bytes: &[u8]) {
    let mut account = Account::empty(Settings {
        create_ms: 1_000,
        ..Settings::default()
    });
    let mut words = Unstructured::new(bytes);
    let mut iterators = Vec::new();
    account.create("s", 2);
    account.wait(1_000);
    let mut steps = 0;
    while let Ok(op) = Op::arbitrary(&mut words) {
        steps += 1;
        if steps > 200 || words.is_empty() {
            break;
        }
        match &op {
            Op::Wait(ms) => account.wait(u64::from(*ms) % 100_000),
            // Time goes on for centuries, and does not run over.
            Op::WaitLong(ms) => account.wait(*ms),
            Op::Disconnect => {
                let caller = Caller {
                    client: 0,
                    connection: 1,
                };
                let now = account.now;
                account.kinesis.disconnect(now, caller, &mut Out::default());
            }
            _ => {}
        }
        let Some(mut request) = request(&op, &iterators) else {
            continue;
        };
        request.visit(&mut Look(0));
        let _ = request.about();
        let mut reply = account.ask(request);
        reply.visit(&mut Look(0));
        match reply {
            Reply::Iterator(iterator) | Reply::Records(_, Some(iterator)) => {
                iterators.push(iterator);
            }
            _ => {}
        }
    }
    let _ = describe_stream_summary(&account.kinesis, "s");
    let _ = list_shards(&account.kinesis, "s");
    // Taken apart and put together again it is the same.
    let mut parts = Vec::new();
    account.kinesis.parts(&mut |_, part| parts.push(part));
    let before = account.kinesis.clone();
    account.kinesis.put(&mut parts.into_iter());
    account.kinesis.visit_parts(&mut Look(0), |_| true);
    assert_eq!(before, account.kinesis);
}

#[test]
fn no_bytes_make_the_service_panic() {
    proptest!(ProptestConfig::with_cases(256), |(bytes in prop::collection::vec(any::<u8>(), 0..2_000))| {
        play(&bytes);
    });
}
