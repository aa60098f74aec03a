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

use crate::cast::{ClientId, RecordId};
use crate::client::outbox::{Call, Context, Heard};
use crate::client::{Effect, Outgoing};
use crate::fact::{Fact, Leg, ProducerAsked, kafka};
use crate::time::Span;
use explore::Weigh;
use systems::broker;
use systems::kafka::log::Appended;
use systems::kafka::producer::{self, Config, Next, Outcome, Producer};
use systems::kafka::{Offset, ProducerRequest, ProducerResponse, Request, Response};
use systems::visit::{Visit, Visitor};

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
}

/// What the library remembers. A crash forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Outbox {
    producer: Producer,
}

impl Context<'_> {
    fn fact(&mut self, fact: kafka::Fact) {
        self.out.push(Effect::Fact(Fact::Kafka(fact)));
    }

    fn send(&mut self, request: ProducerRequest) {
        let request = broker::Request::Kafka(Request::Producer(request));
        self.out.push(Effect::Send(Outgoing::Broker(request)));
    }
}

impl Outbox {
    pub(in crate::client) fn new(plan: &Plan) -> Self {
        Outbox {
            producer: Producer::new(plan.config.clone()),
        }
    }

    /// The producer itself.
    pub fn producer(&self) -> &Producer {
        &self.producer
    }

    /// Whether it has a transactional id and does not know yet as whom it writes.
    pub(in crate::client) fn is_closed(&self) -> bool {
        self.producer.transactional_id().is_some() && self.producer.identity().is_none()
    }

    pub(in crate::client) fn is_storing(&self) -> bool {
        matches!(
            self.producer.waits_for(),
            Some(ProducerRequest::Produce(..))
        )
    }

    pub(in crate::client) fn awaits(&self, reply: &Response) -> bool {
        matches!(reply, Response::Producer(_))
    }

    pub(in crate::client) fn call(
        &mut self,
        call: Call,
        plan: &Plan,
        context: &mut Context,
    ) -> Heard {
        let call = match call {
            Call::Open => producer::Call::Init,
            Call::Begin => producer::Call::Begin,
            Call::Send(record) => {
                let partition = context.cast.records[record.at()].partition;
                producer::Call::Send(partition, vec![context.cast.record(record)])
            }
            Call::SendOffsets(group, membership, offsets) => producer::Call::SendOffsets {
                group,
                membership,
                offsets,
            },
            Call::End(ended) => producer::Call::End(ended),
        };
        let next = self.producer.call(call);
        self.lead(next, plan, context)
    }

    pub(in crate::client) fn hear(
        &mut self,
        reply: Response,
        plan: &Plan,
        context: &mut Context,
    ) -> Heard {
        let (Response::Producer(answer), Some(asked)) = (reply, self.producer.waits_for().cloned())
        else {
            return Heard::Nothing;
        };
        let was_refused = answer.refused().is_some();
        match self.producer.answered(answer) {
            Next::Ask(again) if was_refused && again == asked => Heard::AskAgain(BACKOFF),
            next => self.lead(next, plan, context),
        }
    }

    /// Rule 1.
    pub(in crate::client) fn ask_again(&mut self, plan: &Plan, context: &mut Context) -> Heard {
        let Some(request) = self.producer.waits_for().cloned() else {
            return Heard::Nothing;
        };
        if !plan.retries {
            let thrown = self.producer.give_up();
            return self.lead(thrown, plan, context);
        }
        context.fact(kafka::Fact::Retried {
            producer: context.by,
            request: ProducerAsked::from(&request),
        });
        context.send(request);
        Heard::Nothing
    }

    fn lead(&mut self, next: Next, plan: &Plan, context: &mut Context) -> Heard {
        match next {
            Next::Ask(request) => {
                context.fact(kafka::Fact::ProducerSent {
                    producer: context.by,
                    request: ProducerAsked::from(&request),
                });
                let stores = matches!(request, ProducerRequest::Produce(..));
                context.send(request);
                if !(plan.acks_none && stores) {
                    return Heard::Nothing;
                }
                // Nobody will say where it stands (rule 3).
                let nowhere = Appended {
                    first: Offset(0),
                    last: Offset(0),
                    time: None,
                    duplicate: false,
                };
                self.producer
                    .answered(ProducerResponse::Produced(Ok(nowhere)));
                Heard::Done(None)
            }
            Next::Done(Ok(Outcome::Sent(appended))) => Heard::Done(Some(appended.first)),
            Next::Done(Ok(Outcome::Done)) => Heard::Done(None),
            Next::Done(Err(thrown)) => Heard::Threw(thrown.class),
        }
    }

    pub(in crate::client) fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        let request = Request::Producer(self.producer.waits_for()?.clone());
        lost(by, &request, Leg::Answer)
    }
}

/// The program knows where its record stands.
pub(in crate::client) fn acknowledged(
    producer: ClientId,
    record: RecordId,
    at: Option<Offset>,
) -> Option<Fact> {
    Some(Fact::Kafka(kafka::Fact::Acknowledged {
        producer,
        record,
        offset: at?,
    }))
}

/// A producer's request, or the answer to it, gets lost.
pub(in crate::client) fn lost(producer: ClientId, request: &Request, what: Leg) -> Option<Fact> {
    let Request::Producer(request) = request else {
        return None;
    };
    Some(Fact::Kafka(kafka::Fact::ProducerMessageLost {
        producer,
        request: ProducerAsked::from(request),
        what,
    }))
}

impl Visit for Outbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.producer.visit(visitor);
    }
}
