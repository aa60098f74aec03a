//! The Kafka producer as a library, with what its user's settings make of silence.
//!
//! # Rules
//! 1. A request without an answer is sent again as it was, after `request.timeout.ms`; with
//!    `retries=0` the call throws `TimeoutException` instead. Source: documentation, "Producer
//!    Configs"; `Sender`. Shown by: the test
//!    `a_lost_answer_stores_a_plain_producers_record_twice_and_an_idempotent_ones_once`.
//! 2. An answer that says to try again is tried again after `retry.backoff.ms`. Source: documentation,
//!    "Producer Configs".
//! 3. With `acks=0` nothing is waited for. Source: documentation, "Producer Configs". Shown by: the test
//!    `without_acknowledgements_a_lost_record_is_lost`.
//!
//! Left out: a request is sent again when it or its answer got lost, not when the answer is merely late; one
//! request is under way at a time; nothing waits to be sent together (`linger.ms`).

use super::fact::{Fact, Leg, ProducerAsked};
use super::log::Appended;
use super::log::record::Record;
use super::producer::{self, Config, Next, Outcome, Producer};
use super::{Broker, Offset, Partition, ProducerRequest, ProducerResponse, Request, Response};
use crate::library::outbox::{Call, Heard};
use crate::library::{self, Context};
use crate::party::ClientId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::Span;
use std::sync::Arc;

/// `retry.backoff.ms` (rule 2).
pub const BACKOFF: Span = Span::from_ms(100);

/// A producer's settings.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What kind of producer it is.
    pub config: Config,
    /// Whether it waits for no acknowledgement (`acks=0`).
    pub acks_none: bool,
    /// Whether a request without an answer is sent again (`retries`).
    pub retries: bool,
    /// `request.timeout.ms`.
    pub request_timeout: Span,
    /// By record: where it is sent, and as what.
    pub messages: Arc<[Message]>,
}

/// A record of the scene as it is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where.
    pub partition: Partition,
    /// As what.
    pub record: Record,
}

/// What the library remembers. A crash forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Outbox {
    producer: Arc<Producer>,
}

/// A call of the library.
type Step<'a> = Context<'a, Broker, Plan>;

impl library::Outbox for Outbox {
    type Of = Broker;
    type Plan = Plan;

    fn new(plan: &Plan) -> Self {
        Outbox {
            producer: Arc::new(Producer::new(plan.config.clone())),
        }
    }

    fn call(&mut self, call: Call, step: &mut Step) -> Heard {
        let call = match call {
            Call::Open => producer::Call::Init,
            Call::Begin => producer::Call::Begin,
            Call::Send(record) => {
                let message = &step.plan.messages[record.at()];
                producer::Call::Send(message.partition, vec![message.record.clone()])
            }
            Call::SendOffsets(group, membership, offsets) => producer::Call::SendOffsets {
                group,
                membership,
                offsets,
            },
            Call::End(ended) => producer::Call::End(ended),
        };
        let next = self.producer_mut().call(call);
        self.lead(next, step)
    }

    fn hear(&mut self, reply: Response, step: &mut Step) -> Heard {
        let (Response::Producer(answer), Some(asked)) = (reply, self.producer.waits_for().cloned())
        else {
            return Heard::Nothing;
        };
        let was_refused = answer.refused().is_some();
        match self.producer_mut().answered(answer) {
            Next::Ask(again) if was_refused && again == asked => Heard::AskAgain(BACKOFF),
            next => self.lead(next, step),
        }
    }

    /// Rule 1.
    fn ask_again(&mut self, step: &mut Step) -> Heard {
        let Some(request) = self.producer.waits_for().cloned() else {
            return Heard::Nothing;
        };
        if !step.plan.retries {
            let thrown = self.producer_mut().give_up();
            return self.lead(thrown, step);
        }
        step.out.tell(Fact::Retried {
            producer: step.by,
            request: ProducerAsked::from(&request),
        });
        step.out.send(Request::Producer(request));
        Heard::Nothing
    }

    fn awaits(&self, reply: &Response) -> bool {
        matches!(reply, Response::Producer(_))
    }

    fn waits(&self) -> bool {
        self.producer.waits_for().is_some()
    }

    fn is_storing(&self) -> bool {
        matches!(
            self.producer.waits_for(),
            Some(ProducerRequest::Produce(..))
        )
    }

    /// With a transactional id it has to know as whom it writes.
    fn is_closed(&self) -> bool {
        self.producer.transactional_id().is_some() && self.producer.identity().is_none()
    }

    fn may_only_abort(&self) -> bool {
        self.producer.may_only_abort()
    }

    fn over(&self, producer: ClientId, call: &Call, at: Option<Offset>) -> Option<Fact> {
        match call {
            Call::Begin => Some(Fact::TransactionBegan { producer }),
            Call::Send(record) => Some(Fact::Acknowledged {
                producer,
                record: *record,
                offset: at?,
            }),
            Call::End(ended) => Some(Fact::TransactionEnded {
                producer,
                ended: *ended,
            }),
            Call::Open | Call::SendOffsets(..) => None,
        }
    }

    /// A producer's request, or the answer to it, gets lost.
    fn lost(producer: ClientId, request: &Request, what: Leg) -> Option<Fact> {
        let Request::Producer(request) = request else {
            return None;
        };
        Some(lost(producer, request, what))
    }

    fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        Some(lost(by, self.producer.waits_for()?, Leg::Answer))
    }

    fn patience(plan: &Plan) -> Span {
        plan.request_timeout
    }

    /// With a transactional id: `initTransactions`.
    fn opens(plan: &Plan) -> bool {
        Outbox::is_transactional(plan)
    }

    fn is_transactional(plan: &Plan) -> bool {
        plan.config.transactional_id.is_some()
    }

    /// Rule 3.
    fn is_deaf(plan: &Plan, reply: &Response) -> bool {
        let stored = matches!(reply, Response::Producer(ProducerResponse::Produced(_)));
        stored && plan.acks_none
    }
}

impl Outbox {
    /// The producer itself.
    pub fn producer(&self) -> &Producer {
        &self.producer
    }

    fn producer_mut(&mut self) -> &mut Producer {
        Arc::make_mut(&mut self.producer)
    }

    fn lead(&mut self, next: Next, step: &mut Step) -> Heard {
        match next {
            Next::Ask(request) => {
                step.out.tell(Fact::ProducerSent {
                    producer: step.by,
                    request: ProducerAsked::from(&request),
                });
                let stores = matches!(request, ProducerRequest::Produce(..));
                step.out.send(Request::Producer(request));
                if !(step.plan.acks_none && stores) {
                    return Heard::Nothing;
                }
                // Nobody will say where it stands (rule 3).
                let nowhere = Appended {
                    first: Offset(0),
                    last: Offset(0),
                    time: None,
                    duplicate: false,
                };
                self.producer_mut()
                    .answered(ProducerResponse::Produced(Ok(nowhere)));
                Heard::Done(None)
            }
            Next::Done(Ok(Outcome::Sent(appended))) => Heard::Done(Some(appended.first)),
            Next::Done(Ok(Outcome::Done)) => Heard::Done(None),
            Next::Done(Err(thrown)) => Heard::Threw(thrown.class),
        }
    }
}

fn lost(producer: ClientId, request: &ProducerRequest, what: Leg) -> Fact {
    Fact::ProducerMessageLost {
        producer,
        request: ProducerAsked::from(request),
        what,
    }
}

impl Visit for Outbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.producer_mut().visit(visitor);
    }
}
