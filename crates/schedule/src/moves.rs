//! What can happen next in a world that is explored.
//!
//! # Rules
//! 1. Everything in the calendar can happen next that is due within the scene's jitter of the
//!    earliest; without a jitter, everything.
//! 2. On one connection and in one direction nothing overtakes. Calls to services and tables do.
//! 3. Signs of life are not explored: one goes out only when its answer would be news
//!    ([`World::is_news`], which says too what else brings nothing new). With times a queue's worker asks
//!    for more time when that is due: the end of its lease depends on it.
//! 4. A time-out that waits for somebody who lives and would have answered is a fault, and costs the
//!    budget for those. One that waits for the dead is not ([`World::patience`]). Without times the same
//!    goes for the time to live of a row.
//! 5. That `max.poll.interval.ms` passes while a consumer's program is at work is a fault with a budget of its
//!    own: the program is as slow as that. Where times are explored it passes when it is due.
//! 6. Crashes, freezes, losses and doubles cost their budgets. Whoever is down can be started again,
//!    and whoever stands still goes on, at any time, except where a supervisor does it and times count.
//!    A producer whose program is over does nothing more that could fail.

use engine::calendar::{Due, Message, Step};
use engine::cast::{ClientId, TableId};
use engine::client::process::Timer;
use engine::scene::{Budget, Verb};
use engine::trace::Sink;
use engine::world::{Patience, World};
use explore::Weigh;
use explore::time::Instant;
use systems::Server;

/// One thing that can happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A step of the calendar.
    Step(Step),
    /// A time-out that fires although the other side lives.
    Early(Step),
    /// The poll interval passes while the program is at work.
    Slow(Step),
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
    slow: u8,
}

impl Move {
    /// Whether it is a fault, which nobody is owed.
    pub(super) const fn is_fault(&self) -> bool {
        matches!(
            self,
            Move::Early(_)
                | Move::Slow(_)
                | Move::Fault(Verb::Crash | Verb::Freeze, _)
                | Move::Lose(_)
                | Move::Double(_)
        )
    }

    /// Makes it happen, at its time if it has one.
    pub(super) fn make(&self, at: Instant, world: &mut World, sink: &mut impl Sink) {
        match self {
            Move::Step(step) | Move::Early(step) | Move::Slow(step) => {
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
            Move::Slow(_) => (&mut spent.slow, budget.slow_polls),
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
    /// A party of the broker, for example a group's coordinator.
    Broker(u8),
    /// A table.
    Table(TableId),
}

/// Everybody who can make something happen.
pub(super) fn everybody(world: &World) -> Vec<Who> {
    let cast = world.cast();
    let expiring = cast.tables.iter().enumerate();
    // Deaths come last: among equally short ways the one with the latest fault is found first.
    cast.clients()
        .map(Who::Messages)
        .chain((0..world.acting_parties()).map(Who::Broker))
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
            let process = world.process(client);
            for (at, timer) in process.timers() {
                let step = Step::Timer(client, timer);
                if timer == Timer::PollInterval && !timed {
                    if budget.slow_polls > 0 {
                        out.push((now, Move::Slow(step)));
                    }
                } else if world.is_news(client, timer, timed) {
                    out.push((at, Move::Step(step)));
                }
            }
            let supervised = world.cast().restart_of(client).is_some();
            let may_fail = !process.is_over();
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
        Who::Broker(party) => world.broker().dues(party, &mut |at, due| {
            let patience = world.patience(&due, timed);
            let step = Step::Broker(due);
            match patience {
                Patience::WhenDue => out.push((at, Move::Step(step))),
                Patience::Anytime => out.push((now, Move::Step(step))),
                Patience::AsFault if budget.early_timeouts > 0 => {
                    out.push((now, Move::Early(step)));
                }
                Patience::AsFault | Patience::Never => {}
            }
        }),
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
