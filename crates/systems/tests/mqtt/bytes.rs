//! Any bytes, read as operations: nothing panics, and nothing that must hold is broken.

use arbitrary::{Result, Unstructured};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use systems::mqtt::{
    Ack, Broker, Connect, Fact, Properties, Publish, Qos, ReasonCode, Release, Request,
    RetainHandling, Session, Settings, Subscription, Version, Will, tools,
};
use systems::{Caller, Instant, Out, Parts, Server, Span, Visitor};

#[derive(Clone, Debug)]
enum Op {
    Send(u8, u8, Request),
    Lose(u8, u8),
    Pass(Span),
    Fire,
}

/// One of `all`, mostly the first ones.
fn one<'a, T>(bytes: &mut Unstructured, all: &'a [T]) -> Result<&'a T> {
    let (a, b) = (
        bytes.choose_index(all.len())?,
        bytes.choose_index(all.len())?,
    );
    Ok(&all[a.min(b)])
}

fn topic(bytes: &mut Unstructured) -> Result<Arc<str>> {
    let known = ["a", "a/b", "", "/", "a//b", "$x/a", "$SYS/x", "a/+", "long"];
    Ok(match *one(bytes, &known)? {
        "long" => "/".repeat(usize::from(bytes.arbitrary::<u8>()?)).into(),
        known => known.into(),
    })
}

fn filter(bytes: &mut Unstructured) -> Result<Arc<str>> {
    let known = [
        "a",
        "#",
        "a/b",
        "+",
        "a/#",
        "$share/g/a",
        "$share/g/#",
        "+/b",
        "$x/#",
        "$SYS/#",
        "$share",
        "$share/g",
        "",
        "a+",
        "#/a",
    ];
    Ok((*one(bytes, &known)?).into())
}

fn qos(bytes: &mut Unstructured) -> Result<Qos> {
    Ok(*bytes.choose(&[Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce])?)
}

/// Short, long, for ever, or not said.
fn interval(bytes: &mut Unstructured) -> Result<Option<u32>> {
    let interval = u32::from(bytes.arbitrary::<u8>()?);
    Ok(*one(
        bytes,
        &[None, Some(interval), Some(0), Some(u32::MAX)],
    )?)
}

fn connect(bytes: &mut Unstructured, client: u8) -> Result<Request> {
    let own = ["x", "y", "z"][usize::from(client % 3)];
    let will = match bytes.ratio(1_u8, 3_u8)? {
        false => None,
        true => Some(Will {
            topic: topic(bytes)?,
            payload: "will".into(),
            qos: qos(bytes)?,
            retain: bytes.arbitrary()?,
            delay_interval: interval(bytes)?.unwrap_or(0),
            message_expiry_interval: interval(bytes)?,
            properties: Properties::default(),
            record: None,
        }),
    };
    Ok(Request::Connect(Box::new(Connect {
        version: *bytes.choose(&[Version::V311, Version::V5])?,
        client_id: (*one(bytes, &[own, own, own, "x", ""])?).into(),
        clean_start: bytes.ratio(1_u8, 4_u8)?,
        keep_alive: *one(bytes, &[0, 60, 1, u16::MAX])?,
        will,
        session_expiry_interval: interval(bytes)?,
        receive_maximum: *one(bytes, &[None, Some(1), Some(3), Some(u16::MAX), Some(0)])?,
    })))
}

