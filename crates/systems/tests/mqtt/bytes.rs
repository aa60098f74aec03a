//! Any bytes, read as operations: nothing panics, and nothing that must hold is broken.

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use systems::mqtt::{
    Ack, Broker, Connect, Properties, Publish, Qos, ReasonCode, Request, RetainHandling, Session,
    Settings, Subscription, Version, Will, tools,
};
use systems::{Caller, Instant, Out, Server, Span};

#[derive(Arbitrary, Debug)]
enum Op {
    Send(u8, u8, Packet),
    Lose(u8, u8),
    Pass(u16),
    PassLong(u32),
    Fire,
}

#[derive(Arbitrary, Debug)]
enum Packet {
    Connect {
        version: bool,
        client_id: u8,
        clean_start: bool,
        keep_alive: u16,
        will: Option<(Text, u8, bool, u32, Option<u32>)>,
        session_expiry_interval: Option<u32>,
        receive_maximum: Option<u8>,
    },
    Publish {
        topic: Text,
        payload: Text,
        qos: u8,
        flags: u8,
        packet_id: Option<u8>,
        topic_alias: Option<u8>,
        expiry: Option<u32>,
    },
    Ack(u8, u8, bool),
    Subscribe(Vec<(Text, u8, u8)>, u8, Option<u32>),
    Unsubscribe(Vec<Text>, u8),
    Ping,
    Disconnect(bool, Option<u32>),
}

/// Topics, filters and payloads that often meet.
#[derive(Arbitrary, Debug)]
enum Text {
    Known(u8),
    Any(String),
}

impl Text {
    fn text(&self) -> Arc<str> {
        const KNOWN: [&str; 14] = [
            "a",
            "a/b",
            "#",
            "+",
            "a/#",
            "+/b",
            "",
            "$SYS/x",
            "$share/g/a",
            "$share/g/#",
            "/",
            "$share",
            "a//b",
            "$x/#",
        ];
        match self {
            Text::Known(number) => KNOWN[usize::from(*number) % KNOWN.len()].into(),
            Text::Any(text) => text.as_str().into(),
        }
    }
}

fn qos(number: u8) -> Qos {
    Qos::of(number % 3).unwrap_or_default()
}

fn request(packet: Packet) -> Request {
    match packet {
        Packet::Connect {
            version,
            client_id,
            clean_start,
            keep_alive,
            will,
            session_expiry_interval,
            receive_maximum,
        } => Request::Connect(Box::new(Connect {
            version: if version { Version::V5 } else { Version::V311 },
            client_id: ["", "a", "b", "c"][usize::from(client_id) % 4].into(),
            clean_start,
            keep_alive,
            will: will.map(|(topic, number, retain, delay, expiry)| Will {
                topic: topic.text(),
                payload: "will".into(),
                qos: qos(number),
                retain,
                delay_interval: delay,
                message_expiry_interval: expiry,
                properties: Properties::default(),
                record: None,
            }),
            session_expiry_interval,
            receive_maximum: receive_maximum.map(u16::from),
        })),
        Packet::Publish {
            topic,
            payload,
            qos: number,
            flags,
            packet_id,
            topic_alias,
            expiry,
        } => Request::Publish(Publish {
            topic: topic.text(),
            payload: payload.text(),
            qos: qos(number),
            retain: flags & 1 > 0,
            dup: flags & 2 > 0,
            packet_id: packet_id.map(u16::from),
            topic_alias: topic_alias.map(u16::from),
            message_expiry_interval: expiry,
            ..Publish::default()
        }),
        Packet::Ack(kind, packet_id, fails) => {
            let ack = Ack {
                reason: match fails {
                    true => ReasonCode::UnspecifiedError,
                    false => ReasonCode::Success,
                },
                ..Ack::of(u16::from(packet_id % 8))
            };
            match kind % 4 {
                0 => Request::Puback(ack),
                1 => Request::Pubrec(ack),
                2 => Request::Pubrel(ack),
                _ => Request::Pubcomp(ack),
            }
        }
        Packet::Subscribe(all, packet_id, identifier) => Request::Subscribe {
            packet_id: u16::from(packet_id),
            subscriptions: all
                .into_iter()
                .map(|(filter, number, options)| Subscription {
                    filter: filter.text(),
                    qos: qos(number),
                    no_local: options & 1 > 0,
                    retain_as_published: options & 2 > 0,
                    retain_handling: match options >> 6 {
                        0 => RetainHandling::IfNew,
                        1 => RetainHandling::Never,
                        _ => RetainHandling::Always,
                    },
                })
                .collect(),
            identifier,
        },
        Packet::Unsubscribe(filters, packet_id) => Request::Unsubscribe {
            packet_id: u16::from(packet_id),
            filters: filters.iter().map(Text::text).collect(),
        },
        Packet::Ping => Request::Pingreq,
        Packet::Disconnect(keeps_will, session_expiry_interval) => Request::Disconnect {
            reason: match keeps_will {
                true => ReasonCode::DisconnectWithWill,
                false => ReasonCode::Success,
            },
            session_expiry_interval,
        },
    }
}

