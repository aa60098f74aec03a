//! What goes wrong: the story's own faults, and those of whoever steps in. Rule 4.

use super::{Causes, Notes, Script, World};
use crate::calendar::{Due, Message, Step};
use crate::cast::{ConsumerId, Party, Trigger};
use crate::scene::{Point, Verb};
use crate::trace::Sink;

impl World {
    /// The story's next fault, when its time is known.
    pub(super) fn scripted(&self) -> Option<Due> {
        let fault = self.cast.faults.get(self.script.next)?;
        let at = match fault.when {
            Trigger::At(at) => at,
            Trigger::Later(span) => self.script.since + span,
            Trigger::Before(_) | Trigger::After(_) => self.script.due?,
        };
        Some(Due {
            at,
            step: Step::Scripted(fault.verb, fault.to),
        })
    }

    pub(super) fn scripted_fault(&mut self, verb: Verb, to: ConsumerId, sink: &mut impl Sink) {
        self.script = Script {
            next: self.script.next + 1,
            seen: 0,
            since: self.now,
            due: None,
        };
        self.fault(verb, to, sink);
    }

    /// Whether this fault can happen now.
    pub fn allows(&self, verb: Verb, to: ConsumerId) -> bool {
        self.consumers
            .get(to.at())
            .is_some_and(|consumer| match verb {
                Verb::Crash => consumer.up,
                // A process that has not begun yet begins by itself.
                Verb::Restart => !consumer.up && consumer.process > 0,
            })
    }

    /// Somebody steps in: the fault happens now, and the story's own faults are over.
    pub fn intervene(&mut self, verb: Verb, to: ConsumerId, sink: &mut impl Sink) {
        self.script.next = self.cast.faults.len();
        self.script.due = None;
        self.fault(verb, to, sink);
    }

    pub(super) fn fault(&mut self, verb: Verb, to: ConsumerId, sink: &mut impl Sink) {
        if !self.allows(verb, to) {
            return;
        }
        let now = self.now;
        let cause = match verb {
            Verb::Crash => self.causes[to.at()].last,
            Verb::Restart => self.causes[to.at()].crash,
        };
        let mut notes = Notes {
            sink,
            at: now,
            cause,
        };
        match verb {
            Verb::Crash => {
                let caller = self.caller(to);
                self.broker.disconnect(caller);
                self.flights.retain(|flight| {
                    flight.caller != caller
                        || !matches!(flight.message, Message::Response(_) | Message::Answer(_))
                });
                notes.note(Party::Consumer(to), self.consumers[to.at()].crash(now));
                self.causes[to.at()] = Causes {
                    last: notes.cause,
                    crash: notes.cause,
                };
            }
            Verb::Restart => {
                notes.note(Party::Consumer(to), self.consumers[to.at()].start(now));
                self.causes[to.at()].last = notes.cause;
            }
        }
    }

    /// Counts a completed moment; the n-th makes the waiting fault due now.
    pub(super) fn script_after(&mut self, id: ConsumerId, done: Option<Point>) {
        if let Some(fault) = self.cast.faults.get(self.script.next)
            && let Trigger::After(moment) = fault.when
            && fault.to == id
            && done == Some(moment.step)
        {
            self.script.seen = self.script.seen.saturating_add(1);
            if self.script.seen == moment.nth {
                self.script.due = Some(self.now);
            }
        }
    }
}
