//! Queues: what is ready, in which order, and what is with consumers.
//!
//! M18. A classic queue is first in, first out. With `x-max-priority` higher priorities come first and
//! each is first in, first out; no priority is 0, one above the maximum is the maximum. Without the
//! argument priorities do nothing. Source: documentation, "Priority"; `priority_queue_SUITE`. Shown by:
//! rabbitmq-fifo-get, rabbitmq-priority-order, rabbitmq-priority-ignored-plain, rabbitmq_scenarios.
//!
//! M19. A message that is requeued in a classic queue goes back to its old place and is `redelivered`
//! from then on. Source: documentation, "Negative Acknowledgements". Shown by:
//! rabbitmq-requeue-position, rabbitmq-priority-requeue, the test `q11_requeued_in_turn_or_stuck`.
//!
//! M20. A quorum queue with a limit of deliveries puts returned messages before all others, in the
//! order of their return; without a limit it puts what is given back at its end, and only what a lost
//! channel had before all others. Source: documentation, "Quorum
//! Queues", "Repeated Requeues"; `rabbit_fifo`. Shown by: the test
//! `a_quorum_queue_without_limit_requeues_at_its_end`.
//!
//! M21. The TTL of a message is the smaller of `x-message-ttl` and its `expiration`. It leaves when it
//! is over and the message stands at the head: an expired one behind waits, and counts as ready.
//! Source: documentation, "Time-To-Live and Expiration". Shown by: rabbitmq-ttl-minimum,
//! rabbitmq-message-ttl-head-of-line, rabbitmq-queue-ttl, the test `q09_each_waits_for_the_head`.
//!
//! M22. A TTL of 0 expires a message at once unless a consumer takes it. Source: documentation,
//! "Time-To-Live and Expiration". Shown by: the test `a_ttl_of_zero_needs_a_waiting_consumer`.
//!
//! M23. `x-max-length` and `x-max-length-bytes` count ready messages, and bodies alone. `drop-head`
//! (default) drops from the head; in a priority queue that is the highest priority. `reject-publish`
//! refuses the new message, which a publisher with confirms is told by `basic.nack`;
//! `reject-publish-dlx` dead-letters it besides. Source: documentation, "Queue Length Limit";
//! `queue_length_limits_SUITE`. Shown by: rabbitmq-maxlen-drop-head, rabbitmq-maxlen-reject-publish,
//! rabbitmq-maxlen-reject-publish-dlx, rabbitmq_scenarios.
//!
//! M24. What is requeued is never refused: with `reject-publish` the queue is longer than its limit
//! then, with `drop-head` it drops its head. Source: `queue_length_limits_SUITE`,
//! `rabbit_amqqueue_process`. Shown by: rabbitmq_scenarios.
//!
//! M25. A quorum queue with `reject-publish` takes the message that goes over its limit, and refuses
//! from then on until no more than four fifths of the limit are ready. Its `reject-publish-dlx` is
//! `drop-head`. Source: documentation, "Quorum Queues"; `rabbit_fifo`, `rabbit_quorum_queue`. Shown by:
//! the test `a_quorum_queue_refuses_after_its_limit`.
//!
//! M26. A quorum queue counts returns in `x-delivery-count` and drops or dead-letters a message whose
//! count passes `x-delivery-limit`, with the reason `delivery_limit`. From 4.0 on the limit is 20
//! unless another is set, and `x-acquired-count` tells how often the message had been handed out.
//! From 4.3 on only `basic.reject` and lost channels count, `basic.nack` does not. Source:
//! documentation, "Quorum Queues", "Poison Message Handling"; documentation 4.3, "Negative
//! Acknowledgements". Shown by: rabbitmq-quorum-delivery-limit, the test
//! `delivery_limits_differ_by_version`.
//!
//! M27. From 4.0 on a quorum queue knows two priorities: 5 and above is high, all else normal; of
//! three messages two are high while there are some of both. From 4.3 on it keeps 32 priorities apart.
//! Source: documentation, "Priority". Shown by: the test `quorum_priorities_differ_by_version`.
//!
//! M28. `purge` removes what is ready; what is with consumers stays, and may come back. Source:
//! documentation, "Queues". Shown by: rabbitmq-purge-only-ready.
//!
//! Simplified: a quorum queue is one party that never waits for its followers, and its confirms come
//! at once. Its TTL is looked at when it is due, not on the next command.

pub mod arguments;
pub mod consumers;
mod entry;

use super::connection::Owner;
use super::message::{DeliveryMode, Message};
use super::settings::Version;
use crate::party::Caller;
use crate::visit::{Counter, Visit, Visitor};
pub use entry::{Entry, Held, Place};

