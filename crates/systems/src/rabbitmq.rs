//! RabbitMQ: exchanges that route, queues that keep, consumers that acknowledge.
//!
//! The broker speaks the methods of AMQP 0-9-1 with RabbitMQ's own additions. It behaves as one node
//! of a release that is a [setting](settings::Settings): 3.10, 3.13, 4.0 to 4.2, 4.3.
//!
//! ```
//! use systems::rabbitmq::{Answer, BasicPublish, Broker, Method, QueueDeclare, Request, Settings};
//! use systems::rabbitmq::Acknowledging::Manual;
//! use systems::{Caller, Instant, Out, Server};
//!
//! let mut broker = Broker::new(Settings::default());
//! let me = Caller { client: 0, connection: 1 };
//! let mut ask = |method| {
//!     let mut out = Out::default();
//!     let request = Request { channel: 1, method: Box::new(method) };
//!     broker.handle(Instant(0), me, request, &mut out);
//!     out.to.pop().map(|(_, reply)| *reply.answer)
//! };
//! ask(Method::ChannelOpen);
//! ask(Method::QueueDeclare(QueueDeclare::new("tasks")));
//! ask(Method::BasicPublish(BasicPublish::new("", "tasks", "hello")));
//! let got = ask(Method::BasicGet { queue: "tasks".into(), acknowledging: Manual });
//! let Some(Answer::BasicGetOk { delivery, message_count: 0 }) = got else { panic!("{got:?}") };
//! assert_eq!((&*delivery.message.body, delivery.redelivered), ("hello", false));
//! assert_eq!(ask(Method::BasicAck { delivery_tag: delivery.delivery_tag, multiple: false }), None);
//! ```
//!
//! M1. Nothing is done but by a request, a lost connection, or a due: a head that expires, a queue
//! nobody uses, a delivery nobody acknowledges. Source: documentation, "Time-To-Live and Expiration",
//! "Consumers". Shown by: rabbitmq-queue-ttl, the test `a_server_at_rest_announces_nothing`.
//!
//! Left out: clusters, replication and what it loses; policies and operator policies; flow control and
//! alarms; plugins (delayed exchange, consistent hash, MQTT, AMQP 1.0); sizes in memory and on disk.

mod binding;
mod client;
mod closing;
pub mod connection;
mod declaring;
mod delivering;
pub mod exchange;
mod explored;
pub mod fact;
pub mod headers;
pub mod inbox;
pub mod message;
pub mod method;
mod opening;
pub mod outbox;
mod publishing;
pub mod queue;
pub mod reply_code;
pub mod settings;
mod settling;
pub mod tools;
pub mod topic;
pub mod value;
mod work;

pub use client::{Acknowledges, Consumer, Failure, Published, Publisher};
pub use exchange::Kind;
pub use fact::Fact;
pub use inbox::Inbox;
pub use message::{Death, DeathOf, Deaths, DeliveryMode, Message, Properties, Reason};
pub use method::{
    Answer, BasicConsume, BasicPublish, Bind, Delivery, ExchangeDeclare, Method, QueueDeclare,
    Reply, Request,
};
pub use opening::Opening;
pub use outbox::Outbox;
pub use queue::arguments::{Arguments, QueueType};
pub use queue::consumers::{Acknowledging, Offset};
pub use reply_code::{Exception, ReplyCode};
pub use settings::{Settings, Version};
pub use value::{Table, Value};

use crate::party::{Caller, ClientId};
use crate::server::{Holder, Out, Server, Wait};
use connection::{Connections, Owner, delivery_tags};
use exchange::Exchanges;
use explore::slot::Slot;
use explore::time::Instant;
use queue::Queues;
use std::collections::VecDeque;
use std::sync::Arc;
use work::Work;

/// What RabbitMQ calls things.
pub const WORDS: crate::Words = crate::Words {
    item: "message",
    order: "key",
    channel: "exchange",
    subscription: "queue",
    taking: "being handed a message",
    settling: "the ack",
    settled: "acknowledged",
    carried: &["redelivered"],
};

/// The broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Broker {
    settings: Arc<Settings>,
    exchanges: Slot<Exchanges>,
    queues: Slot<Queues>,
    connections: Slot<Connections>,
}

crate::parts! {
    /// A part of the broker.
    #[derive(explore::Weigh)]
    pub enum Part of Broker {
        exchanges: Exchanges(Exchanges),
        queues: Queues(Queues),
        connections: Connections(Connections),
    }
}

/// What the broker does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// The head of a queue expires.
    HeadExpires {
        /// Which queue.
        queue: Arc<str>,
    },
    /// A queue is deleted, for nobody used it.
    QueueExpires {
        /// Which queue.
        queue: Arc<str>,
    },
    /// A delivery was not acknowledged in time.
    AcknowledgementTimesOut {
        /// Whose.
        caller: Caller,
        /// On which of its channels.
        channel: u16,
    },
}

