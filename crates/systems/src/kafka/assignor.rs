//! Who gets which partitions: what the leader of a classic group works out.
//!
//! # Rules
//! 1. Range: per topic, the members subscribed to it, in their order, get blocks of partitions next to
//!    each other; the first (partitions mod members) get one more. Source: `RangeAssignor`.

use crate::kafka::group::MemberId;
use crate::kafka::{Partition, TopicId};

/// Range (rule 1), for members in the order of their ids.
pub fn range(
    members: &[(MemberId, &[TopicId])],
    partitions: impl Fn(TopicId) -> Vec<Partition>,
) -> Vec<(MemberId, Vec<Partition>)> {
    let mut assigned: Vec<_> = members.iter().map(|(id, _)| (*id, Vec::new())).collect();
    let mut topics: Vec<TopicId> = members.iter().flat_map(|(_, all)| *all).copied().collect();
    topics.sort_unstable();
    topics.dedup();
    for topic in topics {
        let subscribed: Vec<usize> = (0..members.len())
            .filter(|&at| members[at].1.contains(&topic))
            .collect();
        let partitions = partitions(topic);
        let share = partitions.len() / subscribed.len();
        let extra = partitions.len() % subscribed.len();
        let mut rest = partitions.as_slice();
        for (nth, &at) in subscribed.iter().enumerate() {
            let (own, others) = rest.split_at(share + usize::from(nth < extra));
            assigned[at].1.extend_from_slice(own);
            rest = others;
        }
    }
    assigned
}
