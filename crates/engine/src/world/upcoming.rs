//! What may happen next, read off the world: the whole calendar, or only its first step.

use super::World;
use crate::calendar::{Due, Step};
use crate::cast::{ClientId, TableId};
use crate::time::Instant;
use systems::Server;

/// Whoever looks through what may happen next. Steps are made only when they are wanted.
trait Upcoming {
    /// A message under way: when it arrives, and which of the messages ever sent it is.
    fn message(&mut self, at: Instant, sent: u32, step: impl FnOnce() -> Step);
    /// Something that somebody will do by itself. At one instant the one that is told first comes
    /// first, behind all messages (rule 2).
    fn due(&mut self, at: Instant, step: impl FnOnce() -> Step);
}

/// Whether there is one that is wanted. When it is found, no other is made.
struct Any<F> {
    wanted: F,
    found: bool,
}

impl<F: Fn(&Step) -> bool> Upcoming for Any<F> {
    fn message(&mut self, _: Instant, _: u32, step: impl FnOnce() -> Step) {
        self.found = self.found || (self.wanted)(&step());
    }

    fn due(&mut self, _: Instant, step: impl FnOnce() -> Step) {
        self.found = self.found || (self.wanted)(&step());
    }
}

/// All of them, each kind in the order of its times.
#[derive(Default)]
struct All {
    messages: Vec<(Instant, u32, Step)>,
    dues: Vec<Due>,
}

impl Upcoming for All {
    fn message(&mut self, at: Instant, sent: u32, step: impl FnOnce() -> Step) {
        self.messages.push((at, sent, step()));
    }

    fn due(&mut self, at: Instant, step: impl FnOnce() -> Step) {
        self.dues.push(Due { at, step: step() });
    }
}

impl World {
    /// Everything that may happen next, in the order in which a run takes it.
    pub fn calendar(&self) -> Vec<Due> {
        let mut all = All::default();
        self.look_ahead(&mut all);
        tiny_sort::stable::sort_by_key(&mut all.messages, |(at, sent, _)| (*at, *sent));
        let messages = all.messages.into_iter();
        let mut calendar: Vec<Due> = messages.map(|(at, _, step)| Due { at, step }).collect();
        calendar.append(&mut all.dues);
        // Stable: at the same instant what was told first comes first (rule 2).
        tiny_sort::stable::sort_by_key(&mut calendar, |due| due.at);
        calendar
    }

    /// Whether the calendar has a step that is wanted.
    pub(super) fn any(&self, wanted: impl Fn(&Step) -> bool) -> bool {
        let found = false;
        let mut any = Any { wanted, found };
        self.look_ahead(&mut any);
        any.found
    }

    /// The first step of the calendar. No step is made but this one.
    pub fn next(&self) -> Option<Due> {
        let message = self.first_message();
        let due = self.first_due();
        let next = match (message, due) {
            (Some((at, ..)), Some(due)) if due.at < at => Some(due),
            (Some((at, _, id, nth)), _) => Some(Due {
                at,
                step: Step::Arrive(id, nth),
            }),
            (None, due) => due,
        };
        debug_assert_eq!(next, self.calendar().into_iter().next());
        next
    }

    /// The first message to arrive: when, the how-manieth of the world it is, whose, and its place among the
    /// client's. Each client's own are in the order of arrival, so only the first of them counts.
    fn first_message(&self) -> Option<(Instant, u32, ClientId, usize)> {
        let mut first: Option<(Instant, u32, ClientId, usize)> = None;
        for (at, own) in self.flights.iter().enumerate() {
            let id = ClientId(at as u8);
            let mut own = own.iter().enumerate();
            if let Some((nth, flight)) = own.find(|(_, one)| !self.waits_to_be_heard(id, one))
                && first.is_none_or(|(at, sent, ..)| (flight.due, flight.sent) < (at, sent))
            {
                first = Some((flight.due, flight.sent, id, nth));
            }
        }
        first
    }

    /// The first thing that somebody will do by itself.
    fn first_due(&self) -> Option<Due> {
        let mut at = Instant(u64::MAX);
        let mut timer = None;
        for id in self.in_order_of_timers() {
            if let Some((due, what)) = self.processes[id.at()].next_timer()
                && due < at
            {
                (at, timer) = (due, Some(Step::Timer(id, what)));
            }
        }
        let timer = timer.map(|step| Due { at, step });
        let row = self.first_row(at);
        let broker = self.broker.next_due();
        let broker = broker.map(|(at, due)| Due {
            at,
            step: Step::Broker(due),
        });
        // Of several at one instant the first of these.
        let all = [broker, timer, row, self.scripted()].into_iter().flatten();
        all.min_by_key(|due| due.at)
    }

    /// The first row whose time to live is over, if that is before this instant.
    fn first_row(&self, mut before: Instant) -> Option<Due> {
        let mut first = None;
        for (nth, table) in self.tables.iter().enumerate() {
            for row in table.rows() {
                if let Some(at) = row.expires.filter(|at| *at < before) {
                    (before, first) = (at, Some((nth, row)));
                }
            }
        }
        first.map(|(nth, row)| Due {
            at: before,
            step: Step::Expire(TableId(nth as u8), row.key.clone()),
        })
    }

    /// The clients in the order in which their timers fire at one instant: producers before consumers.
    fn in_order_of_timers(&self) -> impl Iterator<Item = ClientId> + use<> {
        let (consumers, all) = (self.cast.consumers.len(), self.processes.len());
        (consumers..all)
            .chain(0..consumers)
            .map(|nth| ClientId(nth as u8))
    }

    /// Tells all that may happen next: messages client by client, then what the broker, producers,
    /// consumers and tables do by themselves, then the story's next fault.
    fn look_ahead(&self, into: &mut impl Upcoming) {
        for (at, own) in self.flights.iter().enumerate() {
            let id = ClientId(at as u8);
            for (nth, flight) in own.iter().enumerate() {
                if !self.waits_to_be_heard(id, flight) {
                    into.message(flight.due, flight.sent, || Step::Arrive(id, nth));
                }
            }
        }
        for party in 0..self.broker.parties() {
            self.broker
                .dues(party, &mut |at, due| into.due(at, || Step::Broker(due)));
        }
        for id in self.in_order_of_timers() {
            let timers = self.processes[id.at()].timers();
            timers.for_each(|(at, timer)| into.due(at, || Step::Timer(id, timer)));
        }
        for (nth, table) in self.tables.iter().enumerate() {
            for row in table.rows() {
                if let Some(at) = row.expires {
                    into.due(at, || Step::Expire(TableId(nth as u8), row.key.clone()));
                }
            }
        }
        if let Some(due) = self.scripted() {
            into.due(due.at, || due.step);
        }
    }
}
