//! What can happen next in a world that is explored.
//!
//! # Rules
//! 1. Everything in the calendar can happen next that is due within the scene's jitter of the
//!    earliest; without a jitter, everything.
//! 2. On one connection and in one direction nothing overtakes. Calls to services and tables do.
//! 3. Signs of life are not explored: a heartbeat goes out only when its answer would be news.
//! 4. A time-out that waits for somebody who lives and would have answered is a fault, and costs the
//!    budget for those. One that waits for the dead is not. Without times the same goes for the time
//!    to live of a row.
//! 5. Crashes, freezes, losses and doubles cost their budgets. Whoever is down can be started again,
//!    and whoever stands still goes on, at any time, except where a supervisor does it and times count.
//!    A producer whose program is over does nothing more that could fail.
//! 6. The interval of auto-commit is longer than a commit takes: no second one leaves before the
//!    first is answered.
//! 7. Who has aborted a transaction hears from its group before it begins again: without that, rounds that
//!    are refused for the same reason would follow one another, none of them new.

use engine::calendar::{Due, Flight, Message, Step};
use engine::cast::{Client, ClientId, ConsumerId, TableId};
use engine::client::consumer::Timer;
use engine::scene::{Budget, Verb};
use engine::trace::Sink;
use engine::world::World;
use explore::Weigh;
use explore::time::Instant;
use systems::broker::{self, Broker, Reply};
use systems::kafka::group::{Deadline, MemberId};
use systems::kafka::producer::Producer;
use systems::kafka::transaction::{self, TransactionalId};
use systems::kafka::{self, GroupId, Joined, Request, Response};
use systems::{Caller, Server, sqs};

/// One thing that can happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A step of the calendar.
    Step(Step),
    /// A time-out that fires although the other side lives.
    Early(Step),
    /// A process dies, stands still, or the other way round.
    Fault(Verb, ClientId),
    /// The message of this step gets lost.
    Lose(Step),
    /// The request of this step arrives twice.
    Double(Step),
}

/// What the faults so far have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Spent {
    crashes: u8,
    freezes: u8,
    losses: u8,
    duplicates: u8,
    early: u8,
}

impl Move {
    /// Whether it is a fault, which nobody is owed.
    pub(super) const fn is_fault(&self) -> bool {
        matches!(
            self,
            Move::Early(_)
                | Move::Fault(Verb::Crash | Verb::Freeze, _)
                | Move::Lose(_)
                | Move::Double(_)
        )
    }

    /// Makes it happen, at its time if it has one.
    pub(super) fn make(&self, at: Instant, world: &mut World, sink: &mut impl Sink) {
        match self {
            Move::Step(step) | Move::Early(step) => {
                let step = step.clone();
                world.apply(Due { at, step }, sink);
            }
            Move::Fault(verb, id) => world.intervene(*verb, *id, sink),
            Move::Lose(step) => world.lose(step, sink),
            Move::Double(step) => world.double(step, sink),
        }
    }
}

impl Spent {
    /// What a move costs on top, when the budget allows it.
    pub(super) fn with(self, made: &Move, budget: &Budget) -> Option<Spent> {
        let mut spent = self;
        let (count, most) = match made {
            Move::Step(_) | Move::Fault(Verb::Restart | Verb::Thaw, _) => return Some(spent),
            Move::Fault(Verb::Crash, _) => (&mut spent.crashes, budget.crashes),
            Move::Fault(Verb::Freeze, _) => (&mut spent.freezes, budget.freezes),
            Move::Lose(_) => (&mut spent.losses, budget.losses),
            Move::Double(_) => (&mut spent.duplicates, budget.duplicates),
            Move::Early(_) => (&mut spent.early, budget.early_timeouts),
        };
        *count = count.checked_add(1).filter(|count| *count <= most)?;
        Some(spent)
    }
}

/// Whose moves are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A client's process: its timers, its death, its return.
    Process(ClientId),
    /// The messages under way to and from a client.
    Messages(ClientId),
    /// A party of the broker: of Kafka a group's coordinator or that of transactions, of Amazon SQS
    /// all queues.
    Broker(u8),
    /// A table.
    Table(TableId),
}

/// How many parties of the broker can make something happen in this scene.
fn parties(world: &World) -> u8 {
    let all = world.broker().parties();
    match world.broker() {
        Broker::Kafka(_) if world.cast().transactional_ids.is_empty() => all - 1,
        Broker::Kafka(_) | Broker::Sqs(_) => all,
    }
}

/// Everybody who can make something happen.
pub(super) fn everybody(world: &World) -> Vec<Who> {
    let cast = world.cast();
    let expiring = cast.tables.iter().enumerate();
    // Deaths come last: among equally short ways the one with the latest fault is found first.
    cast.clients()
        .map(Who::Messages)
        .chain((0..parties(world)).map(Who::Broker))
        .chain(
            expiring
                .filter(|(_, table)| table.ttl.is_some())
                .map(|(at, _)| Who::Table(TableId(at as u8))),
        )
        .chain(cast.clients().map(Who::Process))
        .collect()
}