use arguments::{Arguments, Overflow, QueueType};
use consumers::Consumers;
use explore::Weigh;
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The counter of the positions in a queue.
pub fn positions(queue: &str) -> Counter {
    let mix = |hash: u16, byte: u8| (hash ^ u16::from(byte)).wrapping_mul(0x0193);
    Counter {
        kind: "queue position",
        scope: queue.bytes().fold(0x9dc5, mix),
    }
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Queue {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it outlives a restart of the broker.
    pub durable: bool,
    /// The connection it belongs to alone.
    pub exclusive: Option<Caller>,
    /// Whether it goes with its last consumer.
    pub auto_delete: bool,
    /// What it was declared with.
    pub arguments: Arguments,
    /// What can be handed out, in order.
    pub ready: BTreeMap<Place, Entry>,
    /// The bytes of the bodies that are ready.
    pub ready_bytes: u64,
    /// What is with channels, by its position.
    pub held: BTreeMap<u64, Held>,
    /// Who consumes.
    pub consumers: Consumers,
    /// The last position that was given.
    pub position: u64,
    /// Since when nobody has used it; kept where `x-expires` is set and there is no consumer.
    pub unused_since: Option<Instant>,
    /// Which publishers a quorum queue refuses, and which it has met and does not refuse.
    pub publishers: BTreeMap<Owner, Blocked>,
    /// How many of high priority a quorum queue has handed out since the last normal one.
    pub high_run: u8,
    /// What a stream holds: its messages from offset 0 on.
    pub log: Vec<Arc<Message>>,
}

/// Whether a quorum queue refuses what a publisher sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Blocked {
    /// It takes it.
    No,
    /// It refuses it.
    Yes,
}

impl Queue {
    /// A new queue without messages.
    pub fn new(name: Arc<str>, arguments: Arguments) -> Queue {
        Queue {
            name,
            durable: true,
            exclusive: None,
            auto_delete: false,
            arguments,
            ready: BTreeMap::new(),
            ready_bytes: 0,
            held: BTreeMap::new(),
            consumers: Consumers::default(),
            position: 0,
            unused_since: None,
            publishers: BTreeMap::new(),
            high_run: 0,
            log: Vec::new(),
        }
    }

    /// Its type.
    pub fn queue_type(&self) -> QueueType {
        self.arguments.queue_type()
    }

    /// How many messages are ready; in a stream, how many it has.
    pub fn message_count(&self) -> u64 {
        match self.queue_type() {
            QueueType::Stream => self.log.len() as u64,
            _ => self.ready.len() as u64,
        }
    }

    fn next_position(&mut self) -> u64 {
        self.position = self.position.saturating_add(1);
        self.position
    }

    /// The place at the end of those with the message's priority.
    pub fn last_place(&mut self, message: &Message, version: Version) -> Place {
        let wanted = message.properties.priority.unwrap_or(0);
        let priority = match self.queue_type() {
            QueueType::Classic => wanted.min(self.arguments.most_priority()),
            QueueType::Quorum if version >= Version::V4_3 => wanted.min(31),
            QueueType::Quorum if version >= Version::V4_0 => u8::from(wanted > 4),
            _ => 0,
        };
        Place {
            class: 1,
            rank: u8::MAX - priority,
            position: self.next_position(),
        }
    }

    /// The place for a message that a quorum queue gets back.
    pub fn returned_place(&mut self, rank: u8) -> Place {
        Place {
            class: 0,
            rank,
            position: self.next_position(),
        }
    }

    /// A message as it comes in.
    pub fn entry(&self, now: Instant, message: Arc<Message>) -> Entry {
        let own = message.properties.expiration;
        let ttl = match (self.arguments.ttl(), own) {
            (Some(queue), Some(own)) => Some(queue.min(own)),
            (queue, own) => queue.or(own),
        };
        Entry {
            message,
            redelivered: false,
            delivery_count: 0,
            acquired_count: 0,
            expires: ttl.map(|ms| now + Span::from_ms(ms)),
        }
    }

    /// Makes a message ready.
    pub fn put(&mut self, place: Place, entry: Entry) {
        self.ready_bytes = self.ready_bytes.saturating_add(entry.message.bytes());
        self.ready.insert(place, entry);
    }

    /// Which of two priorities a quorum queue of 4.0 serves next; others have no choice.
    fn next_place(&self, version: Version) -> Option<Place> {
        let (first, _) = self.ready.first_key_value()?;
        let has_two = version == Version::V4_0 && self.queue_type() == QueueType::Quorum;
        if has_two && first.class == 1 && first.rank < u8::MAX && self.high_run >= 2 {
            let normal = Place {
                class: 1,
                rank: u8::MAX,
                position: 0,
            };
            let (normal, _) = self.ready.range(normal..).next().unzip();
            return normal.copied().or(Some(*first));
        }
        Some(*first)
    }

    /// The message that would be handed out next.
    pub fn head(&self, version: Version) -> Option<&Entry> {
        self.ready.get(&self.next_place(version)?)
    }

    /// Takes the next message out of those that are ready.
    pub fn take(&mut self, version: Version) -> Option<(Place, Entry)> {
        let place = self.next_place(version)?;
        let entry = self.ready.remove(&place)?;
        self.ready_bytes = self.ready_bytes.saturating_sub(entry.message.bytes());
        if place.class == 1 {
            self.high_run = match place.rank < u8::MAX {
                true if version == Version::V4_0 && self.queue_type() == QueueType::Quorum => {
                    self.high_run.saturating_add(1).min(2)
                }
                _ => 0,
            };
        }
        Some((place, entry))
    }

