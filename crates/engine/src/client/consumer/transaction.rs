//! Read, process, write: a consumer with a producer of its own, which writes what the handler publishes
//! and where the group reads on in one transaction.
//!
//! # Rules
//! 1. Before its first poll the process takes its transactional id (`initTransactions`). Source:
//!    `KafkaProducer`, class documentation. Shown by: the test
//!    `each_order_is_shipped_once_and_committed_with_it`.
//! 2. When poll has returned records a transaction is begun; what is published is sent in it. After the
//!    batch come the positions, with the member id and the generation of the last join
//!    (`sendOffsetsToTransaction` with `groupMetadata`), and the commit. Source: KIP-98, KIP-447,
//!    `ConsumerCoordinator.onJoinComplete`. Shown by: the test
//!    `each_order_is_shipped_once_and_committed_with_it`, the test
//!    `a_crash_ships_twice_without_a_transaction_and_once_with_it`.
//! 3. What a call throws is answered with an abort, where one can help: then the consumer reads on at the
//!    group's committed offsets. Where none can, the process dies of it. Source: KIP-447, `KafkaProducer`,
//!    class documentation. Shown by: the test `who_stood_still_too_long_ships_nothing_twice`.
//! 4. While another transaction has written an offset and is still open, the coordinator does not say
//!    where to read on (`UNSTABLE_OFFSET_COMMIT`): the consumer asks again after `retry.backoff.ms`.
//!    Source: KIP-447, `ConsumerCoordinator.fetchCommittedOffsets`. Shown by: the test
//!    `the_next_owner_waits_until_an_open_transaction_has_let_go_of_the_offsets`.
//!
//! Left out: work in the background while a transaction is open, and a transaction over several polls. One
//! record is sent at a time, and its acknowledgement awaited.

use super::{Consumer, Effect, Outgoing, Phase, STEP, Step};
use crate::cast::{ClientId, ConsumerPlan};
use crate::client::process::BACKOFF;
use crate::fact::{Fact, ProducerAsked};
use crate::fact::{kafka, process};
use crate::handler::Value;
use crate::scene::Point;
use crate::time::Instant;
use std::sync::Arc;
use systems::broker;
use systems::kafka::log::record::Ended;
use systems::kafka::produce::Membership;
use systems::kafka::producer::{Call, Exception, Next, Producer};
use systems::kafka::{ProducerRequest, ProducerResponse, Request};

/// What the loop calls its producer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calling {
    /// `initTransactions`.
    Init,
    /// `sendOffsetsToTransaction`.
    SendOffsets,
    /// `commitTransaction`.
    Commit,
    /// `abortTransaction`.
    Abort,
}

impl Calling {
    pub(super) const fn point(self) -> Point {
        match self {
            Calling::Init => Point::Init,
            Calling::SendOffsets => Point::SendOffsets,
            Calling::Commit => Point::CommitTransaction,
            Calling::Abort => Point::AbortTransaction,
        }
    }
}

impl Consumer {
    /// Where a new process begins: with its transactional id, if it has one.
    pub(super) fn first_phase(&mut self, plan: &ConsumerPlan) -> Phase {
        let own = plan.producer.as_ref();
        let producer = own.map(|own| Arc::new(Producer::new(own.config.clone())));
        match self.kafka_mut() {
            Some(inbox) if producer.is_some() => {
                inbox.producer = producer;
                Phase::BeforeCall(Calling::Init)
            }
            _ => Phase::BeforePoll,
        }
    }

    /// Its own producer, to be called.
    fn producer_mut(&mut self) -> Option<&mut Producer> {
        let producer = self.kafka_mut()?.producer.as_mut()?;
        Some(Arc::make_mut(producer))
    }

    pub(super) fn before_call(&mut self, calling: Calling, now: Instant) {
        self.phase = Phase::BeforeCall(calling);
        self.loop_due = Some(now + STEP);
    }

    pub(super) fn begin_transaction(&mut self, step: &mut Step) {
        if let Some(inbox) = self.kafka_mut() {
            inbox.aborted = false;
        }
        let Some(producer) = self.producer_mut() else {
            return;
        };
        match producer.call(Call::Begin) {
            Next::Done(Err(thrown)) => self.threw(thrown, step),
            Next::Done(Ok(_)) | Next::Ask(_) => {
                let producer = self.client();
                step.fact(Fact::Kafka(kafka::Fact::TransactionBegan { producer }));
            }
        }
    }

