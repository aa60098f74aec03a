//! What can happen at a topic and on the way to its endpoints.

use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A topic was created.
    Detail TopicCreated "topic_created" {
        /// Its name.
        topic: Arc<str>,
    }
    /// A topic was deleted, with all its subscriptions.
    Detail TopicDeleted "topic_deleted" {
        /// Its name.
        topic: Arc<str>,
    }
    /// An endpoint was subscribed to a topic; it gets what is published from now on.
    Headline Subscribed "subscribed" {
        /// The name of the topic.
        topic: Arc<str>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
    }
    /// An endpoint was asked to confirm its subscription; until it does it gets nothing.
    Headline ConfirmationAsked "confirmation_asked" {
        /// The name of the topic.
        topic: Arc<str>,
        /// The URL.
        endpoint: Arc<str>,
    }
    /// A subscription is no more.
    Headline Unsubscribed "unsubscribed" {
        /// The name of the topic.
        topic: Arc<str>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
    }
    /// An attribute of a subscription was set.
    Detail AttributeSet "attribute_set" {
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
        /// Which attribute.
        attribute: Arc<str>,
    }
    /// A topic took a message.
    Headline Published "published" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the topic.
        topic: Arc<str>,
        /// How many endpoints it is to be delivered to.
        endpoints: u32,
    }
    /// A message with this deduplication id was published within the last five minutes: the publisher
    /// is told that all is well, and nobody gets it.
    Headline Deduplicated "deduplicated" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the topic.
        topic: Arc<str>,
        /// The deduplication id.
        id: Arc<str>,
    }
    /// A filter policy kept a message from an endpoint.
    Headline FilteredOut "filtered_out" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
    }
    /// A message waits for an earlier one of its group that is not delivered yet.
    Detail HeldBack "held_back" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue.
        endpoint: Arc<str>,
        /// The message group.
        group: Arc<str>,
    }
    /// A message is on its way to an endpoint.
    Detail Attempted "attempted" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
        /// For which time, from 1.
        attempt: u32,
    }
    /// The endpoint has the message.
    Headline Delivered "delivered" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
        /// How many attempts it took.
        attempts: u32,
    }
    /// The endpoint could not be reached, or did not take the message.
    Headline DeliveryFailed "delivery_failed" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The error code.
        code: Arc<str>,
    }
    /// The delivery will be tried again.
    Detail WillRetry "will_retry" {
        /// Which.
        record: Option<RecordId>,
        /// The name of the queue or function, or the URL.
        endpoint: Arc<str>,
        /// After how long, in milliseconds.
        after_ms: u64,
    }
    /// The delivery was given up, and the message sent to the subscription's dead-letter queue.
    Headline DeadLettered "dead_lettered" {
        /// Which.
        record: Option<RecordId>,
        /// The endpoint that did not get it.
        endpoint: Arc<str>,
        /// The dead-letter queue.
        queue: Arc<str>,
    }
    /// The delivery was given up, and there is no dead-letter queue: the message is lost for this
    /// endpoint.
    Headline Discarded "discarded" {
        /// Which.
        record: Option<RecordId>,
        /// The endpoint that did not get it.
        endpoint: Arc<str>,
    }
    /// A request was refused.
    Headline Refused "refused" {
        /// The error code.
        code: Arc<str>,
    }
}
