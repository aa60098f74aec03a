//! What clients may ask of the service, decoded from bytes.

use arbitrary::Arbitrary;
use systems::Instant;
use systems::kinesis::iterator::ShardIterator;
use systems::kinesis::request::{Entry, Request, Starting};
use systems::kinesis::sequence::{Given, SequenceNumber};
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Mode;

#[derive(Arbitrary, Debug)]
pub enum Word<'a> {
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
pub enum Start<'a> {
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
pub enum Op<'a> {
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
    Disconnect(u8),
    Wait(u32),
    WaitLong(u64),
    Sleep(u16),
    Fire,
}

fn mode(is_on_demand: bool) -> Mode {
    match is_on_demand {
        true => Mode::OnDemand,
        false => Mode::Provisioned,
    }
}

/// The request that an operation makes, if it is one of a client.
pub fn request(op: &Op, iterators: &[ShardIterator]) -> Option<Request> {
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
            // More than a request may have, or few.
            entries: (0..if count.is_multiple_of(64) {
                501
            } else {
                count % 16
            })
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
        Op::Disconnect(_) | Op::Wait(_) | Op::WaitLong(_) | Op::Sleep(_) | Op::Fire => return None,
    })
}
