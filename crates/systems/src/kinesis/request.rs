//! What clients ask of the service: its API operations.

use super::iterator::ShardIterator;
use super::sequence::Given;
use super::shard::ShardId;
use super::stream::Mode;
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use explore::time::Instant;
use std::sync::Arc;

/// A record that somebody wants to put.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its partition key: 1 to 256 characters.
    pub key: Arc<str>,
    /// Its data.
    pub body: Arc<str>,
    /// A hash key that replaces the one of its partition key, as a decimal number.
    pub explicit_hash_key: Option<Arc<str>>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Entry {
    /// A record with this key and body.
    pub fn new(key: &str, body: &str) -> Entry {
        Entry {
            key: key.into(),
            body: body.into(),
            explicit_hash_key: None,
            record: None,
        }
    }
}

/// Where in a shard reading starts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Starting {
    /// With the oldest record that is kept.
    TrimHorizon,
    /// After the newest record of this moment.
    Latest,
    /// With this record.
    AtSequenceNumber(Given),
    /// With the record after this one.
    AfterSequenceNumber(Given),
    /// With the first record that arrived then or later.
    AtTimestamp(Instant),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Make a stream.
    CreateStream {
        /// Its name.
        stream: Arc<str>,
        /// How many shards; an on-demand stream is made without.
        shards: Option<u32>,
        /// Who chooses the number of its shards.
        mode: Mode,
    },
    /// Delete a stream with everything in it.
    DeleteStream {
        /// Its name.
        stream: Arc<str>,
        /// Whether its consumers are deregistered with it; otherwise they hinder it.
        enforce_consumer_deletion: bool,
    },
    /// The names of the streams.
    ListStreams {
        /// Only those whose names come after this one.
        after: Option<Arc<str>>,
        /// At most so many.
        limit: Option<u32>,
    },
    /// A stream's state in short.
    DescribeStreamSummary {
        /// The stream.
        stream: Arc<str>,
    },
    /// The shards of a stream.
    ListShards {
        /// The stream.
        stream: Arc<str>,
        /// Only those whose numbers come after this one.
        after: Option<ShardId>,
        /// At most so many.
        limit: Option<u32>,
    },
    /// Store a record.
    PutRecord {
        /// The stream.
        stream: Arc<str>,
        /// The record.
        entry: Entry,
        /// A sequence number that the record's must be greater than.
        sequence_number_for_ordering: Option<Given>,
    },
    /// Store up to 500 records, each of which may fail by itself.
    PutRecords {
        /// The stream.
        stream: Arc<str>,
        /// The records.
        entries: Vec<Entry>,
    },
    /// A place to read from.
    GetShardIterator {
        /// The stream.
        stream: Arc<str>,
        /// The shard.
        shard: ShardId,
        /// Where it starts.
        starting: Starting,
    },
    /// The records from a place on.
    GetRecords {
        /// The place.
        iterator: ShardIterator,
        /// At most so many.
        limit: Option<u32>,
    },
    /// Replace a shard by two that share its range.
    SplitShard {
        /// The stream.
        stream: Arc<str>,
        /// The shard.
        shard: ShardId,
        /// Where the range of the upper child begins, as a decimal number.
        new_starting_hash_key: Arc<str>,
    },
    /// Replace two neighbours by one shard.
    MergeShards {
        /// The stream.
        stream: Arc<str>,
        /// The lower one.
        shard: ShardId,
        /// The one whose range follows.
        adjacent: ShardId,
    },
    /// Split and merge until so many shards divide the hash space evenly.
    UpdateShardCount {
        /// The stream.
        stream: Arc<str>,
        /// How many.
        target: u32,
    },
    /// Let somebody else choose the number of shards.
    UpdateStreamMode {
        /// The stream.
        stream: Arc<str>,
        /// Who.
        mode: Mode,
    },
    /// Keep records longer.
    IncreaseStreamRetentionPeriod {
        /// The stream.
        stream: Arc<str>,
        /// For so many hours.
        hours: u32,
    },
    /// Keep records less long.
    DecreaseStreamRetentionPeriod {
        /// The stream.
        stream: Arc<str>,
        /// For so many hours.
        hours: u32,
    },
    /// Register a consumer of enhanced fan-out.
    RegisterStreamConsumer {
        /// The stream.
        stream: Arc<str>,
        /// Its name.
        consumer: Arc<str>,
    },
    /// Take a consumer away, with its subscriptions.
    DeregisterStreamConsumer {
        /// The stream.
        stream: Arc<str>,
        /// Its name.
        consumer: Arc<str>,
    },
    /// A consumer's state.
    DescribeStreamConsumer {
        /// The stream.
        stream: Arc<str>,
        /// Its name.
        consumer: Arc<str>,
    },
    /// The consumers of a stream.
    ListStreamConsumers {
        /// The stream.
        stream: Arc<str>,
    },
    /// Have a shard's records pushed for five minutes.
    SubscribeToShard {
        /// The stream.
        stream: Arc<str>,
        /// As which consumer.
        consumer: Arc<str>,
        /// The shard.
        shard: ShardId,
        /// Where it starts.
        starting: Starting,
    },
}

impl Visit for Starting {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Starting::TrimHorizon | Starting::Latest => {}
            Starting::AtSequenceNumber(given) | Starting::AfterSequenceNumber(given) => {
                given.visit(visitor);
            }
            Starting::AtTimestamp(at) => at.visit(visitor),
        }
    }
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::PutRecord {
                sequence_number_for_ordering,
                ..
            } => sequence_number_for_ordering.visit(visitor),
            Request::GetShardIterator { starting, .. }
            | Request::SubscribeToShard { starting, .. } => starting.visit(visitor),
            Request::GetRecords { iterator, .. } => iterator.visit(visitor),
            _ => {}
        }
    }
}

impl Wire for Request {
    fn about(&self) -> About {
        match self {
            Request::PutRecord { entry, .. } => About::Records(entry.record.into_iter().collect()),
            Request::PutRecords { entries, .. } => {
                About::Records(entries.iter().filter_map(|entry| entry.record).collect())
            }
            _ => About::Nothing,
        }
    }
}
