//! Sticky assignment: members keep what they own, as far as balance allows.
//!
//! # Rules
//! 1. Of two members that say they own the same partition the one of the later generation does; of the
//!    same generation neither does, and who gets the partition then waits as for a revoked one. Source:
//!    `AbstractStickyAssignor.allSubscriptionsEqual`. Shown by: kafka_assignor_sticky.
//! 2. All subscribe to the same topics: everybody keeps its first partitions, by number and then topic,
//!    up to its quota; what is left goes round those that have too few. Source:
//!    `ConstrainedAssignmentBuilder`. Shown by: kafka_assignor_sticky.
//! 3. Otherwise everybody keeps everything it still subscribes to, what is left goes to whoever has
//!    least, and then partitions are moved while that makes the whole more even. Source:
//!    `GeneralAssignmentBuilder`. Shown by: kafka_assignor_sticky (`general`).
//! 4. Members are gone through in the order of a Java hash map over their ids. Source: the classes
//!    above. Shown by: kafka_assignor_cooperative_sticky.

mod general;
mod movements;

use super::{Place, Subscriber, Topics};
use crate::kafka::tools::hash_order::{Hash, Map};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A topic's place among the sorted topics, and a partition of it.
type Slot = (usize, u32);

/// What there is to give out, and to whom, in numbers.
struct Problem<'a> {
    /// By topic.
    names: Vec<Arc<str>>,
    counts: Vec<u32>,
    members: &'a [Subscriber],
    /// The members in the order of the hash map.
    order: Vec<usize>,
    /// What each member owns, in the order of `members`, after rule 1.
    owned: Vec<Vec<Slot>>,
    /// What two members of one generation say they own.
    disputed: BTreeSet<Slot>,
    /// The latest generation that somebody speaks of.
    latest: Option<u32>,
}

/// An assignment.
pub struct Assigned {
    /// What each member gets.
    pub partitions: Vec<Vec<Place>>,
    /// What somebody else has to give back first: the partition, and who gets it.
    moving: Vec<(Place, usize)>,
}

impl Assigned {
    /// Without what has to be given back first.
    pub fn cooperative(mut self) -> Vec<Vec<Place>> {
        for (place, to) in &self.moving {
            self.partitions[*to].retain(|own| own != place);
        }
        self.partitions
    }
}

/// Assigns; topics have partitions, and somebody subscribes to each.
pub fn assign(topics: &Topics, members: &[Subscriber]) -> Assigned {
    let problem = Problem::new(topics, members);
    let (assigned, moving) = if problem.is_uniform() {
        problem.by_quota()
    } else {
        let assigned = general::assign(&problem);
        let moving = problem.moving(&assigned);
        (assigned, moving)
    };
    let place = |(topic, index): &Slot| (Arc::clone(&problem.names[*topic]), *index);
    let partitions = assigned.iter().map(|own| own.iter().map(place).collect());
    let moving = moving.iter().map(|(slot, to)| (place(slot), *to));
    Assigned {
        partitions: partitions.collect(),
        moving: moving.collect(),
    }
}

impl<'a> Problem<'a> {
    fn new(topics: &Topics, members: &'a [Subscriber]) -> Self {
        let names: Vec<Arc<str>> = topics.keys().cloned().collect();
        let mut order: Vec<usize> = (0..members.len()).collect();
        Map::Plain.order(&mut order, |&at| Hash::of_text(&members[at].id));
        let mut problem = Problem {
            counts: topics.values().copied().collect(),
            owned: vec![Vec::new(); members.len()],
            disputed: BTreeSet::new(),
            latest: None,
            names,
            members,
            order,
        };
        problem.settle_claims();
        problem
    }

    fn slot(&self, (topic, index): &Place) -> Option<Slot> {
        Some((self.names.binary_search(topic).ok()?, *index))
    }

    /// Rule 1.
    fn settle_claims(&mut self) {
        let mut owners: BTreeMap<Slot, usize> = BTreeMap::new();
        for &at in &self.order {
            let member = &self.members[at];
            self.latest = self.latest.max(member.generation);
            for place in &member.owned {
                let Some(slot) = self.slot(place) else {
                    continue;
                };
                let other = owners.get(&slot).copied();
                let other_generation = other.map(|other| self.members[other].generation);
                match other_generation {
                    Some(generation) if generation > member.generation => continue,
                    Some(generation) if generation == member.generation => {
                        self.disputed.insert(slot);
                    }
                    Some(_) | None => self.owned[at].push(slot),
                }
                if let Some(other) = other {
                    self.owned[other].retain(|own| *own != slot);
                }
                owners.insert(slot, at);
            }
        }
    }

