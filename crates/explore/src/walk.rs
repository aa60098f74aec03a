//! A way through a system, step by step, as somebody can follow it.

use super::search::State;
use super::visited::Index;
use super::{Search, System, View};
use std::cell::Cell;

/// A way from the start: the steps, and the parts of every state on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk<Step, Part> {
    /// The steps.
    pub steps: Vec<Step>,
    /// The states: the start, and one after each step.
    pub states: Vec<Vec<Part>>,
}

/// A way on which something stays away for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasso<Step, Part> {
    /// The way, round included.
    pub walk: Walk<Step, Part>,
    /// After how many steps the round begins, whose last state is its first again. None where
    /// nothing more is owed in the last state.
    pub loop_from: Option<usize>,
}

impl<S: System> Search<S> {
    /// The parts of a state. Where states are told apart only up to a renaming, of the least of them.
    pub fn parts(&self, state: State) -> Vec<&S::Part> {
        let mut row = vec![0; self.graph.space.values.slots()];
        self.graph.visited.unpack(state.0, &mut row);
        self.graph.space.values.row(&row)
    }

    /// The way by which a state was found: in breadth-first order, a shortest one. The last state on
    /// it is that state, or a renaming of it.
    ///
    /// # Panics
    /// When the system does not do the same again in the same state, or its renamings are not a
    /// group (two of them, one after the other, are a third or rename nobody).
    pub fn walk(&self, state: State) -> Walk<S::Step, S::Part> {
        let mut chain = vec![state.0];
        let mut last = state.0;
        while last != 0 {
            last = self.graph.visited.parent(last);
            chain.push(last);
        }
        let mut walk = Walk {
            steps: Vec::new(),
            states: vec![self.system().start()],
        };
        for &next in chain.iter().rev().skip(1) {
            self.follow(&mut walk, next, |_, _| true);
        }
        walk
    }

    /// The way on which a promise that is kept in the end is not: with the shortest way to where it
    /// can begin to stay away, in breadth-first order. None if it is kept, or of another kind, or
    /// if that is not known.
    ///
    /// # Panics
    /// As [`walk`](Search::walk).
    pub fn lasso(&self, promise: usize) -> Option<Lasso<S::Step, S::Part>> {
        let mut liveness = self.liveness.iter();
        let liveness = liveness.find(|liveness| liveness.promise() == promise)?;
        // Only when the round is made is it known that nothing is earlier.
        if !matches!(self.verdicts()[promise], super::Verdict::Broken(_)) {
            return None;
        }
        let mut walk = self.walk(State(liveness.worst()?));
        let stem = walk.steps.len();
        for edge in liveness.round() {
            let wanted = self.graph.space.step(edge.party as usize, edge.step);
            let to = edge.to.expect("a round stays among the visited");
            self.follow(&mut walk, to, |party, step| {
                party == edge.party as usize && step == wanted
            });
        }
        Some(Lasso {
            loop_from: (!liveness.round().is_empty()).then_some(stem),
            walk,
        })
    }

    /// Goes on by the first wanted step that leads to a state.
    fn follow(
        &self,
        walk: &mut Walk<S::Step, S::Part>,
        to: Index,
        wanted: impl Fn(usize, &S::Step) -> bool,
    ) {
        let mut row = vec![0; self.graph.space.values.slots()];
        self.graph.visited.unpack(to, &mut row);
        let here = walk.states.last().expect("a way has a start");
        let read = Cell::new(0);
        let parts: Vec<&S::Part> = here.iter().collect();
        let view = View::new(&parts, &read);
        let mut found = None;
        for party in 0..self.graph.space.parties() {
            self.system().expand(party, &view, &mut |step, writes| {
                if found.is_some() || !wanted(party, &step) {
                    return;
                }
                let mut there = here.clone();
                for (slot, part) in writes {
                    there[slot] = part;
                }
                if self.graph.space.numbers(&there).as_ref() == Some(&row) {
                    found = Some((step, there));
                }
            });
        }
        let (step, there) = found.expect("what led there once leads there again");
        walk.steps.push(step);
        walk.states.push(there);
    }
}
