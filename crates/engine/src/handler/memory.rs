//! A handler that remembers what it was asked.

use super::{Delivery, Handler, Recorded, Turn, Value};
use crate::cast::Cast;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The most turns remembered; from there on the handler is asked each time.
const TURNS_MAX: usize = 200_000;

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
        if known.count < TURNS_MAX {
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