/// What somebody can make happen, each with its time. Faults and returns have the present one.
pub(super) fn moves(world: &World, who: Who, budget: &Budget, out: &mut Vec<(Instant, Move)>) {
    let timed = budget.jitter_ms.is_some();
    let now = world.now();
    match who {
        Who::Process(client) => {
            let cast = world.cast();
            let (supervised, may_fail) = match cast.client(client) {
                Client::Consumer(id) => {
                    for (at, timer) in world.consumers()[id.at()].timers() {
                        let explored = match timer {
                            Timer::Heartbeat => heartbeat_is_news(world, id),
                            Timer::AutoCommit => !commit_under_way(world, id),
                            Timer::Loop => !has_to_hear(world, id),
                            _ => true,
                        };
                        if explored {
                            out.push((at, Move::Step(Step::Timer(client, timer))));
                        }
                    }
                    (cast.consumers[id.at()].restart.is_some(), true)
                }
                Client::Producer(nr) => {
                    let producer = &world.producers()[nr.at()];
                    let timers = producer.timers();
                    let step = |timer| Move::Step(Step::Timer(client, timer));
                    out.extend(timers.map(|(at, timer)| (at, step(timer))));
                    (cast.producers[nr.at()].restart.is_some(), !producer.over)
                }
            };
            let mut add = |verb, when: bool| {
                if when && world.allows(verb, client) {
                    out.push((now, Move::Fault(verb, client)));
                }
            };
            add(Verb::Freeze, budget.freezes > 0 && may_fail);
            add(Verb::Crash, budget.crashes > 0 && may_fail);
            add(Verb::Restart, !supervised);
            add(Verb::Thaw, true);
        }
        Who::Messages(id) => {
            let mut lanes = Vec::new();
            for (nth, flight) in world.flights(id).iter().enumerate() {
                let call = matches!(
                    flight.message,
                    Message::Perform(_)
                        | Message::Tables(_)
                        | Message::Answer(_)
                        | Message::Rows(_)
                );
                if !call && lanes.contains(&flight.lane()) {
                    continue;
                }
                lanes.push(flight.lane());
                if world.waits_to_be_heard(id, flight) {
                    continue;
                }
                let step = Step::Arrive(id, nth);
                if budget.losses > 0 && world.can_lose(&step) {
                    out.push((now, Move::Lose(step.clone())));
                }
                if budget.duplicates > 0 && world.can_double(&step) {
                    out.push((now, Move::Double(step.clone())));
                }
                out.push((flight.due, Move::Step(step)));
            }
        }
        Who::Broker(party) => match world.broker() {
            Broker::Kafka(broker) if usize::from(party) < broker.group_count() => {
                coordinator(world, broker, GroupId(party), budget, out);
            }
            Broker::Kafka(broker) => transactions(world, broker, budget, out),
            Broker::Sqs(queues) => of_queues(world, queues, budget, out),
        },
        Who::Table(id) => {
            for row in world.tables()[id.at()].rows() {
                let step = Step::Expire(id, row.key.clone());
                match row.expires {
                    Some(at) if timed => out.push((at, Move::Step(step))),
                    Some(_) if budget.early_timeouts > 0 => out.push((now, Move::Early(step))),
                    _ => {}
                }
            }
        }
    }
}

/// What a group's coordinator does by itself.
fn coordinator(
    world: &World,
    broker: &kafka::Broker,
    id: GroupId,
    budget: &Budget,
    out: &mut Vec<(Instant, Move)>,
) {
    let Some(group) = broker.group(id) else {
        return;
    };
    for (at, deadline) in group.deadlines() {
        let awaited = group.awaited(deadline);
        let step = Step::Broker(broker::Due::Kafka(kafka::Due::Group(id, deadline)));
        if !awaited.iter().any(|&member| answers(world, member)) {
            out.push((at, Move::Step(step)));
        } else if budget.early_timeouts > 0 && deadline != Deadline::Rebalance {
            out.push((world.now(), Move::Early(step)));
        }
    }
}

/// What the coordinator of transactions does by itself.
fn transactions(
    world: &World,
    broker: &kafka::Broker,
    budget: &Budget,
    out: &mut Vec<(Instant, Move)>,
) {
    // Times are not explored together with transactions: an instant that one remembers would tell worlds
    // apart that go on in the same ways.
    let now = world.now();
    for (_, id, deadline) in broker.transaction_deadlines() {
        let step = Step::Broker(broker::Due::Kafka(kafka::Due::Transaction(id, deadline)));
        match deadline {
            transaction::Deadline::TimeOut if is_worked_on(world, id) => {
                if budget.early_timeouts > 0 {
                    out.push((now, Move::Early(step)));
                }
            }
            _ => out.push((now, Move::Step(step))),
        }
    }
}

