//! What a world gives account of, read off its state: where records are, whose hands they are in, and
//! what work was done. It reads through slots, and no more than it needs, so that a search knows what a
//! promise depends on.

use super::World;
use crate::anomaly::Account;
use crate::calendar::{Flight, Message};
use crate::cast::{Cast, ClientId, ConsumerId, RecordId, ServiceId};
use crate::client::Process;
use crate::custody::{Custody, kafka, queue, rabbitmq, sqs};
use crate::scene::Commit;
use systems::broker::{Broker, Receipt, Reply, Request};
use systems::kafka::log::Log;
use systems::kafka::{self as kafka_system, GroupId};
use systems::rabbitmq::{self as rabbitmq_system, Answer, Message as Stored, Method};
use systems::sqs::message::Place;
use systems::sqs::{self as sqs_system, Sqs};

impl Account for World {
    fn cast(&self) -> &Cast {
        World::cast(self)
    }

    fn custody(&self, record: RecordId, of: GroupId) -> Custody {
        let cast = World::cast(self);
        let Some(plan) = cast.records.get(record.at()) else {
            return Custody::Nowhere;
        };
        if !cast.is_for(of, record) {
            return Custody::Nowhere;
        }
        match self.broker() {
            Broker::Kafka(_) if self.is_set_aside(record, of) => Custody::SetAside,
            Broker::Kafka(broker) => {
                let group = broker.group(of);
                let committed = group.and_then(|group| group.committed(plan.partition));
                let holder = || cast.members(of).find(|id| self.holds(*id, record));
                kafka::custody(
                    copies(broker, cast, record),
                    committed,
                    cast.isolation_of(of),
                    || cast.can_be_deleted(record, |record| self.knows_sent(record)),
                    || holder().map(Into::into),
                )
            }
            Broker::Sqs(queues) => {
                let known = !plan.sent || self.knows_sent(record);
                sqs::custody(copy(queues, cast, record, of), plan, known)
            }
            Broker::Rabbitmq(broker) => {
                let copy = message_copy(broker, cast, record, of);
                let known = || self.knows_sent(record) && !self.is_published(record);
                let known = !plan.sent || copy == queue::Copy::Gone && known();
                queue::custody(copy, plan, known)
            }
        }
    }

    fn is_in_hand(&self, record: RecordId, of: GroupId) -> bool {
        let is_asked = |flight: &Flight| matches!(&flight.message, Message::Perform(call) if call.record == record);
        let mut members = World::cast(self).members(of);
        members.any(|id| self.holds(id, record) || self.flights(id).iter().any(is_asked))
    }

    fn times(&self, service: ServiceId, record: RecordId) -> u32 {
        self.services()[service.at()].times(record)
    }

    fn is_handled(&self, record: RecordId, of: GroupId) -> bool {
        self.ledger().is_handled(of, record)
    }
}

impl World {
    /// Where a record is, for one subscription.
    pub fn custody(&self, record: RecordId, of: GroupId) -> Custody {
        Account::custody(self, record, of)
    }

    /// Whether a record was set aside for a subscription: as a dead letter that stands in a topic, or in
    /// a dead-letter queue.
    pub fn is_set_aside(&self, record: RecordId, of: GroupId) -> bool {
        let cast = World::cast(self);
        match self.broker() {
            Broker::Kafka(_) => {
                kafka::dead_letters(cast, record).any(|letter| self.copies(letter, false) > 0)
            }
            Broker::Sqs(queues) => copy(queues, cast, record, of) == sqs::Copy::Elsewhere,
            Broker::Rabbitmq(broker) => {
                message_copy(broker, cast, record, of) == queue::Copy::Elsewhere
            }
        }
    }

    /// How often a record is stored where its channel is kept, those of open transactions counted or not;
    /// those of aborted ones never are.
    pub fn copies(&self, record: RecordId, with_open: bool) -> usize {
        let cast = World::cast(self);
        match self.broker() {
            Broker::Kafka(broker) => copies(broker, cast, record)
                .filter(|copy| match copy.standing {
                    kafka::Standing::Counts => true,
                    kafka::Standing::Open => with_open,
                    kafka::Standing::Aborted => false,
                })
                .count(),
            Broker::Sqs(queues) => queues
                .queues()
                .flat_map(|queue| queue.store.messages())
                .filter(|(_, message)| message.record == Some(record))
                .count(),
            Broker::Rabbitmq(broker) => messages(broker, record).count(),
        }
    }

