//! The broker on trial: any packets under the broker's invariants, and clients with correct libraries
//! whose connections break.

use crate::operations::{Op, decode};
use crate::stage::{Sent, Stage};
use crate::{flow, sequence};
use arbitrary::Unstructured;
use std::collections::{BTreeMap, BTreeSet};
use systems::mqtt::{Broker, Fact, Release, Session, Settings, tools};
use systems::{Caller, Instant, Parts, Span, Visitor};

/// Plays what the bytes say: the first says what kind of trial it is. Gives what has happened.
pub fn run(bytes: &[u8]) -> BTreeSet<&'static str> {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        kind @ 0..=2 => {
            flow::run(kind > 0, &mut bytes);
            BTreeSet::new()
        }
        3 => {
            moved(&mut bytes);
            BTreeSet::new()
        }
        _ => {
            let (settings, ops) = decode(&mut bytes);
            let mut run = Run::new(settings);
            sequence::each(&ops, |op| drop(run.step(op)));
            run.stage.facts.iter().map(Fact::verb).collect()
        }
    }
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

/// A broker; connections have numbers from one above `offset`.
#[derive(Clone)]
struct Run {
    stage: Stage<Broker>,
    offset: u16,
}

impl Run {
    fn new(settings: Settings) -> Run {
        Run {
            stage: Stage::new(Broker::new(settings, 0)),
            offset: 0,
        }
    }

    fn caller(&self, client: u8, connection: u8) -> Caller {
        Caller {
            client,
            connection: self.offset + u16::from(connection) + 1,
        }
    }

    fn step(&mut self, op: &Op) -> Sent<Broker> {
        let before = in_flight(&self.stage.server);
        let sent = match op.clone() {
            Op::Send(client, connection, request) => {
                self.stage.ask(self.caller(client, connection), request)
            }
            Op::Lose(client, connection) => self.stage.lose(self.caller(client, connection)),
            Op::Pass(span) => self.stage.pass(span),
            Op::Sleep(span) => {
                self.stage.sleep(span);
                Vec::new()
            }
            Op::Fire => self.stage.fire(),
        };
        check(&self.stage.server, &before);
        sent
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

/// A broker at another time goes on alike.
fn moved(bytes: &mut Unstructured<'_>) {
    let half = bytes.int_in_range(0..=150).unwrap_or_default();
    let (settings, ops) = decode(bytes);
    let (before, after) = ops.split_at(half.min(ops.len()));
    let mut run = Run::new(settings);
    for op in before {
        run.step(op);
    }
    let mut moved = run.clone();
    moved.stage.server.visit_parts(&mut Moved, |_| true);
    moved.stage.now = moved.stage.now + LATER;
    moved.offset = OFFSET;
    sequence::each(after, |op| {
        let (sent, mut other) = (run.step(op), moved.step(op));
        for (to, _) in &mut other {
            to.connection -= OFFSET;
        }
        assert_eq!(sent, other);
    });
    assert_eq!(run.stage.facts, moved.stage.facts);
    run.stage.server.visit_parts(&mut Moved, |_| true);
    assert_eq!(run.stage.server, moved.stage.server);
}
