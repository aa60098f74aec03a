//! What clients and the broker say to each other: the methods of AMQP 0-9-1 with RabbitMQ's own.
//!
//! Left out: transactions (`tx.*`), `basic.recover-async`, flow control, heartbeats, the handshake of a
//! connection (a connection is there with its first method), virtual hosts other than `/`, users and
//! permissions, `immediate` and `no-local` (which the broker does not do either), `no-wait`.

mod wire;

use super::message::{Message, Properties};
use super::queue::arguments::Arguments;
use super::queue::consumers::{Acknowledging, Offset};
use super::reply_code::Exception;
use super::value::Table;
use crate::record::RecordId;
use explore::Weigh;
use std::sync::Arc;

/// A method on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Request {
    /// On which channel.
    pub channel: u16,
    /// What.
    pub method: Box<Method>,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Method {
    /// `connection.close`: farewell.
    ConnectionClose,
    /// `channel.open`.
    ChannelOpen,
    /// `channel.close`: what it has not acknowledged is requeued.
    ChannelClose,
    /// `channel.close-ok`: the client has seen that the broker closed the channel.
    ChannelCloseOk,
    /// `exchange.declare`.
    ExchangeDeclare(ExchangeDeclare),
    /// `exchange.delete`.
    ExchangeDelete {
        /// Which.
        exchange: Arc<str>,
        /// Only if it is the source of no binding.
        if_unused: bool,
    },
    /// `exchange.bind`: messages go on from one exchange to another.
    ExchangeBind(Bind),
    /// `exchange.unbind`.
    ExchangeUnbind(Bind),
    /// `queue.declare`.
    QueueDeclare(QueueDeclare),
    /// `queue.bind`.
    QueueBind(Bind),
    /// `queue.unbind`.
    QueueUnbind(Bind),
    /// `queue.purge`: away with all that is ready.
    QueuePurge {
        /// Which.
        queue: Arc<str>,
    },
    /// `queue.delete`.
    QueueDelete {
        /// Which.
        queue: Arc<str>,
        /// Only if it has no consumers.
        if_unused: bool,
        /// Only if nothing is ready.
        if_empty: bool,
    },
    /// `basic.qos`: the prefetch of consumers that come, or with `global` of the whole channel.
    BasicQos {
        /// How many; 0 is no limit.
        prefetch_count: u16,
        /// Whether it is for all consumers of the channel together.
        global: bool,
    },
    /// `basic.consume`.
    BasicConsume(BasicConsume),
    /// `basic.cancel`: no more deliveries; those under way stay with the channel.
    BasicCancel {
        /// Whose.
        consumer_tag: Arc<str>,
    },
    /// `basic.publish`.
    BasicPublish(BasicPublish),
    /// `basic.get`: one message, now.
    BasicGet {
        /// From where.
        queue: Arc<str>,
        /// Whether it is acknowledged.
        acknowledging: Acknowledging,
    },
    /// `basic.ack`: done.
    BasicAck {
        /// Which delivery.
        delivery_tag: u64,
        /// With all earlier ones of the channel.
        multiple: bool,
    },
    /// `basic.reject`.
    BasicReject {
        /// Which delivery.
        delivery_tag: u64,
        /// Whether it goes back to its queue.
        requeue: bool,
    },
    /// `basic.nack`.
    BasicNack {
        /// Which delivery.
        delivery_tag: u64,
        /// With all earlier ones of the channel.
        multiple: bool,
        /// Whether they go back to their queues.
        requeue: bool,
    },
    /// `basic.recover`: all that the channel has not acknowledged goes back.
    BasicRecover {
        /// False is not implemented.
        requeue: bool,
    },
    /// `confirm.select`: the broker confirms every publish from now on.
    ConfirmSelect,
}

/// `exchange.declare`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct ExchangeDeclare {
    /// Its name.
    pub exchange: Arc<str>,
    /// Its kind: `direct`, `fanout`, `topic` or `headers`.
    pub kind: Arc<str>,
    /// Only ask whether it is there.
    pub passive: bool,
    /// Whether it outlives a restart.
    pub durable: bool,
    /// Whether it goes with its last binding.
    pub auto_delete: bool,
    /// Whether publishers are refused.
    pub internal: bool,
    /// `alternate-exchange`: where messages go that it has no destination for.
    pub alternate_exchange: Option<Arc<str>>,
}

impl ExchangeDeclare {
    /// A durable exchange.
    pub fn new(exchange: impl Into<Arc<str>>, kind: impl Into<Arc<str>>) -> Self {
        ExchangeDeclare {
            exchange: exchange.into(),
            kind: kind.into(),
            passive: false,
            durable: true,
            auto_delete: false,
            internal: false,
            alternate_exchange: None,
        }
    }
}

/// A binding, or its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Bind {
    /// The queue or the exchange messages go to.
    pub destination: Arc<str>,
    /// The exchange they come from.
    pub source: Arc<str>,
    /// With which key.
    pub routing_key: Arc<str>,
    /// What a headers exchange compares.
    pub arguments: Table,
}

/// `queue.declare`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct QueueDeclare {
    /// Its name; the broker makes one up for an empty one.
    pub queue: Arc<str>,
    /// Only ask whether it is there.
    pub passive: bool,
    /// Whether it outlives a restart.
    pub durable: bool,
    /// Whether it belongs to this connection and goes with it.
    pub exclusive: bool,
    /// Whether it goes with its last consumer.
    pub auto_delete: bool,
    /// All else.
    pub arguments: Arguments,
}

