//! The end of channels and connections, and what the broker does when time has passed.
//!
//! M51. When a channel ends, by farewell, error or a lost connection, its consumers go and all it has
//! not acknowledged is requeued, `redelivered`. Source: documentation, "Consumer Acknowledgements and
//! Publisher Confirms", "Automatic Requeueing". Shown by: rabbitmq-ack-multiple-double-ack,
//! rabbitmq-single-active-consumer, rabbitmq-auto-ack-ignores-prefetch.
//!
//! M52. A delivery that is not acknowledged within `consumer_timeout` (30 minutes) makes the broker
//! close the channel with 406; it looks once a minute. From 3.13 on a queue can have its own
//! `x-consumer-timeout`. From 4.3 on only quorum queues have a timeout: they take the message back and
//! cancel the consumer, and the channel goes on. Source: documentation, "Consumers", "Delivery
//! Acknowledgement Timeout"; release notes 4.3. Shown by: the test
//! `q13_a_slow_consumer_loses_its_channel`, the test `from_4_3_on_the_queue_takes_it_back`.
//!
//! M53. A queue with `x-expires` is deleted when for that long it had no consumer, was not declared and
//! nobody did a `basic.get`. Source: documentation, "Time-To-Live and Expiration", "Queue TTL". Shown
//! by: the test `an_unused_queue_is_deleted`.
//!
//! M54. After the broker has closed a channel it ignores what comes on it until `channel.close-ok`.
//! Source: AMQP 0-9-1, channel.close. Shown by: the test `a_closed_channel_ignores_what_comes`.
//!
//! Simplified: the looks for deliveries that timed out fall on whole minutes of the broker's time, not
//! on those of each channel.

use super::connection::{Connections, Owner, Phase};
use super::fact::Fact;
use super::method::{Answer, Method, Request};
use super::queue::{Queue, Queues};
use super::reply_code::{Exception, ReplyCode};
use super::settings::Version;
use super::settling::Settle;
use super::work::{Work, client};
use crate::fact::Leg;
use crate::party::{Caller, ClientId};
use explore::time::{Instant, Span};
use std::sync::Arc;

/// How a channel ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The client closed it.
    Farewell,
    /// The broker closed it.
    Error(ReplyCode),
}

/// When the broker looks at a delivery that times out at `at`.
pub(super) fn look(at: Instant, every_ms: u64) -> Instant {
    let every = Span::from_ms(every_ms).0.max(1);
    Instant(at.0.div_ceil(every).saturating_mul(every))
}

/// When the first delivery of a channel times out.
pub(super) fn first_timeout(connections: &Connections, owner: Owner) -> Option<Instant> {
    let channel = connections.channel(owner)?;
    let waiting = channel.unacked.values();
    waiting.filter_map(|unacked| unacked.times_out).min()
}

