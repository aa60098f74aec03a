//! Whether something comes in the end: a search for a way to stay without it for ever.
//!
//! Such a way ends where no owed step is possible any more, or goes round in states without it for
//! ever. The second counts only if it is *weakly fair*: an owed step that is possible without pause
//! from some point on must be taken. Going round in a strongly connected component, one can pass
//! every state and take every step inside again and again; so the component is fair unless some
//! owed step is possible in *every* state of it and leads out of it each time. If it is not fair,
//! no part of it is either, since in a part even more steps are possible throughout.
//!
//! Owed steps are told apart by party and by equality. Steps that change nothing (a poll that finds
//! nothing) are left out altogether: they are no progress, they are not owed, and going round in
//! them is not going anywhere. Faults lead to states, but nobody goes round by faults for ever.

use super::System;
use super::graph::{Edge, Graph};
use super::judge::Judge;
use super::lasso;
use super::visited::Index;

/// The search for one promise's way round, done in slices. Tarjan's components, without recursion.
#[derive(Debug)]
pub struct Liveness {
    promise: usize,
    /// Zero for states not met, [`DONE`] for those finished with, else the order of meeting.
    order: Vec<u32>,
    low: Vec<u32>,
    met: u32,
    next_root: Index,
    frames: Vec<Frame>,
    /// The states the open frames still lead to.
    targets: Vec<Index>,
    /// States met whose component is not complete.
    open: Vec<Index>,
    edges: Vec<Edge>,
    worst: Option<Stay>,
    round: Vec<Edge>,
}

/// The earliest way to stay without it.
#[derive(Debug)]
struct Stay {
    state: Index,
    /// The component in which to go round; empty when nothing more is owed in that state.
    component: Vec<Index>,
}

#[derive(Debug)]
struct Frame {
    state: Index,
    targets_from: usize,
}

/// Whether a search for a way round is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not yet.
    Going,
    /// Yes.
    Done,
}

/// What a frame is counted as, on every machine.
const FRAME_BYTES: usize = 16;
/// What is taken for each state from the beginning, in bytes.
pub const STATE_BYTES: usize = 2 * size_of::<u32>();

/// Finished with: the condition is true in it, or its component is complete.
const DONE: u32 = u32::MAX;
/// In the component that is being looked at.
const MEMBER: u32 = u32::MAX - 1;

impl Liveness {
    /// A search over so many states.
    pub fn new(promise: usize, states: usize) -> Self {
        Liveness {
            promise,
            order: vec![0; states],
            low: vec![0; states],
            met: 0,
            next_root: 0,
            frames: Vec::new(),
            targets: Vec::new(),
            open: Vec::new(),
            edges: Vec::new(),
            worst: None,
            round: Vec::new(),
        }
    }

    /// The promise this is about.
    pub fn promise(&self) -> usize {
        self.promise
    }

    /// The earliest state from which the condition can stay away for ever.
    pub fn worst(&self) -> Option<Index> {
        self.worst.as_ref().map(|stay| stay.state)
    }

    /// The way round from there; empty when nothing more is owed.
    pub fn round(&self) -> &[Edge] {
        &self.round
    }

    /// Goes on for about so many states. Gives how many.
    pub fn advance<S: System>(
        &mut self,
        graph: &mut Graph<S>,
        judge: &mut Judge,
        left: usize,
    ) -> (usize, Progress) {
        let mut done = 0;
        while done < left {
            if self.frames.is_empty() {
                let states = self.order.len() as Index;
                // Whatever begins later is no earlier.
                if self.next_root >= self.worst().unwrap_or(Index::MAX).min(states) {
                    self.finish(graph);
                    return (done, Progress::Done);
                }
                self.next_root += 1;
                done += 1;
                self.meet(self.next_root - 1, graph, judge);
                continue;
            }
            let frame = self.frames.last().expect("not empty, as just seen");
            let state = frame.state as usize;
            if self.targets.len() > frame.targets_from {
                let target = self.targets.pop().expect("more than there were before");
                match self.order[target as usize] {
                    0 => {
                        done += 1;
                        self.meet(target, graph, judge);
                    }
                    DONE => {}
                    order => self.low[state] = self.low[state].min(order),
                }
            } else {
                self.leave(graph);
            }
        }
        (done, Progress::Going)
    }

