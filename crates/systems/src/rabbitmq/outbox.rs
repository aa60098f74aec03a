//! Publishing to RabbitMQ with a client library of AMQP 0-9-1.
//!
//! # Rules
//! 1. A channel carries a record to the exchange of its channel in the scene, with its key as routing key, or
//!    without one with the channel's name. Source: AMQP 0-9-1, basic.publish. Shown by: the test
//!    `what_a_publisher_sends_is_delivered_and_mailed`.
//! 2. With `confirm.select` a call is over when the broker has confirmed (`basic.ack`); one message is published
//!    at a time. Without it a call is over when it has left. Source: documentation, "Consumer Acknowledgements
//!    and Publisher Confirms". Shown by: the test `what_is_published_without_confirms_can_be_lost`.
//! 3. When no confirm comes in time, or the broker refuses (`basic.nack`), the channel is closed
//!    (`waitForConfirmsOrDie`), and the program publishes the same message on a new one, up to three times in
//!    all: what had arrived stands in the queue twice. Then the call throws `TimeoutException`, or `IOException`
//!    where it was refused. Source: Java client, `ChannelN.waitForConfirmsOrDie`; documentation, "Publishers",
//!    "Recovery from Connection Failures". Shown by: the test `a_lost_confirm_stores_a_message_twice`.
//! 4. A mandatory message that no queue takes comes back before it is confirmed; the call throws
//!    `AmqpMessageReturnedException`, as Spring AMQP has it. Source: documentation, "Publishers", "Unroutable
//!    Messages". Shown by: the test `a_mandatory_message_that_no_queue_takes_comes_back`.
//!
//! Left out: several messages before a confirm, transactions (`tx.*`), properties beside the delivery mode.

use super::{Answer, BasicPublish, Broker, Fact, Method, Publisher, Reply, Request};
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

/// How often a message is published at the most (rule 3).
const ATTEMPTS: u8 = 3;

/// How long a program waits before it publishes again what was refused.
const BACKOFF: Span = Span::from_ms(1_000);

/// A publisher's settings, and what it has to know of the scene.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of its channel: 1, or 2 in a process that consumes on 1.
    pub channel: u16,
    /// How it publishes.
    pub publisher: Publisher,
    /// By record: as what it is published.
    pub messages: Arc<[BasicPublish]>,
}

/// How far its channel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
enum Channel {
    #[default]
    Closed,
    Opening,
    Selecting,
    Open,
    Closing,
}

/// What the library remembers: its channel, and the message whose confirm it waits for with how often it was
/// published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Outbox {
    number: u16,
    confirms: bool,
    channel: Channel,
    sending: Option<(RecordId, u8)>,
    /// Whether what it sends came back.
    returned: bool,
}

/// A call of the publisher's library.
type Step<'a> = Context<'a, Broker, Plan>;

impl Step<'_> {
    fn ask(&mut self, name: &str, record: Option<RecordId>, method: Method) {
        self.out.tell(Fact::MethodSent {
            by: self.by,
            method: name.into(),
            record,
        });
        self.out.send(Request {
            channel: self.plan.channel,
            method: Box::new(method),
        });
    }
}

impl library::Outbox for Outbox {
    type Of = Broker;
    type Plan = Plan;

    fn new(plan: &Plan) -> Self {
        Outbox {
            number: plan.channel,
            confirms: plan.publisher.confirms,
            ..Outbox::default()
        }
    }

    fn call(&mut self, call: Call, step: &mut Step) -> Heard {
        match call {
            Call::Open => Heard::Done(None),
            Call::Send(record) => {
                self.sending = Some((record, 1));
                self.go_on(step)
            }
            Call::Begin | Call::SendOffsets(..) | Call::End(_) => {
                unreachable!("a scene on RabbitMQ has no transactions: it is checked")
            }
        }
    }

