//! What each party can do in a state, as numbers, and remembered.

use super::memory::Memory;
use super::sizes;
use super::values::Values;
use super::{Kind, System, View};
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::cell::{Cell, RefCell};
use std::hash::BuildHasher;

/// A system with everything found out about it that is not a state: its values and what its parties can do.
pub struct Space<S: System> {
    /// The system.
    pub system: S,
    /// The values met so far.
    pub values: Values<S::Part>,
    parties: Vec<Party<S::Step>>,
    /// All expansions that are remembered, each once, one after the other; each after its length.
    pool: Vec<u32>,
    /// Where in the pool each stands. There are few: most of what is remembered is that somebody
    /// can do nothing, or the same again.
    known: HashTable<u32>,
    /// The last that is not.
    passing: Vec<u32>,
    /// Whether steps have to be told apart: a promise in the end asks which were taken.
    steps_matter: bool,
    /// How many states were expanded.
    expanded: usize,
    /// How often the system itself was asked.
    asked: usize,
    renamed: Vec<Vec<Option<(u32, u32)>>>,
}

/// What a step is counted as, with what it owns and whether it is owed. There are few: one for each
/// thing a party can ever do.
const STEP_BYTES: usize = 96;
/// A slot and a number, if they are known.
const RENAMED_BYTES: usize = 12;

#[derive(Debug)]
struct Party<Step> {
    memory: Option<Memory>,
    /// The steps it has ever had, and whether each is owed.
    steps: Vec<(Step, bool)>,
}

/// What a party can do in a state.
#[derive(Clone, Copy, Debug)]
pub struct Expansion<'a> {
    /// The steps: for each the number of its kind, how many parts it writes, and these: slot and number.
    code: &'a [u32],
    /// Whether the system was asked, so that there may be numbers nobody has seen.
    pub fresh: bool,
}

impl<'a> Expansion<'a> {
    /// The steps: the number of the step among the party's, and what it writes, as slot and number in turn.
    #[inline]
    pub fn steps(self) -> impl Iterator<Item = (u32, &'a [u32])> {
        let mut rest = self.code;
        std::iter::from_fn(move || {
            let (&[step, writes], after) = rest.split_first_chunk::<2>()?;
            let (written, after) = after.split_at(2 * writes as usize);
            rest = after;
            Some((step, written))
        })
    }
}

impl<S: System> Space<S> {
    /// Nothing found out yet.
    pub fn new(system: S, slots: usize) -> Self {
        let parties = 0..system.parties();
        let renamings = if system.promises().contains(&Kind::Eventually) {
            0
        } else {
            system.renamings()
        };
        Space {
            values: Values::new(slots),
            parties: parties
                .map(|party| Party {
                    memory: system.remembers(party).then(Memory::new),
                    steps: Vec::new(),
                })
                .collect(),
            pool: Vec::new(),
            known: HashTable::new(),
            passing: Vec::new(),
            steps_matter: system.promises().contains(&Kind::Eventually),
            expanded: 0,
            asked: 0,
            renamed: vec![Vec::new(); renamings * slots],
            system,
        }
    }

    /// How many parties there are.
    pub fn parties(&self) -> usize {
        self.parties.len()
    }

    /// One of a party's steps. Steps are told apart only where a promise in the end asks for it.
    pub fn step(&self, party: usize, step: u32) -> &S::Step {
        &self.parties[party].steps[step as usize].0
    }

    /// Whether a step is owed; where steps are not told apart, none is.
    pub fn fair(&self, party: usize, step: u32) -> bool {
        let step = self.parties[party].steps.get(step as usize);
        step.is_some_and(|&(_, fair)| fair)
    }

    /// How often a party was expanded, and how often the system itself had to be asked.
    pub fn asked(&self) -> (usize, usize) {
        (self.expanded * self.parties.len(), self.asked)
    }

    /// Notes that another state is being expanded.
    pub fn next_state(&mut self) {
        self.expanded += 1;
    }

