//! Sending to an Amazon SQS queue with an AWS SDK.
//!
//! # Rules
//! 1. `SendMessage` is over when the queue has answered: then the message is stored. Source: SQS API
//!    reference, "SendMessage".
//! 2. A request whose answer does not come in time is made again as it was, up to three attempts in all;
//!    then the call throws `SdkClientException`. A standard queue stores such a message twice, a FIFO queue
//!    knows its deduplication id. Source: AWS SDKs and Tools Reference Guide, "Retry behavior" (standard
//!    mode); SQS developer guide, "Exactly-once processing". Shown by: the test
//!    `a_lost_answer_stores_a_message_twice_on_a_standard_queue_and_once_on_a_fifo_one`.
//! 3. A refusal is thrown as an exception of the service. Source: SQS API reference, "Common Errors".
//!
//! Left out: several messages in one request, the SDK's back-off between attempts, `MessageAttributes`.

use crate::cast::{Cast, ClientId, RecordId};
use crate::client::outbox::{Call, Context, Heard};
use crate::client::{Effect, Outgoing};
use crate::fact::{Fact, Leg, sqs};
use crate::time::Span;
use explore::Weigh;
use std::sync::Arc;
use systems::broker;
use systems::kafka::TopicId;
use systems::sqs::{Entry, Reply, Request};

/// How often a request is made at the most (rule 2).
const ATTEMPTS: u8 = 3;

/// How long the SDK waits for an answer: the time-out for reading of the SDK for Java 2.x.
pub const READ_TIMEOUT: Span = Span::from_ms(30_000);

/// A sender's settings.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which queue a channel's records go to.
    pub routes: Vec<Route>,
    /// How long it waits for an answer.
    pub timeout: Span,
}

/// The queue of a channel.
#[derive(Clone, Debug)]
pub struct Route {
    /// The channel.
    pub topic: TopicId,
    /// The queue's name.
    pub queue: Arc<str>,
    /// Whether it is a FIFO queue.
    pub fifo: bool,
}

/// What the SDK remembers: the message whose answer it waits for, and how often it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Outbox {
    sending: Option<(RecordId, u8)>,
}

impl Outbox {
    pub(in crate::client) fn waits(&self) -> bool {
        self.sending.is_some()
    }

    /// Whether this answers a `SendMessage`. A worker's other requests are over when its handler sends.
    pub(in crate::client) fn awaits(&self, reply: &Reply) -> bool {
        self.waits() && matches!(reply, Reply::Sent(_) | Reply::Refused(_))
    }

    pub(in crate::client) fn call(
        &mut self,
        call: &Call,
        plan: &Plan,
        context: &mut Context,
    ) -> Heard {
        match call {
            Call::Open => Heard::Done(None),
            Call::Send(record) => {
                self.sending = Some((*record, 1));
                send(*record, plan, context)
            }
            Call::Begin | Call::SendOffsets(..) | Call::End(_) => {
                unreachable!("a scene on Amazon SQS has no transactions: it is checked")
            }
        }
    }

    pub(in crate::client) fn hear(&mut self, reply: &Reply) -> Heard {
        if self.sending.take().is_none() {
            return Heard::Nothing;
        }
        match reply {
            Reply::Refused(_) => Heard::Threw("SqsException"),
            _ => Heard::Done(None),
        }
    }

    /// Rule 2.
    pub(in crate::client) fn ask_again(&mut self, plan: &Plan, context: &mut Context) -> Heard {
        let Some((record, attempts)) = self.sending else {
            return Heard::Nothing;
        };
        if attempts >= ATTEMPTS {
            self.sending = None;
            return Heard::Threw("SdkClientException");
        }
        self.sending = Some((record, attempts + 1));
        send(record, plan, context)
    }

    pub(in crate::client) fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        let (record, _) = self.sending?;
        Some(tell_lost(by, record, Leg::Answer))
    }
}

fn send(record: RecordId, plan: &Plan, context: &mut Context) -> Heard {
    let topic = context.cast.records[record.at()].partition.topic;
    let route = plan.routes.iter().find(|route| route.topic == topic);
    let Some(route) = route else {
        unreachable!("a channel that is sent to has one queue on Amazon SQS: it is checked")
    };
    context.out.push(Effect::Fact(Fact::Sqs(sqs::Fact::Called {
        by: context.by,
        operation: "SendMessage".into(),
    })));
    let request = broker::Request::Sqs(Request::SendMessage {
        queue: Arc::clone(&route.queue),
        message: message(context.cast, record, route.fifo),
    });
    context.out.push(Effect::Send(Outgoing::Broker(request)));
    Heard::Nothing
}

/// A record as a message. On a FIFO queue its group is its key, or without one its channel, and its
/// deduplication id is what it says.
pub fn message(cast: &Cast, record: RecordId, fifo: bool) -> Entry {
    let plan = &cast.records[record.at()];
    let group = || match &plan.key {
        Some(key) => key.as_str().into(),
        None => cast.topic_name(plan.partition.topic).into(),
    };
    Entry {
        body: plan.value.as_str().into(),
        group: fifo.then(group),
        deduplication_id: fifo.then(|| plan.value.as_str().into()),
        record: Some(record),
        ..Entry::default()
    }
}

/// The program knows that its message is stored.
pub(in crate::client) fn acknowledged(by: ClientId, record: RecordId) -> Fact {
    Fact::Sqs(sqs::Fact::SendAcknowledged { by, record })
}

fn tell_lost(by: ClientId, record: RecordId, what: Leg) -> Fact {
    Fact::Sqs(sqs::Fact::SendLost { by, record, what })
}

/// A `SendMessage` gets lost.
pub(in crate::client) fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
    match request {
        Request::SendMessage { message, .. } => Some(tell_lost(by, message.record?, what)),
        _ => None,
    }
}
