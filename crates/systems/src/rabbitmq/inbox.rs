//! A consumer of a RabbitMQ queue: what a process does with a client library of AMQP 0-9-1 beside its handler.
//!
//! # Rules
//! 1. A process opens a channel on a connection of its own, limits its prefetch where it has a limit
//!    (`basic.qos`), and consumes (`basic.consume`); each waits for the answer to the one before. From then on
//!    the broker pushes. Source: documentation, "Consumers", "Registering a Consumer". Shown by: the test
//!    `a_queue_is_worked_off_and_is_empty_then`.
//! 2. What the broker has delivered waits in the library's buffer until the program takes it: to the broker it
//!    is with the consumer, and nobody else gets it. Source: documentation, "Consumer Prefetch"; Java client
//!    API guide, "Consumer Operation Thread Pool". Shown by: the test
//!    `a_large_prefetch_takes_what_another_could_do`.
//! 3. `basic.ack` has no answer. A message is acknowledged when its own work is done, or all that stood in the
//!    buffer with the last of them (`multiple`). A program whose deliveries count as acknowledged when they are
//!    sent acknowledges none. Source: documentation, "Consumer Acknowledgements and Publisher Confirms". Shown
//!    by: the test `one_ack_of_several_is_like_a_commit`, the test `what_is_acknowledged_by_being_sent_is_lost`.
//! 4. A crash breaks the connection: the broker requeues what the process had not acknowledged, buffered or in
//!    hand, and marks it `redelivered`. Source: documentation, "Consumer Acknowledgements and Publisher
//!    Confirms", "Automatic Requeueing". Shown by: the test
//!    `a_crash_between_the_mail_and_the_ack_mails_twice_with_redelivered`.
//! 5. A message whose handling failed goes back (`basic.nack` with `requeue`) or dies (`basic.reject`) where the
//!    consumer is set so. Source: documentation, "Negative Acknowledgements". Shown by: the test
//!    `a_poison_message_that_is_requeued_goes_round`, the test `a_rejected_message_is_dead_lettered`.
//! 6. When the broker closes the channel, the buffer is thrown away and the process opens another one after a
//!    second; what was in hand cannot be acknowledged any more. Source: documentation, "Consumers", "Delivery
//!    Acknowledgement Timeout"; Java client API guide, "Automatic Recovery From Network Failures". Shown by:
//!    the test `a_consumer_that_takes_too_long_loses_its_channel`.
//!
//! Left out: heartbeats of AMQP (who stands still keeps its connection until `consumer_timeout`), `basic.get`,
//! several channels or handlers of one process at a time, streams.

use super::connection::delivery_tags;
use super::{
    Acknowledges, Acknowledging, Answer, BasicConsume, Broker, Consumer, Delivery, Fact, Failure,
    Method, Reply, Request,
};
use crate::library::inbox::{GiveBack, Heard, Taken};
use crate::library::{self, Context, Place};
use crate::party::ConsumerId;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::Span;
use std::sync::Arc;

/// The number of the channel that a process consumes on.
pub const CHANNEL: u16 = 1;

/// After how long a channel that the broker closed is opened anew.
const REOPENS: Span = Span::from_ms(1_000);

/// A consumer's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The queue it consumes from.
    pub queue: Arc<str>,
    /// Its consumer tag.
    pub tag: Arc<str>,
    /// How it consumes and acknowledges.
    pub consumer: Consumer,
    /// Whether its deliveries count as acknowledged when they are sent, or it acknowledges them.
    pub acknowledging: Acknowledging,
}

/// How far its channel is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum Channel {
    /// There is none.
    #[default]
    Closed,
    /// `channel.open` is under way.
    Opening,
    /// `basic.qos` is under way.
    Limiting,
    /// `basic.consume` is under way.
    Subscribing,
    /// The broker pushes.
    Consuming,
}

/// By which a message is acknowledged: the number of its delivery on the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct DeliveryTag(pub u64);

impl Visit for DeliveryTag {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(delivery_tags(CHANNEL), &mut self.0);
    }
}

/// A delivery in the library's buffer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Buffered {
    /// By which it is acknowledged.
    pub tag: DeliveryTag,
    /// Which message.
    pub record: RecordId,
    /// Whether it had been handed out before.
    pub redelivered: bool,
    /// How often its queue counts that it was tried, this time included; 1 where it does not count.
    pub attempt: u32,
}

