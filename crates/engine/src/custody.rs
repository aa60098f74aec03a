//! Where a record is, for one subscription: the same question for every system.

use crate::cast::{Cast, ClientId, ConsumerId, RecordId};
use crate::world::World;
use systems::broker::Broker;
use systems::kafka::GroupId;
use systems::sqs::Sqs;
use systems::sqs::message::Place;

/// Where a record is, for one subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Custody {
    /// It is not for this subscription, or has not been stored yet.
    Nowhere,
    /// Somebody will be handed it.
    Waiting,
    /// Somebody has it and has not said that it is done: on Kafka a process that lives, on Amazon SQS
    /// whoever received it, alive or not, until the visibility time-out ends.
    Out(ClientId),
    /// It is done, as far as the system knows: committed past, or deleted.
    Settled,
    /// It was set aside: it is in a dead-letter queue.
    SetAside,
}

impl World {
    /// Where a record is, for one subscription.
    pub fn custody(&self, record: RecordId, of: GroupId) -> Custody {
        let cast = self.cast();
        let members = || members(cast, of);
        let Some(plan) = cast.records.get(record.at()) else {
            return Custody::Nowhere;
        };
        let topic = plan.partition.topic;
        if !members().any(|id| cast.consumers[id.at()].topics.contains(&topic)) {
            return Custody::Nowhere;
        }
        match self.broker() {
            Broker::Kafka(broker) => {
                let Some(log) = broker.log(plan.partition) else {
                    return Custody::Nowhere;
                };
                let placed = log.placed_from(log.start());
                let Some(stored) = placed.iter().find(|stored| stored.record == record) else {
                    return Custody::Nowhere;
                };
                let committed = self.committed(of, plan.partition);
                if committed.is_some_and(|committed| stored.offset.0 < committed) {
                    return Custody::Settled;
                }
                let has_it = |id: &ConsumerId| {
                    let hand = self.process(*id).hand();
                    hand.iter().any(|held| held.record() == record)
                };
                match members().find(has_it) {
                    Some(holder) => Custody::Out(holder.into()),
                    None => Custody::Waiting,
                }
            }
            Broker::Sqs(queues) => match in_queues(cast, queues, record, of) {
                // It has not been sent yet; or it will be again, because its sender does not know of it.
                Custody::Settled if cast.records[record.at()].sent && !self.is_sent(record) => {
                    Custody::Nowhere
                }
                custody => custody,
            },
        }
    }
}

impl World {
    /// Whether a producer knows that it has stored this record.
    fn is_sent(&self, record: RecordId) -> bool {
        let mut producers = self.producers().iter();
        producers.any(|one| one.has_sent(record, self.cast()))
    }
}

/// The consumers of a subscription.
fn members(cast: &Cast, of: GroupId) -> impl Iterator<Item = ConsumerId> + '_ {
    let all = cast.consumers.iter().enumerate();
    all.filter(move |(_, plan)| plan.group == of)
        .map(|(at, _)| ConsumerId(at as u8))
}

fn in_queues(cast: &Cast, queues: &Sqs, record: RecordId, of: GroupId) -> Custody {
    let mut elsewhere = false;
    for queue in queues.queues() {
        let mut messages = queue.store.messages();
        let found = messages.find(|(_, message)| message.record == Some(record));
        let Some((_, message)) = found else { continue };
        match cast.group_of_queue(&queue.name) {
            Some(group) if group == of => {
                return match message.place {
                    Place::InFlight { by, .. } => Custody::Out(ClientId(by.client)),
                    Place::Visible | Place::Delayed { .. } => Custody::Waiting,
                };
            }
            // Another subscription has a copy of its own.
            Some(_) => {}
            None => elsewhere = true,
        }
    }
    match elsewhere {
        true => Custody::SetAside,
        false => Custody::Settled,
    }
}
