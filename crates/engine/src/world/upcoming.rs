//! What may happen next, read off the world: the whole calendar, or only its first step.

use super::World;
use crate::calendar::{Due, Step};
use crate::cast::{ClientId, TableId};
use crate::time::Instant;
use systems::Server;

/// Whoever looks through what may happen next. Steps are made only when they are wanted: most looks
/// want the first one.
trait Upcoming {
    /// A message under way: when it arrives, and which of the messages ever sent it is.
    fn message(&mut self, at: Instant, sent: u32, step: impl FnOnce() -> Step);
    /// Something that somebody will do by itself. At one instant the one that is told first comes
    /// first, behind all messages (rule 2).
    fn due(&mut self, at: Instant, step: impl FnOnce() -> Step);
}

/// The first of all.
#[derive(Default)]
struct First {
    message: Option<(Instant, u32, Step)>,
    due: Option<Due>,
}

impl Upcoming for First {
    fn message(&mut self, at: Instant, sent: u32, step: impl FnOnce() -> Step) {
        let is_first = |(first, number, _): &(Instant, u32, Step)| (at, sent) < (*first, *number);
        if self.message.as_ref().is_none_or(is_first) {
            self.message = Some((at, sent, step()));
        }
    }

    fn due(&mut self, at: Instant, step: impl FnOnce() -> Step) {
        if self.due.as_ref().is_none_or(|first| at < first.at) {
            self.due = Some(Due { at, step: step() });
        }
    }
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

    /// The first step of the calendar.
    pub fn next(&self) -> Option<Due> {
        let mut first = First::default();
        self.look_ahead(&mut first);
        let message = first.message.map(|(at, _, step)| Due { at, step });
        match (message, first.due) {
            (Some(message), Some(due)) if due.at < message.at => Some(due),
            (Some(message), _) => Some(message),
            (None, due) => due,
        }
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
        let consumers = self.cast.consumers.len();
        let all = self.processes.iter().enumerate();
        for (nth, process) in all.clone().skip(consumers).chain(all.take(consumers)) {
            let id = ClientId(nth as u8);
            process
                .timers()
                .for_each(|(at, timer)| into.due(at, || Step::Timer(id, timer)));
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
