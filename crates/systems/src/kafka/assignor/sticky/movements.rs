//! Which partitions were moved from whom to whom, so that one goes back instead of another.
//!
//! # Rules
//! 1. Is a partition to be moved to a member that has given one of the same topic to this member, that
//!    one goes back instead; of several the one that comes first in a Java hash set. Source:
//!    `PartitionMovements.getTheActualPartitionToBeMoved`. Shown by: kafka_assignor_sticky.

use super::Slot;
use crate::kafka::tools::hash_order::{Hash, Map};
use std::collections::BTreeMap;
use std::sync::Arc;

/// From which member to which.
type Pair = (usize, usize);

/// The movements of one assignment.
#[derive(Default)]
pub(super) struct Movements {
    /// By topic, in the order in which they were made.
    by_topic: BTreeMap<usize, BTreeMap<Pair, Vec<Slot>>>,
    of: BTreeMap<Slot, Pair>,
}

impl Movements {
    /// Which partition moves when this one is to go from one member to another.
    pub(super) fn actual(&self, names: &[Arc<str>], slot: Slot, from: usize, to: usize) -> Slot {
        let Some(pairs) = self.by_topic.get(&slot.0) else {
            return slot;
        };
        let from = self.of.get(&slot).map_or(from, |(first, _)| *first);
        let Some(moved) = pairs.get(&(to, from)) else {
            return slot;
        };
        let mut moved = moved.clone();
        Map::Plain.order(&mut moved, |(topic, index)| {
            Hash::of_partition(&names[*topic], *index)
        });
        moved.first().copied().unwrap_or(slot)
    }

    /// A partition moves.
    pub(super) fn add(&mut self, slot: Slot, from: usize, to: usize) {
        let mut pair = (from, to);
        if let Some(before) = self.of.remove(&slot) {
            self.forget(slot, before);
            if before.0 == to {
                // It is back where it was.
                return;
            }
            pair.0 = before.0;
        }
        self.of.insert(slot, pair);
        let pairs = self.by_topic.entry(slot.0).or_default();
        pairs.entry(pair).or_default().push(slot);
    }

    fn forget(&mut self, slot: Slot, pair: Pair) {
        let Some(pairs) = self.by_topic.get_mut(&slot.0) else {
            return;
        };
        if let Some(moved) = pairs.get_mut(&pair) {
            moved.retain(|one| *one != slot);
            if moved.is_empty() {
                pairs.remove(&pair);
            }
        }
        if pairs.is_empty() {
            self.by_topic.remove(&slot.0);
        }
    }
}
