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

use super::{Entry, Fact, Reply, Request, Sqs};
use crate::fact::Leg;
use crate::kafka::Offset;
use crate::library::outbox::{Call, Heard};
use crate::library::{self, Context};
use crate::party::ClientId;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::Span;
use std::sync::Arc;

/// How often a request is made at the most (rule 2).
const ATTEMPTS: u8 = 3;

/// How long the SDK waits for an answer: the time-out for reading of the SDK for Java 2.x.
pub const READ_TIMEOUT: Span = Span::from_ms(30_000);

/// A sender's settings, and what it has to know of the scene.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How long it waits for an answer.
    pub timeout: Span,
    /// By record: to which queue it is sent, and as what.
    pub messages: Arc<[Message]>,
}

/// A record of the scene as it is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// The queue's name.
    pub queue: Arc<str>,
    /// As what.
    pub entry: Entry,
}

/// What the SDK remembers: the message whose answer it waits for, and how often it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Outbox {
    sending: Option<(RecordId, u8)>,
}

/// A call of the library.
type Step<'a> = Context<'a, Sqs, Plan>;

impl library::Outbox for Outbox {
    type Of = Sqs;
    type Plan = Plan;

    fn new(_: &Plan) -> Self {
        Outbox::default()
    }

    fn call(&mut self, call: Call, step: &mut Step) -> Heard {
        match call {
            Call::Open => Heard::Done(None),
            Call::Send(record) => {
                self.sending = Some((record, 1));
                send(record, step)
            }
            Call::Begin | Call::SendOffsets(..) | Call::End(_) => {
                unreachable!("a scene on Amazon SQS has no transactions: it is checked")
            }
        }
    }

    fn hear(&mut self, reply: Reply, _: &mut Step) -> Heard {
        if self.sending.take().is_none() {
            return Heard::Nothing;
        }
        match reply {
            Reply::Refused(_) => Heard::Threw("SqsException"),
            _ => Heard::Done(None),
        }
    }

    /// Rule 2.
    fn ask_again(&mut self, step: &mut Step) -> Heard {
        let Some((record, attempts)) = self.sending else {
            return Heard::Nothing;
        };
        if attempts >= ATTEMPTS {
            self.sending = None;
            return Heard::Threw("SdkClientException");
        }
        self.sending = Some((record, attempts + 1));
        send(record, step)
    }

    /// Whether this answers a `SendMessage`. A worker's other requests are over when its handler sends.
    fn awaits(&self, reply: &Reply) -> bool {
        self.waits() && matches!(reply, Reply::Sent(_) | Reply::Refused(_))
    }

    fn waits(&self) -> bool {
        self.sending.is_some()
    }

    /// The program knows that its message is stored.
    fn over(&self, by: ClientId, call: &Call, _: Option<Offset>) -> Option<Fact> {
        match call {
            Call::Send(record) => Some(Fact::SendAcknowledged {
                by,
                record: *record,
            }),
            Call::Open | Call::Begin | Call::SendOffsets(..) | Call::End(_) => None,
        }
    }

    /// A `SendMessage` gets lost.
    fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
        match request {
            Request::SendMessage { message, .. } => Some(lost(by, message.record?, what)),
            _ => None,
        }
    }

    fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        let (record, _) = self.sending?;
        Some(lost(by, record, Leg::Answer))
    }

    fn patience(plan: &Plan) -> Span {
        plan.timeout
    }
}

fn send(record: RecordId, step: &mut Step) -> Heard {
    let message = &step.plan.messages[record.at()];
    step.out.tell(Fact::Called {
        by: step.by,
        operation: "SendMessage".into(),
    });
    step.out.send(Request::SendMessage {
        queue: Arc::clone(&message.queue),
        message: message.entry.clone(),
    });
    Heard::Nothing
}

fn lost(by: ClientId, record: RecordId, what: Leg) -> Fact {
    Fact::SendLost { by, record, what }
}

/// What it waits for has no numbers and no times.
impl Visit for Outbox {
    const HAS_ANY: bool = false;
    fn visit(&mut self, _: &mut impl Visitor) {}
}
