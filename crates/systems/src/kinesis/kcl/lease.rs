//! Leases and the table they stand in.

use crate::kinesis::reply::ShardDescription;
use crate::kinesis::request::Starting;
use crate::kinesis::sequence::{Given, SequenceNumber};
use crate::kinesis::shard::ShardId;
use crate::visit::{Counter, Visit, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How far a shard has been processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Checkpoint {
    /// Nothing yet: it starts with the oldest record.
    TrimHorizon,
    /// Nothing yet: it starts after the newest record of the moment it is first read.
    Latest,
    /// Up to this record, which is done.
    At(SequenceNumber),
    /// All of it.
    ShardEnd,
}

impl Checkpoint {
    /// Where reading goes on; after the end nowhere.
    pub fn starting(self) -> Option<Starting> {
        match self {
            Checkpoint::TrimHorizon => Some(Starting::TrimHorizon),
            Checkpoint::Latest => Some(Starting::Latest),
            Checkpoint::At(number) => Some(Starting::AfterSequenceNumber(Given::Number(number))),
            Checkpoint::ShardEnd => None,
        }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Checkpoint::TrimHorizon => out.write_str("TRIM_HORIZON"),
            Checkpoint::Latest => out.write_str("LATEST"),
            Checkpoint::At(number) => number.fmt(out),
            Checkpoint::ShardEnd => out.write_str("SHARD_END"),
        }
    }
}

impl Visit for Checkpoint {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Checkpoint::At(number) = self {
            number.visit(visitor);
        }
    }
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Of which shard.
    pub shard: ShardId,
    /// Which worker holds it.
    pub owner: Option<Arc<str>>,
    /// Grows with each renewal and each change of owner.
    pub counter: u64,
    /// How far the shard has been processed.
    pub checkpoint: Checkpoint,
    /// How often it changed hands since somebody checkpointed.
    pub switches_since_checkpoint: u32,
    /// The shards that must be finished first.
    pub parents: Vec<ShardId>,
    /// The shards that follow, once it is finished.
    pub children: Vec<ShardId>,
}

impl Lease {
    /// A lease that nobody holds yet.
    pub fn new(shard: ShardId, parents: Vec<ShardId>, checkpoint: Checkpoint) -> Lease {
        Lease {
            shard,
            owner: None,
            counter: 0,
            checkpoint,
            switches_since_checkpoint: 0,
            parents,
            children: Vec::new(),
        }
    }
}

pub(super) fn counter(shard: ShardId) -> Counter {
    Counter {
        kind: "lease counter",
        scope: (shard.0 & 0xffff) as u16,
    }
}

impl Visit for Lease {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(counter(self.shard), &mut self.counter);
        self.checkpoint.visit(visitor);
    }
}

/// The table of an application, with a row for each shard. Its writes are conditional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LeaseTable(BTreeMap<ShardId, Lease>);

impl LeaseTable {
    /// All rows, by shard.
    pub fn leases(&self) -> impl Iterator<Item = &Lease> + '_ {
        self.0.values()
    }

    /// The row of a shard.
    pub fn get(&self, shard: ShardId) -> Option<&Lease> {
        self.0.get(&shard)
    }

    /// Makes a row unless there is one; whether it did.
    pub fn create(&mut self, lease: Lease) -> bool {
        let is_new = !self.0.contains_key(&lease.shard);
        if is_new {
            self.0.insert(lease.shard, lease);
        }
        is_new
    }

    /// Makes the rows that an application begins with.
    pub fn begin(&mut self, shards: &[ShardDescription], at: Checkpoint) {
        for shard in shards {
            let is_meant = match at {
                Checkpoint::Latest => shard.ending.is_none(),
                _ => !shard
                    .parents
                    .iter()
                    .any(|parent| shards.iter().any(|one| one.shard == *parent)),
            };
            if is_meant {
                self.create(Lease::new(shard.shard, shard.parents.clone(), at));
            }
        }
    }

    /// Writes to a row if its owner and counter are still these, and counts the write if it is a
    /// renewal or a change of owner; the row as it is then.
    pub(super) fn update(
        &mut self,
        seen: &Lease,
        change: impl FnOnce(&mut Lease),
    ) -> Option<Lease> {
        let row = self.0.get_mut(&seen.shard)?;
        if row.counter != seen.counter || row.owner != seen.owner {
            return None;
        }
        change(row);
        Some(row.clone())
    }

    /// Whether a shard may be processed: all its parents are finished, or long forgotten.
    pub fn is_ready(&self, shard: ShardId) -> bool {
        let Some(lease) = self.get(shard) else {
            return false;
        };
        let mut parents = lease.parents.iter().filter_map(|parent| self.get(*parent));
        parents.all(|parent| parent.checkpoint == Checkpoint::ShardEnd)
    }

    /// Deletes the rows of finished shards whose children have all moved on.
    pub fn clean_up(&mut self) {
        let has_moved_on = |shard: &ShardId| {
            let child = self.get(*shard);
            child.is_some_and(|child| child.checkpoint != Checkpoint::TrimHorizon)
        };
        let is_done = |lease: &&Lease| {
            lease.checkpoint == Checkpoint::ShardEnd
                && !lease.children.is_empty()
                && lease.children.iter().all(has_moved_on)
        };
        let done: Vec<ShardId> = self.leases().filter(is_done).map(|one| one.shard).collect();
        for shard in done {
            self.0.remove(&shard);
        }
    }
}

impl Visit for LeaseTable {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.0.values_mut().for_each(|lease| lease.visit(visitor));
    }
}
