//! How many messages a second NATS routes, with more and more subscriptions to other subjects, and
//! JetStream stores, delivers and has acknowledged, with more and more messages in the stream.
//!
//! `cargo bench -p systems --bench nats`. A measurement, not a test, except that what is delivered must
//! be right.

#[path = "common/turns.rs"]
mod turns;

use std::sync::Arc;
use systems::nats::{
    AckKind, Call, ConsumerConfig, Message, Nats, Pull, Reply, ReplyTo, Request, StreamConfig,
};
use systems::{Caller, Instant, Out, Server};

const SIZES: [u32; 4] = [0, 1_000, 100_000, 1_000_000];
const OPERATIONS: u32 = 100_000;

const PUBLISHER: Caller = caller(0);
const READER: Caller = caller(1);
const OTHERS: Caller = caller(2);

const fn caller(client: u8) -> Caller {
    let connection = 1;
    Caller { client, connection }
}

/// A server and what came of the last request.
#[derive(Default)]
struct Bench {
    nats: Nats,
    out: Out<Nats>,
}

impl Bench {
    fn send(&mut self, from: Caller, request: Request) {
        self.out.to.clear();
        self.out.facts.clear();
        self.nats.handle(Instant(0), from, request, &mut self.out);
    }

    fn subscribe(&mut self, from: Caller, sid: u32, subject: String, queue: Option<&str>) {
        let (subject, queue) = (subject.into(), queue.map(Into::into));
        self.send(
            from,
            Request::Subscribe {
                subject,
                queue,
                sid,
            },
        );
    }

    fn publish(&mut self, message: &Message) {
        let (message, reply) = (message.clone(), None);
        self.send(PUBLISHER, Request::Publish { message, reply });
    }
}

/// A server with other subscriptions than those that a message meets, which are three: an exact one, one
/// with a wildcard, and a queue group of so many.
fn core(others: u32, members: u32) -> Bench {
    let mut bench = Bench::default();
    for sid in 0..others {
        bench.subscribe(OTHERS, sid, format!("parcels.{}.moved", sid), None);
    }
    bench.subscribe(READER, 1, "orders.17".into(), None);
    bench.subscribe(READER, 2, "orders.*".into(), None);
    for sid in 0..members {
        bench.subscribe(READER, 3 + sid, "orders.>".into(), Some("workers"));
    }
    bench
}

/// Publishes to the three.
fn route(bench: &mut Bench) {
    let message = Message::new("orders.17", "an order came in");
    for _ in 0..OPERATIONS {
        bench.publish(&message);
        assert_eq!(bench.out.to.len(), 3);
    }
}

/// A stream with so many messages, and a pull consumer that has got none of them.
fn stream(waiting: u32) -> Bench {
    let mut bench = Bench::default();
    let call = Call::CreateStream(Box::new(StreamConfig::new("ORDERS", &["orders.>"])));
    bench.send(PUBLISHER, Request::Api { id: 1, call });
    let (stream, consumer): (Arc<str>, Arc<str>) = ("ORDERS".into(), "billing".into());
    let config = Box::new(ConsumerConfig::durable(&consumer));
    let call = Call::CreateConsumer {
        stream: stream.clone(),
        config,
    };
    bench.send(PUBLISHER, Request::Api { id: 2, call });
    bench.subscribe(READER, 1, "inbox".into(), None);
    let message = Message::new("orders.17", "an order came in");
    (0..waiting).for_each(|_| bench.publish(&message));
    bench
}

/// Publishes to the stream; the pull consumer gets a message and acknowledges it.
fn deliver(bench: &mut Bench) {
    let (stream, consumer): (Arc<str>, Arc<str>) = ("ORDERS".into(), "billing".into());
    let reply: Arc<str> = "inbox".into();
    let message = Message::new("orders.17", "an order came in");
    for _ in 0..OPERATIONS {
        bench.publish(&message);
        let pull = Pull {
            batch: 1,
            expires: None,
            no_wait: true,
            max_bytes: None,
        };
        let (stream, consumer, reply) = (stream.clone(), consumer.clone(), reply.clone());
        bench.send(
            READER,
            Request::Next {
                stream,
                consumer,
                reply,
                pull,
            },
        );
        let to = bench.out.to.drain(..).find_map(|(_, reply)| match reply {
            Reply::Message {
                reply: Some(ReplyTo::Ack(to)),
                ..
            } => Some(to),
            _ => None,
        });
        let (to, kind, reply) = (to.expect("a delivery"), AckKind::Ack, None);
        bench.send(READER, Request::Ack { to, kind, reply });
    }
}

fn main() {
    let named = |others: u32| (format!("{others} other subscriptions"), core(others, 1));
    turns::take_turns(
        "core: publish to three",
        OPERATIONS,
        &mut SIZES.map(named),
        |bench| turns::timed(|| route(bench)),
    );
    let named = |members: u32| (format!("{members} members"), core(0, members));
    let mut groups = [1, 10_000].map(named);
    turns::take_turns("core: a queue group", OPERATIONS, &mut groups, |bench| {
        turns::timed(|| route(bench))
    });
    let named = |waiting: u32| (format!("{waiting} in the stream"), stream(waiting));
    let what = "JetStream: publish, deliver, acknowledge";
    turns::take_turns(what, OPERATIONS, &mut SIZES.map(named), |bench| {
        turns::timed(|| deliver(bench))
    });
}
