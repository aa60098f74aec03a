//! What a learner sees happen.

use crate::party::ClientId;
use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A core message went to its subscribers. With none it is gone: core NATS keeps nothing.
    Detail Routed "routed" {
        /// Which.
        record: Option<RecordId>,
        /// To which subject.
        subject: Arc<str>,
        /// How many subscriptions got it.
        receivers: u32,
    }
    /// A core message had no subscriber and no stream; it is lost.
    Headline Unheard "unheard" {
        /// Which.
        record: Option<RecordId>,
        /// To which subject.
        subject: Arc<str>,
    }
    /// A request had no responder; the requester is told at once with status 503.
    Headline NoResponders "no_responders" {
        /// Which.
        record: Option<RecordId>,
        /// To which subject.
        subject: Arc<str>,
    }
    /// A stream stored a message.
    Headline Stored "stored" {
        /// Which.
        record: Option<RecordId>,
        /// In which stream.
        stream: Arc<str>,
        /// Under which sequence.
        seq: u64,
    }
    /// A message had an id that the stream knows from its duplicate window; it is confirmed and not stored.
    Headline Duplicate "duplicate" {
        /// Which.
        record: Option<RecordId>,
        /// Of which stream.
        stream: Arc<str>,
        /// The sequence of the message that was stored first.
        seq: u64,
    }
    /// A stream refused a message.
    Headline Refused "refused" {
        /// Which.
        record: Option<RecordId>,
        /// Of which stream.
        stream: Arc<str>,
        /// The `err_code`.
        err_code: u16,
    }
    /// A message left its stream.
    Headline Removed "removed" {
        /// Which.
        record: Option<RecordId>,
        /// Of which stream.
        stream: Arc<str>,
        /// Its sequence.
        seq: u64,
        /// Why: `acked`, `limit`, `age`, `deleted` or `purged`.
        why: Arc<str>,
    }
    /// A consumer delivered a message.
    Headline Delivered "delivered" {
        /// Which.
        record: Option<RecordId>,
        /// Of which stream.
        stream: Arc<str>,
        /// By which consumer.
        consumer: Arc<str>,
        /// Its sequence.
        seq: u64,
        /// How often by now.
        deliveries: u64,
    }
    /// A receiver acknowledged a message.
    Headline Acked "acked" {
        /// Which.
        record: Option<RecordId>,
        /// To which consumer.
        consumer: Arc<str>,
        /// Its sequence.
        seq: u64,
    }
    /// A receiver gave a message back.
    Headline Naked "naked" {
        /// To which consumer.
        consumer: Arc<str>,
        /// Its sequence.
        seq: u64,
        /// After how many milliseconds it shall come again.
        delay_ms: u64,
    }
    /// A receiver asked for more time.
    Detail InProgress "in_progress" {
        /// Of which consumer.
        consumer: Arc<str>,
        /// Which sequence.
        seq: u64,
    }
    /// A receiver refused a message for good.
    Headline Terminated "terminated" {
        /// Of which consumer.
        consumer: Arc<str>,
        /// Which sequence.
        seq: u64,
    }
    /// Nobody acknowledged a message in time; it will be delivered again.
    Headline AckWaitOver "ack_wait_over" {
        /// Of which consumer.
        consumer: Arc<str>,
        /// Which sequence.
        seq: u64,
    }
    /// A message was delivered as often as it may be; an advisory says so and the message stays in its stream.
    Headline MaxDeliveries "max_deliveries" {
        /// Of which consumer.
        consumer: Arc<str>,
        /// Which sequence.
        seq: u64,
        /// How often it was delivered.
        deliveries: u64,
    }
    /// A pull request ended without being filled.
    Detail PullEnded "pull_ended" {
        /// Of which consumer.
        consumer: Arc<str>,
        /// With which status.
        status: u16,
    }
    /// A consumer that nobody used was deleted.
    Headline ConsumerGone "consumer_gone" {
        /// Of which stream.
        stream: Arc<str>,
        /// Which.
        consumer: Arc<str>,
    }
    /// A client did not read fast enough; its connection is closed and what waited for it is lost.
    Headline SlowConsumer "slow_consumer" {
        /// Which client.
        client: ClientId,
        /// How many bytes waited.
        bytes: u64,
    }
}