    pub(super) fn call_producer(&mut self, calling: Calling, step: &mut Step) {
        self.phase = Phase::Calling(calling);
        self.call(
            match calling {
                Calling::Init => Call::Init,
                Calling::SendOffsets => {
                    let Some(inbox) = self.kafka() else { return };
                    Call::SendOffsets {
                        group: step.plan.group,
                        membership: inbox.member.map(|member| Membership {
                            member,
                            generation: inbox.generation,
                        }),
                        offsets: inbox.positions(),
                    }
                }
                Calling::Commit => Call::End(Ended::Commit),
                Calling::Abort => Call::End(Ended::Abort),
            },
            step,
        );
    }

    /// Begins a call of its producer. Says what was completed at once, if a fault can wait for it.
    pub(super) fn call(&mut self, call: Call, step: &mut Step) -> Option<Point> {
        let next = self.producer_mut()?.call(call);
        self.lead(next, step)
    }

    /// The broker answered its producer. Says what was completed, if a fault can wait for it.
    pub(super) fn producer_answered(
        &mut self,
        answer: ProducerResponse,
        step: &mut Step,
    ) -> Option<Point> {
        let producer = self.producer_mut()?;
        let asked = producer.waits_for()?.clone();
        let was_refused = answer.refused().is_some();
        match producer.answered(answer) {
            Next::Ask(again) if was_refused && again == asked => {
                self.give_up_due = Some(step.now + BACKOFF);
                None
            }
            next => {
                self.give_up_due = None;
                self.lead(next, step)
            }
        }
    }

    /// A request of its producer is sent again as it was; says whether one was under way.
    pub(super) fn ask_again(&mut self, step: &mut Step) -> bool {
        let waits_for = self.producer().and_then(Producer::waits_for);
        let Some(request) = waits_for.cloned() else {
            return false;
        };
        step.fact(Fact::Kafka(kafka::Fact::Retried {
            producer: self.client(),
            request: ProducerAsked::from(&request),
        }));
        self.ask(request, step);
        true
    }

    fn client(&self) -> ClientId {
        self.id.into()
    }

    fn ask(&self, request: ProducerRequest, step: &mut Step) {
        step.fact(Fact::Kafka(kafka::Fact::ProducerSent {
            producer: self.client(),
            request: ProducerAsked::from(&request),
        }));
        let request = broker::Request::Kafka(Request::Producer(request));
        step.out.push(Effect::Send(Outgoing::Broker(request)));
    }

    fn lead(&mut self, next: Next, step: &mut Step) -> Option<Point> {
        match next {
            Next::Ask(request) => {
                self.ask(request, step);
                None
            }
            Next::Done(Ok(_)) => self.called(step),
            Next::Done(Err(thrown)) => {
                self.threw(thrown, step);
                None
            }
        }
    }

    /// A call is over.
    fn called(&mut self, step: &mut Step) -> Option<Point> {
        let calling = match self.phase {
            Phase::Calling(calling) => calling,
            // What the handler asked for is published.
            Phase::Working => return self.take(Value::Truth(true), step),
            _ => return None,
        };
        match calling {
            Calling::Init => self.go_on(step),
            Calling::SendOffsets => self.before_call(Calling::Commit, step.now),
            Calling::Commit => {
                if let Some(inbox) = self.kafka_mut() {
                    inbox.all_committed();
                }
                self.ended(Ended::Commit, step);
            }
            Calling::Abort => {
                if let Some(inbox) = self.kafka_mut() {
                    inbox.forget_positions();
                    inbox.aborted = true;
                }
                self.ended(Ended::Abort, step);
            }
        }
        Some(calling.point())
    }

    fn ended(&mut self, ended: Ended, step: &mut Step) {
        let producer = self.client();
        step.fact(Fact::Kafka(kafka::Fact::TransactionEnded {
            producer,
            ended,
        }));
        self.go_on(step);
    }

    fn go_on(&mut self, step: &Step) {
        self.phase = Phase::BeforePoll;
        self.loop_due = Some(step.now + STEP);
    }

    /// Rule 3.
    fn threw(&mut self, thrown: Exception, step: &mut Step) {
        step.fact(Fact::Process(process::Fact::Threw {
            producer: self.client(),
            exception: Value::Text(thrown.class.into()),
        }));
        let may_abort = self.producer().is_some_and(Producer::may_only_abort);
        if may_abort && self.phase != Phase::Calling(Calling::Abort) {
            self.hand.clear();
            self.worker_due = None;
            self.before_call(Calling::Abort, step.now);
        } else {
            step.out.push(Effect::Die);
        }
    }
}