impl Broker {
    /// A broker with nothing but the exchanges that are always there.
    pub fn new(settings: Settings) -> Broker {
        Broker {
            settings: Arc::new(settings),
            exchanges: Slot::default(),
            queues: Slot::default(),
            connections: Slot::default(),
        }
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Its exchanges with their bindings.
    pub fn exchanges(&self) -> &Exchanges {
        &self.exchanges
    }

    /// Its queues with their messages and consumers.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Its connections and channels.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The node stops and starts again: connections are lost, and what is not durable with them. In a
    /// classic queue only persistent messages are left.
    pub fn restart(&mut self, now: Instant, out: &mut Out<Broker>) {
        let connections = self.connections.list.iter();
        let callers: Vec<Caller> = connections.map(|one| one.caller).collect();
        // First those who consume, so that nothing is handed out to who is about to go.
        for queue in self.queues.by_name.values_mut() {
            queue.restart();
        }
        for caller in callers {
            self.disconnect(now, caller, out);
        }
        let queues = self.queues.by_name.values();
        let transient: Vec<Arc<str>> = queues
            .filter(|queue| !queue.durable)
            .map(|queue| queue.name.clone())
            .collect();
        let mut work = self.work(now, out);
        for queue in transient {
            work.delete_queue(&queue);
        }
        let exchanges = self.exchanges.by_name.iter();
        let transient: Vec<Arc<str>> = exchanges
            .filter(|(_, exchange)| !exchange.durable)
            .map(|(name, _)| name.clone())
            .collect();
        for exchange in transient {
            self.exchanges.delete(&exchange);
        }
        for queue in self.queues.by_name.values_mut() {
            queue.used(now);
        }
    }

    fn work<'a>(&'a mut self, now: Instant, out: &'a mut Out<Broker>) -> Work<'a> {
        Work {
            settings: &self.settings,
            exchanges: &mut self.exchanges,
            queues: &mut self.queues,
            connections: &mut self.connections,
            now,
            out,
            letters: VecDeque::new(),
        }
    }
}

impl Server for Broker {
    type Request = Request;
    type Reply = Reply;
    type Due = Due;
    type Fact = Fact;

    fn handle(&mut self, now: Instant, from: Caller, request: Request, out: &mut Out<Self>) {
        let owner = Owner {
            caller: from,
            channel: request.channel,
        };
        self.work(now, out).method(owner, *request.method);
    }

    fn dues(&self, _party: u8, each: &mut dyn FnMut(Instant, Due)) {
        let version = self.settings.version;
        for (name, queue) in &self.queues.by_name {
            if let Some(at) = queue.next_expiry(version) {
                let queue = name.clone();
                each(at, Due::HeadExpires { queue });
            }
            if let Some(at) = queue.deleted_at() {
                let queue = name.clone();
                each(at, Due::QueueExpires { queue });
            }
        }
        for (owner, _) in self.connections.channels() {
            let Some(at) = closing::first_timeout(&self.connections, owner) else {
                continue;
            };
            let due = Due::AcknowledgementTimesOut {
                caller: owner.caller,
                channel: owner.channel,
            };
            each(closing::look(at, self.settings.channel_tick_interval), due);
        }
    }

    fn fire(&mut self, now: Instant, due: Due, out: &mut Out<Self>) {
        let mut work = self.work(now, out);
        match due {
            Due::HeadExpires { queue } => work.heads_expired(&queue),
            Due::QueueExpires { queue } => work.queue_expired(&queue),
            Due::AcknowledgementTimesOut { caller, channel } => {
                work.acknowledgement_timed_out(Owner { caller, channel });
            }
        }
    }

    fn disconnect(&mut self, now: Instant, gone: Caller, out: &mut Out<Self>) {
        let mut work = self.work(now, out);
        work.connection_closed(gone, None);
        work.post();
    }

    fn takes_after_loss(&self) -> bool {
        false
    }

    fn cut(&self, from: Caller, request: &Request) -> Option<Fact> {
        closing::cut(&self.connections, &self.queues, from, request)
    }

    fn waits_for(&self, due: &Due) -> Wait {
        let Due::AcknowledgementTimesOut { caller, channel } = due else {
            return Wait::Nobody;
        };
        let owner = Owner {
            caller: *caller,
            channel: *channel,
        };
        let waiting = self.connections.channel(owner);
        let first = waiting.and_then(|channel| {
            let unacked = channel.unacked.iter();
            let timed = unacked.filter_map(|(tag, one)| Some((one.times_out?, *tag)));
            timed.min()
        });
        Wait::Work(Holder {
            client: ClientId(caller.client),
            holds: first.map(|(_, tag)| (delivery_tags(*channel), tag)),
        })
    }
}
