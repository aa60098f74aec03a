//! The state of everything at one instant, and [`World::apply`]: how one step changes it.
//!
//! # Rules
//! 1. Messages between one process and the broker arrive in the order they were sent, as on a TCP
//!    connection. A crash cuts it: what was sent still arrives, answers to the dead process do not. On
//!    RabbitMQ what was sent is lost as well: a broker that has seen the connection close reads no method
//!    that was under way on it ([`Server::takes_after_loss`]).
//! 2. Steps due at the same instant happen in this order: messages (in the order they were sent),
//!    the coordinators' deadlines, clients' timers, faults of the story.
//! 3. A service has its effect when the request arrives, whether or not somebody lives to hear the answer.
//! 4. Once a learner causes a fault, what is left of the story's own faults is dropped.
//! 5. A call to a service may get lost, there or back; then the caller gives up in the end. A request
//!    may arrive twice; the second answer is heard by nobody. A request of a producer may get lost in
//!    the same ways; then it is sent again.
//! 6. Nothing that happens depends on what time it is, only on what was due: an order of steps leads
//!    to the same state however much time lies between them. One thing is left to the clock: whether Kafka's
//!    log cleaner finds a tombstone old enough to go.
//! 7. Who stands still does nothing, and what arrives waits for it. Its connections stay.

mod custody;
mod explored;
mod faults;
mod ledger;
mod messages;
mod opening;
mod parts;
pub mod sums;
mod upcoming;

pub use explored::Patience;
pub use ledger::Ledger;
pub use parts::Part;

use crate::calendar::{Due, Flight, Message, Step};
use crate::cast::{Cast, ClientId, Party, Trigger};
use crate::client::Effects;
use crate::client::process::{Process, Timer};
use crate::fact::Fact;
use crate::seed::Seed;
use crate::service::{Service, Table};
use crate::slot::Slot;
use crate::time::Instant;
use crate::trace::{Cause, Entry, Sink};
use std::sync::Arc;
use systems::broker::{self, Broker};
use systems::kafka::group::{Deadline, Group, MemberId};
use systems::kafka::log::Log;
use systems::kafka::{self, GroupId, Partition};
use systems::{Caller, Out, Server, Wait, Wire, rabbitmq, sqs};

/// How far the story's own faults have come.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Script {
    /// The next fault, by its place in the cast.
    next: usize,
    /// How often its moment has come since the fault before it.
    seen: u32,
    /// When the fault before it happened.
    since: Instant,
    /// The moment has come: the fault is due.
    due: Option<Instant>,
}

/// Everything at one instant. Plain data: equal worlds have equal futures.
#[derive(Clone, Debug)]
pub struct World {
    cast: Arc<Cast>,
    now: Instant,
    broker: Broker,
    /// By client: consumers, then producers.
    processes: Vec<Slot<Process>>,
    services: Vec<Slot<Service>>,
    tables: Vec<Slot<Table>>,
    /// By client: the messages under way to and from it, the first to arrive first.
    flights: Vec<Slot<Vec<Flight>>>,
    /// How many messages were sent.
    sent: u32,
    ledger: Slot<Ledger>,
    script: Script,
    seed: Seed,
    /// Per client: the last fact its program brought about, and the last crash. No part of the state.
    causes: Vec<Causes>,
    /// What came out of a client's step: empty between two steps, and kept for its room.
    effects: Effects,
    /// What came out of a step of the broker, likewise.
    out: Out<Broker>,
    /// And in the words of its system.
    outs: broker::Outs,
}

#[derive(Clone, Copy, Debug, Default)]
struct Causes {
    last: Cause,
    crash: Cause,
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.cast, &other.cast)
            && self.now == other.now
            && self.broker == other.broker
            && self.processes == other.processes
            && self.services == other.services
            && self.tables == other.tables
            && self.flights == other.flights
            && (self.sent, &self.ledger) == (other.sent, &other.ledger)
            && self.script == other.script
            && self.seed == other.seed
    }
}

impl Eq for World {}

impl std::hash::Hash for World {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.now, &self.broker, &self.processes, &self.services).hash(state);
        (&self.tables, &self.flights, self.sent, &self.ledger).hash(state);
        (&self.script, &self.seed).hash(state);
    }
}

/// Notes facts of one step, each caused by the one before it.
struct Notes<'a, S> {
    sink: &'a mut S,
    at: Instant,
    cause: Cause,
}

