//! How many messages a second NATS routes, with more and more subscriptions to other subjects, and
//! JetStream stores, delivers and has acknowledged, with more and more messages in the stream.
//!
//! `cargo bench -p systems --bench nats`. A measurement, not a test, except that what is delivered must
//! be right. The figures are those of the fastest round: whatever else the machine does only makes it
//! slower.

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};
use systems::nats::{
    AckKind, Call, ConsumerConfig, Message, Nats, Pull, Reply, ReplyTo, Request, StreamConfig,
};
use systems::{Caller, Instant, Out, Server};

const SIZES: [u32; 4] = [0, 1_000, 100_000, 1_000_000];
const ROUNDS: u32 = 20;
const OPERATIONS: u32 = 5_000;

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

/// Prints how many messages a second there are in the fastest of some rounds.
fn report(what: &str, mut round: impl FnMut() -> Duration) {
    let fastest = (0..ROUNDS).map(|_| round()).min().unwrap_or_default();
    let a_second = f64::from(OPERATIONS) / fastest.as_secs_f64();
    println!("{what}: {a_second:>9.0} messages a second");
}

/// Publishes to three: an exact subscription, one with a wildcard and a queue group of so many.
fn core(others: u32, members: u32) {
    let mut bench = Bench::default();
    for sid in 0..others {
        bench.subscribe(OTHERS, sid, format!("parcels.{}.moved", sid), None);
    }
    bench.subscribe(READER, 1, "orders.17".into(), None);
    bench.subscribe(READER, 2, "orders.*".into(), None);
    for sid in 0..members {
        bench.subscribe(READER, 3 + sid, "orders.>".into(), Some("workers"));
    }
    let message = Message::new("orders.17", "an order came in");
    report(
        &format!("{others:>9} other subscriptions, a queue group of {members:>6}"),
        || {
            let begin = Clock::now();
            for _ in 0..OPERATIONS {
                bench.publish(&message);
                assert_eq!(bench.out.to.len(), 3);
            }
            begin.elapsed()
        },
    );
}

/// Publishes to a stream; a pull consumer gets each message and acknowledges it.
fn stream(waiting: u32) {
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
    let reply: Arc<str> = "inbox".into();
    report(&format!("{waiting:>9} in the stream"), || {
        let begin = Clock::now();
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
        begin.elapsed()
    });
}

fn main() {
    for others in SIZES {
        core(others, 1);
    }
    core(0, 10_000);
    for waiting in SIZES {
        stream(waiting);
    }
}
