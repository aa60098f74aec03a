//! What can happen in Pub/Sub, as a learner should see it.

use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A topic exists now.
    Detail TopicCreated "topic_created" {
        /// Its name.
        topic: Arc<str>,
    }
    /// A topic is gone; its subscriptions stay, on `_deleted-topic_`, with what they hold.
    Headline TopicDeleted "topic_deleted" {
        /// Its name.
        topic: Arc<str>,
    }
    /// A subscription exists now; it gets what is published from here on.
    Detail SubscriptionCreated "subscription_created" {
        /// Its name.
        subscription: Arc<str>,
        /// Of which topic.
        topic: Arc<str>,
    }
    /// A subscription is gone with all that it held.
    Headline SubscriptionDeleted "subscription_deleted" {
        /// Its name.
        subscription: Arc<str>,
        /// How many messages it dropped.
        dropped: u64,
    }
    /// A subscription was detached from its topic: its backlog is dropped, and it gets nothing any more.
    Headline Detached "detached" {
        /// Its name.
        subscription: Arc<str>,
        /// How many messages it dropped.
        dropped: u64,
    }
    /// A topic took a message.
    Headline Published "published" {
        /// Which.
        record: Option<RecordId>,
        /// On which topic.
        topic: Arc<str>,
        /// How many subscriptions have a copy of it.
        copies: u32,
    }
    /// A subscription's filter left a message out; for that subscription it counts as acknowledged.
    Detail FilteredOut "filtered_out" {
        /// Which.
        record: Option<RecordId>,
        /// By whose filter.
        subscription: Arc<str>,
    }
    /// A message was given to a subscriber; until its acknowledgement deadline nobody else gets it.
    Headline Delivered "delivered" {
        /// Which.
        record: Option<RecordId>,
        /// By which subscription.
        subscription: Arc<str>,
        /// Whether it was given out before.
        is_again: bool,
        /// Which attempt it is; told only with a dead-letter policy.
        attempt: Option<u32>,
    }
    /// A message was acknowledged: the subscription is done with it.
    Headline Acknowledged "acknowledged" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// An acknowledgement is noted, but counts only when the earlier messages of its ordering key are
    /// acknowledged.
    Headline AcknowledgedAhead "acknowledged_ahead" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// An acknowledgement or another deadline came with an outdated id, and changed nothing.
    Headline AckIdOutdated "ack_id_outdated" {
        /// Of which message.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// The deadline of a message in flight was moved: it counts from now.
    Detail DeadlineModified "deadline_modified" {
        /// Of which message.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
        /// How many seconds from now.
        seconds: u32,
    }
    /// A subscriber gave a message back (a deadline of 0).
    Headline Nacked "nacked" {
        /// Which.
        record: Option<RecordId>,
        /// To which subscription.
        subscription: Arc<str>,
    }
    /// Nobody acknowledged a message before its deadline: it will be delivered again.
    Headline DeadlineExceeded "deadline_exceeded" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// A message comes again because an earlier one of its ordering key does.
    Headline OrderRestored "order_restored" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// The retry policy keeps a message back for a while.
    Detail RetryDelayed "retry_delayed" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
        /// For how many milliseconds.
        ms: u64,
    }
    /// A message had its last attempt and went to the dead-letter topic.
    Headline DeadLettered "dead_lettered" {
        /// Which.
        record: Option<RecordId>,
        /// From which subscription.
        subscription: Arc<str>,
        /// To which topic.
        topic: Arc<str>,
        /// After how many attempts.
        attempts: u32,
    }
    /// A message was not acknowledged within the time that the subscription keeps messages: it is lost.
    Headline RetentionExceeded "retention_exceeded" {
        /// Which.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
    }
    /// A push endpoint answered with something else than success, did not answer, or is not there.
    Headline PushFailed "push_failed" {
        /// Of which message.
        record: Option<RecordId>,
        /// Of which subscription.
        subscription: Arc<str>,
        /// The HTTP status; nothing, where none came.
        status: Option<u16>,
        /// For how many milliseconds the subscription now pushes nothing.
        backoff_ms: u64,
    }
    /// A snapshot notes what a subscription has not acknowledged.
    Headline SnapshotCreated "snapshot_created" {
        /// Its name.
        snapshot: Arc<str>,
        /// Of which subscription.
        subscription: Arc<str>,
        /// How many messages are unacknowledged in it.
        unacknowledged: u64,
    }
    /// A snapshot is gone.
    Detail SnapshotDeleted "snapshot_deleted" {
        /// Its name.
        snapshot: Arc<str>,
    }
    /// A subscription was moved to a time or a snapshot.
    Headline Sought "sought" {
        /// Which.
        subscription: Arc<str>,
        /// How many messages that were acknowledged come again.
        back: u64,
        /// How many messages count as acknowledged by it.
        acknowledged: u64,
    }
    /// A streaming pull is open.
    Detail StreamOpened "stream_opened" {
        /// On which subscription.
        subscription: Arc<str>,
    }
    /// A streaming pull is closed; what it held stays hidden until its deadline.
    Detail StreamClosed "stream_closed" {
        /// On which subscription.
        subscription: Arc<str>,
        /// How many messages it held.
        held: u32,
    }
}
