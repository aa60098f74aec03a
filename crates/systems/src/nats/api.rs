//! The JetStream API: making, looking at and removing streams and consumers.
//!
//! # Rules
//! N20. Making a stream again with the same configuration does nothing; with another it is refused
//! with 10058. Making a consumer again changes what can be changed. Source: NATS docs, "JetStream
//! wire API Reference". Shown by: nats-js-overlap-and-missing, the test
//! `a_consumer_made_again_keeps_its_policies`.
//!
//! N21. A work queue has one consumer without a filter, or several whose filters take no subject in
//! common (10099, 10100); they acknowledge explicitly (10098) and begin with all messages (10101).
//! Source: `jetstream_test.go`, "TestJetStreamConsumerWorkQueuePolicyOverlap". Shown by:
//! nats-js-workqueue.
//!
//! N22. A purge removes all messages, those of a subject, those below a sequence, or all but the last
//! ones; sequences go on. Source: NATS docs, "JetStream wire API Reference", purge. Shown by:
//! nats-js-purge.
//!
//! N23. A mirror keeps the sequences of the stream it copies; a stream with sources gives its own and
//! notes the origin in the header `Nats-Stream-Source`. Nobody publishes to a mirror. Source: NATS
//! docs, "Source and Mirror Streams". Shown by: the test `mirrors_keep_sequences_and_sources_do_not`.
//!
//! N24. An ephemeral consumer that nobody uses for its inactive threshold (5 s unless set) is deleted:
//! a pull consumer without requests, a push consumer without listeners. Source: NATS docs,
//! "Consumers", InactiveThreshold. Shown by: the test `an_unused_ephemeral_consumer_is_deleted`.
//!
//! Simplified: a mirror or source copies at once, while the real one takes some milliseconds. It is
//! refused when it forms a cycle. What is deleted at the origin stays in the copy.

use super::Fact;
use super::consumer::{Consumer, ConsumerConfig};
use super::error::ApiError;
use super::info::{ConsumerInfo, StreamInfo};
use super::log::Stored;
use super::stream::{Retention, Stream, StreamConfig};
use super::subject;
use super::work::Work;
use crate::visit::{Visit, Visitor};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which message is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Get {
    /// The one with this sequence.
    Sequence(u64),
    /// The last one on this subject.
    LastBySubject(Arc<str>),
}

/// What is asked of the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Call {
    /// Make a stream.
    CreateStream(Box<StreamConfig>),
    /// Change a stream.
    UpdateStream(Box<StreamConfig>),
    /// Delete a stream with its consumers.
    DeleteStream { stream: Arc<str> },
    /// Look at a stream.
    StreamInfo { stream: Arc<str> },
    /// Remove messages of a stream: on a subject, below a sequence, all but the last `keep`.
    PurgeStream {
        stream: Arc<str>,
        filter: Option<Arc<str>>,
        seq: u64,
        keep: u64,
    },
    /// Remove one message.
    DeleteMessage { stream: Arc<str>, seq: u64 },
    /// Look at one message.
    GetMessage { stream: Arc<str>, get: Get },
    /// Make a consumer.
    CreateConsumer {
        stream: Arc<str>,
        config: Box<ConsumerConfig>,
    },
    /// Delete a consumer.
    DeleteConsumer {
        stream: Arc<str>,
        consumer: Arc<str>,
    },
    /// Look at a consumer.
    ConsumerInfo {
        stream: Arc<str>,
        consumer: Arc<str>,
    },
}

/// What the API answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// A stream as it is now.
    Stream(Box<StreamInfo>),
    /// A consumer as it is now.
    Consumer(Box<ConsumerInfo>),
    /// How many messages were removed.
    Purged(u64),
    /// A message.
    Message(Box<Stored>),
    /// It is deleted.
    Deleted,
}

impl Visit for Call {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let Call::CreateConsumer { config, .. } = self
            && let super::Deliver::ByStartTime(at) = &mut config.deliver
        {
            at.visit(visitor);
        }
    }
}

impl Visit for Answer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Answer::Stream(info) => {
                info.created.visit(visitor);
                info.first_at.visit(visitor);
                info.last_at.visit(visitor);
            }
            Answer::Consumer(info) => info.created.visit(visitor),
            Answer::Message(stored) => stored.visit(visitor),
            Answer::Purged(_) | Answer::Deleted => {}
        }
    }
}

