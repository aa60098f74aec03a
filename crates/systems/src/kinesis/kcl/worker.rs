//! A worker: it renews its leases, takes expired ones, steals for balance, and checkpoints.

use super::Settings;
use super::fact::Fact;
use super::lease::{Checkpoint, Lease, LeaseTable, counter};
use crate::kinesis::sequence::SequenceNumber;
use crate::kinesis::shard::{ChildShard, ShardId};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A lease as its holder knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Held {
    lease: Lease,
    renewed: Instant,
    /// The greatest record that was given to the processor.
    given: Option<SequenceNumber>,
}

/// A lease as others know it: since when its counter has not changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seen {
    counter: u64,
    since: Instant,
}

/// A worker of an application.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Worker {
    name: Arc<str>,
    settings: Settings,
    held: BTreeMap<ShardId, Held>,
    seen: BTreeMap<ShardId, Seen>,
    renews_at: Instant,
    takes_at: Instant,
}

/// Why a checkpoint was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Somebody else holds the lease by now (`ShutdownException`): stop processing the shard.
    Shutdown,
    /// The place lies before the last checkpoint, or after what the processor was given
    /// (`IllegalArgumentException`).
    IllegalArgument,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Refused::Shutdown => {
                "Can't update checkpoint - instance doesn't hold the lease for this shard"
            }
            Refused::IllegalArgument => {
                "Could not checkpoint: the sequence number did not fall into the acceptable range"
            }
        })
    }
}

impl std::error::Error for Refused {}

/// What the library allows clocks to differ.
const EPSILON_MS: u64 = 25;