impl Work<'_> {
    /// A channel ends; the broker's own error leaves it waiting for `channel.close-ok`.
    pub(super) fn channel_closed(&mut self, owner: Owner, ending: Ending) {
        let code = match ending {
            Ending::Farewell => ReplyCode::ReplySuccess,
            Ending::Error(code) => code,
        };
        self.tell(Fact::ChannelClosed {
            client: client(owner.caller),
            channel: owner.channel,
            code: code.number(),
        });
        let Some(channel) = self.connections.channel_mut(owner) else {
            return;
        };
        *channel = super::connection::Channel {
            phase: Phase::Closing,
            ..super::connection::Channel::new(owner.channel)
        };
        if ending == Ending::Farewell {
            self.forget_channel(owner);
        }
        self.owners_gone(&[owner]);
    }

    pub(super) fn forget_channel(&mut self, owner: Owner) {
        let mut connections = self.connections.list.iter_mut();
        if let Some(connection) = connections.find(|one| one.caller == owner.caller) {
            let others = |one: &super::connection::Channel| one.number != owner.channel;
            connection.channels.retain(others);
        }
    }

    /// A connection is gone, with its channels and its exclusive queues.
    pub(super) fn connection_closed(&mut self, caller: Caller, code: Option<u16>) {
        let mut connections = self.connections.list.iter();
        let Some(at) = connections.position(|one| one.caller == caller) else {
            return;
        };
        let connection = self.connections.list.remove(at);
        let channels = connection.channels.iter();
        let owners: Vec<Owner> = channels
            .map(|channel| Owner {
                caller,
                channel: channel.number,
            })
            .collect();
        self.tell(Fact::ConnectionClosed {
            client: client(caller),
            code,
        });
        let queues = self.queues.by_name.values();
        let own: Vec<Arc<str>> = queues
            .filter(|queue| queue.exclusive == Some(caller))
            .map(|queue| queue.name.clone())
            .collect();
        for queue in &own {
            // Nobody is told: all who consumed from it are gone as well.
            self.remove_consumers(queue, |_| true);
            self.delete_queue(queue);
        }
        self.owners_gone(&owners);
    }

    /// Takes back from every queue what these channels had, after their consumers are gone.
    fn owners_gone(&mut self, owners: &[Owner]) {
        let is_of = |owner: &Owner| owners.contains(owner);
        let is_touched = |queue: &Queue| {
            let mut consumers = queue.consumers.iter();
            let mut publishers = queue.publishers.keys();
            consumers.any(|one| is_of(&one.owner))
                || queue.held.values().any(|held| is_of(&held.owner))
                || publishers.any(is_of)
        };
        let queues = self.queues.by_name.values();
        let names: Vec<Arc<str>> = queues
            .filter(|queue| is_touched(queue))
            .map(|queue| queue.name.clone())
            .collect();
        for name in &names {
            self.remove_consumers(name, |one| is_of(&one.owner));
        }
        for name in &names {
            let Some(queue) = self.queues.by_name.get_mut(name) else {
                continue;
            };
            queue.publishers.retain(|owner, _| !is_of(owner));
            let held = queue.held.iter();
            let positions: Vec<u64> = held
                .filter(|(_, held)| is_of(&held.owner))
                .map(|(position, _)| *position)
                .collect();
            self.settle_in(name, &positions, Settle::Lost);
        }
    }

    /// The heads of a queue have expired.
    pub(super) fn heads_expired(&mut self, name: &str) {
        self.expire(name);
        self.drop_heads(name);
        self.post();
    }

    /// A queue may have been unused for too long.
    pub(super) fn queue_expired(&mut self, name: &str) {
        let Some(queue) = self.queues.by_name.get(name) else {
            return;
        };
        if queue.deleted_at().is_some_and(|at| at <= self.now) {
            let queue = queue.name.clone();
            self.tell(Fact::QueueExpired { queue });
            self.delete_queue(name);
        }
    }

    /// Deliveries of a channel may have timed out.
    pub(super) fn acknowledgement_timed_out(&mut self, owner: Owner) {
        let now = self.now;
        let is_late = first_timeout(self.connections, owner).is_some_and(|at| at <= now);
        let Some(channel) = self.connections.channel(owner).filter(|_| is_late) else {
            return;
        };
        let late = |at: &Option<Instant>| at.is_some_and(|at| at <= now);
        let waiting = channel.unacked.iter();
        let late: Vec<_> = waiting
            .filter(|(_, one)| late(&one.times_out))
            .map(|(tag, one)| (*tag, one.clone()))
            .collect();
        for (_, unacked) in late.iter().take(1) {
            self.tell(Fact::AcknowledgementTimedOut {
                client: client(owner.caller),
                queue: unacked.queue.clone().unwrap_or_else(|| "".into()),
            });
        }
        if self.settings.version < Version::V4_3 {
            let ms = late.first().and_then(|(_, one)| one.timeout);
            let exception = Exception::precondition(format!(
                "delivery acknowledgement on channel {} timed out. Timeout value used: {} ms. This \
                 timeout value can be configured, see consumers doc guide to learn more",
                owner.channel,
                ms.unwrap_or_default()
            ));
            self.refuse(owner, exception);
        } else {
            for (_, unacked) in &late {
                let (Some(queue), Some(tag)) = (&unacked.queue, &unacked.consumer_tag) else {
                    continue;
                };
                self.cancel_late(owner, queue, tag);
            }
            let tags: Vec<u64> = late.iter().map(|(tag, _)| *tag).collect();
            self.settle(owner, &tags, Settle::Released);
        }
        self.post();
    }

    /// Takes away a consumer that kept a message for too long, and tells it.
    fn cancel_late(&mut self, owner: Owner, name: &str, tag: &str) {
        let Some(queue) = self.queues.by_name.get(name) else {
            return;
        };
        let is_it =
            |one: &super::queue::consumers::Consumer| one.owner == owner && *one.tag == *tag;
        if !queue.consumers.iter().any(is_it) {
            return;
        }
        let queue = queue.name.clone();
        self.remove_consumers(name, is_it);
        let consumer_tag: Arc<str> = tag.into();
        self.tell(Fact::ConsumerCancelled {
            queue,
            client: client(owner.caller),
            consumer_tag: consumer_tag.clone(),
        });
        self.reply(owner, Answer::BasicCancel { consumer_tag });
    }
}

/// What is told of a method that was under way on a connection that breaks: a message that is not published,
/// or a settlement that is not read.
pub fn cut(
    connections: &Connections,
    queues: &Queues,
    caller: Caller,
    request: &Request,
) -> Option<Fact> {
    let by = ClientId(caller.client);
    let (method, tag) = match &*request.method {
        Method::BasicPublish(publish) => {
            let (record, what) = (publish.record?, Leg::Request);
            return Some(Fact::PublishLost { by, record, what });
        }
        Method::BasicAck { delivery_tag, .. } => ("basic.ack", delivery_tag),
        Method::BasicNack { delivery_tag, .. } => ("basic.nack", delivery_tag),
        Method::BasicReject { delivery_tag, .. } => ("basic.reject", delivery_tag),
        _ => return None,
    };
    let channel = request.channel;
    let unacked = connections.channel(Owner { caller, channel })?;
    let unacked = unacked.unacked.get(tag)?;
    let queue = queues.by_name.get(unacked.queue.as_ref()?)?;
    let held = queue.held.get(&unacked.position)?;
    Some(Fact::SettlementLost {
        by,
        method: method.into(),
        record: held.entry.message.record?,
    })
}
