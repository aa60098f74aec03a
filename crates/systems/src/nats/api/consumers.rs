//! Making, looking at and removing consumers.
//!
//! # Rules
//! N21. A work queue has one consumer without a filter, or several whose filters take no subject in
//! common (10099, 10100); they acknowledge explicitly (10098) and begin with all messages (10101).
//! Source: `jetstream_test.go`, "TestJetStreamConsumerWorkQueuePolicyOverlap". Shown by:
//! nats-js-workqueue.
//!
//! N22. An ephemeral consumer that nobody uses for its inactive threshold (5 s unless set) is deleted:
//! a pull consumer without requests, a push consumer without listeners. Source: NATS docs,
//! "Consumers", InactiveThreshold. Shown by: the test `an_unused_ephemeral_consumer_is_deleted`.

use crate::nats::api::Answer;
use crate::nats::consumer::{AckPolicy, Consumer, ConsumerConfig, Deliver};
use crate::nats::error::ApiError;
use crate::nats::info::ConsumerInfo;
use crate::nats::stream::{Retention, Stream};
use crate::nats::subject;
use crate::nats::work::Work;
use std::sync::Arc;

impl Work<'_> {
    pub(super) fn consumer_info(
        &mut self,
        stream: &Arc<str>,
        name: &Arc<str>,
    ) -> Result<Answer, ApiError> {
        let found = self.stream(stream)?.consumers.get(name);
        let one = found.ok_or(ApiError::ConsumerNotFound)?.clone();
        let bound = |subject: &Arc<str>| {
            self.core
                .interest()
                .has(subject, one.config.deliver_group.as_ref())
        };
        Ok(Answer::Consumer(Box::new(ConsumerInfo {
            stream: stream.clone(),
            push_bound: one.config.deliver_subject.as_ref().is_some_and(bound),
            created: one.created,
            delivered: one.delivered(),
            ack_floor: one.ack_floor(),
            ack_pending: one.ack_pending(),
            redelivered: one.redelivered(),
            waiting: one.waiting.len() as u64,
            pending: one.unseen(),
            config: one.config,
        })))
    }

    pub(super) fn create_consumer(
        &mut self,
        name: &Arc<str>,
        config: ConsumerConfig,
    ) -> Result<Answer, ApiError> {
        let (now, release) = (self.now, self.settings.release);
        let stream = self.streams.get_mut(name).ok_or(ApiError::StreamNotFound)?;
        let config = config.checked(&stream.config, release)?;
        let consumer = config.name.clone();
        if let Some(known) = stream.consumers.get_mut(&consumer) {
            if let Some(why) = known.config.cannot_become(&config) {
                return Err(ApiError::ConsumerCreate(why.into()));
            }
            if known.config.deliver_subject != config.deliver_subject
                && let Some(subject) = &known.config.deliver_subject
                && self.core.interest().has(subject, None)
            {
                return Err(ApiError::ConsumerNameExist);
            }
            known.config = config;
            known.count_unseen(&stream.log);
        } else {
            if stream
                .config
                .max_consumers
                .is_some_and(|max| stream.consumers.len() as u64 >= max)
            {
                return Err(ApiError::MaximumConsumers);
            }
            if stream.config.retention == Retention::WorkQueue {
                check_work_queue(stream, &config)?;
            }
            let made = Consumer::new(now, config, &stream.log);
            stream.consumers.insert(consumer.clone(), made);
        }
        self.signals.add(name, &consumer);
        self.consumer_info(name, &consumer)
    }

    /// Deletes a consumer; what an interest stream kept only for it goes.
    pub(in crate::nats) fn delete_consumer(
        &mut self,
        name: &Arc<str>,
        consumer: &Arc<str>,
    ) -> Result<(), ApiError> {
        if !self.stream(name)?.consumers.contains_key(consumer) {
            return Err(ApiError::ConsumerNotFound);
        }
        self.end_pulls(name, consumer);
        let stream = self.stream(name)?;
        let gone = stream.consumers.remove(consumer);
        if stream.config.retention == Retention::Interest {
            let from = gone
                .map_or(0, |one| one.ack_floor().stream)
                .saturating_add(1);
            let seqs: Vec<u64> = stream.log.from(from).map(|stored| stored.seq).collect();
            let unwanted = seqs.into_iter().filter(|seq| !stream.is_wanted(*seq, None));
            let unwanted: Vec<u64> = unwanted.collect();
            for seq in unwanted {
                self.remove(name, seq, "acked");
            }
        }
        Ok(())
    }

    pub(super) fn end_pulls(&mut self, name: &Arc<str>, consumer: &Arc<str>) {
        let found = self
            .streams
            .get_mut(name)
            .and_then(|one| one.consumers.get_mut(consumer));
        let waiting = found
            .map(|one| std::mem::take(&mut one.waiting))
            .unwrap_or_default();
        for one in waiting {
            self.status(consumer, &one.inbox, 409, "Consumer Deleted");
        }
    }
}

fn check_work_queue(stream: &Stream, config: &ConsumerConfig) -> Result<(), ApiError> {
    if config.ack != AckPolicy::Explicit {
        return Err(ApiError::WqRequiresExplicitAck);
    }
    if !stream.consumers.is_empty() {
        if config.filters.is_empty() {
            return Err(ApiError::WqMultipleUnfiltered);
        }
        let clash = |other: &Consumer| {
            let theirs = &other.config.filters;
            let collides = |one: &Arc<str>| theirs.iter().any(|two| subject::collide(one, two));
            theirs.is_empty() || config.filters.iter().any(collides)
        };
        if stream.consumers.values().any(clash) {
            return Err(ApiError::WqConsumerNotUnique);
        }
    }
    match config.deliver {
        Deliver::All => Ok(()),
        _ => Err(ApiError::WqConsumerNotDeliverAll),
    }
}
