//! Members with different subscriptions: what is left goes to whoever has least, then partitions move
//! while that evens things out.
//!
//! # Rules
//! 1. Partitions come in the order of how many members can have them, then by topic and number; members
//!    in the order of how many partitions they have, then by id. Source: `TopicComparator`,
//!    `SubscriptionComparator`. Shown by: kafka_assignor_sticky.
//! 2. What nobody owns goes to the first member that subscribes to it. Source: `maybeAssignPartition`.
//!    Shown by: kafka_assignor_sticky.
//! 3. A partition moves when its owner has at least two more than somebody else who can have it: to the
//!    member that had it in an earlier generation, or to the first that can have it. First only what was
//!    just given out is looked at, unless somebody lost a subscription, then everything, until nothing
//!    moves. Source: `performReassignments`. Shown by: kafka_assignor_sticky.
//! 4. If that has not made the whole more even, everything stays as it was before. Source: `balance`,
//!    `getBalanceScore`. Shown by: kafka_assignor_sticky.

use super::movements::Movements;
use super::{Problem, Slot};
use std::collections::{BTreeMap, BTreeSet};

struct State<'a> {
    problem: &'a Problem<'a>,
    /// Who can have a topic, in the order of the hash map.
    takers: Vec<Vec<usize>>,
    /// Which topics a member can have.
    topics: Vec<Vec<usize>>,
    assigned: Vec<Vec<Slot>>,
    owner: BTreeMap<Slot, usize>,
    /// Members that can take part in a move.
    open: BTreeSet<usize>,
    /// Who had a partition in an earlier generation.
    before: BTreeMap<Slot, (usize, Option<u32>)>,
    movements: Movements,
}

