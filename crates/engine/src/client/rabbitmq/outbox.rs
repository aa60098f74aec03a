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

use crate::cast::{Cast, ClientId, RecordId};
use crate::client::outbox::{Call, Context, Heard};
use crate::client::{Effect, Outgoing};
use crate::fact::{Fact, Leg, rabbitmq};
use crate::time::Span;
use explore::Weigh;
use systems::broker;
use systems::rabbitmq::{Answer, BasicPublish, Method, Publisher, Reply, Request};

/// How often a message is published at the most (rule 3).
const ATTEMPTS: u8 = 3;

/// How long a program waits before it publishes again what was refused.
const BACKOFF: Span = Span::from_ms(1_000);

/// A publisher's settings.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The number of its channel: 1, or 2 in a process that consumes on 1.
    pub channel: u16,
    /// How it publishes.
    pub publisher: Publisher,
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

impl Outbox {
    pub(in crate::client) fn new(plan: &Plan) -> Outbox {
        Outbox {
            number: plan.channel,
            confirms: plan.publisher.confirms,
            ..Outbox::default()
        }
    }

    pub(in crate::client) fn waits(&self) -> bool {
        self.sending.is_some()
    }

    /// Whether it came on its channel.
    pub(in crate::client) fn awaits(&self, reply: &Reply) -> bool {
        reply.channel == self.number
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
                self.go_on(plan, context)
            }
            Call::Begin | Call::SendOffsets(..) | Call::End(_) => {
                unreachable!("a scene on RabbitMQ has no transactions: it is checked")
            }
        }
    }

    /// Opens the channel, or publishes on it.
    fn go_on(&mut self, plan: &Plan, context: &mut Context) -> Heard {
        let Some((record, _)) = self.sending else {
            return Heard::Nothing;
        };
        match self.channel {
            Channel::Closed => {
                self.channel = Channel::Opening;
                send(
                    self.number,
                    "channel.open",
                    None,
                    Method::ChannelOpen,
                    context,
                );
                Heard::Nothing
            }
            Channel::Open => {
                self.returned = false;
                let publish = publish(context.cast, record, plan.publisher.mandatory);
                let publish = Method::BasicPublish(publish);
                send(self.number, "basic.publish", Some(record), publish, context);
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

    pub(in crate::client) fn hear(
        &mut self,
        reply: &Reply,
        plan: &Plan,
        context: &mut Context,
    ) -> Heard {
        match (&*reply.answer, self.channel) {
            (Answer::ChannelOpenOk, _) if self.confirms => {
                self.channel = Channel::Selecting;
                let select = Method::ConfirmSelect;
                send(self.number, "confirm.select", None, select, context);
                Heard::Nothing
            }
            (Answer::ChannelOpenOk | Answer::ConfirmSelectOk, _) => {
                self.channel = Channel::Open;
                self.go_on(plan, context)
            }
            (Answer::ChannelCloseOk, _) => {
                self.channel = Channel::Closed;
                self.go_on(plan, context)
            }
            (Answer::ChannelClose(_), _) => {
                let ok = Method::ChannelCloseOk;
                send(self.number, "channel.close-ok", None, ok, context);
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
    pub(in crate::client) fn ask_again(&mut self, context: &mut Context) -> Heard {
        let Some((record, attempts)) = self.sending.filter(|_| self.channel == Channel::Open)
        else {
            return Heard::Nothing;
        };
        self.channel = Channel::Closing;
        let close = Method::ChannelClose;
        send(self.number, "channel.close", None, close, context);
        if attempts >= ATTEMPTS {
            self.sending = None;
            return Heard::Threw("TimeoutException");
        }
        self.sending = Some((record, attempts + 1));
        Heard::Nothing
    }

    /// What the program knows: without confirms, nothing.
    pub(in crate::client) fn acknowledged(&self, by: ClientId, record: RecordId) -> Option<Fact> {
        let known = rabbitmq::Fact::PublishConfirmed { by, record };
        self.confirms.then_some(Fact::Rabbitmq(known))
    }

    pub(in crate::client) fn lost_answer(&self, by: ClientId) -> Option<Fact> {
        let (record, _) = self.sending?;
        Some(tell_lost(by, record, Leg::Answer))
    }
}

fn send(channel: u16, name: &str, record: Option<RecordId>, method: Method, context: &mut Context) {
    let sent = rabbitmq::Fact::MethodSent {
        by: context.by,
        method: name.into(),
        record,
    };
    context.out.push(Effect::Fact(Fact::Rabbitmq(sent)));
    let request = Request {
        channel,
        method: Box::new(method),
    };
    let request = broker::Request::Rabbitmq(request);
    context.out.push(Effect::Send(Outgoing::Broker(request)));
}

/// A record as it is published (rule 1).
pub fn publish(cast: &Cast, record: RecordId, mandatory: bool) -> BasicPublish {
    let plan = &cast.records[record.at()];
    let exchange = cast.topic_name(plan.partition.topic);
    let key = plan.key.clone().unwrap_or_else(|| exchange.clone());
    BasicPublish {
        mandatory,
        record: Some(record),
        ..BasicPublish::new(exchange, key, plan.value.as_str())
    }
}

fn tell_lost(by: ClientId, record: RecordId, what: Leg) -> Fact {
    Fact::Rabbitmq(rabbitmq::Fact::PublishLost { by, record, what })
}

/// A `basic.publish` gets lost.
pub(in crate::client) fn lost(by: ClientId, request: &Request, what: Leg) -> Option<Fact> {
    match &*request.method {
        Method::BasicPublish(publish) => Some(tell_lost(by, publish.record?, what)),
        _ => None,
    }
}