    /// What a party can do in the state with this row of numbers.
    #[inline]
    pub fn expand(&mut self, party: usize, row: &[u32]) -> Expansion<'_> {
        if let Some(memory) = &self.parties[party].memory
            && let Some(at) = memory.find(row)
        {
            let at = at as usize;
            return Expansion {
                code: &self.pool[at + 1..][..self.pool[at] as usize],
                fresh: false,
            };
        }
        self.ask(party, row)
    }

    #[cold]
    fn ask(&mut self, party: usize, row: &[u32]) -> Expansion<'_> {
        self.asked += 1;
        let (read, order) = (Cell::new(0), RefCell::new(Vec::new()));
        let mut steps = Vec::new();
        let parts = self.values.row(row);
        let view = View::in_order(&parts, &read, &order);
        self.system
            .expand(party, &view, &mut |step, writes| steps.push((step, writes)));

        let Party { memory, steps: all } = &mut self.parties[party];
        self.passing.clear();
        for (step, writes) in steps {
            let number = if self.steps_matter {
                let known = all.iter().position(|(other, _)| *other == step);
                known.unwrap_or_else(|| {
                    let fair = self.system.fair(&step);
                    all.push((step, fair));
                    all.len() - 1
                })
            } else {
                0
            };
            self.passing.push(number as u32);
            self.passing.push(writes.len() as u32);
            for (slot, part) in writes {
                self.passing.push(slot as u32);
                self.passing.push(self.values.number(slot, part));
            }
        }
        if memory
            .as_ref()
            .is_some_and(|memory| !memory.pays(self.expanded))
        {
            *memory = None;
        }
        if let Some(memory) = memory {
            let hash = |code: &[u32]| FxBuildHasher.hash_one(code);
            let at = |pool: &[u32], at: u32| {
                at as usize + 1..at as usize + 1 + pool[at as usize] as usize
            };
            let (pool, passing) = (&mut self.pool, &self.passing);
            let same = |&known: &u32| pool[at(pool, known)] == *passing;
            let known = self.known.find(hash(passing), same).copied();
            let answer = known.unwrap_or_else(|| {
                let new = pool.len() as u32;
                sizes::reserve(pool, 1 + passing.len());
                pool.push(passing.len() as u32);
                pool.extend_from_slice(passing);
                let of = |&known: &u32| hash(&pool[at(pool, known)]);
                self.known.insert_unique(hash(passing), new, of);
                new
            });
            memory.insert(row, &order.into_inner(), answer);
        }
        Expansion {
            code: &self.passing,
            fresh: true,
        }
    }

    /// Whether states are told apart only up to a renaming.
    pub fn renames(&self) -> bool {
        !self.renamed.is_empty()
    }

    /// Makes of a row the least of its renamings.
    pub fn rename(&mut self, row: &mut Vec<u32>) {
        let slots = self.values.slots();
        let mut least = row.clone();
        let mut other = vec![0; slots];
        for renaming in 0..self.renamed.len() / slots {
            for (slot, &number) in row.iter().enumerate() {
                let (slot, number) = self.renamed_part(renaming, slot, number);
                other[slot as usize] = number;
            }
            if other < least {
                std::mem::swap(&mut other, &mut least);
            }
        }
        *row = least;
    }

    fn renamed_part(&mut self, renaming: usize, slot: usize, number: u32) -> (u32, u32) {
        let known = renaming * self.values.slots() + slot;
        let at = number as usize;
        if let Some(&Some(there)) = self.renamed[known].get(at) {
            return there;
        }
        let part = self.values.get(slot, number);
        let (to, part) = self.system.renamed(renaming, slot, part);
        let there = (to as u32, self.values.number(to, part));
        let known = &mut self.renamed[known];
        known.resize(known.len().max(at + 1), None);
        known[at] = Some(there);
        there
    }

    /// The numbers of a state's parts, renamed to the least; none if a part was never met.
    pub fn numbers(&self, parts: &[S::Part]) -> Option<Vec<u32>> {
        let find = |(slot, part)| self.values.find(slot, part);
        let mut least: Option<Vec<u32>> = parts.iter().enumerate().map(find).collect();
        for renaming in 0..self.renamed.len() / parts.len().max(1) {
            let mut row = vec![0; parts.len()];
            for (slot, part) in parts.iter().enumerate() {
                let (to, part) = self.system.renamed(renaming, slot, part);
                row[to] = self.values.find(to, &part)?;
            }
            least = least.map(|least| least.min(row));
        }
        least
    }

    /// What is taken by values, memories, expansions and renamings.
    pub fn bytes(&self) -> usize {
        let memories = self
            .parties
            .iter()
            .filter_map(|party| party.memory.as_ref());
        let steps = self
            .parties
            .iter()
            .map(|party| party.steps.capacity())
            .sum::<usize>();
        let renamed = self.renamed.iter().map(Vec::capacity).sum::<usize>();
        self.values.bytes()
            + memories.map(Memory::bytes).sum::<usize>()
            + sizes::table(self.known.len(), size_of::<u32>())
            + steps * STEP_BYTES
            + (self.pool.capacity() + self.passing.capacity()) * size_of::<u32>()
            + renamed * RENAMED_BYTES
    }
}
