//! Delivering: consumers, `basic.get`, streams.
//!
//! M44. `basic.get` takes the head, tells how many are still ready, and answers `get-empty` when
//! nothing is. Source: AMQP 0-9-1, basic.get. Shown by: rabbitmq-fifo-get.
//!
//! M45. A quorum queue does not know `basic.qos` with `global` (540 NOT_IMPLEMENTED). A consumer tag is
//! used once on a channel (530 NOT_ALLOWED). Both end the connection. Source: documentation, "Quorum
//! Queues", "Global QoS"; AMQP 0-9-1, basic.consume. Shown by: the test `errors_have_the_words`.
//!
//! M46. A stream keeps what is consumed. A consumer begins at its `x-stream-offset` (`next` by
//! default) and must have a prefetch and acknowledge; an acknowledgement gives it credit and no more.
//! `basic.get` and `purge` are not implemented (540). Source: documentation, "Streams". Shown by: the
//! test `a_stream_is_read_again_by_offset`.
//!
//! M47. `basic.cancel` ends deliveries; what the consumer has not acknowledged stays with its channel.
//! An auto-delete queue goes with its last consumer. Source: documentation, "Consumers"; AMQP 0-9-1,
//! queue.declare. Shown by: the test `an_auto_delete_queue_goes_with_its_last_consumer`.
//!
//! Left out: chunks of a stream (each message is one, so `last` is the last message), its retention and
//! time stamps as offsets.

use super::connection::{Owner, Unacked};
use super::fact::Fact;
use super::method::{Answer, BasicConsume, Delivery};
use super::queue::arguments::QueueType;
use super::queue::consumers::{Acknowledging, Consumer, Offset};
use super::queue::{Entry, Held, Place, Queue};
use super::reply_code::{self, Exception, ReplyCode};
use super::settings::Version;
use super::work::{Work, client};
use crate::WHOLE;
use explore::time::Span;
use std::sync::Arc;

/// To whom a delivery goes, and how.
struct To<'a> {
    owner: Owner,
    consumer_tag: Option<Arc<str>>,
    acknowledging: Acknowledging,
    timeout: Option<u64>,
    queue: &'a str,
}