    /// Goes no further: what was found so far is what there is.
    pub fn give_up<S: System>(&mut self, graph: &mut Graph<S>) {
        self.finish(graph);
    }

    /// Meets a state: opens a frame unless the condition is true in it.
    fn meet<S: System>(&mut self, state: Index, graph: &mut Graph<S>, judge: &mut Judge) {
        let at = state as usize;
        if self.order[at] != 0 {
            return;
        }
        graph.load(state);
        let space = &graph.space;
        if judge.holds(&space.system, &space.values, graph.last_row()) {
            self.order[at] = DONE;
            return;
        }
        self.met += 1;
        (self.order[at], self.low[at]) = (self.met, self.met);
        graph.edges(state, &mut self.edges);
        if !self.edges.iter().any(|edge| edge.fair) {
            self.found(state, Vec::new());
        }
        self.frames.push(Frame {
            state,
            targets_from: self.targets.len(),
        });
        let fair = self.edges.iter().filter(|edge| edge.fair);
        self.targets.extend(fair.filter_map(|edge| edge.to));
        self.open.push(state);
    }

    /// Closes the last frame, and its component if that is complete.
    fn leave<S: System>(&mut self, graph: &mut Graph<S>) {
        let state = self.frames.pop().expect("there is one to leave").state;
        let at = state as usize;
        if let Some(before) = self.frames.last() {
            let before = before.state as usize;
            self.low[before] = self.low[before].min(self.low[at]);
        }
        if self.low[at] != self.order[at] {
            return;
        }
        let first = self.open.iter().rposition(|&other| other == state);
        let first = first.expect("a state is open until its component is complete");
        let mut component = self.open.split_off(first);
        tiny_sort::unstable::sort(&mut component);
        let earlier = self.worst().is_none_or(|worst| component[0] < worst);
        if component.len() > 1 && earlier && self.is_fair(&component, graph) {
            self.found(component[0], component.clone());
        }
        for &member in &component {
            self.order[member as usize] = DONE;
        }
    }

    fn found(&mut self, state: Index, component: Vec<Index>) {
        if self.worst().is_none_or(|worst| state < worst) {
            self.worst = Some(Stay { state, component });
        }
    }

    /// Whether every owed step that is possible in all states of a component is taken inside it.
    fn is_fair<S: System>(&mut self, component: &[Index], graph: &mut Graph<S>) -> bool {
        for &member in component {
            self.order[member as usize] = MEMBER;
        }
        let mut owed: Vec<Vec<Owed>> = vec![Vec::new(); graph.space.parties()];
        for &member in component {
            graph.edges(member, &mut self.edges);
            for edge in self.edges.iter().filter(|edge| edge.fair) {
                let (party, step) = (edge.party as usize, edge.step as usize);
                let owed = &mut owed[party];
                owed.resize(owed.len().max(step + 1), Owed::default());
                let owed = &mut owed[step];
                if owed.last != Some(member) {
                    (owed.last, owed.possible_in) = (Some(member), owed.possible_in + 1);
                }
                owed.taken_inside |= edge.to.is_some_and(|to| self.order[to as usize] == MEMBER);
            }
        }
        let mut owed = owed.iter().flatten();
        owed.all(|owed| owed.taken_inside || owed.possible_in < component.len())
    }

    /// Makes the way round, and lets go of everything else.
    fn finish<S: System>(&mut self, graph: &mut Graph<S>) {
        if let Some(stay) = &self.worst
            && !stay.component.is_empty()
        {
            self.round = lasso::round(&stay.component, graph);
        }
        for list in [
            &mut self.order,
            &mut self.low,
            &mut self.targets,
            &mut self.open,
        ] {
            *list = Vec::new();
        }
    }

    /// What is taken while it goes on.
    pub fn bytes(&self) -> usize {
        let lists = [&self.order, &self.low, &self.targets, &self.open];
        let lists = lists.iter().map(|list| list.capacity()).sum::<usize>();
        lists * size_of::<u32>() + self.frames.capacity() * FRAME_BYTES
    }
}

/// How an owed step stands in a component.
#[derive(Clone, Copy, Debug, Default)]
struct Owed {
    last: Option<Index>,
    possible_in: usize,
    taken_inside: bool,
}
