//! What belongs to a transaction: partitions and groups.

use crate::kafka::{GroupId, Partition};
use explore::Weigh;

/// What belongs to a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Parts {
    /// Partitions that were, or will be, written to, in order.
    pub partitions: Vec<Partition>,
    /// Groups that offsets are written for, in order.
    pub groups: Vec<GroupId>,
}

impl Parts {
    /// One partition.
    pub fn partition(partition: Partition) -> Self {
        Parts {
            partitions: vec![partition],
            groups: Vec::new(),
        }
    }

    /// One group's offsets.
    pub fn group(group: GroupId) -> Self {
        Parts {
            partitions: Vec::new(),
            groups: vec![group],
        }
    }

    pub(super) fn has(&self, others: &Parts) -> bool {
        let mut partitions = others.partitions.iter();
        let mut groups = others.groups.iter();
        partitions.all(|one| self.partitions.contains(one))
            && groups.all(|one| self.groups.contains(one))
    }

    pub(super) fn add(&mut self, others: &Parts) {
        self.partitions.extend(&others.partitions);
        tiny_sort::unstable::sort(&mut self.partitions);
        self.partitions.dedup();
        self.groups.extend(&others.groups);
        tiny_sort::unstable::sort(&mut self.groups);
        self.groups.dedup();
    }
}
