//! Every schedule: visits all states a transition system can reach, and brings back the shortest
//! way to each that breaks a promise.
//!
//! A system is a *row of parts*. What can happen next belongs to *parties*, and what one party can
//! do depends only on the parts it reads.
//!
//! [`Search`] visits the states, a slice at a time, and judges every promise. What it finds is a
//! number; [`Search::walk`] and [`Search::lasso`] make steps and parts of it again.
//!
//! # How states are told apart
//! Exactly, never by fingerprint: two states are one only if every part is equal. Each slot gives
//! its values numbers as they are met, a state is its row of numbers, packed into as few bits as
//! the values met so far need, and the table of visited states compares the packed row itself.
//! Whatever a party did in one state it does again, unasked, in every state in which the parts it
//! read are the same.
//!
//! # What is deliberately absent
//! Threads, clocks and chance: the same system always gives the same numbers, the same counts and
//! the same counterexamples. Strong fairness: a step that is possible again and again, but not
//! without pause, is not owed.

// What is derived names this crate, also inside of it.
extern crate self as explore;

pub mod seed;
pub mod slot;
mod sorted;
pub mod time;
pub mod weigh;

mod expansion;
mod graph;
mod judge;
mod lasso;
mod liveness;
mod memory;
mod rows;
mod schedules;
mod search;
mod sizes;
mod values;
mod visited;
mod walk;

pub use schedules::Ways;
pub use search::{Bound, Limits, Order, Outcome, Search, State, Status, Verdict};
pub use sorted::Sorted;
pub use walk::{Lasso, Walk};
// The trait and what derives it have one name, as in serde.
pub use ::weigh::Weigh;
pub use weigh::Weigh;

use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::hash::Hash;

/// A promise about a system, and how it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// True in every state that can be reached.
    Always,
    /// True in at least one state that can be reached.
    Sometimes,
    /// Whatever has happened, a state in which it is true comes in the end, provided that a step
    /// that stays possible is taken in the end. Faults are not owed to anybody.
    Eventually,
}

/// The row of a state, seen by somebody whose reading is noted.
pub struct View<'a, P> {
    parts: &'a [&'a P],
    read: &'a Cell<u128>,
    /// The slots in the order in which they were first read, where somebody wants to know.
    order: Option<&'a RefCell<Vec<u32>>>,
}

impl<'a, P> View<'a, P> {
    /// A view of these parts, which notes in `read` which of them (by bit) are looked at.
    pub fn new(parts: &'a [&'a P], read: &'a Cell<u128>) -> Self {
        View {
            parts,
            read,
            order: None,
        }
    }

    /// A view that notes the order of reading as well.
    fn in_order(parts: &'a [&'a P], read: &'a Cell<u128>, order: &'a RefCell<Vec<u32>>) -> Self {
        View {
            parts,
            read,
            order: Some(order),
        }
    }

    /// A part, noted as read.
    pub fn get(&self, slot: usize) -> &'a P {
        self.mark(slot);
        self.parts[slot]
    }

    /// A part, not noted. Whoever peeks must [`mark`](View::mark) the slot if anything depends on it.
    pub fn peek(&self, slot: usize) -> &'a P {
        self.parts[slot]
    }

    /// Notes a part as read.
    pub fn mark(&self, slot: usize) {
        let before = self.read.get();
        if before & (1 << slot) == 0 {
            self.read.set(before | 1 << slot);
            if let Some(order) = self.order {
                order.borrow_mut().push(slot as u32);
            }
        }
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// A system whose states are visited. At most 128 slots.
pub trait System {
    /// What a slot holds.
    type Part: Clone + Eq + Hash + Weigh;
    /// What can happen: told apart within one expansion of one state.
    type Step: Clone + PartialEq + std::fmt::Debug;

    /// The first state.
    fn start(&self) -> Vec<Self::Part>;

    /// How many parties there are.
    fn parties(&self) -> usize;

    /// Everything this party can do next: hands each step, with the parts it writes, to `next`.
    #[expect(
        clippy::type_complexity,
        reason = "a name for it would hide what it takes"
    )]
    fn expand(
        &self,
        party: usize,
        state: &View<'_, Self::Part>,
        next: &mut dyn FnMut(Self::Step, Vec<(usize, Self::Part)>),
    );

    /// Whether what a party can do is worth remembering by the parts it read. Not when it reads them all.
    fn remembers(&self, _party: usize) -> bool {
        true
    }

    /// Whether a step is owed: one that stays possible is taken in the end. Faults are not.
    fn fair(&self, _step: &Self::Step) -> bool {
        true
    }

    /// The promises, by number.
    fn promises(&self) -> Vec<Kind>;

    /// Whether the promise's condition is true in this state.
    fn holds(&self, promise: usize, state: &View<'_, Self::Part>) -> bool;

    /// Ways to rename interchangeable parties, without the one that renames nobody.
    fn renamings(&self) -> usize {
        0
    }

    /// Where a part goes, and what it becomes, under a renaming.
    fn renamed(&self, _renaming: usize, slot: usize, part: &Self::Part) -> (usize, Self::Part) {
        (slot, part.clone())
    }
}
