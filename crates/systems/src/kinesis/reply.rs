//! What the service answers, and what it pushes to subscribed consumers.

use super::error::Error;
use super::hash::HashKeyRange;
use super::iterator::ShardIterator;
use super::sequence::SequenceNumber;
use super::shard::{ChildShard, Record, ShardId};
use super::stream::{Mode, Status};
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::sync::Arc;

/// Where a record was stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// In which shard.
    pub shard: ShardId,
    /// Under which sequence number.
    pub sequence: SequenceNumber,
}

/// A shard as ListShards tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ShardDescription {
    /// The shard.
    pub shard: ShardId,
    /// Its part of the hash space.
    pub range: HashKeyRange,
    /// The shards it came from: the parent, and after a merge the adjacent parent.
    pub parents: Vec<ShardId>,
    /// The number from which its sequence numbers grow.
    pub starting: SequenceNumber,
    /// The number at which a closed shard ended.
    pub ending: Option<SequenceNumber>,
}

/// A stream as DescribeStreamSummary tells it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamSummary {
    /// Its name.
    pub stream: Arc<str>,
    /// Its state.
    pub status: Status,
    /// Who chooses the number of its shards.
    pub mode: Mode,
    /// For how many hours records are kept.
    pub retention_hours: u32,
    /// When it was made.
    pub created: Instant,
    /// How many shards are open.
    pub open_shards: u32,
    /// How many consumers are registered.
    pub consumers: u32,
}

/// A consumer of enhanced fan-out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerDescription {
    /// Its name.
    pub consumer: Arc<str>,
    /// CREATING or ACTIVE.
    pub status: Status,
    /// When it was registered.
    pub created: Instant,
}

/// The records that one call or one event brings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The records, in order.
    pub records: Vec<Record>,
    /// How far behind the newest record the reader is; 0 when there is none left.
    pub millis_behind_latest: u64,
    /// At the end of a closed shard: what became of it.
    pub children: Vec<ChildShard>,
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// It was refused.
    Refused(Error),
    /// It was done, or is on its way.
    Done,
    /// The streams by name, and whether there are more.
    Streams(Vec<Arc<str>>, bool),
    /// A stream.
    Summary(StreamSummary),
    /// Shards by number, and whether there are more.
    Shards(Vec<ShardDescription>, bool),
    /// The record is stored.
    Put(Stored),
    /// What became of each record, in the order of the request.
    PutRecords(Vec<Result<Stored, Error>>),
    /// A place to read from.
    Iterator(ShardIterator),
    /// Records, and where to go on; at the end of a closed shard there is no such place.
    Records(Batch, Option<ShardIterator>),
    /// The number of open shards, and the one there will be.
    ShardCount {
        /// How many there are.
        current: u32,
        /// How many there will be.
        target: u32,
    },
    /// A consumer.
    Consumer(ConsumerDescription),
    /// The consumers by name.
    Consumers(Vec<ConsumerDescription>),
    /// The subscription has begun; events follow.
    Subscribed,
    /// Records, pushed to a subscribed consumer.
    Event {
        /// The consumer.
        consumer: Arc<str>,
        /// From which shard.
        shard: ShardId,
        /// What it brings.
        batch: Batch,
        /// After which record to subscribe again; at the end of a closed shard there is none.
        continuation: Option<SequenceNumber>,
    },
    /// A subscription is over: its five minutes, its shard, its consumer or its turn.
    SubscriptionEnded {
        /// The consumer.
        consumer: Arc<str>,
        /// The shard.
        shard: ShardId,
    },
}

impl Visit for Batch {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.records.visit(visitor);
    }
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Refused(_)
            | Reply::Done
            | Reply::Streams(..)
            | Reply::ShardCount { .. }
            | Reply::Subscribed
            | Reply::SubscriptionEnded { .. } => {}
            Reply::Summary(summary) => summary.created.visit(visitor),
            Reply::Shards(shards, _) => {
                for shard in shards {
                    shard.starting.visit(visitor);
                    shard.ending.visit(visitor);
                }
            }
            Reply::Put(stored) => stored.sequence.visit(visitor),
            Reply::PutRecords(results) => {
                for stored in results.iter_mut().flatten() {
                    stored.sequence.visit(visitor);
                }
            }
            Reply::Iterator(iterator) => iterator.visit(visitor),
            Reply::Records(batch, next) => {
                batch.visit(visitor);
                next.visit(visitor);
            }
            Reply::Consumer(consumer) => consumer.created.visit(visitor),
            Reply::Consumers(consumers) => {
                for consumer in consumers {
                    consumer.created.visit(visitor);
                }
            }
            Reply::Event {
                batch,
                continuation,
                ..
            } => {
                batch.visit(visitor);
                continuation.visit(visitor);
            }
        }
    }
}

impl Wire for Reply {
    fn about(&self) -> About {
        match self {
            Reply::Records(batch, _) | Reply::Event { batch, .. } => {
                About::Records(batch.records.iter().filter_map(|one| one.record).collect())
            }
            _ => About::Nothing,
        }
    }
}
