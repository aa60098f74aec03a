//! Enhanced fan-out: consumers that have records pushed to them.
//!
//! # Rules
//! K27. A registered consumer is CREATING, then ACTIVE; a stream has at most 20, and a name once.
//! Source: API reference, RegisterStreamConsumer. Shown by: the test `a_consumer_is_registered_before_it_subscribes`.
//!
//! K28. SubscribeToShard pushes a shard's records for five minutes; then the consumer subscribes
//! again after the last continuation sequence number. Source: API reference, SubscribeToShard. Shown
//! by: the test `a_subscription_lasts_five_minutes`.
//!
//! K29. A consumer has one subscription to a shard. A second call within five seconds of the first
//! is refused as ResourceInUseException; after that it takes over, and the first one ends. Source:
//! API reference, SubscribeToShard. Shown by: the test `a_second_subscription_takes_over_after_five_seconds`.
//!
//! K30. Each consumer gets its own 2 MiB a second of each shard, and costs the readers by GetRecords
//! nothing. Source: developer guide, "Enhanced fan-out consumers". Shown by:
//! the test `a_consumer_has_throughput_of_its_own`.
//!
//! K31. At the end of a closed shard the last event names the child shards, and the subscription is
//! over. Source: API reference, SubscribeToShardEvent. Shown by: the test `a_subscription_ends_with_its_shard`.
//!
//! Left out: the empty events with which the service shows that a subscription still lives.

use super::error::Error;
use super::fact::Fact;
use super::reply::{ConsumerDescription, Reply};
use super::request::Starting;
use super::sequence::SequenceNumber;
use super::shard::{Record, ShardId};
use super::stream::Status;
use super::{Kinesis, Out};
use crate::party::Caller;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::iterator::counter;
use super::meter::Meter;

const LASTS: Span = Span::from_ms(300_000);
const NOT_AGAIN_FOR: Span = Span::from_ms(5_000);

/// A consumer of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consumer {
    /// When it was registered.
    pub created: Instant,
    /// From when on it is ACTIVE; nothing, when it is.
    pub(super) active_at: Option<Instant>,
}

impl Consumer {
    fn describe(&self, name: &Arc<str>) -> ConsumerDescription {
        ConsumerDescription {
            consumer: Arc::clone(name),
            status: match self.active_at {
                Some(_) => Status::Creating,
                None => Status::Active,
            },
            created: self.created,
        }
    }
}

impl Visit for Consumer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.created.visit(visitor);
        self.active_at.visit(visitor);
    }
}

/// Which subscription: of which stream, by which consumer, to which shard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionId {
    /// The stream.
    pub stream: Arc<str>,
    /// The consumer.
    pub consumer: Arc<str>,
    /// The shard.
    pub shard: ShardId,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subscription {
    caller: Caller,
    began: Instant,
    next: u64,
    meter: Meter,
}

/// All subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subscriptions(pub(super) BTreeMap<SubscriptionId, Subscription>);

impl Visit for Subscriptions {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (id, subscription) in &mut self.0 {
            subscription.began.visit(visitor);
            visitor.counter(counter(id.shard), &mut subscription.next);
            subscription.meter.visit(visitor);
            subscription.caller.visit(visitor);
        }
    }
}

impl Kinesis {
    pub(super) fn register(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        consumer: Arc<str>,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        super::control::check_name(&consumer, "consumerName")?;
        let stream = self.stream(name)?;
        let named = self.named(name);
        if stream.status() == Status::Creating {
            return Err(named.not_active(stream.status().name()));
        }
        if stream.consumers.contains_key(&consumer) {
            let words = format!("Consumer {consumer} already exists on {named}.");
            return Err(Error::ResourceInUse(words.into()));
        }
        let limit = self.settings.consumer_limit;
        if stream.consumers.len() >= limit as usize {
            let words = format!("Consumer limit of {limit} exceeded for {named}.");
            return Err(Error::LimitExceeded(words.into()));
        }
        let active_at = Some(now + Span::from_ms(self.settings.register_ms));
        let made = Consumer {
            created: now,
            active_at,
        };
        let described = made.describe(&consumer);
        if let Some(stream) = self.streams.0.get_mut(name) {
            stream.consumers.insert(Arc::clone(&consumer), made);
        }
        out.tell(Fact::ConsumerRegistered {
            stream: Arc::clone(name),
            consumer,
        });
        Ok(Reply::Consumer(described))
    }

