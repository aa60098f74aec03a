//! What goes wrong: the story's own faults, and those of whoever steps in. Rule 4.

use super::{Causes, Notes, Script, World};
use crate::calendar::{Call, Due, Message, Step};
use crate::cast::{ConsumerId, Party, RecordId, Trigger};
use crate::fact::{Fact, Leg};
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

    /// The call a step of the calendar is a message of, if it can get lost there or back (rule 5).
    fn leg(&self, step: &Step) -> Option<(ConsumerId, usize, RecordId, Leg)> {
        let Step::Arrive(id, at) = step else {
            return None;
        };
        match &self.flights.get(id.at())?.get(*at)?.message {
            Message::Perform(call) if !call.double => Some((*id, *at, call.record, Leg::Request)),
            Message::Answer(record) => Some((*id, *at, *record, Leg::Answer)),
            _ => None,
        }
    }

    /// Whether this step is a message that can get lost.
    pub fn can_lose(&self, step: &Step) -> bool {
        self.leg(step).is_some()
    }

    /// Whether this step is a request that can arrive twice.
    pub fn can_double(&self, step: &Step) -> bool {
        self.leg(step)
            .is_some_and(|(_, _, _, leg)| leg == Leg::Request)
    }

    /// The message of this step gets lost. Rules 4 and 5.
    pub fn lose(&mut self, step: &Step, sink: &mut impl Sink) {
        let Some((id, at, record, what)) = self.leg(step) else {
            return;
        };
        self.end_script();
        let flight = self.flights[id.at()].remove(at);
        let mut notes = Notes {
            sink,
            at: self.now,
            cause: flight.cause,
        };
        let fact = Fact::MessageLost {
            consumer: id,
            record,
            what,
        };
        notes.note(Party::Consumer(id), fact);
        if self.living(flight.caller).is_some() {
            self.consumers[id.at()].will_give_up(self.now);
        }
    }

    /// The request of this step arrives twice: a copy follows it. Rules 4 and 5.
    pub fn double(&mut self, step: &Step, sink: &mut impl Sink) {
        let Some((id, at, record, Leg::Request)) = self.leg(step) else {
            return;
        };
        self.end_script();
        let flight = self.flights[id.at()][at].clone();
        let Message::Perform(call) = flight.message else {
            return;
        };
        let mut notes = Notes {
            sink,
            at: self.now,
            cause: flight.cause,
        };
        let fact = Fact::MessageDoubled {
            consumer: id,
            record,
        };
        notes.note(Party::Consumer(id), fact);
        let copy = Call {
            double: true,
            ..call
        };
        self.fly(
            flight.due,
            notes.cause,
            flight.caller,
            Message::Perform(copy),
        );
    }

    /// What is left of the story's own faults is dropped.
    pub fn end_script(&mut self) {
        self.script.next = self.cast.faults.len();
        self.script.due = None;
    }

    /// Somebody steps in: the fault happens now, and the story's own faults are over.
    pub fn intervene(&mut self, verb: Verb, to: ConsumerId, sink: &mut impl Sink) {
        self.end_script();
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
                self.flights[to.at()].retain(|flight| {
                    flight.caller != caller
                        || !matches!(
                            flight.message,
                            Message::Response(_) | Message::Answer(_) | Message::Rows(_)
                        )
                });
                let restart = self.cast.consumers[to.at()].restart;
                let fact = self.consumers[to.at()].crash(now, restart);
                notes.note(Party::Consumer(to), fact);
                self.causes[to.at()] = Causes {
                    last: notes.cause,
                    crash: notes.cause,
                };
            }
            Verb::Restart => {
                let fact = self.consumers[to.at()].start(now);
                notes.note(Party::Consumer(to), fact);
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