    /// How much is left to do for a subscription, as its system counts: the lag of a group over all its
    /// partitions, or how many messages its queue has.
    pub fn backlog(&self, of: GroupId) -> u64 {
        let cast = World::cast(self);
        match self.broker() {
            Broker::Kafka(broker) => {
                let group = broker.group(of);
                let left = |partition| {
                    let end = broker.log(partition).map_or(0, |log| log.end().0);
                    let committed = group.and_then(|group| group.committed(partition));
                    end.saturating_sub(committed.map_or(0, |offset| offset.0))
                };
                cast.read_by(of).into_iter().map(left).sum()
            }
            Broker::Sqs(queues) => {
                let queue = cast.queue_of(of).and_then(|name| queues.queue(name));
                queue.map_or(0, |queue| queue.store.len())
            }
            Broker::Rabbitmq(broker) => {
                let own = cast.queue_of(of);
                let queue = own.and_then(|name| broker.queues().by_name.get(name));
                queue.map_or(0, |queue| (queue.ready.len() + queue.held.len()) as u64)
            }
        }
    }

    /// Whether a producer knows that it has stored this record.
    fn knows_sent(&self, record: RecordId) -> bool {
        let mut producers = self.producers().iter();
        producers.any(|one| one.has_sent(record, World::cast(self)))
    }

    /// Whether a consumer has a record in hand, and will not let go of it for a refusal that is on its way.
    fn holds(&self, id: ConsumerId, record: RecordId) -> bool {
        let consumer = self.process(id);
        if let Some(inbox) = consumer.rabbitmq()
            && (inbox.buffer().iter().any(|one| one.record == record)
                || self.is_delivered(id, consumer, record))
        {
            return true;
        }
        let in_hand = consumer
            .hand()
            .iter()
            .filter(|held| held.record() == record);
        let mut in_hand = in_hand.peekable();
        if in_hand.peek().is_none() {
            return false;
        }
        let plan = &World::cast(self).consumers[id.at()];
        match self.broker() {
            Broker::Sqs(_) if plan.commit == Commit::Before => {
                let refused = self.refused(id, consumer);
                in_hand.any(|held| {
                    let receipt = held.receipt.as_ref().and_then(Receipt::sqs);
                    receipt.is_none_or(|receipt| !refused.contains(receipt))
                })
            }
            Broker::Sqs(_) | Broker::Kafka(_) | Broker::Rabbitmq(_) => true,
        }
    }

    /// Whether a delivery of a record is on its way to a consumer's process.
    fn is_delivered(&self, id: ConsumerId, consumer: &Process, record: RecordId) -> bool {
        let is_it = |flight: &Flight| match &flight.message {
            Message::Reply(Reply::Rabbitmq(reply)) => match &*reply.answer {
                Answer::BasicDeliver { delivery, .. } => delivery.message.record == Some(record),
                _ => false,
            },
            _ => false,
        };
        let number = consumer.life.number;
        let mut flights = self.flights(id).iter();
        flights.any(|flight| flight.caller.connection == number && is_it(flight))
    }

    /// Whether a publish of a record is on its way to the broker.
    fn is_published(&self, record: RecordId) -> bool {
        let is_it = |flight: &Flight| match &flight.message {
            Message::Request(Request::Rabbitmq(request)) => match &*request.method {
                Method::BasicPublish(publish) => publish.record == Some(record),
                _ => false,
            },
            _ => false,
        };
        let mut clients = World::cast(self).clients();
        clients.any(|id| self.flights(id).iter().any(is_it))
    }

