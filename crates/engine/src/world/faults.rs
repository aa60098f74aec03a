//! What goes wrong: the story's own faults, and those of whoever steps in. Rule 4.

use super::{Causes, Notes, Script, World};
use crate::calendar::{Call, Due, Message, Step};
use crate::cast::{ClientId, ConsumerId, Party, RecordId, Trigger};
use crate::fact::{Fact, Leg, link, process};
use crate::scene::{Point, Verb};
use crate::trace::Sink;
use systems::library::Outbox as _;
use systems::{Caller, Server, Wire, broker};

/// What a message that may get lost is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Called {
    /// A call to a service, for a record.
    Service(RecordId),
    /// A request of the sending half of a library.
    Broker,
}

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

    pub(super) fn scripted_fault(&mut self, verb: Verb, to: ClientId, sink: &mut impl Sink) {
        self.script = Script {
            next: self.script.next + 1,
            seen: 0,
            since: self.now,
            due: None,
        };
        self.fault(verb, to, sink);
    }

    /// Whether this fault can happen now.
    pub fn allows(&self, verb: Verb, to: ClientId) -> bool {
        let Some(process) = self.processes.get(to.at()) else {
            return false;
        };
        let (up, frozen, begun) = (
            process.life.up,
            process.life.frozen,
            process.life.number > 0,
        );
        match verb {
            Verb::Crash => up,
            // A process that has not begun yet begins by itself.
            Verb::Restart => !up && begun,
            Verb::Freeze => up && !frozen,
            Verb::Thaw => frozen,
        }
    }

    /// The call a step of the calendar is a message of, if it can get lost there or back (rule 5).
    fn leg(&self, step: &Step) -> Option<(ClientId, usize, Called, Leg)> {
        let Step::Arrive(id, at) = step else {
            return None;
        };
        let (call, leg) = match &self.flights.get(id.at())?.get(*at)?.message {
            Message::Perform(call) if !call.double => (Called::Service(call.record), Leg::Request),
            Message::Answer(record) => (Called::Service(*record), Leg::Answer),
            Message::Request(request) if request.can_be_lost() && self.sends(*id) => {
                (Called::Broker, Leg::Request)
            }
            Message::Reply(reply) if reply.can_be_lost() && self.waits(*id) => {
                (Called::Broker, Leg::Answer)
            }
            _ => return None,
        };
        Some((*id, *at, call, leg))
    }

    /// Whether a client's process uses the sending half of a library.
    fn sends(&self, id: ClientId) -> bool {
        self.cast.outbox_of(id).is_some()
    }

    /// Whether it waits there for an answer.
    fn waits(&self, id: ClientId) -> bool {
        let outbox = self.processes[id.at()].outbox();
        outbox.is_some_and(|outbox| outbox.waits())
    }

    /// Whether this step is a message that can get lost.
    pub fn can_lose(&self, step: &Step) -> bool {
        self.leg(step).is_some()
    }

    /// Whether this step is a request that can arrive twice.
    pub fn can_double(&self, step: &Step) -> bool {
        self.leg(step).is_some_and(|(_, _, call, leg)| {
            matches!((call, leg), (Called::Service(_), Leg::Request))
        })
    }

    /// The message of this step gets lost. Rules 4 and 5.
    pub fn lose(&mut self, step: &Step, sink: &mut impl Sink) {
        let Some((id, at, call, what)) = self.leg(step) else {
            return;
        };
        self.end_script();
        let flight = self.flights[id.at()].remove(at);
        let fact = match call {
            Called::Service(record) => Some(Fact::Link(link::Fact::MessageLost {
                consumer: ConsumerId(id.0),
                record,
                what,
            })),
            Called::Broker => self.processes[id.at()].lost(match &flight.message {
                Message::Request(request) => Some(request),
                _ => None,
            }),
        };
        let mut notes = Notes {
            sink,
            at: self.now,
            cause: flight.cause,
        };
        if let Some(fact) = fact {
            notes.note(self.cast.party_of(id), fact);
        }
        if let Some(id) = self.living(flight.caller) {
            self.processes[id.at()].will_give_up(self.now, &self.cast);
        }
    }

    /// The request of this step arrives twice: a copy follows it. Rules 4 and 5.
    pub fn double(&mut self, step: &Step, sink: &mut impl Sink) {
        let Some((id, at, Called::Service(record), Leg::Request)) = self.leg(step) else {
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
        let consumer = ConsumerId(id.0);
        let fact = Fact::Link(link::Fact::MessageDoubled { consumer, record });
        notes.note(Party::Consumer(consumer), fact);
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
    pub fn intervene(&mut self, verb: Verb, to: ClientId, sink: &mut impl Sink) {
        self.end_script();
        self.fault(verb, to, sink);
    }

    pub(super) fn fault(&mut self, verb: Verb, to: ClientId, sink: &mut impl Sink) {
        if !self.allows(verb, to) {
            return;
        }
        let now = self.now;
        let causes = self.causes[to.at()];
        let cause = match verb {
            Verb::Crash | Verb::Freeze | Verb::Thaw => causes.last,
            Verb::Restart => causes.crash,
        };
        let caller = self.caller(to);
        let cut = match verb {
            Verb::Crash => self.cut(to, caller),
            Verb::Restart | Verb::Freeze | Verb::Thaw => Vec::new(),
        };
        let process = &mut self.processes[to.at()];
        let fact = match verb {
            Verb::Crash => process.crash(now, &self.cast),
            Verb::Restart => process.start(now, &self.cast),
            Verb::Freeze => Fact::Process(process::Fact::Froze { client: to }),
            Verb::Thaw => Fact::Process(process::Fact::Thawed { client: to }),
        };
        let mut notes = Notes {
            sink,
            at: now,
            cause,
        };
        notes.note(self.cast.party_of(to), fact);
        let told = notes.cause;
        for fact in cut {
            notes.cause = told;
            notes.note(self.cast.party_of(to), fact.into());
        }
        match verb {
            Verb::Crash => {
                self.broker.disconnect(now, caller, &mut self.out);
                let is_cut = !self.broker.takes_after_loss();
                self.flights[to.at()].retain(|flight| {
                    let is_read = match &flight.message {
                        Message::Request(_) => !is_cut,
                        message => !message.is_for_client(),
                    };
                    flight.caller != caller || is_read
                });
                self.causes[to.at()] = Causes {
                    last: told,
                    crash: told,
                };
                self.broker_says(told, sink);
            }
            Verb::Restart => self.causes[to.at()].last = told,
            Verb::Freeze | Verb::Thaw => {
                self.processes[to.at()].life.frozen = verb == Verb::Freeze;
            }
        }
    }

    /// What is told of the requests that a process has under way, where the broker does not read them once
    /// its connection is lost.
    fn cut(&self, id: ClientId, caller: Caller) -> Vec<broker::Fact> {
        if self.broker.takes_after_loss() {
            return Vec::new();
        }
        let of_it = self.flights[id.at()].iter();
        let of_it = of_it.filter(|flight| flight.caller == caller);
        let facts = of_it.filter_map(|flight| match &flight.message {
            Message::Request(request) => self.broker.cut(caller, request),
            _ => None,
        });
        facts.collect()
    }

    /// Counts a completed moment; the n-th makes the waiting fault due now.
    pub(super) fn script_after(&mut self, id: ClientId, done: Option<Point>) {
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