fn packet(bytes: &mut Unstructured, client: u8) -> Result<Request> {
    let packet_id = *one(bytes, &[1_u16, 2, 3, 4, 5, u16::MAX, 0])?;
    Ok(match bytes.int_in_range(0_u8..=17)? {
        0..=2 => connect(bytes, client)?,
        3..=8 => {
            let qos = qos(bytes)?;
            let is_numbered = (qos != Qos::AtMostOnce) != bytes.ratio(1_u8, 30_u8)?;
            Request::Publish(Publish {
                topic: topic(bytes)?,
                payload: (*one(bytes, &["p", "q", ""])?).into(),
                qos,
                retain: bytes.ratio(1_u8, 4_u8)?,
                dup: qos != Qos::AtMostOnce && bytes.arbitrary()?,
                packet_id: is_numbered.then_some(packet_id),
                topic_alias: *one(bytes, &[None, None, Some(1), Some(0), Some(u16::MAX)])?,
                message_expiry_interval: interval(bytes)?,
                ..Publish::default()
            })
        }
        9..=13 => {
            let ack = Ack {
                reason: *one(bytes, &[ReasonCode::Success, ReasonCode::QuotaExceeded])?,
                ..Ack::of(packet_id)
            };
            let kinds: [fn(Ack) -> Request; 4] = [
                Request::Pubrel,
                Request::Puback,
                Request::Pubrec,
                Request::Pubcomp,
            ];
            bytes.choose(&kinds)?(ack)
        }
        14 | 15 => {
            let mut subscriptions = Vec::new();
            for _ in 0..*one(bytes, &[1, 2, 0])? {
                let handling = [
                    RetainHandling::Always,
                    RetainHandling::IfNew,
                    RetainHandling::Never,
                ];
                subscriptions.push(Subscription {
                    filter: filter(bytes)?,
                    qos: qos(bytes)?,
                    no_local: bytes.ratio(1_u8, 4_u8)?,
                    retain_as_published: bytes.arbitrary()?,
                    retain_handling: *bytes.choose(&handling)?,
                });
            }
            Request::Subscribe {
                packet_id,
                subscriptions,
                identifier: *one(bytes, &[None, Some(7), Some(0), Some(u32::MAX)])?,
            }
        }
        16 => Request::Unsubscribe {
            packet_id,
            filters: vec![filter(bytes)?],
        },
        _ => match bytes.arbitrary()? {
            true => Request::Pingreq,
            false => Request::Disconnect {
                reason: *bytes.choose(&[ReasonCode::Success, ReasonCode::DisconnectWithWill])?,
                session_expiry_interval: interval(bytes)?,
            },
        },
    })
}

fn op(bytes: &mut Unstructured) -> Result<Op> {
    let (client, connection) = (bytes.int_in_range(0..=2)?, *one(bytes, &[0, 1, 2])?);
    Ok(match bytes.int_in_range(0_u8..=23)? {
        0 => Op::Lose(client, connection),
        1 => Op::Pass(Span::from_ms(u64::from(bytes.arbitrary::<u16>()?))),
        2 if bytes.ratio(1_u8, 8_u8)? => {
            Op::Pass(Span::from_ms(u64::from(bytes.arbitrary::<u32>()?) * 1_000))
        }
        3 => Op::Fire,
        _ => Op::Send(client, connection, packet(bytes, client)?),
    })
}

/// How many messages are in flight to each client.
type InFlight = BTreeMap<String, usize>;

fn in_flight(broker: &Broker) -> InFlight {
    let count = |one: &Session| (one.client_id().to_owned(), one.outgoing().in_flight_count());
    broker.sessions().into_iter().map(count).collect()
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
        let keeps_window = broker.settings().release >= Release::KEEPS_WINDOW;
        let had = before.get(session.client_id()).copied().unwrap_or(0);
        assert!(
            !keeps_window || window == 0 || ids.len() <= window.max(had),
            "the window was passed"
        );
    }
    let names: BTreeSet<&str> = broker
        .sessions()
        .into_iter()
        .map(Session::client_id)
        .collect();
    assert_eq!(
        names.len(),
        broker.sessions().len(),
        "a client id has two sessions"
    );
    assert!(tools::sys(broker).ends_with('\n'));
}