/// What the library remembers. A crash forgets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Inbox {
    channel: Channel,
    /// What was delivered and is not handed to the program yet, the oldest first.
    buffer: Vec<Buffered>,
    /// What was handed to it and is not settled, by its tag, the oldest first.
    handed: Vec<(DeliveryTag, RecordId)>,
}

/// A call of the consumer's library.
type Step<'a> = Context<'a, Broker, Plan>;

impl Step<'_> {
    /// As whom it stands in facts.
    fn consumer(&self) -> ConsumerId {
        ConsumerId(self.by.0)
    }

    fn ask(&mut self, name: &str, record: Option<RecordId>, method: Method) {
        self.out.tell(Fact::MethodSent {
            by: self.by,
            method: name.into(),
            record,
        });
        self.out.send(Request {
            channel: CHANNEL,
            method: Box::new(method),
        });
    }
}

impl library::Inbox for Inbox {
    type Of = Broker;
    type Plan = Plan;
    type Receipt = DeliveryTag;

    fn new(_: &Plan) -> Self {
        Inbox::default()
    }

    /// Hands the program what stands in the buffer, or opens the channel (rules 1 and 2).
    fn take(&mut self, waits: bool, step: &mut Step) -> Heard<DeliveryTag> {
        if self.channel == Channel::Closed && !waits {
            self.channel = Channel::Opening;
            step.ask("channel.open", None, Method::ChannelOpen);
        }
        let count = match step.plan.consumer.acknowledges {
            Acknowledges::Each => self.buffer.len().min(1),
            Acknowledges::Multiple => self.buffer.len(),
        };
        if count == 0 {
            return Heard::Nothing;
        }
        let taken: Vec<Buffered> = self.buffer.drain(..count).collect();
        step.out.tell(Fact::Handed {
            consumer: step.consumer(),
            records: taken.iter().map(|one| one.record).collect(),
        });
        let is_manual = step.plan.acknowledging == Acknowledging::Manual;
        if is_manual {
            self.handed
                .extend(taken.iter().map(|one| (one.tag, one.record)));
        }
        let taken = taken.iter().map(|one| Taken {
            record: one.record,
            place: None,
            attempt: one.attempt,
            redelivered: one.redelivered,
            receipt: is_manual.then_some(one.tag),
        });
        Heard::Took(taken.collect())
    }

    /// The broker answered, or delivers.
    fn hear(&mut self, reply: Reply, step: &mut Step) -> Heard<DeliveryTag> {
        let prefetch = step.plan.consumer.prefetch_count;
        match *reply.answer {
            Answer::ChannelOpenOk if prefetch > 0 => {
                self.channel = Channel::Limiting;
                let qos = Method::BasicQos {
                    prefetch_count: prefetch,
                    global: false,
                };
                step.ask("basic.qos", None, qos);
            }
            // The broker has taken the consumer away: it consumes again.
            Answer::ChannelOpenOk | Answer::BasicQosOk | Answer::BasicCancel { .. } => {
                self.channel = Channel::Subscribing;
                let consume = BasicConsume {
                    acknowledging: step.plan.acknowledging,
                    priority: step.plan.consumer.priority,
                    ..BasicConsume::new(Arc::clone(&step.plan.queue), Arc::clone(&step.plan.tag))
                };
                step.ask("basic.consume", None, Method::BasicConsume(consume));
            }
            Answer::BasicConsumeOk { .. } => self.channel = Channel::Consuming,
            Answer::BasicDeliver { delivery, .. } => self.delivered(&delivery, step),
            Answer::ChannelClose(_) => {
                step.ask("channel.close-ok", None, Method::ChannelCloseOk);
                return self.lost(step);
            }
            Answer::ConnectionClose(_) => return self.lost(step),
            _ => {}
        }
        Heard::Nothing
    }

    /// Acknowledges messages (rule 3). There is no answer to wait for.
    fn settle(&mut self, done: &[DeliveryTag], step: &mut Step) -> Option<bool> {
        let done = done.iter();
        let known: Vec<_> = done.filter_map(|tag| self.let_go(*tag)).collect();
        let multiple = step.plan.consumer.acknowledges == Acknowledges::Multiple;
        let skipped = match multiple {
            true => known.len().saturating_sub(1),
            false => 0,
        };
        for (DeliveryTag(delivery_tag), record) in known.into_iter().skip(skipped) {
            let ack = Method::BasicAck {
                delivery_tag,
                multiple,
            };
            step.ask("basic.ack", Some(record), ack);
        }
        Some(true)
    }