impl<S: Sink> Notes<'_, S> {
    fn note(&mut self, by: Party, fact: Fact) {
        let id = self.sink.note(Entry {
            at: self.at,
            by,
            cause: self.cause,
            fact,
        });
        self.cause = Cause(Some(id));
    }
}

impl World {
    /// The world before anything has happened: the records are in their topics.
    pub fn new(cast: Arc<Cast>, sink: &mut impl Sink) -> Self {
        let broker = opening::broker(&cast, sink);
        World {
            now: Instant(0),
            broker,
            processes: opening::processes(&cast),
            services: vec![Slot::default(); cast.services.len()],
            tables: vec![Slot::default(); cast.tables.len()],
            flights: vec![Slot::default(); cast.clients().count()],
            sent: 0,
            ledger: Slot::new(Ledger::new(cast.groups.len())),
            script: Script {
                next: 0,
                seen: 0,
                since: Instant(0),
                due: None,
            },
            seed: Seed::new(cast.seed),
            causes: vec![Causes::default(); cast.clients().count()],
            effects: Effects::default(),
            out: Out::default(),
            outs: broker::Outs::default(),
            cast,
        }
    }

    /// Who takes part.
    pub fn cast(&self) -> &Arc<Cast> {
        &self.cast
    }

    /// The present instant: that of the last step.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The broker.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Kafka's broker, when the scene runs on Kafka.
    pub fn kafka(&self) -> Option<&kafka::Broker> {
        self.broker.kafka()
    }

    /// A group's coordinator, when the scene runs on Kafka.
    pub fn group(&self, group: GroupId) -> Option<&Group> {
        self.kafka()?.group(group)
    }

    /// The log of a partition, when the scene runs on Kafka.
    pub fn log(&self, partition: Partition) -> Option<&Log> {
        self.kafka()?.log(partition)
    }

    /// The queues, when the scene runs on Amazon SQS.
    pub fn sqs(&self) -> Option<&sqs::Sqs> {
        self.broker.sqs()
    }

    /// RabbitMQ's broker, when the scene runs on RabbitMQ.
    pub fn rabbitmq(&self) -> Option<&rabbitmq::Broker> {
        self.broker.rabbitmq()
    }

    /// The consumers, by number.
    pub fn consumers(&self) -> &[Slot<Process>] {
        &self.processes[..self.cast.consumers.len()]
    }

    /// The producers, by number.
    pub fn producers(&self) -> &[Slot<Process>] {
        &self.processes[self.cast.consumers.len()..]
    }

    /// A client's process.
    ///
    /// # Panics
    /// When the scene has no such client.
    pub fn process(&self, id: impl Into<ClientId>) -> &Process {
        &self.processes[id.into().at()]
    }

    /// The name of a client's process as it is now, for people.
    pub fn process_name(&self, id: ClientId) -> String {
        let name = self.cast.client_name(id);
        crate::cast::process_name(name, self.process(id).life.number)
    }

    /// The services, by number.
    pub fn services(&self) -> &[Slot<Service>] {
        &self.services
    }

    /// The tables, by number.
    pub fn tables(&self) -> &[Slot<Table>] {
        &self.tables
    }

    /// The messages under way to and from a client, the first to arrive first.
    pub fn flights(&self, id: impl Into<ClientId>) -> &[Flight] {
        self.flights
            .get(id.into().at())
            .map_or(&[], |flights| flights)
    }

    /// What has become of the records so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether nothing more will happen by itself but signs of life.
    pub fn at_rest(&self) -> bool {
        self.scripted().is_none() && !self.any(|step| !self.is_upkeep(step))
    }

