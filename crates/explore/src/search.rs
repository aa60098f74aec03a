//! The search itself: which state is next, when it ends, and what became of every promise.

use super::graph::Graph;
use super::judge::Judge;
use super::liveness::{self, Liveness, Progress};
use super::visited::{Batch, Found, Index};
use super::{Kind, System};
use serde::{Deserialize, Serialize};

/// Which state is looked at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one found longest ago. What is found is found by a shortest way.
    Breadth,
    /// The one found last. Needs less waiting for the first deep state, and finds long ways.
    Depth,
}

/// How far a search goes at most. Reaching a limit is an outcome, not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// So many states, and no more.
    pub states: usize,
    /// States so many steps from the start, and none further.
    pub depth: usize,
    /// So many bytes, by the search's own account ([`Search::memory_bytes`]), give or take what a few
    /// states add. The account is the same on every machine.
    pub memory_bytes: usize,
}

impl Limits {
    /// As far as numbers go.
    pub const NONE: Limits = Limits {
        states: usize::MAX,
        depth: usize::MAX,
        memory_bytes: usize::MAX,
    };
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// There is at least one more state than was allowed.
    States,
    /// There is at least one state further from the start than was allowed.
    Depth,
    /// The next states might not have fitted.
    Memory,
}

impl Bound {
    /// What was reached, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Bound::States => "the most states",
            Bound::Depth => "the longest schedule",
            Bound::Memory => "the most memory",
        }
    }
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every state that can be reached was visited.
    Complete,
    /// Every promise was decided, and nothing more was asked for. The counts are not complete.
    Decided,
    /// A limit was reached; where several were, the first.
    Bounded(Bound),
}

/// How a search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is more to do.
    Going,
    /// There is not.
    Finished(Outcome),
}

/// A visited state, by the order of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(pub(super) Index);

impl State {
    /// The state everything begins in.
    pub const START: State = State(0);

    /// How many states were found before it.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing can be said: the search is not over, or was over too soon.
    Unknown,
    /// [`Always`](Kind::Always) and [`Eventually`](Kind::Eventually): all states were visited, and it is kept.
    Kept,
    /// It is broken. For [`Always`](Kind::Always): in this state, the first there is. For
    /// [`Eventually`](Kind::Eventually): from this state on it can stay away for ever, see [`Search::lasso`].
    Broken(State),
    /// [`Sometimes`](Kind::Sometimes): it is true in this state, the first there is.
    Witnessed(State),
    /// [`Sometimes`](Kind::Sometimes): all states were visited, and it is true in none.
    NeverTrue,
}

/// How many states are expanded before their successors are looked up together.
const BATCH: u32 = 64;
/// After how many states a search for a way round looks at the memory it takes.
const SLICE: usize = 256;

/// A search through all states of a system, done in slices. Dropping it cancels it.
pub struct Search<S: System> {
    pub(super) graph: Graph<S>,
    limits: Limits,
    until_decided: bool,
    frontier: Frontier,
    batch: Batch,
    kinds: Vec<Kind>,
    verdicts: Vec<Verdict>,
    judges: Vec<Judge>,
    /// The promises that are still to be judged in each state.
    pending: Vec<usize>,
    generated: usize,
    depth: usize,
    /// How many bytes were left when it was last looked.
    room: usize,
    bound: Option<Bound>,
    stage: Stage,
    pub(super) liveness: Vec<Liveness>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// States are visited.
    Visiting,
    /// A limit was reached; what was found but not looked at is judged.
    Judging,
    /// All states are there; promises that are kept in the end are judged, beginning with this one.
    Looping(usize),
    Finished(Outcome),
}

/// The states found but not yet looked at.
#[derive(Debug)]
enum Frontier {
    /// All from `next` on; those before `level` are `depth` steps from the start, the others one more.
    Queue {
        next: Index,
        level: Index,
        depth: usize,
    },
    /// Each with how many steps from the start it was found.
    Stack(Vec<(Index, usize)>),
}

