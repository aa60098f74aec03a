//! What went wrong, judged from the trace alone.
//!
//! - **duplicated**: a service did its work twice for one record. Example: the mail for `ord_12` is
//!   sent, the consumer crashes before it commits, its successor reads `ord_12` again and sends a
//!   second mail.
//! - **lost**: the group has committed past a record, nobody alive holds it, and its work was never
//!   done. Example: the consumer commits 4, crashes before it has sent the mail for `ord_13` at
//!   offset 3, and its successor goes on at 4.

use crate::broker::kafka::{GroupId, Offset, Partition};
use crate::cast::{Action, Cast, ConsumerId, RecordId, ServiceId};
use crate::fact::Fact;
use crate::trace::{FactId, Trace};
use std::collections::{BTreeMap, BTreeSet};

/// A service did its work again for a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicated {
    /// Which service.
    pub service: ServiceId,
    /// For which record.
    pub record: RecordId,
    /// The first time.
    pub first: FactId,
    /// This time.
    pub again: FactId,
    /// How often by now.
    pub times: u32,
}

/// A record whose work will never be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// For which group.
    pub group: GroupId,
    /// Which record.
    pub record: RecordId,
    /// Where it stands.
    pub partition: Partition,
    /// At which offset.
    pub offset: Offset,
    /// The fact with which the last hope went.
    pub at: FactId,
}

/// Every effect that was done more than once, in the order it happened.
pub fn duplicated(trace: &Trace) -> Vec<Duplicated> {
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    for (at, entry) in trace.entries().iter().enumerate() {
        if let Fact::EffectDone {
            service,
            record,
            times,
            ..
        } = entry.fact
        {
            let again = FactId(at as u32);
            let first = *first.entry((service, record)).or_insert(again);
            if first != again {
                found.push(Duplicated {
                    service,
                    record,
                    first,
                    again,
                    times,
                });
            }
        }
    }
    found
}

/// What one group knows of one record.
#[derive(Default)]
struct Fate {
    holders: BTreeSet<ConsumerId>,
    under_way: u32,
    done: bool,
}

/// Every record that is lost to a group, in the order they were lost.
pub fn lost(trace: &Trace) -> Vec<Lost> {
    let cast = trace.cast();
    let group_of = |consumer: ConsumerId| cast.consumers.get(consumer.at()).map(|plan| plan.group);
    let mut offsets: BTreeMap<RecordId, (Partition, Offset)> = BTreeMap::new();
    let mut committed: BTreeMap<(GroupId, Partition), Offset> = BTreeMap::new();
    let mut fates: BTreeMap<(GroupId, RecordId), Fate> = BTreeMap::new();
    let mut found: Vec<Lost> = Vec::new();
    for (at, entry) in trace.entries().iter().enumerate() {
        let mut look = None;
        match &entry.fact {
            Fact::Appended {
                partition,
                offset,
                record,
            } => {
                offsets.insert(*record, (*partition, *offset));
            }
            Fact::Polled {
                consumer, records, ..
            } => {
                if let Some(group) = group_of(*consumer) {
                    for &record in records {
                        fates
                            .entry((group, record))
                            .or_default()
                            .holders
                            .insert(*consumer);
                    }
                }
            }
            Fact::EffectAsked {
                consumer, record, ..
            } => {
                if let Some(group) = group_of(*consumer) {
                    fates.entry((group, *record)).or_default().under_way += 1;
                }
            }
            Fact::EffectDone {
                consumer, record, ..
            } => {
                if let Some(group) = group_of(*consumer) {
                    fates.entry((group, *record)).or_default().done = true;
                    found.retain(|lost| (lost.group, lost.record) != (group, *record));
                }
            }
            Fact::Handled { consumer, record } => {
                if let Some(group) = group_of(*consumer) {
                    let fate = fates.entry((group, *record)).or_default();
                    fate.holders.remove(consumer);
                    fate.done |= !has_effect(cast, group);
                    look = Some(group);
                }
            }
            Fact::Crashed { consumer, .. } => {
                if let Some(group) = group_of(*consumer) {
                    for fate in fates.range_mut((group, RecordId(0))..=(group, RecordId(u16::MAX)))
                    {
                        fate.1.holders.remove(consumer);
                    }
                    look = Some(group);
                }
            }
            Fact::Committed {
                group,
                partition,
                offset,
                ..
            } => {
                committed.insert((*group, *partition), *offset);
                look = Some(*group);
            }
            _ => {}
        }
        let Some(group) = look else { continue };
        for (&record, &(partition, offset)) in &offsets {
            let passed = committed
                .get(&(group, partition))
                .is_some_and(|&next| offset < next);
            let hopeless = fates
                .get(&(group, record))
                .is_none_or(|fate| fate.holders.is_empty() && fate.under_way == 0 && !fate.done);
            let known = found
                .iter()
                .any(|lost| (lost.group, lost.record) == (group, record));
            if passed && hopeless && !known {
                found.push(Lost {
                    group,
                    record,
                    partition,
                    offset,
                    at: FactId(at as u32),
                });
            }
        }
    }
    found
}

/// Whether the work of a group is an effect outside; else it is done when a handler is through.
fn has_effect(cast: &Cast, group: GroupId) -> bool {
    let mut members = cast.consumers.iter().filter(|plan| plan.group == group);
    members.any(|plan| {
        plan.handler
            .iter()
            .any(|action| matches!(action, Action::Send(_)))
    })
}
