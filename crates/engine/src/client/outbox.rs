//! The sending half of a system's client library, inside a process.

use super::{Effect, kafka, rabbitmq, sqs};
use crate::cast::{Cast, ClientId, RecordId};
use crate::fact::{Fact, Leg};
use crate::time::Span;
use explore::Weigh;
use std::sync::Arc;
use systems::broker::{Reply, Request};
use systems::kafka::log::record::Ended;
use systems::kafka::produce::Membership;
use systems::kafka::transaction::TransactionalId;
use systems::kafka::{GroupId, Offset, Partition};
use systems::visit::{Visit, Visitor};

/// Which library it is, with its settings.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Kafka's producer.
    Kafka(kafka::outbox::Plan),
    /// The client of Amazon SQS.
    Sqs(sqs::outbox::Plan),
    /// A publisher to RabbitMQ.
    Rabbitmq(rabbitmq::outbox::Plan),
}

impl Plan {
    /// How long it waits for an answer before it asks again.
    pub const fn patience(&self) -> Span {
        match self {
            Plan::Kafka(plan) => plan.request_timeout,
            Plan::Sqs(plan) => plan.timeout,
            Plan::Rabbitmq(plan) => Span::from_ms(plan.publisher.confirms_timeout_ms as u64),
        }
    }

    /// Whether an answer that a record is stored is heard by nobody (`acks=0`).
    pub const fn is_deaf(&self) -> bool {
        matches!(self, Plan::Kafka(plan) if plan.acks_none)
    }

    /// The name that its transactions are known by, if it makes some.
    pub const fn transactional_id(&self) -> Option<TransactionalId> {
        match self {
            Plan::Kafka(plan) => plan.config.transactional_id,
            Plan::Sqs(_) | Plan::Rabbitmq(_) => None,
        }
    }

    /// Whether it sends in transactions.
    pub const fn is_transactional(&self) -> bool {
        self.transactional_id().is_some()
    }
}

/// What a program calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Get ready: the first call, where the library has one (`initTransactions`).
    Open,
    /// Begin a transaction.
    Begin,
    /// Send a record, and wait until it is stored.
    Send(RecordId),
    /// Write in the transaction where a group reads on; Kafka only.
    SendOffsets(GroupId, Option<Membership>, Vec<(Partition, Offset)>),
    /// End the transaction.
    End(Ended),
}

/// What a library makes of a call or an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing the program sees: the call goes on.
    Nothing,
    /// It asks again after this time, because it was told to.
    AskAgain(Span),
    /// The call is over. Of a record that was stored in a log: where it stands.
    Done(Option<Offset>),
    /// The call throws an exception of this class.
    Threw(&'static str),
}

/// What a step of the library may look at.
pub(super) struct Context<'a> {
    pub by: ClientId,
    pub cast: &'a Cast,
    pub plan: &'a Plan,
    pub out: &'a mut Vec<Effect>,
}

/// What a library remembers; a crash forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Outbox {
    /// Kafka's producer.
    Kafka(Arc<kafka::Outbox>),
    /// The client of Amazon SQS.
    Sqs(sqs::Outbox),
    /// A publisher to RabbitMQ.
    Rabbitmq(rabbitmq::Outbox),
}

impl Outbox {
    /// The library of a process that begins.
    pub(super) fn new(plan: &Plan) -> Outbox {
        match plan {
            Plan::Kafka(plan) => Outbox::Kafka(Arc::new(kafka::Outbox::new(plan))),
            Plan::Sqs(_) => Outbox::Sqs(sqs::Outbox::default()),
            Plan::Rabbitmq(plan) => Outbox::Rabbitmq(rabbitmq::Outbox::new(plan)),
        }
    }

    pub(super) fn call(&mut self, call: Call, context: &mut Context) -> Heard {
        match (self, context.plan) {
            (Outbox::Kafka(outbox), Plan::Kafka(plan)) => {
                Arc::make_mut(outbox).call(call, plan, context)
            }
            (Outbox::Sqs(outbox), Plan::Sqs(plan)) => outbox.call(&call, plan, context),
            (Outbox::Rabbitmq(outbox), Plan::Rabbitmq(plan)) => outbox.call(&call, plan, context),
            (_, _) => unreachable!("a library has the settings of its own system"),
        }
    }