    /// The receives whose delete a queue has refused, as a worker that deletes before it works will hear.
    fn refused(&self, id: ConsumerId, consumer: &Process) -> Vec<sqs_system::Receipt> {
        let is_of_process = |flight: &&Flight| flight.caller.connection == consumer.life.number;
        let mut found = Vec::new();
        for flight in self.flights(id).iter().filter(is_of_process) {
            let Message::Reply(Reply::Sqs(reply)) = &flight.message else {
                continue;
            };
            let is_refused = |at: usize| match reply {
                sqs_system::Reply::Refused(_) => true,
                sqs_system::Reply::Batch(batch) => {
                    let mut failed = batch.failed.iter();
                    failed.any(|(entry, _)| **entry == at.to_string())
                }
                _ => false,
            };
            let unsettled = consumer.unsettled().iter().enumerate();
            let refused = unsettled.filter(|(at, _)| is_refused(*at));
            found.extend(refused.filter_map(|(_, held)| held.receipt?.sqs().copied()));
        }
        found
    }
}

/// A record's copies in its log.
fn copies<'w>(
    broker: &'w kafka_system::Broker,
    cast: &Cast,
    record: RecordId,
) -> impl Iterator<Item = kafka::Copy> + 'w {
    let log: Option<&Log> = broker.log(cast.records[record.at()].partition);
    log.into_iter().flat_map(move |log| {
        log.batches().flat_map(move |batch| {
            let records = batch.records().iter();
            let own = records.filter(move |(_, stored)| stored.of == Some(record));
            own.map(move |(offset, _)| kafka::Copy {
                offset: *offset,
                standing: match (log.is_aborted(batch), log.is_open(batch)) {
                    (true, _) => kafka::Standing::Aborted,
                    (false, true) => kafka::Standing::Open,
                    (false, false) => kafka::Standing::Counts,
                },
            })
        })
    })
}

/// The copy of a record that the queue of a subscription was sent.
fn copy(queues: &Sqs, cast: &Cast, record: RecordId, of: GroupId) -> sqs::Copy {
    let Some(own) = cast.queue_of(of).and_then(|name| queues.queue(name)) else {
        return sqs::Copy::Gone;
    };
    let of_own = |queue: &sqs_system::Queue| {
        let mut messages = queue.store.messages();
        let found = messages
            .find(|(_, message)| message.record == Some(record) && message.id.queue == own.id);
        found.map(|(_, message)| message.place)
    };
    match of_own(own) {
        Some(Place::InFlight { by, .. }) => sqs::Copy::Own(Some(crate::ClientId(by.client))),
        Some(Place::Visible | Place::Delayed { .. }) => sqs::Copy::Own(None),
        None => {
            let mut others = queues.queues().filter(|queue| queue.id != own.id);
            match others.any(|queue| of_own(queue).is_some()) {
                true => sqs::Copy::Elsewhere,
                false => sqs::Copy::Gone,
            }
        }
    }
}

/// Every copy of a record that a queue of RabbitMQ has: which queue, with whom, and the message.
fn messages(
    broker: &rabbitmq_system::Broker,
    record: RecordId,
) -> impl Iterator<Item = (&str, Option<ClientId>, &Stored)> {
    let queues = broker.queues().by_name.values();
    queues.flat_map(move |queue| {
        let ready = queue.ready.values().map(|entry| (None, &*entry.message));
        let held = queue.held.values();
        let held = held.map(|held| {
            let client = ClientId(held.owner.caller.client);
            (Some(client), &*held.entry.message)
        });
        let all = ready.chain(held);
        let own = all.filter(move |(_, message)| message.record == Some(record));
        own.map(|(by, message)| (&*queue.name, by, message))
    })
}

/// The copy of a record in the queue of a subscription, or the dead letter it has become.
fn message_copy(
    broker: &rabbitmq_system::Broker,
    cast: &Cast,
    record: RecordId,
    of: GroupId,
) -> queue::Copy {
    let own = cast.queue_of(of);
    let copies = messages(broker, record).map(|(queue, by, message)| {
        let mut deaths = message.deaths().entries.iter();
        let is_own = deaths.any(|death| Some(&*death.queue) == own);
        (queue, by, is_own)
    });
    rabbitmq::find(own, copies)
}
