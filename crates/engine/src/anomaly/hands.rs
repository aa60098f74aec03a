//! Whose hands records are in, as far as the facts of a trace tell.

use crate::cast::{Cast, ClientId, ConsumerId, Party, RecordId};
use crate::fact::{Fact, Leg, kafka, link, process, rabbitmq, service, sqs};
use crate::scene::Commit;
use crate::trace::{FactId, Trace};

/// What one consumer has.
#[derive(Clone, Debug, Default)]
struct Hand {
    /// What it was handed and is not through with, the next first; a record that it was handed twice twice.
    holds: Vec<RecordId>,
    /// What was delivered to it and its program has not been handed: on the way, or in a buffer.
    coming: Vec<RecordId>,
    /// How many of them its last call returned.
    batch: usize,
    /// Whether it is to settle them before it works on them.
    settles: bool,
    /// For which records its requests to services are under way.
    asks: Vec<RecordId>,
}

impl Hand {
    /// What it was to settle before it works was not settled: it lets go of it.
    fn refused(&mut self) {
        if std::mem::take(&mut self.settles) {
            let older = self.holds.len().saturating_sub(self.batch);
            self.holds.truncate(older);
        }
    }
}

/// What every consumer has.
pub struct Hands(Vec<Hand>);

impl Hands {
    /// Nobody has anything.
    pub fn new(cast: &Cast) -> Hands {
        Hands(vec![Hand::default(); cast.consumers.len()])
    }

    /// Whether a consumer has a record in hand.
    pub fn holds(&self, id: ConsumerId, record: RecordId) -> bool {
        let hand = self.0.get(id.at());
        hand.is_some_and(|hand| hand.holds.contains(&record) || hand.coming.contains(&record))
    }

    /// Whether a request of a consumer to a service is under way, for this record.
    pub fn asks(&self, id: ConsumerId, record: RecordId) -> bool {
        let hand = self.0.get(id.at());
        hand.is_some_and(|hand| hand.asks.contains(&record))
    }

    fn change(&mut self, id: ConsumerId, change: impl FnOnce(&mut Hand)) {
        if let Some(hand) = self.0.get_mut(id.at()) {
            change(hand);
        }
    }

    /// Reads the next fact of a trace. Says whether hands may have changed.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        let Some(entry) = trace.get(at) else {
            return false;
        };
        let before = |id: ConsumerId| {
            let plan = trace.cast().consumers.get(id.at());
            plan.is_some_and(|plan| plan.commit == Commit::Before)
        };
        if let Some((id, records)) = entry.fact.handed_out() {
            let goes_on = is_same_call(at, id, trace);
            self.change(id, |hand| {
                for record in records {
                    remove_first(&mut hand.coming, *record);
                }
                hand.holds.extend(records);
                hand.batch = records.len() + if goes_on { hand.batch } else { 0 };
                hand.settles = before(id);
            });
            return true;
        }
        match &entry.fact {
            Fact::Service(service::Fact::EffectAsked {
                consumer, record, ..
            })
            | Fact::Link(link::Fact::MessageDoubled { consumer, record }) => {
                self.change(*consumer, |hand| hand.asks.push(*record));
            }
            Fact::Service(
                service::Fact::EffectDone {
                    consumer, record, ..
                }
                | service::Fact::KnownKey {
                    consumer, record, ..
                },
            )
            | Fact::Link(link::Fact::MessageLost {
                consumer,
                record,
                what: Leg::Request,
            }) => self.change(*consumer, |hand| remove_first(&mut hand.asks, *record)),
            Fact::Process(
                process::Fact::Handled { consumer, record }
                | process::Fact::MovedOn { consumer, record },
            ) => {
                self.change(*consumer, |hand| remove_first(&mut hand.holds, *record));
            }
            Fact::Process(process::Fact::Crashed { consumer, .. }) => {
                self.change(*consumer, |hand| {
                    hand.holds.clear();
                    hand.coming.clear();
                });
            }
            Fact::Rabbitmq(rabbitmq::Fact::Delivered {
                record: Some(record),
                client,
                ..
            }) => self.change(ConsumerId(client.0), |hand| hand.coming.push(*record)),
            Fact::Rabbitmq(rabbitmq::Fact::ChannelLost { consumer }) => {
                self.change(*consumer, |hand| hand.coming.clear());
            }
            Fact::Rabbitmq(rabbitmq::Fact::GivenBack {
                consumer, record, ..
            })
            | Fact::Sqs(sqs::Fact::MessageLeft {
                consumer,
                record: Some(record),
            }) => self.change(*consumer, |hand| remove_first(&mut hand.holds, *record)),
            // Its transaction is aborted: it reads again what it had in hand.
            Fact::Process(process::Fact::Threw { producer, .. }) => {
                if let Party::Consumer(id) = trace.cast().party_of(*producer) {
                    self.change(id, |hand| hand.holds.clear());
                }
            }
            Fact::Kafka(kafka::Fact::Committed { consumer, .. }) => {
                self.change(*consumer, |hand| hand.settles = false);
                return false;
            }
            Fact::Kafka(kafka::Fact::Told { consumer, .. })
                if hears_refusal(entry.cause.0, trace) =>
            {
                self.change(*consumer, Hand::refused);
            }
            // Its commit failed before it worked: it reads again what it had in hand.
            Fact::Kafka(kafka::Fact::CommitFailed { consumer, .. }) => {
                self.change(*consumer, Hand::refused);
            }
            Fact::Sqs(sqs::Fact::Refused {
                record: Some(record),
                by: ClientId(by),
                ..
            }) if before(ConsumerId(*by)) && is_delete(entry.cause.0, trace) => {
                self.change(ConsumerId(*by), |hand| {
                    hand.holds.retain(|held| held != record)
                });
            }
            _ => return false,
        }
        true
    }
}

fn remove_first(records: &mut Vec<RecordId>, record: RecordId) {
    if let Some(at) = records.iter().position(|other| *other == record) {
        records.remove(at);
    }
}

/// Whether a fact tells of the same call as the one before it: one poll returns records of several
/// partitions, each because of the one before.
fn is_same_call(at: FactId, id: ConsumerId, trace: &Trace) -> bool {
    let cause = trace.get(at).and_then(|entry| entry.cause.0);
    let before = cause.filter(|cause| cause.0 + 1 == at.0);
    let before = before.and_then(|before| trace.get(before));
    before.is_some_and(|entry| entry.fact.handed_out().is_some_and(|(of, _)| of == id))
}

/// Whether what was told is the answer to a commit.
fn hears_refusal(cause: Option<FactId>, trace: &Trace) -> bool {
    let cause = cause.and_then(|cause| trace.get(cause));
    cause.is_some_and(|entry| matches!(entry.fact, Fact::Kafka(kafka::Fact::CommitRefused { .. })))
}

/// Whether what was refused is a delete: the first fact of the answer names the request as its cause,
/// each other one the one before.
fn is_delete(mut cause: Option<FactId>, trace: &Trace) -> bool {
    while let Some(entry) = cause.and_then(|cause| trace.get(cause)) {
        if let Fact::Sqs(sqs::Fact::Called { operation, .. }) = &entry.fact {
            return operation.starts_with("DeleteMessage");
        }
        cause = entry.cause.0;
    }
    false
}
