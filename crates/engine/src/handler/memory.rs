//! A handler that remembers what it was asked.

use super::{Ask, Delivery, Handler, Next, Program, Recorded, TableStep, Turn, Value, Verdict};
use crate::cast::Cast;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The most turns remembered; from there on the handler is asked each time.
const TURNS_MAX: usize = 200_000;
/// The most bytes of texts in what is remembered; from there on likewise. Counted by what is said,
/// so that it is the same on every machine.
const BYTES_MAX: usize = 64 << 20;

/// A handler with a memory: a search asks the same thing many times, and the same question has the
/// same answer. It is meant for one handler in one scene.
#[derive(Debug)]
pub struct Memory<H> {
    handler: H,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    count: usize,
    bytes: usize,
    /// What the handler says that was not let go on.
    stopped: Option<Arc<str>>,
    /// One tree of answers for each delivery.
    deliveries: BTreeMap<Delivery, Node>,
}

#[derive(Debug, Default)]
struct Node {
    turn: Option<Turn>,
    after: Vec<(Value, Node)>,
}

impl Node {
    fn find(&self, answers: &[Value]) -> Option<&Turn> {
        let mut node = self;
        for answer in answers {
            node = node
                .after
                .iter()
                .find_map(|(one, node)| (one == answer).then_some(node))?;
        }
        node.turn.as_ref()
    }

    fn enter(&mut self, answers: &[Value]) -> &mut Node {
        let mut node = self;
        for answer in answers {
            let at = match node.after.iter().position(|(one, _)| one == answer) {
                Some(at) => at,
                None => {
                    node.after.push((answer.clone(), Node::default()));
                    node.after.len() - 1
                }
            };
            node = &mut node.after[at].1;
        }
        node
    }

    fn write_down(&self, delivery: Delivery, answers: &mut Vec<Value>, into: &mut Recorded) {
        if let Some(turn) = &self.turn {
            into.note(delivery, answers, turn.clone());
        }
        for (answer, node) in &self.after {
            answers.push(answer.clone());
            node.write_down(delivery, answers, into);
            answers.pop();
        }
    }
}

impl<H: Handler> Memory<H> {
    /// A handler with nothing in its memory.
    pub fn new(handler: H) -> Memory<H> {
        Memory {
            handler,
            known: Mutex::default(),
        }
    }

    /// The handler itself.
    pub fn handler(&self) -> &H {
        &self.handler
    }

    /// All turns it took so far, to be replayed where the language is not at hand.
    pub fn recorded(&self) -> Recorded {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recorded = Recorded::default();
        for (delivery, node) in &known.deliveries {
            node.write_down(*delivery, &mut Vec::new(), &mut recorded);
        }
        recorded
    }
}

impl<H: Handler> Handler for Memory<H> {
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let node = known.deliveries.get(delivery);
            if let Some(turn) = node.and_then(|node| node.find(answers)) {
                return turn.clone();
            }
        }
        // Asked without the lock, so that others can ask meanwhile; both find the same.
        let turn = self.handler.next(cast, delivery, answers);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Next::End(Verdict::Failed(failure)) = &turn.next
            && failure.line == 0
        {
            known
                .stopped
                .get_or_insert_with(|| Arc::clone(&failure.message));
        }
        let bytes = weight(&turn) + answers.last().map_or(0, text_bytes);
        if known.count < TURNS_MAX && known.bytes + bytes <= BYTES_MAX {
            known.bytes += bytes;
            let node = known
                .deliveries
                .entry(*delivery)
                .or_default()
                .enter(answers);
            if node.turn.replace(turn.clone()).is_none() {
                known.count += 1;
            }
        }
        turn
    }
}

impl<H: Handler> Program for Memory<H> {
    fn recorded(&self) -> Recorded {
        Memory::recorded(self)
    }

    fn stopped(&self) -> Option<String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.stopped.as_deref().map(str::to_owned)
    }
}

/// The bytes of all texts in a turn.
fn weight(turn: &Turn) -> usize {
    let log: usize = turn.log.iter().map(|line| line.len()).sum();
    let next = match &turn.next {
        Next::Ask(Ask::Call { key, .. }) => key.as_ref().map_or(0, text_bytes),
        Next::Ask(Ask::Tables(steps)) => steps.iter().map(step_bytes).sum(),
        Next::Ask(Ask::Commit | Ask::Publish { .. } | Ask::Sleep(_)) => 0,
        Next::End(Verdict::Failed(failure)) => failure.message.len(),
        Next::End(Verdict::Done | Verdict::Again(_)) => 0,
    };
    log + next
}

fn step_bytes(step: &TableStep) -> usize {
    match step {
        TableStep::Get(_, key)
        | TableStep::Has(_, key)
        | TableStep::Add(_, key, _)
        | TableStep::Delete(_, key) => text_bytes(key),
        TableStep::Insert(_, key, value) | TableStep::Put(_, key, value) => {
            text_bytes(key) + text_bytes(value)
        }
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Nothing | Value::Truth(_) | Value::Number(_) => 0,
        Value::Text(text) => text.len(),
        Value::List(all) => all.iter().map(text_bytes).sum(),
    }
}
