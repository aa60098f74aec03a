//! Amazon SQS, as a search sees it: visibility time-outs, and who still works on what he received.

use super::super::World;
use super::Patience;
use crate::calendar::{Flight, Message};
use crate::cast::ConsumerId;
use crate::client::process::Timer;
use systems::Instant;
use systems::broker::{Reply, Request};
use systems::sqs::{self, Due, QueueId, Receipt};
use systems::{Caller, Server};

/// A visibility time-out waits for a delete. A receive that waits is answered when there is something: its
/// end is not explored. What nobody deletes is kept for days; a queue that keeps it for less than a run lasts
/// loses it when times are explored.
pub fn patience(world: &World, due: &Due, timed: bool) -> Patience {
    match due {
        Due::VisibilityEnds { receipt, by } if is_being_worked_on(world, *by, receipt) => {
            match timed {
                true => Patience::WhenDue,
                false => Patience::AsFault,
            }
        }
        Due::VisibilityEnds { .. } | Due::DelayEnds { .. } | Due::Moves { .. } => Patience::WhenDue,
        Due::Expires { queue, .. } if timed && keeps_for_less_than_a_run(world, *queue) => {
            Patience::WhenDue
        }
        Due::WaitEnds { .. } | Due::Expires { .. } => Patience::Never,
    }
}

fn keeps_for_less_than_a_run(world: &World, queue: QueueId) -> bool {
    let mut queues = world.sqs().into_iter().flat_map(sqs::Sqs::queues);
    let queue = queues.find(|one| one.id == queue);
    queue.is_some_and(|queue| Instant(0) + queue.kept() < world.cast().ends)
}

/// With times a lease ends when it is due, whoever works, and asking for more time moves its end. Without
/// times a longer lease is no news: that of somebody who works ends only as a fault.
pub fn is_news(timer: Timer, timed: bool) -> bool {
    match timer {
        Timer::Heartbeat => timed,
        Timer::Start
        | Timer::Loop
        | Timer::Worker
        | Timer::AutoCommit
        | Timer::GiveUp
        | Timer::PollInterval => true,
    }
}

/// Whether who received a message lives and will delete it: it has it, it is on its way to the worker, or
/// its delete is on its way to the queue.
fn is_being_worked_on(world: &World, by: Caller, receipt: &Receipt) -> bool {
    let id = ConsumerId(by.client);
    let is_it = |other: &Receipt| other == receipt;
    let deletes = |flight: &Flight| match &flight.message {
        Message::Request(Request::Sqs(request)) => request.receipts().any(|one| is_it(&one)),
        _ => false,
    };
    if world.flights(id).iter().any(deletes) {
        return true;
    }
    let Some(consumer) = world.consumers().get(id.at()) else {
        return false;
    };
    if !consumer.life.goes_on() || consumer.life.number != by.connection {
        return false;
    }
    let in_hand = consumer.hand().iter().chain(consumer.unsettled());
    let is_coming = |flight: &Flight| match &flight.message {
        Message::Reply(Reply::Sqs(sqs::Reply::Messages(messages))) => {
            messages.iter().any(|message| is_it(&message.receipt))
        }
        _ => false,
    };
    in_hand
        .filter_map(|held| held.receipt?.sqs().copied())
        .any(|held| is_it(&held))
        || world.flights(id).iter().any(is_coming)
}

/// Receipts differ in their numbers. Of several that are alike (a message that was sent twice) the n-th is
/// the n-th: dues are listed in the order of the messages.
pub fn same_due(here: &World, due: &Due, there: &World) -> Option<Due> {
    let is_alike = |other: &Due| match (due, other) {
        (
            Due::VisibilityEnds { receipt, by },
            Due::VisibilityEnds {
                receipt: own,
                by: holder,
            },
        ) => (receipt.queue, receipt.record, by.client) == (own.queue, own.record, holder.client),
        (one, other) => one == other,
    };
    let alike = |world: &World| -> Vec<Due> {
        let mut found = Vec::new();
        if let Some(queues) = world.sqs() {
            queues.dues(0, &mut |_, other| {
                if is_alike(&other) {
                    found.push(other);
                }
            });
        }
        found
    };
    let nth = alike(there).iter().position(|other| other == due)?;
    alike(here).into_iter().nth(nth)
}