impl Work<'_> {
    /// Answers a question to the API.
    pub(super) fn call(&mut self, call: Call) -> Result<Answer, ApiError> {
        match call {
            Call::CreateStream(config) => self.create_stream(*config),
            Call::UpdateStream(config) => self.update_stream(*config),
            Call::DeleteStream { stream } => self.delete_stream(&stream),
            Call::StreamInfo { stream } => self.stream_info(&stream),
            Call::PurgeStream {
                stream,
                filter,
                seq,
                keep,
            } => self.purge(&stream, filter.as_deref(), seq, keep),
            Call::DeleteMessage { stream, seq } => self.delete_message(&stream, seq),
            Call::GetMessage { stream, get } => {
                let log = &self.stream(&stream)?.log;
                let found = match &get {
                    Get::Sequence(seq) => log.get(*seq),
                    Get::LastBySubject(subject) => log.last_on(subject),
                };
                let stored = found.ok_or(ApiError::NoMessageFound)?;
                Ok(Answer::Message(Box::new(stored.clone())))
            }
            Call::CreateConsumer { stream, config } => self.create_consumer(&stream, *config),
            Call::DeleteConsumer { stream, consumer } => {
                self.delete_consumer(&stream, &consumer)?;
                Ok(Answer::Deleted)
            }
            Call::ConsumerInfo { stream, consumer } => self.consumer_info(&stream, &consumer),
        }
    }

    fn stream(&mut self, name: &str) -> Result<&mut Stream, ApiError> {
        self.streams.get_mut(name).ok_or(ApiError::StreamNotFound)
    }

    fn stream_info(&mut self, name: &str) -> Result<Answer, ApiError> {
        Ok(Answer::Stream(Box::new(self.stream(name)?.info())))
    }

    fn consumer_info(&mut self, stream: &str, name: &str) -> Result<Answer, ApiError> {
        let found = self.stream(stream)?.consumers.get(name);
        let one = found.ok_or(ApiError::ConsumerNotFound)?.clone();
        let bound = |subject: &Arc<str>| {
            self.core
                .has_interest(subject, one.config.deliver_group.as_ref())
        };
        Ok(Answer::Consumer(Box::new(ConsumerInfo {
            stream: stream.into(),
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

    fn check_overlap(&self, config: &StreamConfig) -> Result<(), ApiError> {
        let others = self
            .streams
            .values()
            .filter(|one| one.config.name != config.name);
        let mut theirs = others.flat_map(|one| &one.config.subjects);
        let overlaps = |other: &Arc<str>| {
            config
                .subjects
                .iter()
                .any(|one| subject::collide(one, other))
        };
        match theirs.any(overlaps) {
            true => Err(ApiError::SubjectOverlap),
            false => Ok(()),
        }
    }

    fn create_stream(&mut self, config: StreamConfig) -> Result<Answer, ApiError> {
        let config = config.checked()?;
        let name = config.name.clone();
        if let Some(known) = self.streams.get(&name) {
            return match known.config == config {
                true => self.stream_info(&name),
                false => Err(ApiError::StreamNameExist),
            };
        }
        self.check_overlap(&config)?;
        self.check_cycle(&config)?;
        let origins: Vec<Arc<str>> = config.origins().map(|one| one.name.clone()).collect();
        self.streams
            .insert(name.clone(), Stream::new(self.now, config));
        for origin in origins {
            self.copy(&origin, &name);
        }
        self.copy_on(&name);
        self.stream_info(&name)
    }

    /// Refuses a stream that would, over others, copy from itself.
    fn check_cycle(&self, config: &StreamConfig) -> Result<(), ApiError> {
        let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut next: Vec<Arc<str>> = config.origins().map(|one| one.name.clone()).collect();
        while let Some(name) = next.pop() {
            if name == config.name {
                return Err(ApiError::InvalidConfig(
                    "stream configuration cycle detected".into(),
                ));
            }
            if seen.insert(name.clone())
                && let Some(stream) = self.streams.get(&name)
            {
                next.extend(stream.config.origins().map(|one| one.name.clone()));
            }
        }
        Ok(())
    }

    fn update_stream(&mut self, config: StreamConfig) -> Result<Answer, ApiError> {
        let config = config.checked()?;
        let old = self.stream(&config.name)?.config.clone();
        let invalid = |why: &str| Err(ApiError::InvalidConfig(why.into()));
        if old.sealed && !config.sealed {
            return invalid("stream configuration update can not unseal a sealed stream");
        }
        if old.retention != config.retention {
            return invalid(
                "stream configuration update can not change retention policy to/from workqueue",
            );
        }
        if old.mirror != config.mirror {
            return invalid("stream mirror configuration can not be updated");
        }
        if old.deny_delete && !config.deny_delete {
            return invalid("stream configuration update can not cancel deny message deletes");
        }
        if old.deny_purge && !config.deny_purge {
            return invalid("stream configuration update can not cancel deny purge");
        }
        self.check_overlap(&config)?;
        self.check_cycle(&config)?;
        let name = config.name.clone();
        self.stream(&name)?.config = config;
        self.enforce_limits(&name, None);
        self.stream_info(&name)
    }

    fn delete_stream(&mut self, name: &str) -> Result<Answer, ApiError> {
        let consumers: Vec<Arc<str>> = self.stream(name)?.consumers.keys().cloned().collect();
        for consumer in consumers {
            self.end_pulls(name, &consumer);
        }
        self.streams.remove(name);
        Ok(Answer::Deleted)
    }

    fn delete_message(&mut self, name: &str, seq: u64) -> Result<Answer, ApiError> {
        let stream = self.stream(name)?;
        if stream.config.sealed {
            return Err(ApiError::Sealed);
        }
        if stream.config.deny_delete {
            return Err(ApiError::MsgDeleteFailed(
                "message delete not permitted".into(),
            ));
        }
        if stream.log.get(seq).is_none() {
            return Err(ApiError::SequenceNotFound(seq));
        }
        self.remove(name, seq, "deleted");
        Ok(Answer::Deleted)
    }

    /// Removes messages: on a subject, below a sequence, or all but the last ones.
    pub(super) fn purge(
        &mut self,
        name: &str,
        filter: Option<&str>,
        seq: u64,
        keep: u64,
    ) -> Result<Answer, ApiError> {
        let stream = self.stream(name)?;
        if stream.config.sealed {
            return Err(ApiError::Sealed);
        }
        if stream.config.deny_purge {
            return Err(ApiError::PurgeFailed("stream purge not permitted".into()));
        }
        if seq > 0 && keep > 0 {
            return Err(ApiError::BadRequest);
        }
        let gone = match filter.filter(|filter| *filter != ">") {
            Some(filter) => {
                let on = |one: &&Stored| subject::matches(filter, &one.message.subject);
                let all: Vec<u64> = stream.log.from(0).filter(on).map(|one| one.seq).collect();
                let kept = all
                    .len()
                    .saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
                let mut gone: Vec<u64> = all;
                gone.truncate(kept);
                gone.retain(|one| seq <= 1 || *one < seq);
                for one in &gone {
                    self.remove(name, *one, "purged");
                }
                gone.len() as u64
            }
            None => {
                let log = &mut stream.log;
                let below = match (seq, keep) {
                    (0, 0) => log.last().saturating_add(1),
                    (seq, 0) => seq,
                    (_, keep) if keep >= log.len() => 0,
                    (_, keep) => (log.last().saturating_add(1)).saturating_sub(keep),
                };
                let gone = match below {
                    0 | 1 => Vec::new(),
                    below => log.compact(below),
                };
                for stored in &gone {
                    self.out.tell(Fact::Removed {
                        record: stored.message.record,
                        stream: name.into(),
                        seq: stored.seq,
                        why: "purged".into(),
                    });
                }
                gone.len() as u64
            }
        };
        let now_first = self.stream(name)?.log.first();
        if let Some(stream) = self.streams.get_mut(name) {
            let first = match filter {
                None => now_first,
                Some(filter) => {
                    let left = stream
                        .log
                        .subjects(filter)
                        .filter_map(|(_, seqs)| seqs.first());
                    left.min()
                        .copied()
                        .unwrap_or(stream.log.last().saturating_add(1))
                }
            };
            for (consumer, one) in &mut stream.consumers {
                let within = |purged: &str| {
                    let filters = &one.config.filters;
                    !filters.is_empty() && filters.iter().all(|one| subject::is_subset(one, purged))
                };
                if filter.is_none_or(within) {
                    one.purged(first, &stream.log);
                } else {
                    one.count_unseen(&stream.log);
                }
                self.signals.insert((name.into(), consumer.clone()));
            }
        }
        Ok(Answer::Purged(gone))
    }

    fn create_consumer(&mut self, name: &str, config: ConsumerConfig) -> Result<Answer, ApiError> {
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
                && self.core.has_interest(subject, None)
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
        self.signals.insert((name.into(), consumer.clone()));
        self.consumer_info(name, &consumer)
    }

    /// Deletes a consumer; what an interest stream kept only for it goes.
    pub(super) fn delete_consumer(&mut self, name: &str, consumer: &str) -> Result<(), ApiError> {
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

    fn end_pulls(&mut self, name: &str, consumer: &str) {
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
    if config.ack != super::AckPolicy::Explicit {
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
        super::Deliver::All => Ok(()),
        _ => Err(ApiError::WqConsumerNotDeliverAll),
    }
}