    pub(super) fn deregister(
        &mut self,
        name: &Arc<str>,
        consumer: &Arc<str>,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        if !self.stream(name)?.consumers.contains_key(consumer) {
            return Err(self.named(name).no_consumer(consumer));
        }
        if let Some(stream) = self.streams.0.get_mut(name) {
            stream.consumers.remove(consumer);
        }
        self.end_subscriptions(name, Some(consumer), out);
        out.tell(Fact::ConsumerDeregistered {
            stream: Arc::clone(name),
            consumer: Arc::clone(consumer),
        });
        Ok(Reply::Done)
    }

    pub(super) fn describe_consumer(
        &self,
        name: &str,
        consumer: &Arc<str>,
    ) -> Result<Reply, Error> {
        let found = self.stream(name)?.consumers.get(consumer);
        let found = found.ok_or_else(|| self.named(name).no_consumer(consumer))?;
        Ok(Reply::Consumer(found.describe(consumer)))
    }

    pub(super) fn list_consumers(&self, name: &str) -> Result<Reply, Error> {
        let consumers = self.stream(name)?.consumers.iter();
        let described = consumers.map(|(name, consumer)| consumer.describe(name));
        Ok(Reply::Consumers(described.collect()))
    }

    pub(super) fn activate(&mut self, now: Instant, name: &str, consumer: &str) {
        let stream = self.streams.0.get_mut(name);
        let found = stream.and_then(|stream| stream.consumers.get_mut(consumer));
        if let Some(found) = found.filter(|one| one.active_at.is_some_and(|at| at <= now)) {
            found.active_at = None;
        }
    }

    pub(super) fn subscribe(
        &mut self,
        now: Instant,
        caller: Caller,
        id: SubscriptionId,
        starting: &Starting,
        out: &mut Out,
    ) -> Result<Reply, Error> {
        let (stream, consumer) = (&id.stream, &id.consumer);
        let named = self.named(stream);
        let registered = self.stream(stream)?.consumers.get(consumer);
        let registered = registered.ok_or_else(|| named.no_consumer(consumer))?;
        if registered.active_at.is_some() {
            let words = format!("Consumer {consumer} under {named} is not in ACTIVE status.");
            return Err(Error::ResourceInUse(words.into()));
        }
        let next = self.start(now, stream, id.shard, starting)?;
        if let Some(other) = self.subscriptions.0.get(&id) {
            if now.since(other.began) < NOT_AGAIN_FOR {
                let words = format!(
                    "Another active subscription exists for this consumer: {}:{stream}:{}:{consumer}",
                    self.settings.account, id.shard
                );
                return Err(Error::ResourceInUse(words.into()));
            }
            self.end_subscription(&id, out);
        }
        let subscription = Subscription {
            caller,
            began: now,
            next,
            meter: Meter::default(),
        };
        out.tell(Fact::Subscribed {
            stream: Arc::clone(stream),
            shard: id.shard.0,
            consumer: Arc::clone(consumer),
        });
        self.subscriptions.0.insert(id, subscription);
        Ok(Reply::Subscribed)
    }

    /// When a subscription has something to push.
    fn push_at(&self, id: &SubscriptionId, subscription: &Subscription) -> Option<Instant> {
        let shard = self.streams.get(&id.stream)?.shard(id.shard)?;
        let delay = Span::from_ms(self.settings.propagation_ms);
        let news = match shard.record(subscription.next.max(shard.first())) {
            Some(record) => record.arrived + delay,
            None => shard.closed? + delay,
        };
        let rate = self.settings.read_bytes;
        let meter = &subscription.meter;
        let is_over = meter.used(news.max(subscription.began), rate) >= rate;
        let free = is_over.then(|| meter.free_at(rate));
        Some(news.max(subscription.began).max(free.unwrap_or_default()))
    }

