//! Kafka, as a search sees it: sessions, rebalances, transactions, and whose sign of life is news.

use super::super::World;
use super::Patience;
use crate::calendar::Message;
use crate::cast::{Cast, ClientId, ConsumerId};
use crate::client::process::Timer;
use systems::broker::{Reply, Request};
use systems::kafka::group::{Deadline, MemberId};
use systems::kafka::producer::Producer;
use systems::kafka::transaction::{self, TransactionalId};
use systems::kafka::{self, Due, Joined, Response};

/// The last parties are the coordinator of transactions, which does nothing without transactional ids, and
/// whoever looks after the logs, where there is something to look after.
pub fn acting_parties(all: u8, cast: &Cast, broker: &kafka::Broker) -> u8 {
    let is_looked_after = !broker.settings().looked_after.is_empty();
    match (is_looked_after, cast.transactional_ids.is_empty()) {
        (true, _) => all,
        (false, false) => all - 1,
        (false, true) => all - 2,
    }
}

/// A session and a pending member wait for a sign of life, a rebalance for everybody; a transaction for
/// whoever works on it.
pub fn patience(world: &World, broker: &kafka::Broker, due: &Due) -> Patience {
    match due {
        Due::Group(id, deadline) => {
            let awaited = broker.group(*id).map(|group| group.awaited(*deadline));
            let mut awaited = awaited.into_iter().flatten();
            match (awaited.any(|member| answers(world, member)), deadline) {
                (false, _) => Patience::WhenDue,
                (true, Deadline::Rebalance) => Patience::Never,
                (true, Deadline::Session(_) | Deadline::Pending(_) | Deadline::Sync) => {
                    Patience::AsFault
                }
            }
        }
        Due::Transaction(id, transaction::Deadline::TimeOut) if is_worked_on(world, *id) => {
            Patience::AsFault
        }
        Due::Transaction(..) => Patience::Anytime,
        Due::Log(..) => Patience::WhenDue,
    }
}

/// A heartbeat is news when its answer is. The interval of auto-commit is longer than a commit takes, so
/// no second one leaves before the first is answered. Who has aborted a transaction hears from its group
/// before it begins again: without that, rounds that are refused for the same reason would follow one
/// another, none of them new.
pub fn is_news(world: &World, id: ClientId, timer: Timer) -> bool {
    match timer {
        Timer::Heartbeat => heartbeat_is_news(world, id),
        Timer::AutoCommit => !commit_under_way(world, id),
        Timer::Loop => !has_to_hear(world, id),
        Timer::Start | Timer::Worker | Timer::GiveUp | Timer::PollInterval => true,
    }
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
    let mut all = world.producers().iter().chain(world.consumers());
    all.any(|one| one.life.goes_on() && !one.is_over() && one.producer().is_some_and(has_it))
}

fn commit_under_way(world: &World, id: ClientId) -> bool {
    world.flights(id).iter().any(|flight| {
        matches!(
            flight.message,
            Message::Request(Request::Kafka(kafka::Request::OffsetCommit { .. }))
                | Message::Reply(Reply::Kafka(Response::CommitAnswered(_)))
        )
    })
}

fn heartbeat_is_news(world: &World, id: ClientId) -> bool {
    let consumer = world.process(id);
    let Some(inbox) = consumer.kafka() else {
        return false;
    };
    let Some(member) = inbox.member else {
        return false;
    };
    let news = || {
        let group = world.cast().group_of(id).and_then(|id| world.group(id));
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

fn has_to_hear(world: &World, id: ClientId) -> bool {
    let consumer = world.process(id);
    let Some(handling) = consumer.handling().filter(|one| one.begins_again()) else {
        return false;
    };
    let group = world.cast().group_of(id).and_then(|id| world.group(id));
    let (Some(group), Some(inbox)) = (group, handling.kafka()) else {
        return false;
    };
    let Some(member) = inbox.member else {
        return false;
    };
    consumer.heartbeats() && !inbox.knows_better() && group.has_news_for(member, inbox.generation)
}

/// Whether whoever holds a member id lives and would answer: a process has it, or it is on its way to one.
fn answers(world: &World, member: MemberId) -> bool {
    let id = ConsumerId(member.client);
    let Some(consumer) = world.consumers().get(id.at()) else {
        return false;
    };
    if !consumer.life.goes_on() {
        return false;
    }
    consumer.kafka().and_then(|inbox| inbox.member) == Some(member)
        || world.flights(id).iter().any(|flight| {
            flight.caller.connection == consumer.life.number
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

/// Whether a heartbeat of this consumer would go there and back alone and change nothing.
pub fn says_nothing_new(world: &World, id: ConsumerId) -> bool {
    let consumer = &world.consumers()[id.at()];
    let group = world.cast().consumers[id.at()].group;
    let (Some(group), Some(inbox)) = (world.group(group), consumer.kafka()) else {
        return false;
    };
    let known = inbox
        .member
        .is_some_and(|member| !group.has_news_for(member, inbox.generation));
    let talks = world
        .flights(id)
        .iter()
        .any(|flight| matches!(flight.message, Message::Request(_) | Message::Reply(_)));
    known && !talks
}

/// Members are in the same order in both worlds, whatever their ids.
pub fn same_due(here: &World, due: &Due, there: &World) -> Option<Due> {
    let Due::Group(group, deadline) = due else {
        return Some(due.clone());
    };
    let (from, to) = (there.group(*group)?, here.group(*group)?);
    let member = |id: &MemberId| {
        let at = from.members().iter().position(|one| one.id == *id)?;
        to.members().get(at).map(|one| one.id)
    };
    let pending = |id: &MemberId| {
        let at = from.pending().position(|one| one == *id)?;
        to.pending().nth(at)
    };
    let deadline = match deadline {
        Deadline::Session(id) => Deadline::Session(member(id)?),
        Deadline::Pending(id) => Deadline::Pending(pending(id)?),
        Deadline::Rebalance => Deadline::Rebalance,
        Deadline::Sync => Deadline::Sync,
    };
    Some(Due::Group(*group, deadline))
}