/// How many messages are in flight to each client.
type InFlight = BTreeMap<String, usize>;

fn in_flight(broker: &Broker) -> InFlight {
    let count = |one: &Session| (one.client_id().to_owned(), one.outgoing().in_flight_count());
    broker.sessions().iter().map(count).collect()
}

/// What must hold after every step.
fn check(broker: &Broker, before: &InFlight) {
    for session in broker.sessions() {
        let ids = session.outgoing().packet_ids();
        let different: BTreeSet<u16> = ids.iter().copied().collect();
        assert_eq!(
            different.len(),
            ids.len(),
            "an identifier is in flight twice"
        );
        // A client may come back with a smaller window than it has in flight; nothing is added then.
        let window = usize::from(session.window());
        let had = before.get(session.client_id()).copied().unwrap_or(0);
        assert!(
            window == 0 || ids.len() <= window.max(had),
            "the window was passed"
        );
    }
    let names: BTreeSet<&str> = broker.sessions().iter().map(Session::client_id).collect();
    assert_eq!(
        names.len(),
        broker.sessions().len(),
        "a client id has two sessions"
    );
    assert!(tools::sys(broker).ends_with('\n'));
}

fn play(bytes: &[u8]) -> (Broker, usize) {
    let mut bytes = Unstructured::new(bytes);
    let settings = Settings {
        max_inflight_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        max_queued_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        queue_qos0_messages: bytes.arbitrary().unwrap_or(false),
        allow_duplicate_messages: bytes.arbitrary().unwrap_or(true),
        ..Settings::default()
    };
    let (mut broker, mut now, mut facts) = (Broker::new(settings, 0), Instant(0), 0);
    for _ in 0..200 {
        let Ok(op) = bytes.arbitrary::<Op>() else {
            break;
        };
        let mut out = Out::default();
        let before = in_flight(&broker);
        let caller = |client: u8, connection: u8| Caller {
            client: client % 4,
            connection: u16::from(connection % 3) + 1,
        };
        match op {
            Op::Send(client, connection, packet) => {
                broker.handle(now, caller(client, connection), request(packet), &mut out);
            }
            Op::Lose(client, connection) => {
                broker.disconnect(now, caller(client, connection), &mut out);
            }
            Op::Pass(ms) => now = now + Span::from_ms(u64::from(ms)),
            Op::PassLong(seconds) => now = now + Span::from_ms(u64::from(seconds) * 1_000),
            Op::Fire => {
                if let Some((at, due)) = broker.next_due() {
                    now = now.max(at);
                    broker.fire(now, due.clone(), &mut out);
                    let again = broker.clone();
                    broker.fire(now, due, &mut Out::default());
                    assert_eq!(broker, again, "what was fired is not due any more");
                }
            }
        }
        check(&broker, &before);
        facts += out.facts.len();
        if bytes.is_empty() {
            break;
        }
    }
    (broker, facts)
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert_eq!(play(&bytes), play(&bytes));
    }
}

#[test]
fn random_bytes_do_something() {
    let mut seed = explore::seed::Seed::new(1);
    let mut facts = 0;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..4_000).map(|_| seed.draw() as u8).collect();
        facts += play(&bytes).1;
    }
    assert!(facts > 1_000, "only {facts} facts");
}
