//! What can happen in RabbitMQ.

use crate::fact::Leg;
use crate::party::{ClientId, ConsumerId};
use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A queue came into being.
    Detail QueueDeclared "queue_declared" {
        /// Which.
        queue: Arc<str>,
    }
    /// A queue is gone, with what was in it.
    Headline QueueDeleted "queue_removed" {
        /// Which.
        queue: Arc<str>,
        /// How many messages went with it.
        messages: u64,
    }
    /// Nobody used a queue for as long as `x-expires` says.
    Headline QueueExpired "queue_expired" {
        /// Which.
        queue: Arc<str>,
    }
    /// All ready messages of a queue were removed.
    Headline QueuePurged "queue_purged" {
        /// Which.
        queue: Arc<str>,
        /// How many messages.
        messages: u64,
    }
    /// An exchange came into being.
    Detail ExchangeDeclared "exchange_declared" {
        /// Which.
        exchange: Arc<str>,
    }
    /// An exchange is gone.
    Detail ExchangeDeleted "exchange_deleted" {
        /// Which.
        exchange: Arc<str>,
    }
    /// A binding leads from an exchange to a queue or another exchange.
    Detail Bound "bound" {
        /// From which exchange.
        exchange: Arc<str>,
        /// With which key.
        key: Arc<str>,
        /// To where.
        destination: Arc<str>,
    }
    /// A binding is gone.
    Detail Unbound "unbound" {
        /// From which exchange.
        exchange: Arc<str>,
        /// With which key.
        key: Arc<str>,
        /// To where.
        destination: Arc<str>,
    }
    /// A message was published and routed to these queues.
    Headline Routed "routed" {
        /// Which.
        record: Option<RecordId>,
        /// By which exchange.
        exchange: Arc<str>,
        /// To which queues.
        queues: Vec<Arc<str>>,
    }
    /// A message found no queue; nobody keeps it.
    Headline Unroutable "unroutable" {
        /// Which.
        record: Option<RecordId>,
        /// By which exchange.
        exchange: Arc<str>,
        /// With which key.
        key: Arc<str>,
    }
    /// A mandatory message found no queue and went back to its publisher.
    Headline Returned "message_returned" {
        /// Which.
        record: Option<RecordId>,
        /// To whom.
        client: ClientId,
    }
    /// A publisher was told that its message is safe.
    Detail Confirmed "confirmed" {
        /// Which.
        record: Option<RecordId>,
        /// Who.
        client: ClientId,
    }
    /// A publisher was told that its message was refused.
    Headline Nacked "nacked" {
        /// Which.
        record: Option<RecordId>,
        /// Who.
        client: ClientId,
    }
    /// A full queue refused a message.
    Headline PublishRejected "publish_rejected" {
        /// Which.
        record: Option<RecordId>,
        /// Which queue.
        queue: Arc<str>,
    }
    /// A message is ready in a queue.
    Detail Enqueued "enqueued" {
        /// Which.
        record: Option<RecordId>,
        /// Which queue.
        queue: Arc<str>,
    }
    /// A message was handed out.
    Headline Delivered "delivered" {
        /// Which.
        record: Option<RecordId>,
        /// From which queue.
        queue: Arc<str>,
        /// To whom.
        client: ClientId,
        /// Whether it had been handed out before.
        redelivered: bool,
        /// Whether it counts as acknowledged by being sent: the queue forgets it at once.
        auto_ack: bool,
    }
    /// A message was acknowledged: the queue forgets it.
    Headline Acknowledged "acked" {
        /// Which.
        record: Option<RecordId>,
        /// In which queue.
        queue: Arc<str>,
        /// By whom.
        client: ClientId,
    }
    /// A message went back to its queue.
    Headline Requeued "requeued" {
        /// Which.
        record: Option<RecordId>,
        /// Which queue.
        queue: Arc<str>,
        /// Who had it.
        client: ClientId,
    }
    /// A message died and was published to the queue's dead-letter exchange.
    Headline DeadLettered "dead_lettered" {
        /// Which.
        record: Option<RecordId>,
        /// In which queue it died.
        queue: Arc<str>,
        /// Of what: `rejected`, `expired`, `maxlen` or `delivery_limit`.
        reason: Arc<str>,
        /// To which queues it went.
        queues: Vec<Arc<str>>,
        /// Who had it; nobody, where it was ready or had just come.
        client: Option<ClientId>,
    }
    /// A message died in a queue that has no dead-letter exchange: it is gone.
    Headline Dropped "dropped" {
        /// Which.
        record: Option<RecordId>,
        /// In which queue.
        queue: Arc<str>,
        /// Of what.
        reason: Arc<str>,
        /// Who had it; nobody, where it was ready or had just come.
        client: Option<ClientId>,
    }
    /// A dead letter would have come back to a queue it died in, without anybody rejecting it: this
    /// copy is dropped.
    Headline CycleBroken "cycle_broken" {
        /// Which.
        record: Option<RecordId>,
        /// Which queue it would have come back to.
        queue: Arc<str>,
    }
    /// A consumer came to a queue.
    Headline ConsumerAdded "consumer_added" {
        /// Which queue.
        queue: Arc<str>,
        /// Whose.
        client: ClientId,
        /// Its tag.
        consumer_tag: Arc<str>,
    }
    /// A consumer left a queue.
    Headline ConsumerRemoved "consumer_removed" {
        /// Which queue.
        queue: Arc<str>,
        /// Whose.
        client: ClientId,
        /// Its tag.
        consumer_tag: Arc<str>,
    }
    /// The broker took a consumer away: its queue is gone, or it kept a message for too long.
    Headline ConsumerCancelled "consumer_cancelled" {
        /// Which queue.
        queue: Arc<str>,
        /// Whose.
        client: ClientId,
        /// Its tag.
        consumer_tag: Arc<str>,
    }
    /// A consumer that stood by is the active one now.
    Headline ConsumerActivated "consumer_activated" {
        /// Which queue.
        queue: Arc<str>,
        /// Its tag.
        consumer_tag: Arc<str>,
    }
    /// A delivery was not acknowledged in time.
    Headline AcknowledgementTimedOut "acknowledgement_timed_out" {
        /// Whose.
        client: ClientId,
        /// In which queue.
        queue: Arc<str>,
    }
    /// A channel was opened.
    Detail ChannelOpened "channel_opened" {
        /// Whose.
        client: ClientId,
        /// Its number.
        channel: u16,
    }
    /// A channel is closed; what it had not acknowledged is requeued.
    Headline ChannelClosed "channel_closed" {
        /// Whose.
        client: ClientId,
        /// Its number.
        channel: u16,
        /// The reply code; 200 is a farewell.
        code: u16,
    }
    /// A connection is closed or lost, with all its channels.
    Headline ConnectionClosed "connection_closed" {
        /// Whose.
        client: ClientId,
        /// The reply code; nothing, where it was lost.
        code: Option<u16>,
    }
    /// A client sends a method: what its library calls it, such as `basic.ack`.
    Detail MethodSent "method_sent" {
        /// Who.
        by: ClientId,
        /// Which method.
        method: Arc<str>,
        /// The message it is about, if it is about one.
        record: Option<RecordId>,
    }
    /// A message has come into the buffer of a client, and waits there for the program.
    Detail Buffered "buffered" {
        /// Whose.
        consumer: ConsumerId,
        /// Which.
        record: RecordId,
        /// Whether it had been handed out before.
        redelivered: bool,
    }
    /// What a client had sent to settle a message was under way when its connection broke: the broker
    /// does not read it any more.
    Headline SettlementLost "settlement_lost" {
        /// Who sent it.
        by: ClientId,
        /// Which method, such as `basic.ack`.
        method: Arc<str>,
        /// The message it is about; of several, the last.
        record: RecordId,
    }
    /// The library hands messages to the program.
    Headline Handed "handed" {
        /// Whose.
        consumer: ConsumerId,
        /// Which.
        records: Vec<RecordId>,
    }
    /// A program is not through with a message and gives it back.
    Headline GivenBack "given_back" {
        /// Whose.
        consumer: ConsumerId,
        /// Which.
        record: RecordId,
        /// Whether the queue is to hand it out again (`basic.nack`); else it dies (`basic.reject`).
        requeue: bool,
    }
    /// A client hears that its channel is gone: what its library had in its buffer is thrown away.
    Headline ChannelLost "channel_lost" {
        /// Whose.
        consumer: ConsumerId,
    }
    /// A program knows that its message is stored.
    Detail PublishConfirmed "publish_confirmed" {
        /// Whose.
        by: ClientId,
        /// Which.
        record: RecordId,
    }
    /// A publish, or the confirm of it, got lost with its connection's last bytes.
    Headline PublishLost "publish_lost" {
        /// Whose.
        by: ClientId,
        /// Which.
        record: RecordId,
        /// What got lost.
        what: Leg,
    }
}