    /// The broker answered.
    pub(super) fn hear(&mut self, reply: Reply, context: &mut Context) -> Heard {
        match (self, context.plan, reply) {
            (Outbox::Kafka(outbox), Plan::Kafka(plan), Reply::Kafka(reply)) => {
                Arc::make_mut(outbox).hear(reply, plan, context)
            }
            (Outbox::Sqs(outbox), Plan::Sqs(_), Reply::Sqs(reply)) => outbox.hear(&reply),
            (Outbox::Rabbitmq(outbox), Plan::Rabbitmq(plan), Reply::Rabbitmq(reply)) => {
                outbox.hear(&reply, plan, context)
            }
            (_, _, _) => unreachable!("a library hears its own system"),
        }
    }

    /// No answer came in time: it asks again, or the call throws.
    pub(super) fn ask_again(&mut self, context: &mut Context) -> Heard {
        match (self, context.plan) {
            (Outbox::Kafka(outbox), Plan::Kafka(plan)) => {
                Arc::make_mut(outbox).ask_again(plan, context)
            }
            (Outbox::Sqs(outbox), Plan::Sqs(plan)) => outbox.ask_again(plan, context),
            (Outbox::Rabbitmq(outbox), Plan::Rabbitmq(_)) => outbox.ask_again(context),
            (_, _) => unreachable!("a library has the settings of its own system"),
        }
    }

    /// Whether this is an answer it waits for.
    pub(super) fn awaits(&self, reply: &Reply) -> bool {
        match (self, reply) {
            (Outbox::Kafka(outbox), Reply::Kafka(reply)) => outbox.awaits(reply),
            (Outbox::Sqs(outbox), Reply::Sqs(reply)) => outbox.awaits(reply),
            (Outbox::Rabbitmq(outbox), Reply::Rabbitmq(reply)) => outbox.awaits(reply),
            (Outbox::Kafka(_) | Outbox::Sqs(_) | Outbox::Rabbitmq(_), _) => false,
        }
    }

    /// Whether it waits for an answer.
    pub fn waits(&self) -> bool {
        match self {
            Outbox::Kafka(outbox) => outbox.producer().waits_for().is_some(),
            Outbox::Sqs(outbox) => outbox.waits(),
            Outbox::Rabbitmq(outbox) => outbox.waits(),
        }
    }

    /// Whether it waits to hear that a record is stored.
    pub fn is_storing(&self) -> bool {
        match self {
            Outbox::Kafka(outbox) => outbox.is_storing(),
            Outbox::Sqs(outbox) => outbox.waits(),
            Outbox::Rabbitmq(outbox) => outbox.waits(),
        }
    }

    /// Whether it has to be opened before anything can be sent.
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Outbox::Kafka(outbox) => outbox.is_closed(),
            Outbox::Sqs(_) | Outbox::Rabbitmq(_) => false,
        }
    }

    /// Whether all that is left of its transaction is to abort it.
    pub(super) fn may_only_abort(&self) -> bool {
        match self {
            Outbox::Kafka(outbox) => outbox.producer().may_only_abort(),
            Outbox::Sqs(_) | Outbox::Rabbitmq(_) => false,
        }
    }

    /// What the program knows when a record is stored.
    pub(super) fn acknowledged(
        &self,
        by: ClientId,
        record: RecordId,
        at: Option<Offset>,
    ) -> Option<Fact> {
        match self {
            Outbox::Kafka(_) => kafka::outbox::acknowledged(by, record, at),
            Outbox::Sqs(_) => Some(sqs::outbox::acknowledged(by, record)),
            Outbox::Rabbitmq(outbox) => outbox.acknowledged(by, record),
        }
    }

    /// What is told when a request that a library of this kind has sent gets lost; none, if such a request
    /// cannot get lost.
    pub(super) fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
        match request {
            Request::Kafka(request) => kafka::outbox::lost(by, request, what),
            Request::Sqs(request) => sqs::outbox::lost(by, request, what),
            Request::Rabbitmq(request) => rabbitmq::outbox::lost(by, request, what),
        }
    }

    /// What is told when the answer that it waits for gets lost.
    pub(super) fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        match self {
            Outbox::Kafka(outbox) => outbox.lost_answer(by),
            Outbox::Sqs(outbox) => outbox.lost_answer(by),
            Outbox::Rabbitmq(outbox) => outbox.lost_answer(by),
        }
    }
}

impl Visit for Outbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Outbox::Kafka(outbox) => Arc::make_mut(outbox).visit(visitor),
            // What it waits for has no numbers and no times.
            Outbox::Sqs(_) | Outbox::Rabbitmq(_) => {}
        }
    }
}
