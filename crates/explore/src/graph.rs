//! The states visited and what leads from each to the next.

use super::System;
use super::expansion::Space;
use super::rows::Layout;
use super::visited::{Batch, Index, Visited};

/// A system and the states of it that were visited.
pub struct Graph<S: System> {
    /// What was found out about the system.
    pub space: Space<S>,
    /// The states.
    pub visited: Visited,
    row: Vec<u32>,
    target: Vec<u32>,
}

/// A step from one visited state to what may be another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it leads, if that was visited.
    pub to: Option<Index>,
    /// Whose step it is.
    pub party: u32,
    /// Which of the party's steps.
    pub step: u32,
    /// Whether it is owed.
    pub fair: bool,
}

impl<S: System> Graph<S> {
    /// Only the first state, which is put into `batch`.
    pub fn new(system: S, batch: &mut Batch) -> Self {
        let start = system.start();
        let slots = start.len();
        assert!(slots <= 128, "a system has at most 128 slots");
        let mut graph = Graph {
            space: Space::new(system, slots),
            visited: Visited::new(slots),
            row: vec![0; slots],
            target: vec![0; slots],
        };
        let parts = start.into_iter().enumerate();
        let row = parts.map(|(slot, part)| graph.space.values.number(slot, part));
        graph.target = row.collect();
        let fits = graph.push_target(0, batch, usize::MAX);
        debug_assert!(fits, "nothing is too large for no bound");
        graph
    }

    /// Puts everything that can be next after a state into `batch`. Says whether that took no more than
    /// so many bytes; if not, what is in the batch is of no use.
    #[inline]
    #[must_use]
    pub fn successors(&mut self, state: Index, batch: &mut Batch, bytes_max: usize) -> bool {
        self.visited.unpack(state, &mut self.row);
        self.space.next_state();
        for party in 0..self.space.parties() {
            if self.space.renames() {
                if !self.renamed_successors(party, state, batch, bytes_max) {
                    return false;
                }
                continue;
            }
            let expansion = self.space.expand(party, &self.row);
            if expansion.fresh {
                for (_, writes) in expansion.steps() {
                    for write in writes.chunks_exact(2) {
                        let slot = write[0] as usize;
                        if !self.visited.fit(slot, write[1], batch, bytes_max) {
                            return false;
                        }
                    }
                }
            }
            let (layout, packed) = (self.visited.layout(), self.visited.packed(state));
            for (_, writes) in expansion.steps() {
                append(layout, packed, writes, state, batch);
            }
        }
        true
    }

    /// The same where states are told apart only up to a renaming.
    fn renamed_successors(
        &mut self,
        party: usize,
        state: Index,
        batch: &mut Batch,
        bytes_max: usize,
    ) -> bool {
        let code: Vec<Vec<u32>> = self
            .space
            .expand(party, &self.row)
            .steps()
            .map(|(_, writes)| writes.to_vec())
            .collect();
        for writes in code {
            self.target.clone_from(&self.row);
            for write in writes.chunks_exact(2) {
                self.target[write[0] as usize] = write[1];
            }
            if !self.push_target(state, batch, bytes_max) {
                return false;
            }
        }
        true
    }

    fn push_target(&mut self, parent: Index, batch: &mut Batch, bytes_max: usize) -> bool {
        if self.space.renames() {
            self.space.rename(&mut self.target);
        }
        for (slot, &number) in self.target.iter().enumerate() {
            if !self.visited.fit(slot, number, batch, bytes_max) {
                return false;
            }
        }
        let from = batch.rows.len();
        batch.rows.resize(from + self.visited.layout().words(), 0);
        pack(self.visited.layout(), &self.target, &mut batch.rows[from..]);
        batch.parents.push(parent);
        true
    }

    /// The visited state that the target is, if it is one.
    fn found_target(&mut self) -> Option<Index> {
        if self.space.renames() {
            self.space.rename(&mut self.target);
        }
        let layout = self.visited.layout();
        let numbers = self.target.iter().enumerate();
        // A number for which there is no room is in no visited state.
        let fits = numbers
            .clone()
            .all(|(slot, &number)| layout.fits(slot, number));
        if !fits {
            return None;
        }
        let mut row = vec![0; layout.words()];
        pack(layout, &self.target, &mut row);
        self.visited.find(&row)
    }

    /// Makes the numbers of a state those of [`last_row`](Graph::last_row).
    pub fn load(&mut self, state: Index) {
        self.visited.unpack(state, &mut self.row);
    }

    /// The numbers of the state that was last expanded or loaded.
    pub fn last_row(&self) -> &[u32] {
        &self.row
    }

    /// Every step from a state that changes anything.
    pub fn edges(&mut self, state: Index, edges: &mut Vec<Edge>) {
        edges.clear();
        self.visited.unpack(state, &mut self.row);
        for party in 0..self.space.parties() {
            let code: Vec<(u32, Vec<u32>)> = self
                .space
                .expand(party, &self.row)
                .steps()
                .map(|(step, writes)| (step, writes.to_vec()))
                .collect();
            for (step, writes) in code {
                self.target.clone_from(&self.row);
                for write in writes.chunks_exact(2) {
                    self.target[write[0] as usize] = write[1];
                }
                if self.target == self.row {
                    continue;
                }
                edges.push(Edge {
                    to: self.found_target(),
                    party: party as u32,
                    step,
                    fair: self.space.fair(party, step),
                });
            }
        }
    }
}

/// Packs a row of numbers, which fit.
fn pack(layout: &Layout, numbers: &[u32], packed: &mut [u64]) {
    for (slot, &number) in numbers.iter().enumerate() {
        layout.put(packed, slot, number);
    }
}

/// Adds the row that comes of writing these numbers.
#[inline]
fn append(layout: &Layout, packed: &[u64], writes: &[u32], parent: Index, batch: &mut Batch) {
    let put = |packed: &mut [u64]| {
        for write in writes.chunks_exact(2) {
            layout.put(packed, write[0] as usize, write[1]);
        }
    };
    if let &[word] = packed {
        // As most are; no memory is copied then.
        let mut word = [word];
        put(&mut word);
        batch.rows.push(word[0]);
    } else {
        let from = batch.rows.len();
        batch.rows.extend_from_slice(packed);
        put(&mut batch.rows[from..]);
    }
    batch.parents.push(parent);
}