impl Worker {
    /// A worker that starts now, with its own name.
    pub fn new(name: &str, settings: Settings, now: Instant) -> Worker {
        Worker {
            name: name.into(),
            settings,
            held: BTreeMap::new(),
            seen: BTreeMap::new(),
            renews_at: now,
            takes_at: now,
        }
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn failover(&self) -> Span {
        Span::from_ms(self.settings.failover_ms)
    }

    /// The shards whose leases it counts as its own.
    pub fn holds(&self, now: Instant) -> Vec<ShardId> {
        let live = self.held.iter().filter(|(_, held)| self.is_live(now, held));
        live.map(|(shard, _)| *shard).collect()
    }

    fn is_live(&self, now: Instant, held: &Held) -> bool {
        now.since(held.renewed) <= self.failover()
    }

    /// The shards that it may process now: it holds their leases, and their parents are finished.
    pub fn processes(&self, now: Instant, table: &LeaseTable) -> Vec<ShardId> {
        let held = self.holds(now).into_iter();
        let is_unfinished = |shard: &ShardId| {
            let lease = table.get(*shard);
            lease.is_some_and(|lease| lease.checkpoint != Checkpoint::ShardEnd)
        };
        held.filter(|shard| table.is_ready(*shard) && is_unfinished(shard))
            .collect()
    }

    /// When it renews or takes leases next.
    pub fn next_due(&self) -> Instant {
        self.renews_at.min(self.takes_at)
    }

    /// Renews and takes what is due: renewals every third of the failover time, looks at other
    /// workers' leases every other failover time.
    pub fn act(&mut self, now: Instant, table: &mut LeaseTable) -> Vec<Fact> {
        let mut facts = Vec::new();
        let failover = self.settings.failover_ms;
        if self.renews_at <= now {
            facts.extend(self.renew(now, table));
            let every = (failover / 3).saturating_sub(EPSILON_MS).max(1);
            self.renews_at = now + Span::from_ms(every);
        }
        if self.takes_at <= now {
            facts.extend(self.take(now, table));
            let every = failover.saturating_add(EPSILON_MS).saturating_mul(2);
            self.takes_at = now + Span::from_ms(every);
        }
        facts
    }

    /// Renews every lease that it still counts as its own; the others are lost.
    pub fn renew(&mut self, now: Instant, table: &mut LeaseTable) -> Vec<Fact> {
        let mut facts = Vec::new();
        for (shard, mut held) in std::mem::take(&mut self.held) {
            let renewed = match self.is_live(now, &held) {
                true => table.update(&held.lease, |row| {
                    row.counter = row.counter.saturating_add(1);
                }),
                false => None,
            };
            let worker = Arc::clone(&self.name);
            let shard_number = shard.0;
            facts.push(match renewed {
                Some(lease) => {
                    (held.lease, held.renewed) = (lease, now);
                    self.held.insert(shard, held);
                    Fact::LeaseRenewed {
                        worker,
                        shard: shard_number,
                    }
                }
                None => Fact::LeaseLost {
                    worker,
                    shard: shard_number,
                },
            });
        }
        facts
    }

    /// Looks at all leases, and takes as many as it lacks of its share.
    pub fn take(&mut self, now: Instant, table: &mut LeaseTable) -> Vec<Fact> {
        let leases: Vec<Lease> = table.leases().cloned().collect();
        self.look(now, &leases);
        let mut expired: Vec<(Instant, &Lease)> = Vec::new();
        let mut counts: BTreeMap<Arc<str>, Vec<&Lease>> = BTreeMap::new();
        counts.insert(Arc::clone(&self.name), Vec::new());
        for lease in &leases {
            // A finished shard needs nobody.
            if lease.checkpoint == Checkpoint::ShardEnd {
                continue;
            }
            let since = self.seen.get(&lease.shard).map_or(now, |seen| seen.since);
            let is_own = self.held.contains_key(&lease.shard);
            match &lease.owner {
                None => expired.push((Instant(0), lease)),
                Some(owner) if is_own || now.since(since) <= self.failover() => {
                    counts.entry(Arc::clone(owner)).or_default().push(lease);
                }
                Some(_) => expired.push((since, lease)),
            }
        }
        expired.sort_by_key(|(since, lease)| (*since, lease.shard));
        let live: usize = counts.values().map(Vec::len).sum();
        let share = (live + expired.len()).div_ceil(counts.len());
        let share = share.min(self.settings.most_leases as usize);
        let own = counts.get(&self.name).map_or(0, Vec::len);
        let lacks = share.saturating_sub(own);
        if lacks == 0 {
            return Vec::new();
        }
        let wanted: Vec<Lease> = match expired.is_empty() {
            false => {
                let first = expired.into_iter().take(lacks);
                first.map(|(_, lease)| lease.clone()).collect()
            }
            true => self.to_steal(&counts, share, lacks),
        };
        let taken = wanted.iter().filter_map(|seen| self.grab(now, table, seen));
        taken.collect()
    }

    /// Notes which counters have changed since the last look.
    fn look(&mut self, now: Instant, leases: &[Lease]) {
        let is_there = |shard: &ShardId| leases.iter().any(|lease| lease.shard == *shard);
        self.seen.retain(|shard, _| is_there(shard));
        for lease in leases {
            let seen = self.seen.entry(lease.shard).or_insert(Seen {
                counter: lease.counter,
                since: now,
            });
            if seen.counter != lease.counter {
                (seen.counter, seen.since) = (lease.counter, now);
            }
        }
    }

    /// Which live leases to steal: of the worker that has most.
    fn to_steal(
        &self,
        counts: &BTreeMap<Arc<str>, Vec<&Lease>>,
        share: usize,
        lacks: usize,
    ) -> Vec<Lease> {
        let others = counts.iter().filter(|(owner, _)| **owner != self.name);
        let richest = others
            .map(|(_, leases)| leases)
            .max_by_key(|leases| leases.len());
        let Some(leases) = richest else {
            return Vec::new();
        };
        let spare = leases.len().saturating_sub(share).min(lacks);
        // One more than its share is worth taking even from a worker that has just its own.
        let count = match (spare, lacks) {
            (0, 2..) if leases.len() >= share => 1,
            (spare, _) => spare,
        };
        let count = count.min(self.settings.most_stolen as usize);
        leases
            .iter()
            .take(count)
            .map(|lease| (*lease).clone())
            .collect()
    }

    /// Takes a lease if nobody has written to it since it was looked at.
    fn grab(&mut self, now: Instant, table: &mut LeaseTable, seen: &Lease) -> Option<Fact> {
        let name = Arc::clone(&self.name);
        let is_live = self
            .seen
            .get(&seen.shard)
            .is_some_and(|known| seen.owner.is_some() && now.since(known.since) <= self.failover());
        let lease = table.update(seen, |row| {
            row.owner = Some(Arc::clone(&name));
            row.counter = row.counter.saturating_add(1);
            row.switches_since_checkpoint = row.switches_since_checkpoint.saturating_add(1);
        })?;
        let shard = lease.shard;
        let held = Held {
            lease,
            renewed: now,
            given: None,
        };
        self.held.insert(shard, held);
        Some(match (&seen.owner, is_live) {
            (Some(from), true) => Fact::LeaseStolen {
                worker: name,
                shard: shard.0,
                from: Arc::clone(from),
            },
            (from, _) => Fact::LeaseTaken {
                worker: name,
                shard: shard.0,
                from: from.clone(),
            },
        })
    }

    /// The processor was given records of a shard up to this one.
    pub fn gave(&mut self, shard: ShardId, last: SequenceNumber) {
        if let Some(held) = self.held.get_mut(&shard) {
            held.given = held.given.max(Some(last));
        }
    }

    /// Notes that a shard has been processed up to and with a record.
    ///
    /// # Errors
    /// The worker does not hold the lease, or the place is no place for a checkpoint.
    pub fn checkpoint(
        &mut self,
        now: Instant,
        table: &mut LeaseTable,
        shard: ShardId,
        at: SequenceNumber,
    ) -> Result<Fact, (Refused, Fact)> {
        let held = self.held.get(&shard);
        let is_possible = held.is_none_or(|held| {
            let checkpoint = Checkpoint::At(at);
            held.lease.checkpoint <= checkpoint && held.given >= Some(at)
        });
        match is_possible {
            true => self.write(now, table, shard, Checkpoint::At(at), &[]),
            false => Err((Refused::IllegalArgument, self.refused(shard))),
        }
    }

    /// Notes that all of a shard has been processed, after its children have leases.
    ///
    /// # Errors
    /// The worker does not hold the lease.
    pub fn finish(
        &mut self,
        now: Instant,
        table: &mut LeaseTable,
        shard: ShardId,
        children: &[ChildShard],
    ) -> Result<Vec<Fact>, (Refused, Fact)> {
        let mut facts = Vec::new();
        if self.holds(now).contains(&shard) {
            for child in children {
                let parents = child.parents.clone();
                let lease = Lease::new(child.shard, parents, Checkpoint::TrimHorizon);
                if table.create(lease) {
                    let shard = child.shard.0;
                    facts.push(Fact::LeaseCreated { shard });
                }
            }
        }
        let children: Vec<ShardId> = children.iter().map(|child| child.shard).collect();
        facts.push(self.write(now, table, shard, Checkpoint::ShardEnd, &children)?);
        Ok(facts)
    }

    fn refused(&self, shard: ShardId) -> Fact {
        Fact::CheckpointRefused {
            worker: Arc::clone(&self.name),
            shard: shard.0,
        }
    }

    fn write(
        &mut self,
        now: Instant,
        table: &mut LeaseTable,
        shard: ShardId,
        checkpoint: Checkpoint,
        children: &[ShardId],
    ) -> Result<Fact, (Refused, Fact)> {
        let live = self.held.get(&shard).filter(|held| self.is_live(now, held));
        let written = live.and_then(|held| {
            table.update(&held.lease, |row| {
                row.checkpoint = checkpoint;
                row.switches_since_checkpoint = 0;
                row.counter = row.counter.saturating_add(1);
                row.children = children.to_vec();
            })
        });
        match (written, self.held.get_mut(&shard)) {
            (Some(lease), Some(held)) => {
                held.lease = lease;
                Ok(Fact::Checkpointed {
                    worker: Arc::clone(&self.name),
                    shard: shard.0,
                    at: checkpoint.to_string().into(),
                })
            }
            _ => {
                self.held.remove(&shard);
                Err((Refused::Shutdown, self.refused(shard)))
            }
        }
    }
}

impl Visit for Worker {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for held in self.held.values_mut() {
            held.lease.visit(visitor);
            held.renewed.visit(visitor);
            if let Some(given) = &mut held.given {
                given.visit(visitor);
            }
        }
        for (shard, seen) in &mut self.seen {
            visitor.counter(counter(*shard), &mut seen.counter);
            seen.since.visit(visitor);
        }
        self.renews_at.visit(visitor);
        self.takes_at.visit(visitor);
    }
}
