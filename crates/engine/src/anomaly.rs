//! What went wrong, judged from the trace alone.
//!
//! - **duplicated**: a service did its work twice for one record. Example: the mail for `ord_12` is
//!   sent, the consumer crashes before it commits, its successor reads `ord_12` again and sends a
//!   second mail.
//! - **lost**: a record is settled for a subscription, nobody alive holds it, and its work was never
//!   done. Settled is what the group has committed past, or what was deleted from the queue. Example:
//!   the consumer commits 4, crashes before it has sent the mail for `ord_13` at offset 3, and its
//!   successor goes on at 4.

use crate::cast::{Action, Cast, ConsumerId, RecordId, ServiceId};
use crate::fact::Fact;
use crate::fact::{kafka, process, service, sqs};
use crate::handler::Place;
use crate::trace::{FactId, Trace};
use systems::kafka::{GroupId, Offset, Partition};

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
    /// Where it stands, in a system whose records have places.
    pub place: Option<Place>,
    /// The fact with which the last hope went.
    pub at: FactId,
}

/// Every effect that was done more than once, in the order it happened.
pub fn duplicated(trace: &Trace) -> Vec<Duplicated> {
    let mut firsts: Vec<(ServiceId, RecordId, FactId)> = Vec::new();
    let mut found = Vec::new();
    for (at, entry) in trace.entries().iter().enumerate() {
        let Fact::Service(service::Fact::EffectDone {
            service,
            record,
            times,
            ..
        }) = entry.fact
        else {
            continue;
        };
        let again = FactId(at as u32);
        let known = firsts
            .iter()
            .find(|first| (first.0, first.1) == (service, record));
        match known {
            None => firsts.push((service, record, again)),
            Some(&(_, _, first)) => found.push(Duplicated {
                service,
                record,
                first,
                again,
                times,
            }),
        }
    }
    found
}

/// What one group knows of one record.
#[derive(Clone, Default)]
struct Fate {
    holders: Vec<ConsumerId>,
    /// Somebody asked for its effect, which will come, whoever lives to hear of it; or it is for nobody.
    asked: bool,
    done: bool,
}

/// What all groups know of all records.
struct Fates<'a> {
    cast: &'a Cast,
    /// By group, then by record.
    all: Vec<Fate>,
}

impl Fates<'_> {
    fn group_of(&self, consumer: ConsumerId) -> Option<GroupId> {
        self.cast
            .consumers
            .get(consumer.at())
            .map(|plan| plan.group)
    }

    fn of_group(&mut self, group: GroupId) -> &mut [Fate] {
        let records = self.cast.records.len();
        let from = usize::from(group.0) * records;
        self.all.get_mut(from..from + records).unwrap_or_default()
    }

    /// Changes what the consumer's group knows of a record.
    fn change(&mut self, consumer: ConsumerId, record: RecordId, change: impl FnOnce(&mut Fate)) {
        if let Some(group) = self.group_of(consumer)
            && let Some(fate) = self.of_group(group).get_mut(record.at())
        {
            change(fate);
        }
    }
}

/// What is settled, as far as facts have told.
#[derive(Default)]
struct Settled {
    /// By record: where it stands in its log.
    places: Vec<Option<Place>>,
    committed: Vec<(GroupId, Partition, Offset)>,
    /// What was deleted from the queue of a subscription.
    deleted: Vec<(GroupId, RecordId)>,
}

impl Settled {
    fn new(cast: &Cast) -> Settled {
        Settled {
            places: vec![None; cast.records.len()],
            ..Settled::default()
        }
    }

    /// Reads a fact. Says for which subscription something was settled.
    fn read(&mut self, fact: &Fact, cast: &Cast) -> Option<GroupId> {
        match fact {
            Fact::Kafka(
                kafka::Fact::Appended {
                    partition,
                    offset,
                    record,
                }
                | kafka::Fact::Stored {
                    partition,
                    offset,
                    record,
                    ..
                },
            ) => {
                if let Some(place) = self.places.get_mut(record.at()) {
                    *place = Some(Place {
                        partition: *partition,
                        offset: *offset,
                    });
                }
                None
            }
            Fact::Kafka(kafka::Fact::Committed {
                group,
                partition,
                offset,
                ..
            }) => {
                let known = &mut self.committed;
                known.retain(|known| (known.0, known.1) != (*group, *partition));
                known.push((*group, *partition, *offset));
                Some(*group)
            }
            Fact::Sqs(
                sqs::Fact::Deleted {
                    record: Some(record),
                    queue,
                    ..
                }
                | sqs::Fact::Expired {
                    record: Some(record),
                    queue,
                },
            ) => {
                let group = cast.group_of_queue(queue)?;
                self.deleted.push((group, *record));
                Some(group)
            }
            _ => None,
        }
    }

