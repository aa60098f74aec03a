//! Messages on their way and what they bring about: rules 1 and 3.

use super::{Notes, World};
use crate::broker::kafka::{Caller, Event, Out, Response};
use crate::calendar::{Flight, Message};
use crate::cast::{ConsumerId, Party};
use crate::client::consumer::{Answer, Effect, Outgoing};
use crate::fact::Fact;
use crate::time::{Instant, Span};
use crate::trace::{Cause, Sink};

impl World {
    /// The consumer a message is for, if the process that asked still lives.
    pub(super) fn living(&self, caller: Caller) -> Option<ConsumerId> {
        let consumer = self.consumers.get(usize::from(caller.client))?;
        (consumer.up && consumer.process == caller.connection).then_some(ConsumerId(caller.client))
    }

    pub(super) fn arrive(&mut self, flight: Flight, sink: &mut impl Sink) {
        let Flight {
            caller,
            cause,
            message,
            ..
        } = flight;
        match message {
            Message::Request(request) => {
                let mut out = Out::default();
                self.broker.handle(self.now, caller, request, &mut out);
                self.broker_says(out, cause, sink);
            }
            Message::Perform(service, record) => {
                let times = self.services[service.at()].perform(record);
                let mut notes = Notes {
                    sink,
                    at: self.now,
                    cause,
                };
                let fact = Fact::EffectDone {
                    service,
                    consumer: ConsumerId(caller.client),
                    record,
                    times,
                };
                notes.note(Party::Service(service), fact);
                let cause = notes.cause;
                self.answer(
                    caller,
                    self.cast.services[service.at()].one_way,
                    Answer::Done,
                    cause,
                );
            }
            Message::Lookup(table, record) => {
                let found = self.tables[table.at()].contains(record);
                let answer = if found {
                    Answer::Found
                } else {
                    Answer::NotFound
                };
                self.answer(caller, self.cast.tables[table.at()].one_way, answer, cause);
            }
            Message::Insert(table, record) => {
                self.tables[table.at()].insert(record);
                let mut notes = Notes {
                    sink,
                    at: self.now,
                    cause,
                };
                notes.note(
                    Party::Table(table),
                    Fact::Inserted {
                        consumer: ConsumerId(caller.client),
                        table,
                        record,
                    },
                );
                let cause = notes.cause;
                self.answer(
                    caller,
                    self.cast.tables[table.at()].one_way,
                    Answer::Inserted,
                    cause,
                );
            }
            Message::Response(response) => {
                let upkeep = matches!(response, Response::HeartbeatAnswered(_));
                if let Some(id) = self.living(caller) {
                    let mut effects = Vec::new();
                    let done = self.consumers[id.at()].receive(
                        response,
                        self.now,
                        &self.cast,
                        &mut effects,
                    );
                    self.consumer_says(id, effects, cause, !upkeep, sink);
                    self.script_after(id, done);
                }
            }
            Message::Answer(answer) => {
                if let Some(id) = self.living(caller) {
                    let mut effects = Vec::new();
                    let done = self.consumers[id.at()].answered(
                        answer,
                        self.now,
                        &self.cast,
                        &mut effects,
                    );
                    self.consumer_says(id, effects, cause, true, sink);
                    self.script_after(id, done);
                }
            }
        }
    }

    /// Sends an answer of a service or a table on its way, if somebody lives to hear it.
    pub(super) fn answer(&mut self, caller: Caller, one_way: Span, answer: Answer, cause: Cause) {
        if self.living(caller).is_some() {
            self.fly(Flight {
                due: self.now + one_way,
                cause,
                caller,
                message: Message::Answer(answer),
            });
        }
    }

    /// Keeps the messages under way sorted by arrival; at the same instant the earlier sent comes first.
    pub(super) fn fly(&mut self, flight: Flight) {
        let at = self
            .flights
            .partition_point(|other| other.due <= flight.due);
        self.flights.insert(at, flight);
    }

    /// Rule 1: on one connection and in one direction nothing overtakes.
    pub(super) fn way_to_broker(&mut self, caller: Caller, towards: bool) -> Instant {
        let (low, high) = self.cast.latency_us;
        let due = self.now + Span(self.seed.between(low, high));
        let last = self
            .flights
            .iter()
            .filter(|flight| flight.caller == caller)
            .filter(|flight| match flight.message {
                Message::Request(_) => towards,
                Message::Response(_) => !towards,
                _ => false,
            })
            .map(|flight| flight.due)
            .max();
        last.map_or(due, |last| due.max(last))
    }

    pub(super) fn consumer_says(
        &mut self,
        id: ConsumerId,
        effects: Vec<Effect>,
        cause: Cause,
        remember: bool,
        sink: &mut impl Sink,
    ) {
        let caller = self.caller(id);
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        for effect in effects {
            match effect {
                Effect::Fact(fact) => notes.note(Party::Consumer(id), fact),
                Effect::Send(outgoing) => {
                    let (due, message) = match outgoing {
                        Outgoing::Broker(asked, request) => {
                            notes.note(
                                Party::Consumer(id),
                                Fact::Sent {
                                    consumer: id,
                                    request: asked,
                                },
                            );
                            (self.way_to_broker(caller, true), Message::Request(request))
                        }
                        Outgoing::Service(service, record) => (
                            self.now + self.cast.services[service.at()].one_way,
                            Message::Perform(service, record),
                        ),
                        Outgoing::Lookup(table, record) => (
                            self.now + self.cast.tables[table.at()].one_way,
                            Message::Lookup(table, record),
                        ),
                        Outgoing::Insert(table, record) => (
                            self.now + self.cast.tables[table.at()].one_way,
                            Message::Insert(table, record),
                        ),
                    };
                    self.fly(Flight {
                        due,
                        cause: notes.cause,
                        caller,
                        message,
                    });
                }
            }
        }
        if remember {
            self.causes[id.at()].last = notes.cause;
        }
    }

    pub(super) fn broker_says(&mut self, out: Out, cause: Cause, sink: &mut impl Sink) {
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        for event in out.events {
            notes.note(Party::Broker, fact_of(event));
        }
        let cause = notes.cause;
        for (caller, response) in out.answers {
            if self.living(caller).is_some() {
                let due = self.way_to_broker(caller, false);
                self.fly(Flight {
                    due,
                    cause,
                    caller,
                    message: Message::Response(response),
                });
            } else {
                notes.note(
                    Party::Broker,
                    Fact::Dropped {
                        consumer: ConsumerId(caller.client),
                    },
                );
            }
        }
    }
}

fn fact_of(event: Event) -> Fact {
    match event {
        Event::MemberIdGiven { group, member } => Fact::MemberIdGiven { group, member },
        Event::JoinParked {
            group,
            member,
            awaited,
        } => Fact::JoinParked {
            group,
            member,
            awaited,
        },
        Event::GenerationFormed {
            group,
            generation,
            members,
        } => Fact::GenerationFormed {
            group,
            generation,
            members,
        },
        Event::SessionExpired { group, member } => Fact::SessionExpired { group, member },
        Event::RebalanceTimedOut { group, member } => Fact::RebalanceTimedOut { group, member },
        Event::Committed {
            group,
            member,
            partition,
            offset,
        } => Fact::Committed {
            group,
            consumer: ConsumerId(member.client),
            partition,
            offset,
        },
        Event::CommitRefused {
            group,
            member,
            error,
        } => Fact::CommitRefused {
            group,
            consumer: ConsumerId(member.client),
            error,
        },
    }
}
