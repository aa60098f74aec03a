//! Who gets which partitions: what the leader of a classic group works out.
//!
//! # Rules
//! 1. Range: per topic, the members subscribed to it, in their order, get blocks of partitions next to
//!    each other; the first (partitions mod members) get one more. Source: `RangeAssignor`. Shown by:
//!    kafka_assignor_range, kafka-group-range-joins-and-leaves.
//! 2. Round robin: all partitions, by topic and number, go to the members in turn; who is not subscribed
//!    to the topic is passed over. Source: `RoundRobinAssignor`. Shown by: kafka_assignor_roundrobin,
//!    kafka-group-roundrobin.
//! 3. Both order static members by their instance id, before dynamic ones by their member id. Source:
//!    `AbstractPartitionAssignor.MemberInfo`. Shown by: kafka_assignor_range.
//! 4. Only topics with partitions that somebody subscribes to are given out. Source:
//!    `AbstractPartitionAssignor.assign`. Shown by: kafka_assignor_roundrobin.
//! 5. Sticky and cooperative sticky keep what members own, as far as balance allows. When all have the
//!    same subscription they do so by quotas, otherwise step by step ([`sticky`]). Source:
//!    `AbstractStickyAssignor`. Shown by: kafka_assignor_sticky, kafka-group-sticky.
//! 6. Cooperative sticky leaves out of its assignment what another member has to give back first: it is
//!    given out in the rebalance that follows. Source: `CooperativeStickyAssignor.adjustAssignment`.
//!    Shown by: kafka_assignor_cooperative_sticky, kafka-group-cooperative.
//!
//! Left out: racks.

pub mod sticky;

use crate::kafka::group::MemberId;
use crate::kafka::{Partition, TopicId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a leader assigns, by the name of its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Assignor {
    /// Of each topic, everybody gets a block of neighbouring partitions.
    Range,
    /// All partitions go round, one by one.
    RoundRobin,
    /// Everybody keeps what it had, as far as balance allows; for the rebalance all is given back.
    Sticky,
    /// The same, and nobody gives back what it keeps: what moves takes a second rebalance.
    #[serde(rename = "cooperative-sticky")]
    CooperativeSticky,
}

crate::choices! { Assignor {
    Range "range", RoundRobin "roundrobin", Sticky "sticky", CooperativeSticky "cooperative-sticky",
} }

/// A partition of a topic, by its name.
pub type Place = (Arc<str>, u32);

/// The topics there are, with the number of their partitions.
pub type Topics = BTreeMap<Arc<str>, u32>;

/// What the leader knows of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscriber {
    /// Its member id.
    pub id: Arc<str>,
    /// Its `group.instance.id`.
    pub instance: Option<Arc<str>>,
    /// What it subscribes to.
    pub topics: Vec<Arc<str>>,
    /// What it says it owns.
    pub owned: Vec<Place>,
    /// In which generation it was given that.
    pub generation: Option<u32>,
}

impl Assignor {
    /// All of them.
    pub const ALL: [Assignor; 4] = [
        Assignor::Range,
        Assignor::RoundRobin,
        Assignor::Sticky,
        Assignor::CooperativeSticky,
    ];

    /// The name of its protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
            Assignor::Sticky => "sticky",
            Assignor::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The one of this name.
    pub fn find(name: &str) -> Option<Assignor> {
        Assignor::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether it is the one that clients are shipped with.
    pub fn is_range(&self) -> bool {
        *self == Assignor::Range
    }

    /// Whether a member keeps its partitions while it rejoins. All others give everything back first.
    pub const fn is_cooperative(self) -> bool {
        matches!(self, Assignor::CooperativeSticky)
    }

    /// What each member gets, in the order in which the members are given.
    pub fn assign(self, topics: &Topics, members: &[Subscriber]) -> Vec<Vec<Place>> {
        // Rule 4.
        let is_wanted = |topic: &Arc<str>| members.iter().any(|one| one.topics.contains(topic));
        let topics: Topics = topics
            .iter()
            .filter(|(topic, count)| **count > 0 && is_wanted(topic))
            .map(|(topic, count)| (Arc::clone(topic), *count))
            .collect();
        if members.is_empty() {
            return Vec::new();
        }
        match self {
            Assignor::Range => by_range(&topics, members),
            Assignor::RoundRobin => by_turns(&topics, members),
            Assignor::Sticky => sticky::assign(&topics, members).partitions,
            Assignor::CooperativeSticky => sticky::assign(&topics, members).cooperative(),
        }
    }
}

/// The members' order (rule 3).
fn ordered(members: &[Subscriber]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    tiny_sort::stable::sort_by_key(&mut order, |&at| {
        let Subscriber { id, instance, .. } = &members[at];
        (instance.is_none(), instance.clone(), Arc::clone(id))
    });
    order
}

/// How many partitions the nth of so many members gets of a topic, and from which one on (rule 1).
fn block(partitions: usize, members: usize, nth: usize) -> (usize, usize) {
    let (share, extra) = (partitions / members, partitions % members);
    let from = nth * share + nth.min(extra);
    (from, share + usize::from(nth < extra))
}

fn by_range(topics: &Topics, members: &[Subscriber]) -> Vec<Vec<Place>> {
    let mut assigned = vec![Vec::new(); members.len()];
    let order = ordered(members);
    for (topic, &count) in topics {
        let of_topic = order
            .iter()
            .filter(|&&at| members[at].topics.contains(topic));
        let subscribed: Vec<usize> = of_topic.copied().collect();
        for (nth, &at) in subscribed.iter().enumerate() {
            let (from, length) = block(count as usize, subscribed.len(), nth);
            let own = from..from + length;
            assigned[at].extend(own.map(|index| (Arc::clone(topic), index as u32)));
        }
    }
    assigned
}

fn by_turns(topics: &Topics, members: &[Subscriber]) -> Vec<Vec<Place>> {
    let mut assigned = vec![Vec::new(); members.len()];
    let order = ordered(members);
    let mut next = 0;
    for (topic, &count) in topics {
        for index in 0..count {
            // Somebody is subscribed to every topic here.
            while !members[order[next]].topics.contains(topic) {
                next = (next + 1) % order.len();
            }
            assigned[order[next]].push((Arc::clone(topic), index));
            next = (next + 1) % order.len();
        }
    }
    assigned
}

/// Range (rule 1) among members of a scene, in the order in which they are given.
pub fn range(
    members: &[(MemberId, &[TopicId])],
    partitions: impl Fn(TopicId) -> Vec<Partition>,
) -> Vec<(MemberId, Vec<Partition>)> {
    let mut assigned: Vec<_> = members.iter().map(|(id, _)| (*id, Vec::new())).collect();
    let mut topics: Vec<TopicId> = members.iter().flat_map(|(_, all)| *all).copied().collect();
    tiny_sort::unstable::sort(&mut topics);
    topics.dedup();
    for topic in topics {
        let subscribed: Vec<usize> = (0..members.len())
            .filter(|&at| members[at].1.contains(&topic))
            .collect();
        let partitions = partitions(topic);
        for (nth, &at) in subscribed.iter().enumerate() {
            let (from, length) = block(partitions.len(), subscribed.len(), nth);
            assigned[at]
                .1
                .extend_from_slice(&partitions[from..from + length]);
        }
    }
    assigned
}