/// What queues do by themselves. A receive that waits is answered when there is something (rule 3), and
/// what nobody deletes is kept for days.
fn of_queues(world: &World, queues: &sqs::Sqs, budget: &Budget, out: &mut Vec<(Instant, Move)>) {
    let timed = budget.jitter_ms.is_some();
    queues.dues(0, &mut |at, due| {
        let works = match &due {
            sqs::Due::VisibilityEnds { receipt, by } => is_being_worked_on(world, *by, receipt),
            sqs::Due::WaitEnds { .. } | sqs::Due::Expires { .. } => return,
            sqs::Due::DelayEnds { .. } | sqs::Due::Moves { .. } => false,
        };
        let step = Step::Broker(broker::Due::Sqs(due));
        if timed || !works {
            out.push((at, Move::Step(step)));
        } else if budget.early_timeouts > 0 {
            out.push((world.now(), Move::Early(step)));
        }
    });
}

/// Whether who received a message lives and will delete it: it has it, it is on its way to the worker, or
/// its delete is on its way to the queue.
fn is_being_worked_on(world: &World, by: Caller, receipt: &sqs::Receipt) -> bool {
    let id = ConsumerId(by.client);
    let is_it = |other: &sqs::Receipt| other == receipt;
    let deletes = |flight: &Flight| match &flight.message {
        Message::Request(broker::Request::Sqs(request)) => {
            request.receipts().any(|one| is_it(&one))
        }
        _ => false,
    };
    if world.flights(id).iter().any(deletes) {
        return true;
    }
    let Some(consumer) = world.consumers().get(id.at()) else {
        return false;
    };
    if !consumer.up || consumer.frozen || consumer.process != by.connection {
        return false;
    }
    let in_hand = consumer.hand.iter().chain(consumer.unsettled());
    let is_coming = |flight: &Flight| match &flight.message {
        Message::Reply(Reply::Sqs(sqs::Reply::Messages(messages))) => {
            messages.iter().any(|message| is_it(&message.receipt))
        }
        _ => false,
    };
    in_hand
        .filter_map(|held| held.receipt)
        .any(|held| is_it(&held))
        || world.flights(id).iter().any(is_coming)
}

/// Whether a transaction's producer lives and goes on with it.
fn is_worked_on(world: &World, id: TransactionalId) -> bool {
    let open = world.kafka().and_then(|broker| broker.transaction(id));
    let has_it = |client: &Producer| {
        client.transactional_id() == Some(id)
            && open.is_some_and(|open| {
                client.identity().is_some_and(|own| {
                    own.producer == open.producer && Some(own.epoch) == open.epoch
                })
            })
    };
    let mut alone = world.producers().iter();
    let mut within = world.consumers().iter();
    alone.any(|one| one.up && !one.frozen && !one.over && has_it(&one.client))
        || within.any(|one| one.up && !one.frozen && one.producer().is_some_and(has_it))
}

/// Rule 6.
fn commit_under_way(world: &World, id: ConsumerId) -> bool {
    world.flights(id).iter().any(|flight| {
        matches!(
            flight.message,
            Message::Request(broker::Request::Kafka(Request::OffsetCommit { .. }))
                | Message::Reply(Reply::Kafka(Response::CommitAnswered(_)))
        )
    })
}

/// Rule 3.
fn heartbeat_is_news(world: &World, id: ConsumerId) -> bool {
    let consumer = &world.consumers()[id.at()];
    // A longer lease is no news: that of somebody who works ends only as a fault.
    let Some(inbox) = consumer.kafka() else {
        return false;
    };
    let Some(member) = inbox.member else {
        return false;
    };
    let group = world.cast().consumers[id.at()].group;
    let news = || {
        let group = world.group(group);
        group.is_some_and(|group| group.has_news_for(member, inbox.generation))
    };
    let under_way = || {
        world.flights(id).iter().any(|flight| {
            flight.is_sign_of_life()
                || matches!(
                    flight.message,
                    Message::Reply(Reply::Kafka(Response::HeartbeatAnswered(_)))
                )
        })
    };
    news() && !inbox.knows_better() && !under_way()
}

/// Rule 7.
fn has_to_hear(world: &World, id: ConsumerId) -> bool {
    let consumer = &world.consumers()[id.at()];
    let group = world.cast().consumers[id.at()].group;
    let (Some(group), Some(inbox)) = (world.group(group), consumer.kafka()) else {
        return false;
    };
    let Some(member) = inbox.member else {
        return false;
    };
    consumer.begins_again()
        && consumer.heartbeats()
        && !inbox.knows_better()
        && group.has_news_for(member, inbox.generation)
}

/// Whether whoever holds a member id lives and would answer: a process has it, or it is on its way to one.
fn answers(world: &World, member: MemberId) -> bool {
    let id = ConsumerId(member.client);
    let Some(consumer) = world.consumers().get(id.at()) else {
        return false;
    };
    if !consumer.up || consumer.frozen {
        return false;
    }
    consumer.kafka().and_then(|inbox| inbox.member) == Some(member)
        || world.flights(id).iter().any(|flight| {
            flight.caller.connection == consumer.process
                && match &flight.message {
                    Message::Reply(Reply::Kafka(Response::Joined(Err((_, given))))) => {
                        *given == Some(member)
                    }
                    Message::Reply(Reply::Kafka(Response::Joined(Ok(Joined {
                        member: given,
                        ..
                    })))) => *given == member,
                    _ => false,
                }
        })
}
