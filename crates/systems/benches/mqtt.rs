//! How many messages a second the MQTT broker takes, delivers to two subscribers and has acknowledged by
//! both, with a thousand waiting behind the window of a slow subscriber and with a million: what an operation costs must not
//! grow with what lies behind it.
//!
//! `cargo bench -p systems --bench mqtt`. A measurement, not a test.

#[path = "common/turns.rs"]
mod turns;

use std::collections::VecDeque;
use std::sync::Arc;
use systems::mqtt::{Ack, Broker, Connect, Publish, Qos, Reply, Request, Settings, Subscription};
use systems::{Caller, Instant, Out, Server};

const BACKLOGS: [u32; 2] = [1_000, 1_000_000];
const OPERATIONS: u32 = 100_000;

/// A broker with a publisher, a subscriber for which nothing waits, and one for which much does.
struct Filled {
    broker: Broker,
    out: Out<Broker>,
    topics: [Arc<str>; 2],
    payload: Arc<str>,
    /// What the slow one has received and not acknowledged.
    slow: VecDeque<u16>,
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
            topics: ["parcels".into(), "orders/17".into()],
            payload: "a parcel was handed over".into(),
            slow: VecDeque::new(),
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
            filled.publish(0);
            filled.receive();
        }
        filled
    }

    fn send(&mut self, from: Caller, request: Request) {
        self.out.to.clear();
        self.out.facts.clear();
        self.broker.handle(Instant(0), from, request, &mut self.out);
    }

    fn publish(&mut self, topic: usize) {
        let publish = Publish {
            topic: self.topics[topic].clone(),
            payload: self.payload.clone(),
            qos: Qos::AtLeastOnce,
            packet_id: Some(1),
            ..Publish::default()
        };
        self.send(PUBLISHER, Request::Publish(publish));
    }

    /// What the quick one gets of the last step; the slow one keeps for later what it gets.
    fn receive(&mut self) -> Option<u16> {
        let mut quick = None;
        for (to, reply) in &self.out.to {
            if let Reply::Publish(Publish {
                packet_id: Some(id),
                ..
            }) = reply
            {
                match *to {
                    QUICK => quick = Some(*id),
                    _ => self.slow.push_back(*id),
                }
            }
        }
        quick
    }

    /// Publishes a message to both; the quick one acknowledges it at once, and the slow one its oldest, so
    /// that its backlog stays what it is.
    fn work(&mut self) {
        self.publish(1);
        let delivered = self.receive().expect("the quick subscriber has room");
        self.send(QUICK, Request::Puback(Ack::of(delivered)));
        let oldest = self.slow.pop_front().expect("its window is full");
        self.send(SLOW, Request::Puback(Ack::of(oldest)));
        assert_eq!(self.receive(), None);
    }
}

fn main() {
    let mut brokers = BACKLOGS.map(|backlog| (format!("{backlog} waiting"), Filled::new(backlog)));
    let what = "to two subscribers: publish, deliver, acknowledge";
    turns::take_turns(what, OPERATIONS, &mut brokers, |filled| {
        turns::timed(|| (0..OPERATIONS).for_each(|_| filled.work()))
    });
}
