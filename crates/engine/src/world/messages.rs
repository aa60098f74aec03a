//! Messages on their way and what they bring about: rules 1 and 3.

use super::{Notes, World};
use crate::anomaly;
use crate::calendar::{Call, Flight, Message};
use crate::cast::{Cast, ClientId, ConsumerId, Party, RecordId, ServiceId, TableId};
use crate::client::{Effect, Effects, Outbox, Outgoing, Process};
use crate::fact::{Fact, kafka, link, service, store};
use crate::handler::{TableStep, Value};
use crate::scene::{Point, Verb};
use crate::time::{Instant, Span};
use crate::trace::{Cause, Sink};
use systems::Caller;
use systems::broker::{self, Reply};
use systems::kafka::Response;
use systems::library::Outbox as _;

impl World {
    /// The client a message is for, if the process that asked still lives.
    pub(super) fn living(&self, caller: Caller) -> Option<ClientId> {
        let id = ClientId(caller.client);
        let life = &self.processes.get(id.at())?.life;
        (life.up && life.number == caller.connection).then_some(id)
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
                let (outs, out) = (&mut self.outs, &mut self.out);
                self.broker
                    .handle_within(self.now, caller, request, outs, out);
                self.broker_says(cause, sink);
            }
            Message::Perform(call) => self.perform(call, caller, cause, sink),
            Message::Tables(steps) => self.transact(&steps, caller, cause, sink),
            Message::Reply(reply) => {
                let upkeep = matches!(reply, Reply::Kafka(Response::HeartbeatAnswered(_)));
                self.hears(caller, cause, !upkeep, sink, |process, now, cast, out| {
                    process.receive(reply, now, cast, out)
                });
            }
            Message::Answer(_) => self.answered(caller, Value::Truth(true), cause, sink),
            Message::Rows(rows) => self.answered(caller, rows, cause, sink),
        }
    }

    fn answered(&mut self, caller: Caller, answer: Value, cause: Cause, sink: &mut impl Sink) {
        self.hears(caller, cause, true, sink, |process, now, cast, out| {
            process.answered(answer, now, cast, out)
        });
    }

    /// Lets the process that asked hear something, if it lives, and go on.
    fn hears(
        &mut self,
        caller: Caller,
        cause: Cause,
        remember: bool,
        sink: &mut impl Sink,
        hear: impl FnOnce(&mut Process, Instant, &Cast, &mut Effects) -> Option<Point>,
    ) {
        if let Some(id) = self.living(caller) {
            let done = hear(
                &mut self.processes[id.at()],
                self.now,
                &self.cast,
                &mut self.effects,
            );
            self.says(id, cause, remember, sink);
            self.script_after(id, done);
        }
    }

    /// Rule 3.
    fn perform(&mut self, call: Call, caller: Caller, cause: Cause, sink: &mut impl Sink) {
        let Call {
            service,
            record,
            key,
            double,
        } = call;
        let consumer = ConsumerId(caller.client);
        let late = self.is_overtaken(service, record);
        let state = &mut self.services[service.at()];
        let fact = match state.perform(record, key.as_ref()) {
            Some(times) => {
                if late && times == 1 {
                    state.overtake(record);
                }
                Fact::Service(service::Fact::EffectDone {
                    service,
                    consumer,
                    record,
                    times,
                })
            }
            None => Fact::Service(service::Fact::KnownKey {
                service,
                consumer,
                record,
            }),
        };
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        notes.note(Party::Service(service), fact);
        if !double {
            let one_way = self.cast.services[service.at()].one_way;
            self.answer(caller, one_way, Message::Answer(record), notes.cause);
        }
    }

    /// Whether a service has done its work for a later record of the same key.
    fn is_overtaken(&self, service: ServiceId, record: RecordId) -> bool {
        let mut done = self.services[service.at()].all();
        done.any(|(other, _)| anomaly::overtakes(&self.cast, other, record))
    }

    /// A transaction over tables: all of it at once, or nothing.
    fn transact(
        &mut self,
        steps: &[TableStep],
        caller: Caller,
        cause: Cause,
        sink: &mut impl Sink,
    ) {
        let consumer = ConsumerId(caller.client);
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        let taken = steps.iter().find_map(|step| match step {
            TableStep::Insert(table, key, _)
                if steps.len() > 1 && self.tables[table.at()].contains(key) =>
            {
                Some((*table, key.clone()))
            }
            _ => None,
        });
        let mut answers = Vec::new();
        if let Some((table, key)) = taken {
            let fact = Fact::Store(store::Fact::Undone {
                consumer,
                table,
                key,
            });
            notes.note(Party::Table(table), fact);
        } else {
            for step in steps {
                let id = step.table();
                let expires = self.cast.tables[id.at()].ttl.map(|ttl| self.now + ttl);
                let answer = if step.only_reads() {
                    step.read(&self.tables[id.at()])
                } else {
                    step.apply(&mut self.tables[id.at()], expires)
                };
                if let Some(fact) = wrote(&self.cast, consumer, step, &answer) {
                    notes.note(Party::Table(id), fact);
                }
                answers.push(answer);
            }
        }
        let answer = match answers.len() {
            0 => Value::Nothing,
            1 => answers.swap_remove(0),
            _ => Value::List(answers),
        };
        let one_way = steps
            .iter()
            .map(|step| self.cast.tables[step.table().at()].one_way)
            .max()
            .unwrap_or_default();
        self.answer(caller, one_way, Message::Rows(answer), notes.cause);
    }

    /// The time to live of a row has passed.
    pub(super) fn expire_row(&mut self, table: TableId, key: Value, sink: &mut impl Sink) {
        if self.tables[table.at()].remove(&key) {
            let mut notes = Notes {
                sink,
                at: self.now,
                cause: Cause::default(),
            };
            notes.note(
                Party::Table(table),
                Fact::Store(store::Fact::Expired { table, key }),
            );
        }
    }

    /// Sends an answer of a service or a table on its way, if somebody lives to hear it.
    fn answer(&mut self, caller: Caller, one_way: Span, message: Message, cause: Cause) {
        if self.living(caller).is_some() {
            self.fly(self.now + one_way, cause, caller, message);
        }
    }

    /// Keeps the messages under way sorted by arrival; at the same instant the earlier sent comes first.
    pub(super) fn fly(&mut self, due: Instant, cause: Cause, caller: Caller, message: Message) {
        let flight = Flight {
            due,
            sent: self.sent,
            cause,
            caller,
            message,
        };
        self.sent = self.sent.wrapping_add(1);
        if let Some(own) = self.flights.get_mut(usize::from(caller.client)) {
            let at = own.partition_point(|other| other.due <= due);
            own.insert(at, flight);
        }
    }

    /// Rule 1: on one connection and in one direction nothing overtakes.
    pub(super) fn way_to_broker(&mut self, caller: Caller, towards: bool) -> Instant {
        let (low, high) = self.cast.latency_us;
        let due = self.now + Span(self.seed.between(low, high));
        let last = self
            .flights(ClientId(caller.client))
            .iter()
            .filter(|flight| flight.caller == caller)
            .filter(|flight| match flight.message {
                Message::Request(_) => towards,
                Message::Reply(_) => !towards,
                _ => false,
            })
            .map(|flight| flight.due)
            .max();
        last.map_or(due, |last| due.max(last))
    }

    /// What came out of a client's step, in order: facts are told, messages leave.
    pub(super) fn says(
        &mut self,
        id: ClientId,
        cause: Cause,
        remember: bool,
        sink: &mut impl Sink,
    ) {
        let mut effects = std::mem::take(&mut self.effects);
        let caller = self.caller(id);
        let party = self.cast.party_of(id);
        let group = self.cast.group_of(id);
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        let mut dies = false;
        for effect in effects.drain() {
            match effect {
                Effect::Fact(fact) => notes.note(party, fact),
                Effect::Took(records) => {
                    for record in records {
                        if let Some(group) = group {
                            self.ledger.poll(group, record);
                        }
                    }
                }
                Effect::Finished(record) => {
                    if let Some(group) = group {
                        self.ledger.handle(group, record);
                    }
                }
                Effect::Die => dies = true,
                Effect::Send(outgoing) => {
                    let (due, message) = self.leaves(caller, outgoing);
                    self.fly(due, notes.cause, caller, message);
                }
            }
        }
        let last = notes.cause;
        self.effects = effects;
        if remember {
            self.causes[id.at()].last = last;
        }
        if dies {
            self.fault(Verb::Crash, id, sink);
        }
    }

    /// When what leaves a client arrives, as a message.
    fn leaves(&mut self, caller: Caller, outgoing: Outgoing) -> (Instant, Message) {
        match outgoing {
            Outgoing::Broker(request) => {
                (self.way_to_broker(caller, true), Message::Request(request))
            }
            Outgoing::Service(service, record, key) => (
                self.now + self.cast.services[service.at()].one_way,
                Message::Perform(Call {
                    service,
                    record,
                    key,
                    double: false,
                }),
            ),
            Outgoing::Tables(steps) => {
                let one_way = steps
                    .iter()
                    .map(|step| self.cast.tables[step.table().at()].one_way)
                    .max()
                    .unwrap_or_default();
                (self.now + one_way, Message::Tables(steps))
            }
        }
    }

    /// Whether a client waits for no answer of this kind (`acks=0`).
    fn is_unheard(&self, client: ClientId, reply: &Reply) -> bool {
        let plan = self.cast.outbox_of(client);
        plan.is_some_and(|plan| Outbox::is_deaf(plan, reply))
    }

    /// What came out of a step of the broker: facts are told, replies leave.
    pub(super) fn broker_says(&mut self, cause: Cause, sink: &mut impl Sink) {
        let mut out = std::mem::take(&mut self.out);
        let mut notes = Notes {
            sink,
            at: self.now,
            cause,
        };
        for fact in out.facts.drain(..) {
            notes.note(Party::Broker, told(fact, &self.cast));
        }
        let cause = notes.cause;
        for (caller, reply) in out.to.drain(..) {
            match self.living(caller) {
                Some(client) if self.is_unheard(client, &reply) => {}
                Some(_) => {
                    let due = self.way_to_broker(caller, false);
                    self.fly(due, cause, caller, Message::Reply(reply));
                }
                None => {
                    let client = ClientId(caller.client);
                    notes.note(Party::Broker, Fact::Link(link::Fact::Dropped { client }));
                }
            }
        }
        self.out = out;
    }
}