/// Operations, and the settings they run on.
fn decode(bytes: &[u8]) -> (Settings, Vec<Op>) {
    let mut bytes = Unstructured::new(bytes);
    let settings = Settings {
        max_inflight_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        max_queued_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        queue_qos0_messages: bytes.arbitrary().unwrap_or(false),
        release: Release(*one(&mut bytes, &[22, 11, 12]).unwrap_or(&22)),
        allow_duplicate_messages: bytes.arbitrary().unwrap_or(false),
        ..Settings::default()
    };
    let mut ops = Vec::new();
    while ops.len() < 200 && !bytes.is_empty() {
        ops.extend(op(&mut bytes));
    }
    (settings, ops)
}

/// A broker and the time on it; connections have numbers from one above `offset`.
#[derive(Clone, Debug, PartialEq)]
struct Run {
    broker: Broker,
    now: Instant,
    offset: u16,
}

impl Run {
    fn new(settings: Settings) -> Run {
        Run {
            broker: Broker::new(settings, 0),
            now: Instant(0),
            offset: 0,
        }
    }

    fn caller(&self, client: u8, connection: u8) -> Caller {
        Caller {
            client,
            connection: self.offset + u16::from(connection) + 1,
        }
    }

    fn step(&mut self, op: &Op) -> Out<Broker> {
        let mut out = Out::default();
        let before = in_flight(&self.broker);
        match op.clone() {
            Op::Send(client, connection, request) => {
                let caller = self.caller(client, connection);
                self.broker.handle(self.now, caller, request, &mut out);
            }
            Op::Lose(client, connection) => {
                let caller = self.caller(client, connection);
                self.broker.disconnect(self.now, caller, &mut out);
            }
            Op::Pass(span) => self.now = self.now + span,
            Op::Fire => {
                if let Some((at, due)) = self.broker.next_due() {
                    self.now = self.now.max(at);
                    self.broker.fire(self.now, due.clone(), &mut out);
                    let again = self.broker.clone();
                    self.broker.fire(self.now, due, &mut Out::default());
                    assert_eq!(self.broker, again, "what was fired is not due any more");
                }
            }
        }
        check(&self.broker, &before);
        out
    }
}

/// Moves all times, and numbers all connections from another one.
struct Moved;

const LATER: Span = Span(3_600_000_000);
const OFFSET: u16 = 100;

impl Visitor for Moved {
    fn instant(&mut self, at: &mut Instant) {
        *at = *at + LATER;
    }
    fn process(&mut self, _: u8, number: &mut u16) {
        *number += OFFSET;
    }
}

proptest! {
    #[test]
    fn any_bytes_are_taken_and_always_alike(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (settings, ops) = decode(&bytes);
        let (mut run, mut again) = (Run::new(settings.clone()), Run::new(settings));
        for op in &ops {
            prop_assert_eq!(run.step(op), again.step(op));
        }
        prop_assert_eq!(run, again);
    }

    #[test]
    fn a_broker_at_another_time_goes_on_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..4_000), half in 0_usize..200,
    ) {
        let (settings, ops) = decode(&bytes);
        let (before, after) = ops.split_at(half.min(ops.len()));
        let mut run = Run::new(settings);
        for op in before {
            run.step(op);
        }
        let mut moved = run.clone();
        moved.broker.visit_parts(&mut Moved, |_| true);
        moved.now = moved.now + LATER;
        moved.offset = OFFSET;
        for op in after {
            let (out, mut other) = (run.step(op), moved.step(op));
            for (to, _) in &mut other.to {
                to.connection -= OFFSET;
            }
            prop_assert_eq!(out, other);
        }
        run.broker.visit_parts(&mut Moved, |_| true);
        prop_assert_eq!(run.broker, moved.broker);
    }
}

#[test]
fn random_bytes_do_something() {
    let mut seed = explore::seed::Seed::new(1);
    let mut verbs = BTreeSet::new();
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..4_000).map(|_| seed.draw() as u8).collect();
        let (settings, ops) = decode(&bytes);
        let mut run = Run::new(settings);
        for op in &ops {
            verbs.extend(run.step(op).facts.iter().map(|fact| fact.verb()));
        }
    }
    for (verb, _) in Fact::FORMS {
        assert!(verbs.contains(verb), "never {verb}, only {verbs:?}");
    }
}
