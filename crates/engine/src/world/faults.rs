//! What goes wrong: the story's own faults, and those of whoever steps in. Rule 4.

use super::{Causes, Notes, Script, World};
use crate::calendar::{Call, Due, Message, Step};
use crate::cast::{Client, ClientId, ConsumerId, Party, RecordId, Trigger};
use crate::fact::{Fact, Leg, ProducerAsked};
use crate::fact::{kafka, link, process};
use crate::scene::{Point, Verb};
use crate::trace::Sink;
use systems::broker::{Reply, Request};
use systems::kafka::{self as kafka_system, ProducerRequest, Response};
use systems::{Out, Server};

/// What a message that may get lost is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Called {
    /// A call to a service, for a record.
    Service(RecordId),
    /// A producer's request.
    Broker(ClientId, ProducerAsked),
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
        let (up, frozen, begun) = match self.cast.client(to) {
            Client::Consumer(id) => match self.consumers.get(id.at()) {
                Some(one) => (one.up, one.frozen, one.process > 0),
                None => return false,
            },
            Client::Producer(nr) => match self.producers.get(nr.at()) {
                Some(one) => (one.up, one.frozen, one.process > 0),
                None => return false,
            },
        };
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
            Message::Request(Request::Kafka(kafka_system::Request::Producer(request)))
                if self.has_producer(*id) =>
            {
                (Called::Broker(*id, request.into()), Leg::Request)
            }
            Message::Reply(Reply::Kafka(Response::Producer(_))) => (
                Called::Broker(*id, self.waits_for(*id)?.into()),
                Leg::Answer,
            ),
            _ => return None,
        };
        Some((*id, *at, call, leg))
    }

    /// What a client's producer waits for an answer to.
    pub fn waits_for(&self, id: ClientId) -> Option<&ProducerRequest> {
        match self.cast.client(id) {
            Client::Producer(nr) => self.producers.get(nr.at())?.client.waits_for(),
            Client::Consumer(id) => self.consumers.get(id.at())?.producer()?.waits_for(),
        }
    }

    /// Whether a client is a producer or has one of its own.
    fn has_producer(&self, id: ClientId) -> bool {
        match self.cast.client(id) {
            Client::Producer(_) => true,
            Client::Consumer(id) => self.cast.consumers[id.at()].producer.is_some(),
        }
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
        let mut notes = Notes {
            sink,
            at: self.now,
            cause: flight.cause,
        };
        let fact = match call {
            Called::Service(record) => Fact::Link(link::Fact::MessageLost {
                consumer: ConsumerId(id.0),
                record,
                what,
            }),
            Called::Broker(producer, request) => Fact::Kafka(kafka::Fact::ProducerMessageLost {
                producer,
                request,
                what,
            }),
        };
        notes.note(self.cast.party_of(id), fact);
        match self.living(flight.caller) {
            Some(Client::Consumer(id)) => {
                self.consumers[id.at()].will_give_up(self.now, &self.cast);
            }
            Some(Client::Producer(nr)) => {
                self.producers[nr.at()].will_ask_again(self.now, &self.cast);
            }
            None => {}
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
        let client = self.cast.client(to);
        let cast = &self.cast;
        let fact = match (verb, client) {
            (Verb::Crash, Client::Consumer(id)) => {
                let restart = cast.consumers[id.at()].restart;
                self.consumers[id.at()].crash(now, restart)
            }
            (Verb::Crash, Client::Producer(nr)) => self.producers[nr.at()].crash(now, cast),
            (Verb::Restart, Client::Consumer(id)) => self.consumers[id.at()].start(now, cast),
            (Verb::Restart, Client::Producer(nr)) => self.producers[nr.at()].start(now, cast),
            (Verb::Freeze, _) => Fact::Process(process::Fact::Froze { client: to }),
            (Verb::Thaw, _) => Fact::Process(process::Fact::Thawed { client: to }),
        };
        let mut notes = Notes {
            sink,
            at: now,
            cause,
        };
        notes.note(cast.party_of(to), fact);
        let told = notes.cause;
        match verb {
            Verb::Crash => {
                let mut out = Out::default();
                self.broker.disconnect(now, caller, &mut out);
                self.flights[to.at()]
                    .retain(|flight| flight.caller != caller || !flight.message.is_for_client());
                self.causes[to.at()] = Causes {
                    last: told,
                    crash: told,
                };
                self.broker_says(out, told, sink);
            }
            Verb::Restart => self.causes[to.at()].last = told,
            Verb::Freeze | Verb::Thaw => {
                let frozen = verb == Verb::Freeze;
                match client {
                    Client::Consumer(id) => self.consumers[id.at()].frozen = frozen,
                    Client::Producer(nr) => self.producers[nr.at()].frozen = frozen,
                }
            }
        }
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
