//! How many messages a second the MQTT broker takes, delivers and has acknowledged, with a thousand
//! waiting behind the window of a slow subscriber and with a million: what an operation costs must not
//! grow with what lies behind it.
//!
//! `cargo bench -p systems --bench mqtt`. A measurement, not a test.

#[path = "common/turns.rs"]
mod turns;

use systems::mqtt::{Ack, Broker, Connect, Publish, Qos, Reply, Request, Settings, Subscription};
use systems::{Caller, Instant, Out, Server};

const BACKLOGS: [u32; 2] = [1_000, 1_000_000];
const OPERATIONS: u32 = 20_000;

/// A broker with a publisher, a subscriber for which nothing waits, and one for which much does.
struct Filled {
    broker: Broker,
    out: Out<Broker>,
}

const PUBLISHER: Caller = caller(0);
const QUICK: Caller = caller(1);
const SLOW: Caller = caller(2);

const fn caller(client: u8) -> Caller {
    Caller {
        client,
        connection: 1,
    }
}

impl Filled {
    fn new(backlog: u32) -> Filled {
        let settings = Settings {
            max_queued_messages: 0,
            ..Settings::default()
        };
        let mut filled = Filled {
            broker: Broker::new(settings, 0),
            out: Out::default(),
        };
        for (who, name) in [(PUBLISHER, "publisher"), (QUICK, "quick"), (SLOW, "slow")] {
            let connect = Connect {
                client_id: name.into(),
                ..Connect::default()
            };
            filled.send(who, Request::Connect(Box::new(connect)));
        }
        for (who, filter) in [(QUICK, "orders/+"), (SLOW, "#")] {
            let subscription = Subscription {
                filter: filter.into(),
                qos: Qos::AtLeastOnce,
                ..Subscription::default()
            };
            let request = Request::Subscribe {
                packet_id: 1,
                subscriptions: vec![subscription],
                identifier: None,
            };
            filled.send(who, request);
        }
        // One that stays connected, and acknowledges nothing: the others wait behind its window.
        for _ in 0..backlog {
            filled.publish("parcels");
        }
        filled
    }

    fn send(&mut self, from: Caller, request: Request) {
        self.out.to.clear();
        self.out.facts.clear();
        self.broker.handle(Instant(0), from, request, &mut self.out);
    }

    fn publish(&mut self, topic: &str) {
        let publish = Publish {
            topic: topic.into(),
            payload: "a parcel was handed over".into(),
            qos: Qos::AtLeastOnce,
            packet_id: Some(1),
            ..Publish::default()
        };
        self.send(PUBLISHER, Request::Publish(publish));
    }

    /// Publishes, delivers and acknowledges so many messages, beside what waits and behind it.
    fn work(&mut self, operations: u32) {
        for _ in 0..operations {
            self.publish("orders/17");
            let delivered = self.out.to.iter().find_map(|(to, reply)| match reply {
                Reply::Publish(publish) if *to == QUICK => publish.packet_id,
                _ => None,
            });
            let packet_id = delivered.expect("the quick subscriber has room");
            self.send(QUICK, Request::Puback(Ack::of(packet_id)));
        }
        // The slow one takes as many, so that its backlog stays what it is.
        for _ in 0..operations {
            let session = self.broker.session("slow").expect("it is connected");
            let first = session.outgoing().packet_ids()[0];
            self.send(SLOW, Request::Puback(Ack::of(first)));
        }
    }
}

fn main() {
    let mut brokers = BACKLOGS.map(|backlog| (format!("{backlog} waiting"), Filled::new(backlog)));
    let what = "to two subscribers: publish, deliver, acknowledge";
    turns::take_turns(what, OPERATIONS, &mut brokers, |filled| {
        filled.work(OPERATIONS);
    });
}