/// What a step of a transaction changed, as a fact. A record's own row is told as entered.
fn wrote(cast: &Cast, consumer: ConsumerId, step: &TableStep, answer: &Value) -> Option<Fact> {
    let table = step.table();
    Some(match step {
        TableStep::Insert(_, key, value) if *answer == Value::Truth(true) => {
            let named = match key {
                Value::Text(text) => cast.find_record(text),
                _ => None,
            };
            match named {
                Some(record) => Fact::Store(store::Fact::Inserted {
                    consumer,
                    table,
                    record,
                }),
                None => Fact::Store(store::Fact::Wrote {
                    consumer,
                    table,
                    key: key.clone(),
                    value: value.clone(),
                }),
            }
        }
        TableStep::Put(_, key, value) => Fact::Store(store::Fact::Wrote {
            consumer,
            table,
            key: key.clone(),
            value: value.clone(),
        }),
        TableStep::Add(_, key, _) => Fact::Store(store::Fact::Wrote {
            consumer,
            table,
            key: key.clone(),
            value: answer.clone(),
        }),
        TableStep::Delete(_, key) if *answer == Value::Truth(true) => {
            Fact::Store(store::Fact::Removed {
                consumer,
                table,
                key: key.clone(),
            })
        }
        _ => return None,
    })
}

/// A broker's fact as it stands in the trace: what a consumer's program stores, it has published.
fn told(fact: broker::Fact, cast: &Cast) -> Fact {
    match fact {
        broker::Fact::Kafka(kafka::Fact::Stored {
            producer,
            partition,
            offset,
            record,
        }) if cast.group_of(producer).is_some() => Fact::Kafka(kafka::Fact::Published {
            consumer: ConsumerId(producer.0),
            partition,
            offset,
            record,
        }),
        fact => fact.into(),
    }
}
