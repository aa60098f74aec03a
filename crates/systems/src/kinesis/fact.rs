//! What happens in the service, as a learner should see it.

use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// Somebody asked for a stream; it is CREATING.
    Detail StreamCreating "stream_creating" {
        /// Which.
        stream: Arc<str>,
        /// With how many shards.
        shards: u32,
    }
    /// A stream is ACTIVE (again).
    Detail StreamActive "stream_active" {
        /// Which.
        stream: Arc<str>,
        /// How many shards are open.
        open_shards: u32,
    }
    /// Somebody asked for a change of shards; the stream is UPDATING and goes on.
    Headline StreamUpdating "stream_updating" {
        /// Which.
        stream: Arc<str>,
    }
    /// A stream is gone, and its records with it.
    Headline StreamDeleted "stream_deleted" {
        /// Which.
        stream: Arc<str>,
    }
    /// A record was stored at the end of the shard in whose range its hash key falls.
    Headline Put "put" {
        /// Which.
        record: Option<RecordId>,
        /// In which stream.
        stream: Arc<str>,
        /// In which shard.
        shard: u32,
        /// Its partition key.
        key: Arc<str>,
    }
    /// A shard has had its share of writes for this second; the record is not stored.
    Headline WriteThrottled "write_throttled" {
        /// Which.
        record: Option<RecordId>,
        /// In which stream.
        stream: Arc<str>,
        /// By which shard.
        shard: u32,
    }
    /// A shard has had its share of reads for this second.
    Headline ReadThrottled "read_throttled" {
        /// In which stream.
        stream: Arc<str>,
        /// By which shard.
        shard: u32,
    }
    /// Records were read from a shard; they stay there.
    Headline RecordsRead "records_read" {
        /// Which.
        records: Vec<RecordId>,
        /// In which stream.
        stream: Arc<str>,
        /// From which shard.
        shard: u32,
        /// How far behind the newest record the reader is.
        millis_behind_latest: u64,
    }
    /// An iterator was older than five minutes: the reader must ask for a new one.
    Headline IteratorExpired "iterator_expired" {
        /// In which stream.
        stream: Arc<str>,
        /// In which shard.
        shard: u32,
    }
    /// A reader has come to the end of a closed shard; its children come next.
    Headline ShardEnd "shard_end" {
        /// In which stream.
        stream: Arc<str>,
        /// Which.
        shard: u32,
        /// Its children.
        children: Vec<u32>,
    }
    /// A shard takes no more records; what it has stays.
    Headline ShardClosed "shard_closed" {
        /// In which stream.
        stream: Arc<str>,
        /// Which.
        shard: u32,
    }
    /// A shard takes records.
    Headline ShardOpened "shard_opened" {
        /// In which stream.
        stream: Arc<str>,
        /// Which.
        shard: u32,
        /// The shards it came from.
        parents: Vec<u32>,
    }
    /// Records have left the retention period; nobody can read them any more.
    Headline RecordsExpired "records_expired" {
        /// In which stream.
        stream: Arc<str>,
        /// In which shard.
        shard: u32,
        /// How many.
        count: u32,
    }
    /// A closed shard has left the list.
    Detail ShardExpired "shard_expired" {
        /// In which stream.
        stream: Arc<str>,
        /// Which.
        shard: u32,
    }
    /// Records are kept for another time.
    Detail RetentionChanged "retention_changed" {
        /// In which stream.
        stream: Arc<str>,
        /// For so many hours.
        hours: u32,
    }
    /// A consumer of enhanced fan-out is registered.
    Detail ConsumerRegistered "consumer_registered" {
        /// With which stream.
        stream: Arc<str>,
        /// Which.
        consumer: Arc<str>,
    }
    /// A consumer is no longer registered.
    Detail ConsumerDeregistered "consumer_deregistered" {
        /// With which stream.
        stream: Arc<str>,
        /// Which.
        consumer: Arc<str>,
    }
    /// A consumer has a shard's records pushed to it.
    Headline Subscribed "subscribed" {
        /// To which stream.
        stream: Arc<str>,
        /// To which shard.
        shard: u32,
        /// Which.
        consumer: Arc<str>,
    }
    /// Records were pushed to a consumer.
    Headline Pushed "pushed" {
        /// Which.
        records: Vec<RecordId>,
        /// From which stream.
        stream: Arc<str>,
        /// From which shard.
        shard: u32,
        /// To which consumer.
        consumer: Arc<str>,
    }
    /// Nothing is pushed to a consumer any more until it subscribes again.
    Headline SubscriptionOver "subscription_over" {
        /// To which stream.
        stream: Arc<str>,
        /// To which shard.
        shard: u32,
        /// Which.
        consumer: Arc<str>,
    }
}