    /// Whether a step is no more than a sign of life, or cleaning up.
    pub fn is_upkeep(&self, step: &Step) -> bool {
        match step {
            Step::Timer(id, Timer::Heartbeat) => {
                let member = self.process(*id).kafka().and_then(|inbox| inbox.member);
                member.is_some_and(|member| self.lives(member))
            }
            Step::Broker(due) => self.is_upkeep_of_broker(due),
            Step::Expire(..) => true,
            Step::Arrive(id, at) => match &self.flights[id.at()][*at].message {
                Message::Request(broker::Request::Kafka(kafka::Request::Heartbeat {
                    member,
                    ..
                })) => self.lives(*member),
                Message::Request(request) => self.finds_nothing(request),
                Message::Reply(reply) => reply.is_upkeep(),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_upkeep_of_broker(&self, due: &broker::Due) -> bool {
        match due {
            broker::Due::Kafka(kafka::Due::Group(_, Deadline::Session(member))) => {
                self.lives(*member)
            }
            // What would come when the scene is over does not keep it going.
            broker::Due::Kafka(kafka::Due::Log(partition, _)) => {
                let broker = self.kafka();
                let next = broker.and_then(|broker| broker.upkeep_of(*partition));
                next.is_none_or(|(at, _)| at > self.cast.ends)
            }
            broker::Due::Kafka(_) => false,
            // What nobody deletes is kept for days; and a receive that waited long enough is made again.
            broker::Due::Sqs(sqs::Due::Expires { .. } | sqs::Due::WaitEnds { .. }) => true,
            broker::Due::Sqs(_) => false,
            broker::Due::Rabbitmq(_) => false,
        }
    }

    /// Whether a request is a receive that will wait, because there is nothing to be received.
    pub fn finds_nothing(&self, request: &broker::Request) -> bool {
        match (&self.broker, request) {
            (
                Broker::Sqs(queues),
                broker::Request::Sqs(sqs::Request::ReceiveMessage { queue, .. }),
            ) => queues
                .queue(queue)
                .is_some_and(|queue| queue.store.first().is_none()),
            _ => false,
        }
    }

    /// Rule 7.
    pub fn waits_to_be_heard(&self, id: ClientId, flight: &Flight) -> bool {
        flight.message.is_for_client() && self.is_frozen(id)
    }

    /// Whether a client's process stands still.
    pub fn is_frozen(&self, id: ClientId) -> bool {
        let process = self.processes.get(id.at());
        process.is_some_and(|process| process.life.frozen)
    }

    /// Whether a member's process keeps its session alive, and the coordinator knows it.
    pub fn lives(&self, member: MemberId) -> bool {
        let Some(consumer) = self.processes.get(usize::from(member.client)) else {
            return false;
        };
        let Some(plan) = self.cast.consumers.get(usize::from(member.client)) else {
            return false;
        };
        let (Some(group), Some(inbox)) = (self.group(plan.group), consumer.kafka()) else {
            return false;
        };
        consumer.heartbeats()
            && inbox.member == Some(member)
            && inbox.generation == group.generation()
            && group.members().iter().any(|known| known.id == member)
    }

    /// Makes one step of the calendar happen and tells the sink the facts.
    pub fn apply(&mut self, due: Due, sink: &mut impl Sink) {
        self.now = self.now.max(due.at);
        match due.step {
            Step::Arrive(id, at) => {
                if let Some(own) = self.flights.get_mut(id.at())
                    && at < own.len()
                {
                    let flight = own.remove(at);
                    self.arrive(flight, sink);
                }
            }
            Step::Expire(table, key) => self.expire_row(table, key, sink),
            Step::Broker(due) => {
                let cause = match self.broker.waits_for(&due) {
                    Wait::Life(holder) | Wait::Work(holder) => {
                        let causes = self.causes.get(holder.client.at());
                        causes.map_or(Cause::default(), |causes| causes.crash)
                    }
                    Wait::Nobody => Cause::default(),
                };
                self.broker
                    .fire_within(self.now, due, &mut self.outs, &mut self.out);
                self.broker_says(cause, sink);
            }
            Step::Timer(id, timer) => self.fire(id, timer, sink),
            Step::Scripted(verb, to) => self.scripted_fault(verb, to, sink),
        }
    }

    fn fire(&mut self, id: ClientId, timer: Timer, sink: &mut impl Sink) {
        if let Some(fault) = self.cast.faults.get(self.script.next).copied()
            && let Trigger::Before(moment) = fault.when
            && fault.to == id
            && self.processes[id.at()].next_point(timer, &self.cast) == Some(moment.step)
        {
            self.script.seen = self.script.seen.saturating_add(1);
            if self.script.seen == moment.nth {
                self.scripted_fault(fault.verb, id, sink);
                return;
            }
        }
        let cause = self.causes[id.at()].last;
        self.processes[id.at()].fire(timer, self.now, &self.cast, &mut self.effects);
        self.says(id, cause, timer != Timer::Heartbeat, sink);
    }

    fn caller(&self, id: ClientId) -> Caller {
        Caller {
            client: id.0,
            connection: self.processes[id.at()].life.number,
        }
    }

    /// The offset the group will go on at, for views: what the coordinator has.
    pub fn committed(&self, group: GroupId, partition: Partition) -> Option<u64> {
        self.group(group)?
            .committed(partition)
            .map(|offset| offset.0)
    }
}