impl<S: System> Search<S> {
    /// A search that has found only the first state.
    ///
    /// # Panics
    /// When the system has more than 128 slots.
    pub fn new(system: S, limits: Limits, order: Order) -> Self {
        let mut batch = Batch::default();
        let kinds = system.promises();
        let mut graph = Graph::new(system, &mut batch);
        graph.visited.resolve(&mut batch, 1, |_| {});
        let mut search = Search {
            graph,
            limits,
            until_decided: false,
            frontier: match order {
                Order::Breadth => Frontier::Queue {
                    next: 0,
                    level: 1,
                    depth: 0,
                },
                Order::Depth => Frontier::Stack(vec![(0, 0)]),
            },
            batch,
            verdicts: vec![Verdict::Unknown; kinds.len()],
            judges: (0..kinds.len()).map(Judge::new).collect(),
            pending: Vec::new(),
            liveness: Vec::new(),
            generated: 0,
            depth: 0,
            room: limits.memory_bytes,
            bound: None,
            stage: Stage::Visiting,
            kinds,
        };
        let in_states = |&promise: &usize| search.kinds[promise] != Kind::Eventually;
        search.pending = (0..search.kinds.len()).filter(in_states).collect();
        search
    }

    /// Ends as soon as every promise is decided. The counts are then not those of the whole system.
    #[must_use]
    pub fn until_decided(mut self) -> Self {
        self.until_decided = true;
        self
    }

    /// Goes on for about so many states.
    pub fn advance(&mut self, states: usize) -> Status {
        let mut left = states;
        loop {
            if let Stage::Finished(outcome) = self.stage {
                return Status::Finished(outcome);
            }
            if left == 0 {
                return Status::Going;
            }
            let done = match self.stage {
                Stage::Visiting => self.visit(left),
                Stage::Judging => self.judge_rest(left),
                Stage::Looping(promise) => self.look_for_loop(promise, left),
                Stage::Finished(_) => 0,
            };
            left = left.saturating_sub(done.max(1));
        }
    }

    /// Goes on to the end.
    pub fn finish(&mut self) -> Outcome {
        loop {
            if let Status::Finished(outcome) = self.advance(usize::MAX) {
                return outcome;
            }
        }
    }

    /// How many different states were found. States that a renaming makes equal are one.
    pub fn states(&self) -> usize {
        self.graph.visited.len()
    }

    /// All states found so far, in the order of finding.
    pub fn visited(&self) -> impl Iterator<Item = State> + use<S> {
        (0..self.states()).map(|at| State(at as Index))
    }

    /// How many steps were taken, which is how many states were made, equal ones and all. The start is not counted.
    pub fn generated(&self) -> usize {
        self.generated
    }

    /// How many steps from the start the furthest state was found. In breadth-first order no way there is shorter.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// How many states were found but not yet looked at.
    pub fn frontier(&self) -> usize {
        match &self.frontier {
            Frontier::Queue { next, .. } => self.states() - *next as usize,
            Frontier::Stack(stack) => stack.len(),
        }
    }

    /// What became of every promise, by number.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The system.
    pub fn system(&self) -> &S {
        &self.graph.space.system
    }

    /// How often a party's steps were wanted, and how often the system itself had to be asked for
    /// them; the other times they were remembered.
    pub fn asked(&self) -> (usize, usize) {
        self.graph.space.asked()
    }

    /// What the search takes, in bytes: rows, table, parents, frontier, values and everything
    /// remembered, with all that values own outside themselves; where a promise is kept in the end,
    /// also what looking for a way round will take for each state. The same on every machine: see
    /// [`weigh`](crate::weigh).
    pub fn memory_bytes(&self) -> usize {
        const WAITING_BYTES: usize = 16;
        let frontier = match &self.frontier {
            Frontier::Queue { .. } => 0,
            Frontier::Stack(stack) => stack.capacity() * WAITING_BYTES,
        };
        let looked_for = self.liveness.is_empty() && self.kinds.contains(&Kind::Eventually);
        let to_come = if looked_for {
            self.states() * liveness::STATE_BYTES
        } else {
            0
        };
        self.graph.visited.bytes()
            + self.graph.space.bytes()
            + self.judges.iter().map(Judge::bytes).sum::<usize>()
            + self.liveness.iter().map(Liveness::bytes).sum::<usize>()
            + frontier
            + to_come
    }