    /// Whether all subscribe to the same topics. Members without any that come first in the hash map's
    /// order are passed over, as the real one does.
    fn is_uniform(&self) -> bool {
        let mut common: BTreeSet<&str> = BTreeSet::new();
        self.order.iter().all(|&at| {
            let topics = &self.members[at].topics;
            if common.is_empty() {
                common = topics.iter().map(|topic| &**topic).collect();
                return true;
            }
            topics.len() == common.len() && topics.iter().all(|topic| common.contains(&**topic))
        })
    }

    /// All partitions, by topic and number.
    fn all(&self) -> Vec<Slot> {
        let topics = self.counts.iter().enumerate();
        topics
            .flat_map(|(topic, &count)| (0..count).map(move |index| (topic, index)))
            .collect()
    }

    /// Rule 2.
    fn by_quota(&self) -> (Vec<Vec<Slot>>, Vec<(Slot, usize)>) {
        let all = self.all();
        let (least, over) = (all.len() / self.order.len(), all.len() % self.order.len());
        let most = least + usize::from(over > 0);
        let mut assigned: Vec<Vec<Slot>> = vec![Vec::new(); self.members.len()];
        let mut revoked: BTreeSet<Slot> = BTreeSet::new();
        let (mut needing, mut at_least): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut with_more = 0;
        for &at in &self.order {
            let mut owned = self.owned[at].clone();
            tiny_sort::stable::sort_by_key(&mut owned, |&(topic, index)| (index, topic));
            owned.retain(|slot| !self.disputed.contains(slot));
            let keep = if owned.len() < least {
                needing.push(at);
                owned.len()
            } else if owned.len() >= most && with_more < over {
                with_more += 1;
                if with_more == over {
                    at_least.clear();
                }
                most
            } else {
                if with_more < over {
                    at_least.push(at);
                }
                least
            };
            revoked.extend(owned.drain(keep..));
            assigned[at] = owned;
        }
        tiny_sort::stable::sort_by_key(&mut needing, |&at| &self.members[at].id);
        tiny_sort::stable::sort_by_key(&mut at_least, |&at| &self.members[at].id);
        let mut at_least = VecDeque::from(at_least);
        let taken: BTreeSet<Slot> = assigned.iter().flatten().copied().collect();
        let mut moving = Vec::new();
        let mut next = 0;
        for slot in all.into_iter().filter(|slot| !taken.contains(slot)) {
            if next >= needing.len() {
                next = 0;
            }
            let needs = needing.get(next).copied();
            // One of the two has somebody: the quotas add up to the partitions.
            let Some(to) = needs.or_else(|| at_least.pop_front()) else {
                break;
            };
            assigned[to].push(slot);
            if revoked.contains(&slot) || self.disputed.contains(&slot) {
                moving.push((slot, to));
            }
            if needs.is_some() && assigned[to].len() == least {
                needing.remove(next);
                at_least.push_back(to);
            } else if needs.is_some() {
                next += 1;
            }
        }
        (assigned, moving)
    }

    /// What somebody gets that another said to own and has to give back first.
    fn moving(&self, assigned: &[Vec<Slot>]) -> Vec<(Slot, usize)> {
        let said: Vec<BTreeSet<Slot>> = self
            .members
            .iter()
            .map(|one| {
                one.owned
                    .iter()
                    .filter_map(|place| self.slot(place))
                    .collect()
            })
            .collect();
        let given_back: BTreeSet<Slot> = said
            .iter()
            .zip(assigned)
            .flat_map(|(said, now)| said.iter().filter(|slot| !now.contains(slot)))
            .copied()
            .collect();
        let added = assigned.iter().enumerate().flat_map(|(at, now)| {
            let added = now.iter().filter(|slot| !said[at].contains(slot));
            added.map(|slot| (*slot, at)).collect::<Vec<_>>()
        });
        added
            .filter(|(slot, _)| given_back.contains(slot))
            .collect()
    }
}