    fn hear(&mut self, reply: Reply, step: &mut Step) -> Heard {
        match (*reply.answer, self.channel) {
            (Answer::ChannelOpenOk, _) if self.confirms => {
                self.channel = Channel::Selecting;
                step.ask("confirm.select", None, Method::ConfirmSelect);
                Heard::Nothing
            }
            (Answer::ChannelOpenOk | Answer::ConfirmSelectOk, _) => {
                self.channel = Channel::Open;
                self.go_on(step)
            }
            (Answer::ChannelCloseOk, _) => {
                self.channel = Channel::Closed;
                self.go_on(step)
            }
            (Answer::ChannelClose(_), _) => {
                step.ask("channel.close-ok", None, Method::ChannelCloseOk);
                self.channel = Channel::Closed;
                match self.sending.take() {
                    Some(_) => Heard::Threw("AlreadyClosedException"),
                    None => Heard::Nothing,
                }
            }
            (Answer::BasicReturn { .. }, Channel::Open) => {
                self.returned = true;
                Heard::Nothing
            }
            (Answer::Confirmed { .. }, Channel::Open) if self.sending.take().is_some() => {
                match std::mem::take(&mut self.returned) {
                    true => Heard::Threw("AmqpMessageReturnedException"),
                    false => Heard::Done(None),
                }
            }
            (Answer::Refused { .. }, Channel::Open) => match self.sending {
                Some((_, attempts)) if attempts >= ATTEMPTS => {
                    self.sending = None;
                    Heard::Threw("IOException")
                }
                Some(_) => Heard::AskAgain(BACKOFF),
                None => Heard::Nothing,
            },
            _ => Heard::Nothing,
        }
    }

    /// Rule 3.
    fn ask_again(&mut self, step: &mut Step) -> Heard {
        let Some((record, attempts)) = self.sending.filter(|_| self.channel == Channel::Open)
        else {
            return Heard::Nothing;
        };
        self.channel = Channel::Closing;
        step.ask("channel.close", None, Method::ChannelClose);
        if attempts >= ATTEMPTS {
            self.sending = None;
            return Heard::Threw("TimeoutException");
        }
        self.sending = Some((record, attempts + 1));
        Heard::Nothing
    }

    /// Whether it came on its channel.
    fn awaits(&self, reply: &Reply) -> bool {
        reply.channel == self.number
    }

    fn waits(&self) -> bool {
        self.sending.is_some()
    }

    /// The program knows that its message is stored; without confirms, nothing.
    fn over(&self, by: ClientId, call: &Call, _: Option<Offset>) -> Option<Fact> {
        match call {
            Call::Send(record) => {
                let record = *record;
                self.confirms
                    .then_some(Fact::PublishConfirmed { by, record })
            }
            Call::Open | Call::Begin | Call::SendOffsets(..) | Call::End(_) => None,
        }
    }

    /// A `basic.publish` gets lost.
    fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
        match &*request.method {
            Method::BasicPublish(publish) => Some(lost(by, publish.record?, what)),
            _ => None,
        }
    }

    fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        let (record, _) = self.sending?;
        Some(lost(by, record, Leg::Answer))
    }

    fn patience(plan: &Plan) -> Span {
        Span::from_ms(plan.publisher.confirms_timeout_ms.into())
    }
}

impl Outbox {
    /// Opens the channel, or publishes on it.
    fn go_on(&mut self, step: &mut Step) -> Heard {
        let Some((record, _)) = self.sending else {
            return Heard::Nothing;
        };
        match self.channel {
            Channel::Closed => {
                self.channel = Channel::Opening;
                step.ask("channel.open", None, Method::ChannelOpen);
                Heard::Nothing
            }
            Channel::Open => {
                self.returned = false;
                let publish = BasicPublish {
                    mandatory: step.plan.publisher.mandatory,
                    ..step.plan.messages[record.at()].clone()
                };
                let publish = Method::BasicPublish(publish);
                step.ask("basic.publish", Some(record), publish);
                match self.confirms {
                    true => Heard::Nothing,
                    false => {
                        self.sending = None;
                        Heard::Done(None)
                    }
                }
            }
            Channel::Opening | Channel::Selecting | Channel::Closing => Heard::Nothing,
        }
    }
}

fn lost(by: ClientId, record: RecordId, what: Leg) -> Fact {
    Fact::PublishLost { by, record, what }
}

/// What it waits for has no numbers and no times.
impl Visit for Outbox {
    const HAS_ANY: bool = false;
    fn visit(&mut self, _: &mut impl Visitor) {}
}