    /// Whether so many bytes more are still within what it may take.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.memory_bytes().saturating_add(bytes) <= self.limits.memory_bytes
    }

    /// Looks at the next few states. Gives how many.
    fn visit(&mut self, left: usize) -> usize {
        let (first, last, depth) = match &mut self.frontier {
            Frontier::Queue { next, level, depth } => {
                if *next == *level {
                    (*level, *depth) = (self.graph.visited.len() as Index, *depth + 1);
                }
                let left = Index::try_from(left).unwrap_or(Index::MAX);
                let last = (*level).min(next.saturating_add(BATCH.min(left)));
                let first = std::mem::replace(next, last);
                (first, last, *depth)
            }
            Frontier::Stack(stack) => match stack.pop() {
                Some((state, depth)) => (state, state + 1, depth),
                None => (0, 0, 0),
            },
        };
        if first == last {
            self.end_visiting();
            return 0;
        }
        self.batch.clear();
        let owned = self.graph.space.values.owned_bytes();
        let mut fits = true;
        for state in first..last {
            if fits {
                let left = self
                    .room
                    .saturating_sub(self.graph.space.values.owned_bytes() - owned);
                fits = left > 0 && self.graph.successors(state, &mut self.batch, left);
            }
            if !fits {
                self.graph.load(state);
            }
            self.judge(state);
            if self.until_decided && self.decided() {
                self.stage = Stage::Finished(Outcome::Decided);
                return (state - first) as usize + 1;
            }
        }
        if fits {
            self.look_up(depth);
        } else {
            self.out_of_memory();
        }
        (last - first) as usize
    }

    /// Looks up all successors of the states just expanded, which are so many steps from the start.
    fn look_up(&mut self, depth: usize) {
        let wanted = self.batch.parents.len();
        let growth = self.graph.visited.growth(wanted);
        let taken = self.memory_bytes().saturating_add(growth);
        if taken > self.limits.memory_bytes {
            self.out_of_memory();
            return;
        }
        self.room = self.limits.memory_bytes - taken;
        self.generated += wanted;
        let states_max = self.limits.states.min(Index::MAX as usize - 1);
        let deepest = depth >= self.limits.depth;
        let max = if deepest { 0 } else { states_max };
        let (before, mut refused) = (self.graph.visited.len(), false);
        let stack = match &mut self.frontier {
            Frontier::Queue { .. } => None,
            Frontier::Stack(stack) => Some(stack),
        };
        let from = stack.as_ref().map_or(0, |stack| stack.len());
        if let Some(stack) = stack {
            self.graph
                .visited
                .resolve(&mut self.batch, max, |found| match found {
                    Found::New(index) => stack.push((index, depth + 1)),
                    Found::Refused => refused = true,
                    Found::Known(_) => {}
                });
            // The first step is the first to be followed.
            stack[from..].reverse();
        } else {
            self.graph.visited.resolve(&mut self.batch, max, |found| {
                refused |= found == Found::Refused;
            });
        }
        if self.graph.visited.len() > before {
            self.depth = self.depth.max(depth + 1);
        }
        if refused && deepest {
            self.bound = self.bound.or(Some(Bound::Depth));
        } else if refused {
            self.bound = self.bound.or(Some(Bound::States));
            self.stage = Stage::Judging;
        }
    }

    /// Nothing more is expanded or remembered.
    fn out_of_memory(&mut self) {
        self.bound = self.bound.or(Some(Bound::Memory));
        self.judges.iter_mut().for_each(Judge::stop_learning);
        self.stage = Stage::Judging;
    }

    /// Whether there are promises and none is open.
    fn decided(&self) -> bool {
        !self.verdicts.is_empty() && !self.verdicts.contains(&Verdict::Unknown)
    }

    /// Judges every promise about single states that is not decided yet.
    #[inline]
    fn judge(&mut self, state: Index) {
        if self.pending.is_empty() {
            return;
        }
        let Search {
            graph,
            judges,
            verdicts,
            kinds,
            pending,
            ..
        } = self;
        let row = graph.last_row();
        let mut decided = false;
        for &promise in &*pending {
            let holds = judges[promise].holds(&graph.space.system, &graph.space.values, row);
            match (kinds[promise], holds) {
                (Kind::Always, false) => verdicts[promise] = Verdict::Broken(State(state)),
                (Kind::Sometimes, true) => verdicts[promise] = Verdict::Witnessed(State(state)),
                _ => continue,
            }
            decided = true;
        }
        if decided {
            pending.retain(|&promise| verdicts[promise] == Verdict::Unknown);
        }
    }

    /// Judges states that were found but will not be expanded.
    fn judge_rest(&mut self, left: usize) -> usize {
        let mut done = 0;
        while done < left {
            let state = match &mut self.frontier {
                Frontier::Queue { next, .. } if (*next as usize) < self.graph.visited.len() => {
                    *next += 1;
                    *next - 1
                }
                Frontier::Queue { .. } => break,
                Frontier::Stack(stack) => match stack.pop() {
                    Some((state, _)) => state,
                    None => break,
                },
            };
            self.graph.load(state);
            self.judge(state);
            done += 1;
        }
        if done < left {
            self.end_visiting();
        }
        done
    }

    /// No state is left to look at.
    fn end_visiting(&mut self) {
        if self.bound.is_none() {
            for &promise in &self.pending {
                self.verdicts[promise] = match self.kinds[promise] {
                    Kind::Always => Verdict::Kept,
                    _ => Verdict::NeverTrue,
                };
            }
        }
        self.pending.clear();
        self.next_loop(0);
    }

    /// Goes on to the first promise from `from` on that is kept in the end, or finishes.
    fn next_loop(&mut self, from: usize) {
        let kinds = self.kinds.iter().enumerate().skip(from);
        let mut eventually = kinds.filter(|&(_, &kind)| kind == Kind::Eventually);
        self.stage = match eventually.next() {
            Some((promise, _)) => {
                self.liveness.push(Liveness::new(promise, self.states()));
                Stage::Looping(promise)
            }
            None => Stage::Finished(match self.bound {
                None => Outcome::Complete,
                Some(bound) => Outcome::Bounded(bound),
            }),
        };
    }

    fn look_for_loop(&mut self, promise: usize, left: usize) -> usize {
        let liveness = self.liveness.last_mut().expect("one per promise looked at");
        let judge = &mut self.judges[promise];
        let (done, mut progress) = liveness.advance(&mut self.graph, judge, left.min(SLICE));
        // What is asked of states that were never expanded is new, and the ways being followed can be long.
        let most = self.limits.memory_bytes;
        if progress == Progress::Going && self.memory_bytes() > most.saturating_add(most / 16) {
            self.bound = self.bound.or(Some(Bound::Memory));
            let liveness = self.liveness.last_mut().expect("one per promise looked at");
            liveness.give_up(&mut self.graph);
            progress = Progress::Done;
        }
        if progress == Progress::Done {
            let worst = self.liveness.last().and_then(Liveness::worst);
            self.verdicts[promise] = match (worst, self.bound) {
                (Some(state), _) => Verdict::Broken(State(state)),
                (None, None) => Verdict::Kept,
                (None, Some(_)) => Verdict::Unknown,
            };
            self.next_loop(promise + 1);
        }
        done
    }
}