    /// Whether more is ready than the limits allow, with `more` messages of `bytes` in all added.
    fn is_over_limit(&self, more: u64, bytes: u64) -> bool {
        let count = (self.ready.len() as u64).saturating_add(more);
        let sum = self.ready_bytes.saturating_add(bytes);
        let over = |limit: Option<u64>, is: u64| limit.is_some_and(|limit| is > limit);
        over(self.arguments.most_messages(), count) || over(self.arguments.most_bytes(), sum)
    }

    /// Whether four fifths of the limits are kept.
    fn is_below_soft_limit(&self) -> bool {
        let below = |limit: Option<u64>, is: u64| {
            limit.is_none_or(|limit| u128::from(is) <= u128::from(limit) * 4 / 5)
        };
        below(self.arguments.most_messages(), self.ready.len() as u64)
            && below(self.arguments.most_bytes(), self.ready_bytes)
    }

    /// Whether the head has to be dropped.
    pub fn must_drop_head(&self) -> bool {
        self.arguments.overflow() == Overflow::DropHead && self.is_over_limit(0, 0)
    }

    /// How a new message is refused, if it is.
    pub fn refuses(&mut self, message: &Message, publisher: Option<Owner>) -> Option<Overflow> {
        let overflow = self.arguments.overflow();
        if overflow == Overflow::DropHead {
            return None;
        }
        let is_refused = match self.queue_type() {
            QueueType::Quorum => {
                let owner = publisher?;
                let is_over = self.is_over_limit(0, 0);
                let at_first = if is_over { Blocked::Yes } else { Blocked::No };
                *self.publishers.entry(owner).or_insert(at_first) == Blocked::Yes
            }
            _ => self.is_over_limit(1, message.bytes()),
        };
        is_refused.then_some(overflow)
    }

    /// Lets a quorum queue block its publishers, or take their messages again.
    pub fn watch_limit(&mut self) {
        if self.publishers.is_empty() {
            return;
        }
        let all = match (self.is_over_limit(0, 0), self.is_below_soft_limit()) {
            (true, _) => Blocked::Yes,
            (false, true) => Blocked::No,
            (false, false) => return,
        };
        for blocked in self.publishers.values_mut() {
            *blocked = all;
        }
    }

    /// When the head expires.
    pub fn next_expiry(&self, version: Version) -> Option<Instant> {
        self.head(version)?.expires
    }

    /// When the queue is deleted for want of use.
    pub fn deleted_at(&self) -> Option<Instant> {
        Some(self.unused_since? + self.unused_for()?)
    }

    /// How long it may be unused.
    fn unused_for(&self) -> Option<Span> {
        self.arguments.unused_for().map(Span::from_ms)
    }

    /// Somebody uses it, or stops to.
    pub fn used(&mut self, now: Instant) {
        let counts = self.arguments.unused_for().is_some() && self.consumers.is_empty();
        self.unused_since = counts.then_some(now);
    }

    /// What a restart of the broker leaves of its messages.
    pub fn restart(&mut self) {
        let held = std::mem::take(&mut self.held).into_values();
        for mut one in held {
            one.entry.redelivered = true;
            self.put(one.place, one.entry);
        }
        if self.queue_type() == QueueType::Classic {
            self.ready.retain(|_, entry| {
                entry.message.properties.delivery_mode == DeliveryMode::Persistent
            });
        }
        let bytes = self.ready.values().map(|entry| entry.message.bytes());
        self.ready_bytes = bytes.fold(0, u64::saturating_add);
        self.consumers = Consumers::default();
        self.publishers.clear();
    }
}

impl Visit for Queue {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        let positions = positions(&self.name);
        visitor.counter(positions, &mut self.position);
        // Put in one by one: what collects a map sorts it first, with code of its own for each type.
        let ready = std::mem::take(&mut self.ready).into_iter();
        self.ready.extend(ready.map(|(mut place, mut entry)| {
            visitor.counter(positions, &mut place.position);
            entry.expires.visit(visitor);
            (place, entry)
        }));
        let held = std::mem::take(&mut self.held).into_values();
        self.held.extend(held.map(|mut one| {
            visitor.counter(positions, &mut one.place.position);
            one.entry.expires.visit(visitor);
            one.owner.visit(visitor);
            (one.place.position, one)
        }));
        self.consumers.visit(visitor);
        let unused_for = self.unused_for();
        if let (Some(since), Some(window)) = (&mut self.unused_since, unused_for) {
            visitor.since(since, window);
        }
        self.exclusive.visit(visitor);
        let publishers = std::mem::take(&mut self.publishers).into_iter();
        self.publishers
            .extend(publishers.map(|(mut owner, blocked)| {
                owner.visit(visitor);
                (owner, blocked)
            }));
    }
}

/// All queues of the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Queues {
    /// By their names.
    pub by_name: BTreeMap<Arc<str>, Queue>,
    /// How many names the broker has made up.
    pub named: u64,
}

impl Visit for Queues {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for queue in self.by_name.values_mut() {
            queue.visit(visitor);
        }
    }
}