impl QueueDeclare {
    /// A durable classic queue.
    pub fn new(queue: impl Into<Arc<str>>) -> Self {
        QueueDeclare {
            queue: queue.into(),
            passive: false,
            durable: true,
            exclusive: false,
            auto_delete: false,
            arguments: Arguments::default(),
        }
    }
}

/// `basic.consume`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct BasicConsume {
    /// From where.
    pub queue: Arc<str>,
    /// The consumer's name on the channel; the broker makes one up for an empty one.
    pub consumer_tag: Arc<str>,
    /// Whether it acknowledges.
    pub acknowledging: Acknowledging,
    /// Whether it wants to be alone.
    pub exclusive: bool,
    /// `x-priority`: consumers of a higher one come first.
    pub priority: i32,
    /// `x-consumer-timeout`: its acknowledgement timeout in milliseconds (from 4.3 on).
    pub timeout: Option<u64>,
    /// `x-stream-offset`: where in a stream it begins.
    pub offset: Offset,
}

impl BasicConsume {
    /// A consumer that acknowledges.
    pub fn new(queue: impl Into<Arc<str>>, consumer_tag: impl Into<Arc<str>>) -> Self {
        BasicConsume {
            queue: queue.into(),
            consumer_tag: consumer_tag.into(),
            acknowledging: Acknowledging::Manual,
            exclusive: false,
            priority: 0,
            timeout: None,
            offset: Offset::default(),
        }
    }
}

/// `basic.publish`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct BasicPublish {
    /// To which exchange; the default one has an empty name.
    pub exchange: Arc<str>,
    /// With which key.
    pub routing_key: Arc<str>,
    /// Whether it comes back when there is no queue for it.
    pub mandatory: bool,
    /// Its properties.
    pub properties: Properties,
    /// Its body.
    pub body: Arc<str>,
    /// Which message of a scene it is.
    pub record: Option<RecordId>,
}

impl BasicPublish {
    /// A persistent message.
    pub fn new(
        exchange: impl Into<Arc<str>>,
        routing_key: impl Into<Arc<str>>,
        body: impl Into<Arc<str>>,
    ) -> Self {
        BasicPublish {
            exchange: exchange.into(),
            routing_key: routing_key.into(),
            mandatory: false,
            properties: Properties::default(),
            body: body.into(),
            record: None,
        }
    }
}

/// What the broker says on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Reply {
    /// On which channel; 0 is the connection itself.
    pub channel: u16,
    /// What.
    pub answer: Box<Answer>,
}

/// What the broker says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Answer {
    /// `channel.open-ok`.
    ChannelOpenOk,
    /// `channel.close-ok`.
    ChannelCloseOk,
    /// `connection.close-ok`.
    ConnectionCloseOk,
    /// `channel.close`: an error ended the channel.
    ChannelClose(Exception),
    /// `connection.close`: an error ended the connection.
    ConnectionClose(Exception),
    /// `exchange.declare-ok`.
    ExchangeDeclareOk,
    /// `exchange.delete-ok`.
    ExchangeDeleteOk,
    /// `exchange.bind-ok` or `queue.bind-ok`.
    BindOk,
    /// `exchange.unbind-ok` or `queue.unbind-ok`.
    UnbindOk,
    /// `queue.declare-ok`.
    QueueDeclareOk {
        /// Its name.
        queue: Arc<str>,
        /// How many messages are ready.
        message_count: u64,
        /// How many consumers it has.
        consumer_count: u64,
    },
    /// `queue.purge-ok`.
    QueuePurgeOk {
        /// How many messages went.
        message_count: u64,
    },
    /// `queue.delete-ok`.
    QueueDeleteOk {
        /// How many messages were ready.
        message_count: u64,
    },
    /// `basic.qos-ok`.
    BasicQosOk,
    /// `basic.consume-ok`.
    BasicConsumeOk {
        /// The consumer's tag.
        consumer_tag: Arc<str>,
    },
    /// `basic.cancel-ok`.
    BasicCancelOk {
        /// The consumer's tag.
        consumer_tag: Arc<str>,
    },
    /// `basic.cancel` from the broker: the queue is gone, or its patience.
    BasicCancel {
        /// The consumer's tag.
        consumer_tag: Arc<str>,
    },
    /// `basic.deliver`.
    BasicDeliver {
        /// The consumer's tag.
        consumer_tag: Arc<str>,
        /// The message.
        delivery: Delivery,
    },
    /// `basic.get-ok`.
    BasicGetOk {
        /// The message.
        delivery: Delivery,
        /// How many are still ready.
        message_count: u64,
    },
    /// `basic.get-empty`.
    BasicGetEmpty,
    /// `basic.recover-ok`.
    BasicRecoverOk,
    /// `confirm.select-ok`.
    ConfirmSelectOk,
    /// `basic.return`: a mandatory message had no queue to go to.
    BasicReturn {
        /// 312 NO_ROUTE.
        reason: Exception,
        /// The message.
        message: Arc<Message>,
    },
    /// `basic.ack` from the broker: a publish is confirmed.
    Confirmed {
        /// The number of the publish on its channel, from 1.
        delivery_tag: u64,
    },
    /// `basic.nack` from the broker: a publish was refused.
    Refused {
        /// The number of the publish on its channel, from 1.
        delivery_tag: u64,
    },
}

/// A message on its way to a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Delivery {
    /// By which it is acknowledged on this channel.
    pub delivery_tag: u64,
    /// Whether it had been handed out before.
    pub redelivered: bool,
    /// The message.
    pub message: Arc<Message>,
    /// `x-delivery-count` (quorum queues).
    pub delivery_count: Option<u32>,
    /// `x-acquired-count` (quorum queues from 4.0 on).
    pub acquired_count: Option<u32>,
    /// `x-stream-offset`.
    pub offset: Option<u64>,
}