    fn is_settled(&self, group: GroupId, record: RecordId) -> bool {
        let passed = |place: Place| {
            self.committed.iter().any(|known| {
                (known.0, known.1) == (group, place.partition) && place.offset < known.2
            })
        };
        self.place(record).is_some_and(passed) || self.deleted.contains(&(group, record))
    }

    fn place(&self, record: RecordId) -> Option<Place> {
        self.places.get(record.at()).copied().flatten()
    }
}

/// Every record that is lost to a group, in the order they were lost.
pub fn lost(trace: &Trace) -> Vec<Lost> {
    let cast: &Cast = trace.cast();
    let mut fates = Fates {
        cast,
        all: vec![Fate::default(); cast.groups.len() * cast.records.len()],
    };
    let mut settled = Settled::new(cast);
    let mut found: Vec<Lost> = Vec::new();
    for (at, entry) in trace.entries().iter().enumerate() {
        // With which facts hope may go, and for which group.
        let mut look = settled.read(&entry.fact, cast);
        match &entry.fact {
            Fact::Kafka(kafka::Fact::Polled {
                consumer, records, ..
            })
            | Fact::Sqs(sqs::Fact::Returned { consumer, records }) => {
                for &record in records {
                    fates.change(*consumer, record, |fate| fate.holders.push(*consumer));
                }
            }
            Fact::Sqs(sqs::Fact::Refused {
                record: Some(record),
                by,
                ..
            }) => {
                // Its delete was refused: whoever deletes before the work leaves it to the next receive.
                let consumer = ConsumerId(by.0);
                fates.change(consumer, *record, |fate| {
                    fate.holders.retain(|holder| *holder != consumer);
                });
            }
            Fact::Kafka(kafka::Fact::PassedOver {
                consumer, records, ..
            }) => {
                // Its transaction was aborted: nobody is to handle it.
                for &record in records {
                    fates.change(*consumer, record, |fate| fate.asked = true);
                }
            }
            Fact::Service(service::Fact::EffectAsked {
                consumer, record, ..
            }) => fates.change(*consumer, *record, |fate| fate.asked = true),
            Fact::Service(service::Fact::EffectDone {
                consumer, record, ..
            }) => {
                fates.change(*consumer, *record, |fate| fate.done = true);
                let group = fates.group_of(*consumer);
                found.retain(|lost| (Some(lost.group), lost.record) != (group, *record));
            }
            Fact::Process(process::Fact::Handled { consumer, record }) => {
                look = fates.group_of(*consumer);
                let is_work = look.is_some_and(|group| !has_effect(cast, group));
                fates.change(*consumer, *record, |fate| {
                    fate.holders.retain(|holder| holder != consumer);
                    fate.done |= is_work;
                });
            }
            Fact::Process(process::Fact::Crashed { consumer, .. }) => {
                look = fates.group_of(*consumer);
                if let Some(group) = look {
                    for fate in fates.of_group(group) {
                        fate.holders.retain(|holder| holder != consumer);
                    }
                }
            }
            _ => {}
        }
        let Some(group) = look else { continue };
        for nth in 0..cast.records.len() {
            let record = RecordId(nth as u16);
            let hopeless = fates
                .of_group(group)
                .get(nth)
                .is_some_and(|fate| fate.holders.is_empty() && !fate.asked && !fate.done);
            let known = found
                .iter()
                .any(|lost| (lost.group, lost.record) == (group, record));
            if hopeless && !known && settled.is_settled(group, record) {
                found.push(Lost {
                    group,
                    record,
                    place: settled.place(record),
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
