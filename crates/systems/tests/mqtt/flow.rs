//! A publisher and a subscriber with correct client libraries, packets on their way, and connections
//! that break at any moment.

use crate::sequence;
use crate::table::{filter, kept, publish};
use arbitrary::{Result, Unstructured};
use std::collections::{BTreeSet, VecDeque};
use systems::mqtt::{Ack, Broker, Qos, Reply, Request, Settings, Version};
use systems::{Caller, Instant, Out, Server};

#[derive(Clone, Copy, Debug)]
enum Op {
    Publish,
    /// The broker takes the next packet of the publisher, or of the subscriber.
    Arrives(Side),
    /// The client reads its next packet.
    Reads(Side),
    /// The connection breaks, with all that is on its way.
    Breaks(Side),
    /// The client connects again, also while its old connection stands.
    Connects(Side),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Publisher,
    Subscriber,
}

/// What the publisher waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Acknowledgement,
    Completion,
}

#[derive(Default)]
struct Line {
    connection: u16,
    is_up: bool,
    to_broker: VecDeque<Request>,
    from_broker: VecDeque<Reply>,
}

struct Scene {
    broker: Broker,
    qos: Qos,
    version: Version,
    window: u16,
    publisher: Line,
    subscriber: Line,
    published: Vec<String>,
    unfinished: Vec<(u16, String, Stage)>,
    delivered: Vec<String>,
    held: BTreeSet<u16>,
}

impl Scene {
    fn new(qos: Qos, version: Version, window: u16) -> Scene {
        let settings = Settings {
            max_inflight_messages: window,
            ..Settings::default()
        };
        let mut scene = Scene {
            broker: Broker::new(settings, 0),
            qos,
            version,
            window,
            publisher: Line::default(),
            subscriber: Line::default(),
            published: Vec::new(),
            unfinished: Vec::new(),
            delivered: Vec::new(),
            held: BTreeSet::new(),
        };
        scene.connects(Side::Publisher);
        scene.connects(Side::Subscriber);
        scene.subscriber.to_broker.push_back(Request::Subscribe {
            packet_id: 1,
            subscriptions: vec![filter("t", qos)],
            identifier: None,
        });
        while scene.arrives(Side::Subscriber) {}
        scene
    }

    fn line(&mut self, side: Side) -> &mut Line {
        match side {
            Side::Publisher => &mut self.publisher,
            Side::Subscriber => &mut self.subscriber,
        }
    }

    fn caller(&mut self, side: Side) -> Caller {
        Caller {
            client: side as u8,
            connection: self.line(side).connection,
        }
    }

    fn keep(&mut self, out: Out<Broker>) {
        for (to, reply) in out.to {
            for side in [Side::Publisher, Side::Subscriber] {
                // What goes to an older connection is lost.
                if self.caller(side) == to {
                    self.line(side).from_broker.push_back(reply.clone());
                }
            }
        }
    }

    fn connects(&mut self, side: Side) {
        let line = self.line(side);
        line.connection += 1;
        line.is_up = true;
        line.to_broker.clear();
        line.from_broker.clear();
        let mut connect = match side {
            Side::Publisher => kept("publisher"),
            Side::Subscriber => kept("subscriber"),
        };
        connect.version = self.version;
        connect.session_expiry_interval = Some(u32::MAX);
        self.line(side)
            .to_broker
            .push_back(Request::Connect(Box::new(connect)));
        if side == Side::Publisher {
            for (id, payload, stage) in self.unfinished.clone() {
                let request = match stage {
                    Stage::Acknowledgement => {
                        let mut again = publish("t", &payload, self.qos, id);
                        again.dup = true;
                        Request::Publish(again)
                    }
                    Stage::Completion => Request::Pubrel(Ack::of(id)),
                };
                self.publisher.to_broker.push_back(request);
            }
        }
    }

    fn breaks(&mut self, side: Side) {
        let caller = self.caller(side);
        let line = self.line(side);
        if std::mem::take(&mut line.is_up) {
            line.to_broker.clear();
            line.from_broker.clear();
            let mut out = Out::default();
            self.broker.disconnect(Instant(0), caller, &mut out);
            self.keep(out);
        }
    }

    fn arrives(&mut self, side: Side) -> bool {
        let caller = self.caller(side);
        let Some(request) = self.line(side).to_broker.pop_front() else {
            return false;
        };
        let mut out = Out::default();
        self.broker.handle(Instant(0), caller, request, &mut out);
        self.keep(out);
        true
    }

    fn reads(&mut self, side: Side) -> bool {
        let Some(reply) = self.line(side).from_broker.pop_front() else {
            return false;
        };
        let answer = match side {
            Side::Publisher => self.publisher_reads(reply),
            Side::Subscriber => self.subscriber_reads(reply),
        };
        self.line(side).to_broker.extend(answer);
        true
    }

    fn publisher_reads(&mut self, reply: Reply) -> Option<Request> {
        match reply {
            Reply::Puback(ack) | Reply::Pubcomp(ack) => {
                self.unfinished.retain(|(id, ..)| *id != ack.packet_id);
                None
            }
            Reply::Pubrec(ack) => {
                let mut all = self.unfinished.iter_mut();
                let of = all.find(|(id, ..)| *id == ack.packet_id)?;
                of.2 = Stage::Completion;
                Some(Request::Pubrel(Ack::of(ack.packet_id)))
            }
            Reply::Connack(_) => None,
            other => panic!("the publisher got {other:?}"),
        }
    }