impl Work<'_> {
    pub(super) fn qos(&mut self, owner: Owner, prefetch: u16, global: bool) -> Answer {
        if let Some(channel) = self.connections.channel_mut(owner) {
            match global {
                true => channel.global_prefetch = prefetch,
                false => channel.prefetch = prefetch,
            }
        }
        if global {
            self.wake_channel(owner);
        }
        Answer::BasicQosOk
    }

    pub(super) fn consume(&mut self, owner: Owner, consume: BasicConsume) -> Result<(), Exception> {
        let mut tag = consume.consumer_tag.clone();
        let is_taken = |queue: &Queue| {
            let mut consumers = queue.consumers.iter();
            consumers.any(|one| one.owner == owner && one.tag == tag)
        };
        if self.queues.by_name.values().any(is_taken) {
            let cause = format!("attempt to reuse consumer tag '{tag}'");
            return Err(Exception::new(ReplyCode::NotAllowed, cause));
        }
        self.known_queue(owner, &consume.queue)?;
        let (prefetch, is_global) = match self.connections.channel(owner) {
            Some(channel) => (channel.prefetch, channel.global_prefetch > 0),
            None => (0, false),
        };
        let Some(queue) = self.queues.by_name.get(&consume.queue) else {
            return Err(Exception::no_queue(&consume.queue));
        };
        let told = reply_code::queue(&consume.queue);
        let refused = |code: ReplyCode, cause: String| Err(Exception::new(code, cause));
        let queue_type = queue.queue_type();
        if is_global && queue_type != QueueType::Classic {
            let cause = format!("{told} does not support global qos");
            return refused(ReplyCode::NotImplemented, cause);
        }
        if WHOLE && queue_type == QueueType::Stream {
            if consume.acknowledging == Acknowledging::Automatic {
                let cause = format!("automatic acknowledgement not supported by stream {told}");
                return refused(ReplyCode::NotImplemented, cause);
            }
            if prefetch == 0 {
                let cause = format!("consumer prefetch count is not set for stream {told}");
                return refused(ReplyCode::PreconditionFailed, cause);
            }
        }
        let is_single = queue.arguments.is_single_active();
        let others = queue.consumers.len();
        let is_exclusive = queue.consumers.iter().any(|one| one.exclusive);
        let must_be_alone = consume.exclusive && (others > 0 || is_single);
        if is_exclusive || must_be_alone {
            let cause = format!("{told} in exclusive use");
            return refused(ReplyCode::AccessRefused, cause);
        }
        if tag.is_empty() {
            tag = self.made_up("amq.ctag-");
        }
        let consumer_tag = tag.clone();
        self.reply(owner, Answer::BasicConsumeOk { consumer_tag });
        self.tell(Fact::ConsumerAdded {
            queue: consume.queue.clone(),
            client: client(owner.caller),
            consumer_tag: tag.clone(),
        });
        if let Some(queue) = self.queues.by_name.get_mut(&consume.queue) {
            let end = queue.log.len() as u64;
            let consumer = Consumer {
                owner,
                tag,
                acknowledging: consume.acknowledging,
                exclusive: consume.exclusive,
                priority: consume.priority,
                prefetch,
                unacked: 0,
                timeout: consume.timeout,
                offset: match consume.offset {
                    Offset::First => 0,
                    Offset::Last => end.saturating_sub(1),
                    Offset::Next => end,
                    Offset::At(offset) => offset,
                },
            };
            queue.consumers.add(consumer, is_single);
            queue.unused_since = None;
        }
        self.run(&consume.queue);
        Ok(())
    }

    pub(super) fn cancel(&mut self, owner: Owner, consumer_tag: Arc<str>) -> Answer {
        let names: Vec<Arc<str>> = self.queues.by_name.keys().cloned().collect();
        for name in names {
            self.remove_consumers(&name, |one| one.owner == owner && one.tag == consumer_tag);
            self.run(&name);
        }
        Answer::BasicCancelOk { consumer_tag }
    }

    /// Takes consumers away from a queue; an auto-delete queue goes with the last one.
    pub(super) fn remove_consumers(&mut self, name: &str, which: impl Fn(&Consumer) -> bool) {
        let now = self.now;
        // Reading first: whoever has no consumer here leaves no trace on the queue.
        let has_some = match self.queues.by_name.get(name) {
            Some(queue) => queue.consumers.iter().any(&which),
            None => false,
        };
        if !has_some {
            return;
        }
        let Some(queue) = self.queues.by_name.get_mut(name) else {
            return;
        };
        let (gone, active) = queue.consumers.remove(which);
        let is_over = queue.auto_delete && queue.consumers.is_empty();
        if queue.consumers.is_empty() {
            queue.used(now);
        }
        let queue = queue.name.clone();
        for consumer in gone {
            self.tell(Fact::ConsumerRemoved {
                queue: queue.clone(),
                client: client(consumer.owner.caller),
                consumer_tag: consumer.tag,
            });
        }
        if let Some(consumer_tag) = active {
            self.tell(Fact::ConsumerActivated {
                queue,
                consumer_tag,
            });
        }
        if is_over {
            self.delete_queue(name);
        }
    }

    pub(super) fn get(
        &mut self,
        owner: Owner,
        name: &str,
        acknowledging: Acknowledging,
    ) -> Result<Answer, Exception> {
        self.known_queue(owner, name)?;
        let (now, version) = (self.now, self.settings.version);
        let Some(queue) = self.queues.by_name.get_mut(name) else {
            return Err(Exception::no_queue(name));
        };
        if queue.queue_type() == QueueType::Stream {
            let told = reply_code::queue(name);
            let cause = format!("basic.get not supported by stream queues {told}");
            return Err(Exception::new(ReplyCode::NotImplemented, cause));
        }
        queue.used(now);
        let Some((place, entry)) = queue.take(version) else {
            return Ok(Answer::BasicGetEmpty);
        };
        let to = To {
            owner,
            consumer_tag: None,
            acknowledging,
            timeout: None,
            queue: name,
        };
        let delivery = self.hand_out(&to, place, entry);
        self.expire(name);
        if let Some(queue) = self.queues.by_name.get_mut(name) {
            queue.watch_limit();
        }
        let queue = self.queues.by_name.get(name);
        Ok(Answer::BasicGetOk {
            delivery,
            message_count: queue.map_or(0, |queue| queue.message_count()),
        })
    }

    /// Hands out what is ready to consumers that may get more.
    pub(super) fn run(&mut self, name: &str) {
        let version = self.settings.version;
        let is_stream = match self.queues.by_name.get(name) {
            Some(queue) if WHOLE && queue.queue_type() == QueueType::Stream => true,
            Some(queue) if queue.ready.is_empty() || queue.consumers.is_empty() => return,
            Some(_) => false,
            None => return,
        };
        if is_stream {
            return self.run_stream(name);
        }
        while let Some(queue) = self.queues.by_name.get_mut(name)
            && !queue.ready.is_empty()
            && let Some(mut consumer) = queue.consumers.next(self.connections)
        {
            let is_eager = queue.queue_type() == QueueType::Quorum;
            let Some((place, entry)) = queue.take(version) else {
                queue.consumers.put_back(consumer, false, self.connections);
                break;
            };
            let to = To {
                owner: consumer.owner,
                consumer_tag: Some(consumer.tag.clone()),
                acknowledging: consumer.acknowledging,
                timeout: consumer.timeout,
                queue: name,
            };
            let delivery = self.hand_out(&to, place, entry);
            if consumer.acknowledging == Acknowledging::Manual {
                consumer.unacked = consumer.unacked.saturating_add(1);
            }
            let (owner, consumer_tag) = (consumer.owner, consumer.tag.clone());
            self.reply(
                owner,
                Answer::BasicDeliver {
                    consumer_tag,
                    delivery,
                },
            );
            if let Some(queue) = self.queues.by_name.get_mut(name) {
                let connections = &*self.connections;
                queue.consumers.put_back(consumer, is_eager, connections);
            }
            self.expire(name);
        }
        if let Some(queue) = self.queues.by_name.get_mut(name) {
            queue.watch_limit();
        }
    }

    /// Gives a message to a channel.
    fn hand_out(&mut self, to: &To, place: Place, mut entry: Entry) -> Delivery {
        let version = self.settings.version;
        let timeout = self.timeout_of(to);
        let Some(queue) = self.queues.by_name.get_mut(to.queue) else {
            return delivery(0, &entry, version, QueueType::Classic);
        };
        let queue_name = queue.name.clone();
        let queue_type = queue.queue_type();
        let unacked = Unacked {
            queue: Some(queue_name.clone()),
            position: place.position,
            consumer_tag: to.consumer_tag.clone(),
            times_out: timeout.map(|ms| self.now + Span::from_ms(ms)),
            timeout,
        };
        let is_manual = to.acknowledging == Acknowledging::Manual;
        let channel = self.connections.channel_mut(to.owner);
        let tag = channel.map(|channel| channel.deliver(is_manual.then_some(unacked)));
        let delivery = delivery(tag.unwrap_or_default(), &entry, version, queue_type);
        let record = entry.message.record;
        if is_manual {
            entry.acquired_count = entry.acquired_count.saturating_add(1);
            let held = Held {
                place,
                entry,
                owner: to.owner,
            };
            queue.held.insert(place.position, held);
        }
        self.tell(Fact::Delivered {
            record,
            queue: queue_name,
            client: client(to.owner.caller),
            redelivered: delivery.redelivered,
            auto_ack: !is_manual,
        });
        delivery
    }

    /// How long a delivery may wait for its acknowledgement.
    fn timeout_of(&self, to: &To) -> Option<u64> {
        let queue = self.queues.by_name.get(to.queue)?;
        let version = self.settings.version;
        if version >= Version::V4_3 {
            if queue.queue_type() != QueueType::Quorum {
                return None;
            }
            let own = to.timeout.or(queue.arguments.timeout());
            return own.or(self.settings.consumer_timeout);
        }
        let own = queue.arguments.timeout();
        own.filter(|_| version >= Version::V3_13)
            .or(self.settings.consumer_timeout)
    }

    /// Sends every consumer of a stream what it may get.
    fn run_stream(&mut self, name: &str) {
        loop {
            let Some(queue) = self.queues.by_name.get_mut(name) else {
                return;
            };
            let end = queue.log.len() as u64;
            let connections = &*self.connections;
            let ahead = queue
                .consumers
                .row_mut()
                .find(|one| one.offset < end && one.can_take(connections));
            let Some(consumer) = ahead else { return };
            let offset = consumer.offset;
            consumer.offset = offset.saturating_add(1);
            consumer.unacked = consumer.unacked.saturating_add(1);
            let (owner, consumer_tag) = (consumer.owner, consumer.tag.clone());
            let at = usize::try_from(offset).unwrap_or(usize::MAX);
            let Some(message) = queue.log.get(at).cloned() else {
                return;
            };
            let queue = queue.name.clone();
            let is_timed = self.settings.version < Version::V4_3;
            let timeout = self.settings.consumer_timeout.filter(|_| is_timed);
            let unacked = Unacked {
                queue: Some(queue.clone()),
                position: offset,
                consumer_tag: Some(consumer_tag.clone()),
                times_out: timeout.map(|ms| self.now + Span::from_ms(ms)),
                timeout,
            };
            let channel = self.connections.channel_mut(owner);
            let tag = channel.map(|channel| channel.deliver(Some(unacked)));
            let record = message.record;
            let delivery = Delivery {
                delivery_tag: tag.unwrap_or_default(),
                redelivered: false,
                message,
                delivery_count: None,
                acquired_count: None,
                offset: Some(offset),
            };
            self.tell(Fact::Delivered {
                record,
                queue,
                client: client(owner.caller),
                redelivered: false,
                auto_ack: false,
            });
            let answer = Answer::BasicDeliver {
                consumer_tag,
                delivery,
            };
            self.reply(owner, answer);
        }
    }
}

fn delivery(tag: u64, entry: &Entry, version: Version, queue_type: QueueType) -> Delivery {
    let is_quorum = queue_type == QueueType::Quorum;
    let acquired = is_quorum && version >= Version::V4_0;
    Delivery {
        delivery_tag: tag,
        redelivered: entry.redelivered,
        message: entry.message.clone(),
        delivery_count: is_quorum.then_some(entry.delivery_count),
        acquired_count: acquired.then_some(entry.acquired_count),
        offset: None,
    }
}
