//! In how many ways a system can go from its start to an end, and which ends there are.

use super::graph::Edge;
use super::search::State;
use super::visited::Index;
use super::{Outcome, Search, Status, System};

/// The ways a system can go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// How many there are; `u128::MAX` stands for that many or more.
    pub count: u128,
    /// The states in which nothing more can happen, each once, in the order they were come to.
    pub ends: Vec<State>,
}

/// A state on the way being followed, with what it still leads to.
struct Frame {
    state: Index,
    targets: Vec<Index>,
    schedules: u128,
}

impl<S: System> Search<S> {
    /// How many different schedules there are: ways from the start to a state in which nothing more
    /// can happen. Two that differ in a step are two, even through the same states; steps that
    /// change nothing are left out. `u128::MAX` stands for that many or more.
    ///
    /// None if a way can go round, so that there is no number, and none unless the search visited
    /// every state and has memory left for a number for each. Done in one go: costs about as much as
    /// the search.
    pub fn schedules(&mut self) -> Option<u128> {
        self.ways().map(|ways| ways.count)
    }

    /// The same, with the states in which the ways end.
    pub fn ways(&mut self) -> Option<Ways> {
        if self.advance(0) != Status::Finished(Outcome::Complete) {
            return None;
        }
        let numbers = self
            .states()
            .saturating_mul(size_of::<u128>() + size_of::<bool>());
        if !self.has_room(numbers) {
            return None;
        }
        // Zero for a state not met; what is being followed is in `open`.
        let mut known = vec![0_u128; self.states()];
        let mut open = vec![false; self.states()];
        let mut ends = Vec::new();
        let mut edges: Vec<Edge> = Vec::new();
        let mut frames = vec![self.frame(0, &mut edges)];
        open[0] = true;
        loop {
            let frame = frames.last_mut().expect("the first is left by returning");
            if let Some(&target) = frame.targets.last() {
                let at = target as usize;
                if open[at] {
                    return None;
                }
                if known[at] == 0 {
                    open[at] = true;
                    frames.push(self.frame(target, &mut edges));
                } else {
                    frame.targets.pop();
                    frame.schedules = frame.schedules.saturating_add(known[at]);
                }
            } else {
                // Nothing more can happen: that is one way to end.
                let at = frame.state as usize;
                if frame.schedules == 0 {
                    ends.push(State(frame.state));
                }
                known[at] = frame.schedules.max(1);
                open[at] = false;
                frames.pop();
                if frames.is_empty() {
                    let count = known[at];
                    return Some(Ways { count, ends });
                }
            }
        }
    }

    fn frame(&mut self, state: Index, edges: &mut Vec<Edge>) -> Frame {
        self.graph.edges(state, edges);
        let visited = "every state was visited";
        Frame {
            state,
            targets: edges.iter().map(|edge| edge.to.expect(visited)).collect(),
            schedules: 0,
        }
    }
}