    fn subscriber_reads(&mut self, reply: Reply) -> Option<Request> {
        match reply {
            Reply::Publish(publish) => {
                let payload = publish.payload.to_string();
                let ack = Ack::of(publish.packet_id.expect("QoS 1 and 2 have one"));
                if self.qos == Qos::AtLeastOnce {
                    self.delivered.push(payload);
                    return Some(Request::Puback(ack));
                }
                if self.held.insert(ack.packet_id) {
                    self.delivered.push(payload);
                } else {
                    assert!(publish.dup, "an identifier came twice and is no repetition");
                }
                Some(Request::Pubrec(ack))
            }
            Reply::Pubrel(ack) => {
                self.held.remove(&ack.packet_id);
                Some(Request::Pubcomp(ack))
            }
            Reply::Connack(_) | Reply::Suback { .. } => None,
            other => panic!("the subscriber got {other:?}"),
        }
    }

    fn publish(&mut self) {
        // A publisher keeps to what the broker takes at once.
        if self.publisher.is_up && self.unfinished.len() < usize::from(self.window) {
            let id = self.published.len() as u16 + 1;
            let payload = id.to_string();
            let packet = publish("t", &payload, self.qos, id);
            self.published.push(payload.clone());
            self.unfinished.push((id, payload, Stage::Acknowledgement));
            self.publisher.to_broker.push_back(Request::Publish(packet));
        }
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Publish => self.publish(),
            Op::Arrives(side) => _ = self.arrives(side),
            Op::Reads(side) => _ = self.reads(side),
            Op::Breaks(side) => self.breaks(side),
            Op::Connects(side) => self.connects(side),
        }
        self.check();
    }

    fn check(&self) {
        for session in self.broker.sessions() {
            let ids = session.outgoing().packet_ids();
            let different: BTreeSet<u16> = ids.iter().copied().collect();
            assert_eq!(
                different.len(),
                ids.len(),
                "an identifier is in flight twice"
            );
            assert!(
                ids.len() <= usize::from(session.window()),
                "the window was passed"
            );
            assert!(!ids.contains(&0));
        }
    }

    /// Everything that is under way comes to its end.
    fn finish(&mut self) {
        for side in [Side::Publisher, Side::Subscriber] {
            self.breaks(side);
            self.connects(side);
        }
        let mut goes_on = true;
        while goes_on {
            goes_on = false;
            for side in [Side::Publisher, Side::Subscriber] {
                goes_on |= self.arrives(side) | self.reads(side);
                self.check();
            }
        }
        assert_eq!(self.unfinished, []);
        for session in self.broker.sessions() {
            assert_eq!(session.outgoing().in_flight_count(), 0);
            assert_eq!(session.outgoing().queued_count(), 0);
            assert_eq!(session.incoming().count(), 0);
        }
    }
}

impl Op {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        let side = *bytes.choose(&[Side::Publisher, Side::Subscriber])?;
        Ok(match bytes.int_in_range(0..=23_u8)? {
            0..=5 => Op::Publish,
            6..=13 => Op::Arrives(side),
            14..=21 => Op::Reads(side),
            22 => Op::Breaks(side),
            _ => Op::Connects(side),
        })
    }
}

/// With QoS 2 each message comes exactly once across reconnects, in order; with QoS 1 at least once.
pub fn run(is_qos_2: bool, bytes: &mut Unstructured<'_>) {
    let qos = match is_qos_2 {
        true => Qos::ExactlyOnce,
        false => Qos::AtLeastOnce,
    };
    let version = *bytes
        .choose(&[Version::V311, Version::V5])
        .unwrap_or(&Version::V5);
    let window = bytes.int_in_range(1..=4).unwrap_or(1);
    let mut scene = Scene::new(qos, version, window);
    let ops = sequence::decode(bytes, 120, Op::of);
    sequence::each(&ops, |op| scene.step(*op));
    scene.finish();
    if is_qos_2 {
        assert_eq!(scene.delivered, scene.published);
    } else {
        let delivered: BTreeSet<String> = scene.delivered.into_iter().collect();
        let published: BTreeSet<String> = scene.published.into_iter().collect();
        assert_eq!(delivered, published);
    }
}

/// Publishes with QoS 1 and no failures; each message comes once and in order.
pub fn run_without_failures(count: usize, window: u16) {
    let mut scene = Scene::new(Qos::AtLeastOnce, Version::V311, window);
    for _ in 0..count {
        scene.publish();
        scene.step(Op::Arrives(Side::Publisher));
        scene.step(Op::Reads(Side::Publisher));
    }
    // The subscriber reads nothing before: its window is full, and the others wait.
    let mut goes_on = true;
    while goes_on {
        goes_on = scene.reads(Side::Subscriber)
            | scene.arrives(Side::Subscriber)
            | scene.reads(Side::Publisher)
            | scene.arrives(Side::Publisher);
        scene.check();
    }
    assert_eq!(scene.delivered, scene.published);
}
