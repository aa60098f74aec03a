//! What can happen in Redis, in its own words.

use super::id::StreamId;
use crate::fact::{Field, Holds, Names};
use crate::party::ClientId;
use crate::record::RecordId;
use std::sync::Arc;

impl Field for StreamId {
    const HOLDS: Holds = Holds::Text;
    fn write(&self, _: &dyn Names) -> String {
        self.to_string()
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        let id = StreamId::read(text, 0).ok()?;
        // Each id is written in one way only.
        (id.to_string() == text).then_some(id)
    }
}

crate::facts! {
    /// An entry was added to a stream.
    Headline Added "added" {
        /// The stream's key.
        stream: Arc<str>,
        /// Its id.
        id: StreamId,
        /// What it carries.
        record: Option<RecordId>,
    }
    /// Entries left a stream because it was trimmed, whoever had read them.
    Headline Trimmed "trimmed" {
        /// The stream's key.
        stream: Arc<str>,
        /// How many.
        entries: u64,
        /// What they carried.
        records: Vec<RecordId>,
    }
    /// An entry was deleted from a stream by its id.
    Headline Deleted "deleted" {
        /// The stream's key.
        stream: Arc<str>,
        /// Its id.
        id: StreamId,
        /// What it carried.
        record: Option<RecordId>,
    }
    /// A consumer group was made; it is given entries after this id.
    Detail GroupCreated "group_created" {
        /// The stream's key.
        stream: Arc<str>,
        /// Its name.
        group: Arc<str>,
        /// The last id that counts as delivered.
        last_delivered: StreamId,
    }
    /// A group was set to another id: entries after it are delivered, again if need be.
    Headline GroupMoved "group_moved" {
        /// The stream's key.
        stream: Arc<str>,
        /// Its name.
        group: Arc<str>,
        /// The last id that counts as delivered.
        last_delivered: StreamId,
    }
    /// A group is gone, and with it what was pending in it.
    Headline GroupDestroyed "group_destroyed" {
        /// The stream's key.
        stream: Arc<str>,
        /// Its name.
        group: Arc<str>,
        /// How many entries were pending.
        pending: u64,
    }
    /// A consumer became known in its group.
    Detail ConsumerCreated "consumer_created" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Its name.
        consumer: Arc<str>,
    }
    /// A consumer was removed; what was pending for it is never given to anybody again.
    Headline ConsumerDeleted "consumer_deleted" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Its name.
        consumer: Arc<str>,
        /// What was pending for it.
        lost: Vec<RecordId>,
    }
    /// A group's new entry was given to a consumer.
    Headline Delivered "delivered" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// To whom.
        consumer: Arc<str>,
        /// The entry's id.
        id: StreamId,
        /// What it carries.
        record: Option<RecordId>,
        /// Whether it is pending now; with NOACK it is not.
        pending: bool,
    }
    /// A consumer read one of its own pending entries again.
    Headline HistoryRead "history_read" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Who.
        consumer: Arc<str>,
        /// The entry's id.
        id: StreamId,
        /// What it carries.
        record: Option<RecordId>,
        /// How often it has been delivered by now.
        deliveries: u64,
    }
    /// A client read an entry without a group.
    Detail Read "read" {
        /// The stream's key.
        stream: Arc<str>,
        /// The entry's id.
        id: StreamId,
        /// What it carries.
        record: Option<RecordId>,
    }
    /// A pending entry was acknowledged: its group is done with it.
    Headline Acknowledged "acknowledged" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Whose it was.
        consumer: Arc<str>,
        /// The entry's id.
        id: StreamId,
        /// What it carries, unless it is deleted.
        record: Option<RecordId>,
    }
    /// A pending entry has another owner.
    Headline Claimed "claimed" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Whose it is now.
        consumer: Arc<str>,
        /// Whose it was.
        previous: Option<Arc<str>>,
        /// The entry's id.
        id: StreamId,
        /// What it carries.
        record: Option<RecordId>,
        /// How often it has been delivered by now.
        deliveries: u64,
    }
    /// A pending entry was dropped because its entry is no longer in the stream.
    Headline Dropped "dropped" {
        /// The stream's key.
        stream: Arc<str>,
        /// The group.
        group: Arc<str>,
        /// Whose it was.
        consumer: Arc<str>,
        /// The entry's id.
        id: StreamId,
    }
    /// A client waits for new elements.
    Detail Blocked "blocked" {
        /// Who.
        client: ClientId,
    }
    /// A client waited for as long as it said.
    Detail BlockTimedOut "block_timed_out" {
        /// Who.
        client: ClientId,
    }
    /// A message was published; who is not subscribed now never gets it.
    Headline Published "published" {
        /// On which channel.
        channel: Arc<str>,
        /// What it carries.
        record: Option<RecordId>,
        /// How often it was sent.
        receivers: u64,
    }
    /// A client subscribed.
    Detail Subscribed "subscribed" {
        /// Who.
        client: ClientId,
        /// The channel or pattern.
        channel: Arc<str>,
    }
    /// A client is no longer subscribed.
    Detail Unsubscribed "unsubscribed" {
        /// Who.
        client: ClientId,
        /// The channel or pattern.
        channel: Arc<str>,
    }
    /// A client that does not read was disconnected, and what waited for it thrown away.
    Headline BufferOverrun "buffer_overrun" {
        /// Who.
        client: ClientId,
        /// How much waited.
        bytes: u64,
        /// What of it a scene follows.
        lost: Vec<RecordId>,
    }
    /// An element was put into a list.
    Headline Pushed "pushed" {
        /// The list's key.
        list: Arc<str>,
        /// What it carries.
        record: Option<RecordId>,
    }
    /// An element was taken out of a list; nothing remembers it.
    Headline Popped "popped" {
        /// The list's key.
        list: Arc<str>,
        /// What it carries.
        record: Option<RecordId>,
    }
    /// A command was refused.
    Detail Refused "refused" {
        /// The first word of the refusal.
        code: Arc<str>,
        /// All of it.
        message: Arc<str>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Named;

    struct Nobody;

    impl Names for Nobody {
        fn name(&self, _: Named, _: u32) -> String {
            String::new()
        }
        fn find(&self, _: Named, _: &str) -> Option<u32> {
            None
        }
    }

    #[test]
    fn an_id_is_written_as_redis_does_and_reads_back() {
        let read = |text| <StreamId as Field>::read(text, &Nobody);
        let id = StreamId { ms: 1500, seq: 2 };
        assert_eq!(id.write(&Nobody), "1500-2");
        assert_eq!(read("1500-2"), Some(id));
        for text in ["", "-", "1500", "01500-2", "1500-2-3", "x-1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