    /// When each subscription pushes, and when it ends.
    pub(super) fn subscription_dues(&self, each: &mut dyn FnMut(Instant, super::Due)) {
        for (id, subscription) in &self.subscriptions.0 {
            if let Some(at) = self.push_at(id, subscription) {
                each(at, super::Due::Push(id.clone()));
            }
            each(
                subscription.began + LASTS,
                super::Due::EndSubscription(id.clone()),
            );
        }
    }

    pub(super) fn push(&mut self, now: Instant, id: &SubscriptionId, out: &mut Out) {
        let Some(subscription) = self.subscriptions.0.get(id) else {
            return;
        };
        if self.push_at(id, subscription).is_none_or(|at| at > now) {
            return;
        }
        let (rate, next, caller) = (
            self.settings.read_bytes,
            subscription.next,
            subscription.caller,
        );
        let left = rate.saturating_sub(subscription.meter.used(now, rate));
        let (batch, next) = self.batch(now, &id.stream, id.shard, next, 10_000, left);
        let bytes = batch.records.iter().map(Record::bytes).sum();
        if let Some(subscription) = self.subscriptions.0.get_mut(id) {
            subscription.next = next;
            subscription.meter.take(now, bytes, rate);
        }
        let is_end = self.is_finished(&id.stream, id.shard, next);
        let created = self.shard_created(id).unwrap_or_default();
        let last = batch.records.last().map(|record| record.sequence);
        let continuation = last.unwrap_or_else(|| {
            SequenceNumber::new(created, id.shard.0, next.saturating_sub(1), now)
        });
        let records: Vec<RecordId> = batch.records.iter().filter_map(|one| one.record).collect();
        if !batch.records.is_empty() {
            out.tell(Fact::Pushed {
                records,
                stream: Arc::clone(&id.stream),
                shard: id.shard.0,
                consumer: Arc::clone(&id.consumer),
            });
        }
        if is_end {
            self.tell_end(&id.stream, id.shard, &batch, out);
        }
        let event = Reply::Event {
            consumer: Arc::clone(&id.consumer),
            shard: id.shard,
            batch,
            continuation: (!is_end).then_some(continuation),
        };
        out.reply(caller, event);
        if is_end {
            self.end_subscription(id, out);
        }
    }

    fn shard_created(&self, id: &SubscriptionId) -> Option<Instant> {
        let shard = self.streams.get(&id.stream)?.shard(id.shard)?;
        Some(shard.created)
    }

    pub(super) fn end_after_its_time(&mut self, now: Instant, id: &SubscriptionId, out: &mut Out) {
        let found = self.subscriptions.0.get(id);
        if found.is_some_and(|one| one.began + LASTS <= now) {
            self.end_subscription(id, out);
        }
    }

    fn end_subscription(&mut self, id: &SubscriptionId, out: &mut Out) {
        let Some(subscription) = self.subscriptions.0.remove(id) else {
            return;
        };
        let ended = Reply::SubscriptionEnded {
            consumer: Arc::clone(&id.consumer),
            shard: id.shard,
        };
        out.reply(subscription.caller, ended);
        out.tell(Fact::SubscriptionOver {
            stream: Arc::clone(&id.stream),
            shard: id.shard.0,
            consumer: Arc::clone(&id.consumer),
        });
    }

    /// Ends all subscriptions to a stream, or those of one consumer.
    pub(super) fn end_subscriptions(
        &mut self,
        stream: &str,
        consumer: Option<&Arc<str>>,
        out: &mut Out,
    ) {
        let ids = self.subscriptions.0.keys();
        let is_meant = |id: &&SubscriptionId| {
            &*id.stream == stream && consumer.is_none_or(|consumer| id.consumer == *consumer)
        };
        let ids: Vec<SubscriptionId> = ids.filter(is_meant).cloned().collect();
        for id in ids {
            self.end_subscription(&id, out);
        }
    }

    /// A connection is gone, and what was pushed to it.
    pub(super) fn forget(&mut self, gone: Caller) {
        if self.subscriptions.0.values().any(|one| one.caller == gone) {
            self.subscriptions.0.retain(|_, one| one.caller != gone);
        }
    }
}