pub(super) fn assign(problem: &Problem<'_>) -> Vec<Vec<Slot>> {
    let mut state = State::new(problem);
    let lost_a_subscription = state.keep_owned();
    state.remember_earlier_owners();
    state.balance(lost_a_subscription);
    state.assigned
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem<'a>) -> Self {
        let mut takers = vec![Vec::new(); problem.names.len()];
        let mut topics = vec![Vec::new(); problem.members.len()];
        for &at in &problem.order {
            for topic in &problem.members[at].topics {
                if let Ok(topic) = problem.names.binary_search(topic) {
                    takers[topic].push(at);
                    topics[at].push(topic);
                }
            }
        }
        let owners = problem.owned.iter().enumerate();
        let owner = owners.flat_map(|(at, own)| own.iter().map(move |slot| (*slot, at)));
        State {
            takers,
            topics,
            owner: owner.collect(),
            assigned: problem.owned.clone(),
            open: (0..problem.members.len()).collect(),
            before: BTreeMap::new(),
            movements: Movements::default(),
            problem,
        }
    }

    /// Everybody keeps what it still subscribes to. Says whether somebody lost something.
    fn keep_owned(&mut self) -> bool {
        let mut lost = false;
        for (at, own) in self.assigned.iter_mut().enumerate() {
            let topics = &self.topics[at];
            let before = own.len();
            own.retain(|(topic, _)| topics.contains(topic));
            lost |= own.len() < before;
        }
        lost
    }

    /// Who said to own a partition in an earlier generation than the latest one.
    fn remember_earlier_owners(&mut self) {
        for &at in &self.problem.order {
            let member = &self.problem.members[at];
            if member.generation >= self.problem.latest {
                continue;
            }
            let owned = member.owned.iter();
            for slot in owned.filter_map(|place| self.problem.slot(place)) {
                let known = self.before.get(&slot);
                if known.is_none_or(|(_, known)| *known < member.generation) {
                    self.before.insert(slot, (at, member.generation));
                }
            }
        }
    }

    fn count(&self, at: usize) -> usize {
        self.assigned[at].len()
    }

    /// Those that can take part in a move, in the order of rule 1.
    fn sorted(&self) -> Vec<usize> {
        let mut sorted: Vec<usize> = self.open.iter().copied().collect();
        tiny_sort::stable::sort_by_key(&mut sorted, |&at| {
            (self.count(at), &self.problem.members[at].id)
        });
        sorted
    }

    /// Who of them has fewest and can have the topic.
    fn first_taker(&self, topic: usize) -> Option<usize> {
        let takers = self.takers[topic]
            .iter()
            .filter(|at| self.open.contains(at));
        takers
            .min_by_key(|&&at| (self.count(at), &self.problem.members[at].id))
            .copied()
    }

    /// How many partitions a member could have.
    fn most(&self, at: usize) -> usize {
        let topics = self.topics[at].iter();
        topics
            .map(|&topic| self.problem.counts[topic] as usize)
            .sum()
    }

    /// All partitions in the order of rule 1.
    fn all(&self) -> Vec<Slot> {
        let mut all = self.problem.all();
        tiny_sort::stable::sort_by_key(&mut all, |&(topic, index)| {
            (self.takers[topic].len(), topic, index)
        });
        all
    }

    /// What nobody owns. A partition that is owned and not there any more ends the comparison, as in the
    /// real one: from there on everything counts as unowned.
    fn unassigned(&self, all: &[Slot]) -> Vec<Slot> {
        let mut taken: Vec<Slot> = self.assigned.iter().flatten().copied().collect();
        tiny_sort::stable::sort_by_key(&mut taken, |&(topic, index)| {
            (self.takers[topic].len(), topic, index)
        });
        let mut taken = taken.into_iter().peekable();
        let free = all.iter().filter(|slot| taken.next_if_eq(slot).is_none());
        free.copied().collect()
    }

    fn balance(&mut self, lost_a_subscription: bool) {
        let mut all = self.all();
        let mut unassigned = self.unassigned(&all);
        let initializing = self.assigned.iter().all(Vec::is_empty);
        for &slot in &unassigned {
            if let Some(to) = self.first_taker(slot.0) {
                self.assigned[to].push(slot);
                self.owner.insert(slot, to);
            }
        }
        all.retain(|(topic, _)| self.takers[*topic].len() >= 2);
        unassigned.retain(|(topic, _)| self.takers[*topic].len() >= 2);
        let open = self.open.iter().copied().filter(|&at| self.can_move(at));
        self.open = open.collect();
        let before = (self.assigned.clone(), self.owner.clone());
        if !lost_a_subscription {
            self.move_while_better(&unassigned);
        }
        let moved = self.move_while_better(&all);
        if !initializing && moved && self.score(&self.assigned) >= self.score(&before.0) {
            (self.assigned, self.owner) = before;
        }
    }

    /// Whether a member has not everything it could have, or has something that another could have.
    fn can_move(&self, at: usize) -> bool {
        let own = &self.assigned[at];
        let is_shared = |(topic, _): &Slot| self.takers[*topic].len() >= 2;
        own.len() < self.most(at) || own.iter().any(is_shared)
    }

    /// How uneven it is: the differences between all pairs.
    fn score(&self, assigned: &[Vec<Slot>]) -> usize {
        let counts: Vec<usize> = self.open.iter().map(|&at| assigned[at].len()).collect();
        let pairs = counts.iter().enumerate();
        pairs
            .flat_map(|(nth, one)| counts[nth + 1..].iter().map(|other| one.abs_diff(*other)))
            .sum()
    }

    fn is_balanced(&self) -> bool {
        let sorted = self.sorted();
        let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else {
            return true;
        };
        if self.count(first) + 1 >= self.count(last) {
            return true;
        }
        let owners = self.open.iter();
        let owners: BTreeMap<Slot, usize> = owners
            .flat_map(|&at| self.assigned[at].iter().map(move |slot| (*slot, at)))
            .collect();
        sorted.iter().all(|&at| {
            let count = self.count(at);
            let all_of = |topic: usize| (0..self.problem.counts[topic]).map(move |n| (topic, n));
            let slots = self.topics[at].iter().flat_map(|&topic| all_of(topic));
            count == self.most(at)
                || slots
                    .filter_map(|slot| owners.get(&slot))
                    .all(|&other| other == at || count + 1 >= self.count(other))
        })
    }

    /// Rule 3.
    fn move_while_better(&mut self, slots: &[Slot]) -> bool {
        let mut moved = false;
        loop {
            let mut again = false;
            for &slot in slots {
                if self.is_balanced() {
                    break;
                }
                let Some(&from) = self.owner.get(&slot) else {
                    continue;
                };
                if let Some(to) = self.better_owner(slot, from) {
                    self.move_one(slot, from, to);
                    again = true;
                }
            }
            moved |= again;
            if !again {
                return moved;
            }
        }
    }

    fn better_owner(&self, slot: Slot, from: usize) -> Option<usize> {
        let has_less = |other: usize| self.count(from) > self.count(other) + 1;
        let earlier = self.before.get(&slot).map(|(at, _)| *at);
        let earlier = earlier.filter(|at| self.open.contains(at) && has_less(*at));
        earlier.or_else(|| {
            let is_better = self.takers[slot.0].iter().any(|&other| has_less(other));
            is_better.then(|| self.first_taker(slot.0)).flatten()
        })
    }

    fn move_one(&mut self, slot: Slot, from: usize, to: usize) {
        let slot = self.movements.actual(&self.problem.names, slot, from, to);
        let Some(&from) = self.owner.get(&slot) else {
            return;
        };
        self.movements.add(slot, from, to);
        self.assigned[from].retain(|own| *own != slot);
        self.assigned[to].push(slot);
        self.owner.insert(slot, to);
    }
}