    /// Acknowledges one message, where the handler says so. After a channel was lost there is nothing to
    /// acknowledge.
    fn settle_one(
        &mut self,
        _: Option<Place>,
        receipt: Option<DeliveryTag>,
        step: &mut Step,
    ) -> Option<bool> {
        let Some((DeliveryTag(delivery_tag), record)) = receipt.and_then(|tag| self.let_go(tag))
        else {
            return Some(false);
        };
        let ack = Method::BasicAck {
            delivery_tag,
            multiple: false,
        };
        step.ask("basic.ack", Some(record), ack);
        Some(true)
    }

    fn settles_by_name(&self) -> bool {
        true
    }

    fn settles_each(plan: &Plan) -> bool {
        plan.consumer.acknowledges == Acknowledges::Each
    }

    /// Gives back a message whose handling failed, if the consumer is set so and has not settled it (rule 5).
    /// The broker waits for nobody: what is requeued is delivered again at once. A consumer that rejects
    /// gives back nothing that is to be tried again: its process tries it again itself.
    fn give_back(&mut self, receipt: Option<DeliveryTag>, how: GiveBack, step: &mut Step) -> bool {
        let requeue = match (step.plan.consumer.failure, how) {
            (Failure::Raise, _) | (Failure::Reject, GiveBack::Again(_)) => return false,
            (Failure::Requeue, GiveBack::AsSet(_) | GiveBack::Again(_)) => true,
            (Failure::Requeue, GiveBack::Reject)
            | (Failure::Reject, GiveBack::AsSet(_) | GiveBack::Reject) => false,
        };
        let Some((DeliveryTag(delivery_tag), record)) = receipt.and_then(|tag| self.let_go(tag))
        else {
            return false;
        };
        step.out.tell(Fact::GivenBack {
            consumer: step.consumer(),
            record,
            requeue,
        });
        match requeue {
            true => {
                let nack = Method::BasicNack {
                    delivery_tag,
                    multiple: false,
                    requeue,
                };
                step.ask("basic.nack", Some(record), nack);
            }
            false => {
                let reject = Method::BasicReject {
                    delivery_tag,
                    requeue,
                };
                step.ask("basic.reject", Some(record), reject);
            }
        }
        true
    }
}

impl Inbox {
    fn delivered(&mut self, delivery: &Delivery, step: &mut Step) {
        let Some(record) = delivery.message.record else {
            return;
        };
        let counted = delivery.delivery_count.unwrap_or(0).saturating_add(1);
        let redelivered = delivery.redelivered;
        step.out.tell(Fact::Buffered {
            consumer: step.consumer(),
            record,
            redelivered,
        });
        self.buffer.push(Buffered {
            tag: DeliveryTag(delivery.delivery_tag),
            record,
            redelivered,
            attempt: counted,
        });
    }

    /// The channel is gone (rule 6).
    fn lost(&mut self, step: &mut Step) -> Heard<DeliveryTag> {
        step.out.tell(Fact::ChannelLost {
            consumer: step.consumer(),
        });
        *self = Inbox::default();
        Heard::LookAgain(REOPENS)
    }

    /// A delivery that is not settled, which it forgets.
    fn let_go(&mut self, tag: DeliveryTag) -> Option<(DeliveryTag, RecordId)> {
        let mut handed = self.handed.iter();
        let at = handed.position(|(own, _)| *own == tag)?;
        Some(self.handed.remove(at))
    }

    /// How far its channel is.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// What the library has and the program not yet, the oldest first.
    pub fn buffer(&self) -> &[Buffered] {
        &self.buffer
    }

    /// The record of a delivery that the program has and has not settled.
    pub fn handed(&self, tag: DeliveryTag) -> Option<RecordId> {
        let mut handed = self.handed.iter();
        handed
            .find(|(own, _)| *own == tag)
            .map(|(_, record)| *record)
    }
}

impl Visit for Inbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for one in &mut self.buffer {
            one.tag.visit(visitor);
        }
        for (tag, _) in &mut self.handed {
            tag.visit(visitor);
        }
    }
}
