//! Consumers: a stream's readers, whose position and unacknowledged messages the server keeps.
//!
//! # Rules
//! N14. A consumer begins with all messages, the new ones, the last one, the last one of each subject,
//! a sequence or a time; it delivers what its filters take, in stream order. Source: NATS docs,
//! "Consumers", DeliverPolicy. Shown by: nats-js-deliver-policies, nats-js-filter.
//!
//! N15. A delivered message that is not acknowledged within `ack_wait` (30 s unless set) is delivered
//! again, before new messages. With a back-off list the time before the n-th redelivery is the n-th
//! entry, and its last one from then on; `ack_wait` becomes its first. Source:
//! `jetstream_consumer_test.go`, "TestJetStreamConsumerBackOff". Shown by: nats-js-ack-wait,
//! nats_jetstream_redelivery.
//!
//! N16. `max_deliver` counts all deliveries. When they are used up the message is no longer pending,
//! an advisory says so, and it stays in the stream. nats-server 2.9 finds out when the message would
//! be delivered again, so a pull consumer needs a waiting request; later releases when its time is
//! over. Source: `jetstream_consumer_test.go`, "TestJetStreamConsumerMaxDeliveries". Shown by:
//! nats-js-max-deliver, the test `the_advisory_of_max_deliver_needs_a_pull_only_in_2_9`.
//!
//! N17. While `max_ack_pending` messages (1000 unless set) are delivered and not acknowledged, nothing
//! new is delivered; redeliveries are. A message that was given back with a delay still counts.
//! Source: NATS docs, "Consumers", MaxAckPending. Shown by: nats-js-max-ack-pending, the test
//! `delayed_naks_use_up_max_ack_pending`.
//!
//! N18. The ack floor is the highest delivery up to which everything is acknowledged. Under
//! `ack: all` an acknowledgement counts for all before it; under `ack: none` a delivered message is
//! done. Source: NATS docs, "Consumers", AckPolicy. Shown by: nats-js-ack-floor, nats-js-ack-all,
//! nats-js-ack-none.
//!
//! N19. A back-off list longer than `max_deliver` is refused with 10116; nats-server 2.9 refuses one
//! of equal length, too. Source: `jetstream_consumer_test.go`, "TestJetStreamConsumerBackOff". Shown
//! by: nats_jetstream_redelivery.
//!
//! Left out: heartbeats and flow control, rate limits, sampling, priority groups, pausing. An ordered
//! consumer is one without acknowledgements that its client makes again after a gap.

mod acks;
mod config;
mod delivering;

pub use config::{AckPolicy, ConsumerConfig, Deliver, Replay};

use super::log::Log;
use super::subject;
use crate::lease::Leases;
use crate::numbered::Numbered;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A delivered message without acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    /// The number of its first delivery.
    consumer_seq: u64,
    /// When it will be delivered again.
    due: Instant,
    /// Which client got the last delivery, where that is known.
    holder: Option<u8>,
}

/// A request of a pull consumer that is not filled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    pub(super) inbox: Arc<str>,
    /// How many messages it still wants.
    pub(super) left: u64,
    /// How many it has got.
    pub(super) given: u64,
    pub(super) no_wait: bool,
    pub(super) expires: Option<Instant>,
    pub(super) bytes: Option<u64>,
}

/// What a consumer would deliver next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A message that was delivered before.
    Again(u64),
    /// A message for the first time.
    New(u64),
    /// A message that has been delivered as often as it may be.
    UsedUp(u64),
    /// Too many messages are unacknowledged.
    Full,
    /// The next message's time has not come.
    NotYet,
    /// Nothing.
    Nothing,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consumer {
    pub(super) config: ConsumerConfig,
    pub(super) created: Instant,
    /// The next sequence of the stream to look at.
    stream_seq: u64,
    /// The number of the next delivery.
    consumer_seq: u64,
    floor: Sequences,
    /// The last message of each subject, while those are delivered; then on from the end they are of.
    lasts: VecDeque<u64>,
    lasts_end: u64,
    /// How many messages wait for their first delivery.
    unseen: u64,
    pending: Numbered<Pending>,
    /// The ack waits of the pending messages that do not wait for their next delivery.
    leases: Leases,
    /// How often messages have been delivered again.
    redelivered: BTreeMap<u64, u64>,
    again: VecDeque<u64>,
    pub(super) waiting: VecDeque<Waiting>,
    /// When it was last used: a request of a pull consumer, interest for a push consumer.
    pub(super) used: Instant,
    /// Whether somebody listened to a push consumer when that was last looked at.
    pub(super) bound: bool,
    /// The original replay: when the last message was delivered, and when it was stored.
    replayed: Option<(Instant, Instant)>,
}

/// A sequence of the consumer's deliveries and one of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequences {
    /// Of the deliveries.
    pub consumer: u64,
    /// Of the stream.
    pub stream: u64,
}

impl Consumer {
    pub(super) fn new(now: Instant, config: ConsumerConfig, log: &Log) -> Consumer {
        let mut consumer = Consumer {
            config,
            created: now,
            stream_seq: 1,
            consumer_seq: 1,
            floor: Sequences::default(),
            lasts: VecDeque::new(),
            lasts_end: log.last(),
            unseen: 0,
            pending: Numbered::default(),
            leases: Leases::default(),
            redelivered: BTreeMap::new(),
            again: VecDeque::new(),
            waiting: VecDeque::new(),
            used: now,
            bound: true,
            replayed: None,
        };
        let start = consumer.start(log);
        let next = log.last().saturating_add(1);
        consumer.stream_seq = start.clamp(log.first().min(next), next);
        consumer.floor.stream = consumer.stream_seq.saturating_sub(1);
        consumer.count_unseen(log);
        consumer
    }

    /// The sequence that its policy begins with.
    fn start(&mut self, log: &Log) -> u64 {
        let everything = [Arc::from(">")];
        let filters = match self.config.filters.is_empty() {
            true => &everything[..],
            false => &self.config.filters[..],
        };
        let next = log.last().saturating_add(1);
        match self.config.deliver {
            Deliver::All => log.first(),
            Deliver::New => next,
            Deliver::Last => {
                let lasts = filters.iter().filter_map(|one| log.last_on(one));
                lasts.map(|stored| stored.seq).max().unwrap_or(next)
            }
            Deliver::LastPerSubject => {
                let subjects = filters.iter().flat_map(|one| log.subjects(one));
                let mut lasts: Vec<u64> = subjects.filter_map(|(_, seqs)| seqs.last()).collect();
                lasts.sort_unstable();
                self.lasts = lasts.into();
                self.lasts.front().copied().unwrap_or(next)
            }
            Deliver::ByStartSequence(seq) => seq,
            Deliver::ByStartTime(at) => {
                let found = log.from(0).find(|stored| stored.at >= at);
                found.map_or(next, |stored| stored.seq)
            }
        }
    }

    /// Whether its filters take a subject.
    pub(super) fn wants(&self, subject: &str) -> bool {
        let filters = &self.config.filters;
        filters.is_empty() || filters.iter().any(|one| subject::matches(one, subject))
    }

    /// Counts anew how many messages wait for their first delivery.
    pub(super) fn count_unseen(&mut self, log: &Log) {
        let lasts = self
            .lasts
            .iter()
            .filter(|seq| log.get(**seq).is_some())
            .count() as u64;
        let from = match self.lasts.is_empty() {
            true => self.stream_seq,
            false => self.lasts_end.saturating_add(1),
        };
        let rest = match self.config.filters.is_empty() && from <= log.first() {
            true => log.len(),
            false => log
                .from(from)
                .filter(|one| self.wants(&one.message.subject))
                .count() as u64,
        };
        self.unseen = lasts + rest;
    }

    /// Whether it could deliver a message, had it one: a pull consumer needs a request that waits.
    pub(super) fn may_deliver(&self) -> bool {
        self.config.deliver_subject.is_some() || !self.waiting.is_empty()
    }

    /// Its configuration.
    pub const fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// What was delivered last.
    pub const fn delivered(&self) -> Sequences {
        Sequences {
            consumer: self.consumer_seq.saturating_sub(1),
            stream: self.stream_seq.saturating_sub(1),
        }
    }

    /// Up to where everything is acknowledged.
    pub const fn ack_floor(&self) -> Sequences {
        self.floor
    }

    /// How many messages wait for their first delivery.
    pub const fn unseen(&self) -> u64 {
        self.unseen
    }

    /// How many messages are delivered and not acknowledged.
    pub fn ack_pending(&self) -> u64 {
        self.pending.len() as u64
    }

    /// How many unacknowledged messages have been delivered more than once.
    pub fn redelivered(&self) -> u64 {
        self.redelivered.len() as u64
    }

    /// How many messages wait for their next delivery.
    pub(super) fn ready_again(&self) -> u64 {
        self.again.len() as u64
    }

    /// Takes note of a message that was stored.
    pub(super) fn stored(&mut self, subject: &str) {
        if self.wants(subject) {
            self.unseen += 1;
        }
    }

    /// How long the acknowledgement of a message may take.
    fn wait(&self, seq: u64) -> Span {
        let again = self.redelivered.get(&seq).copied().unwrap_or(0);
        let entry = usize::try_from(again).unwrap_or(usize::MAX);
        let entry = entry.min(self.config.backoff.len().saturating_sub(1));
        self.config
            .backoff
            .get(entry)
            .copied()
            .unwrap_or(self.config.ack_wait)
    }

    /// How often a message has been delivered.
    fn deliveries(&self, seq: u64) -> u64 {
        self.redelivered.get(&seq).copied().unwrap_or(0) + 1
    }

    fn used_up(&self, seq: u64) -> bool {
        u64::try_from(self.config.max_deliver).is_ok_and(|max| self.deliveries(seq) >= max)
    }

    /// Takes note that a message left the stream; whether that freed a place among the pending ones.
    pub(super) fn removed(&mut self, seq: u64, subject: &str) -> bool {
        let unseen = match self.lasts.is_empty() {
            true => seq >= self.stream_seq,
            false => seq > self.lasts_end || self.lasts.contains(&seq),
        };
        if unseen && self.wants(subject) {
            self.unseen = self.unseen.saturating_sub(1);
        }
        let first = self.pending.get(seq).map(|one| one.consumer_seq);
        first.is_some_and(|first| self.acked(seq, first).is_some())
    }

    /// Takes note that everything below a sequence was purged.
    pub(super) fn purged(&mut self, below: u64, log: &Log) {
        self.stream_seq = self.stream_seq.max(below);
        self.lasts.retain(|seq| *seq >= below);
        if self.floor.stream < below {
            self.floor.stream = below.saturating_sub(1);
            let gone = self
                .pending
                .iter()
                .take_while(|(seq, _)| *seq < below)
                .map(|(_, one)| one.consumer_seq)
                .max();
            self.floor.consumer = self.floor.consumer.max(gone.unwrap_or(0));
            self.pending.retain(|seq, _| seq >= below);
            self.redelivered = self.redelivered.split_off(&below);
        }
        self.again.retain(|seq| *seq >= below);
        self.count_leases();
        self.count_unseen(log);
    }
}

impl Visit for Consumer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.created.visit(visitor);
        self.used.visit(visitor);
        for pending in self.pending.values_mut() {
            pending.due.visit(visitor);
            if let Some(holder) = &mut pending.holder {
                visitor.client(holder);
            }
        }
        self.count_leases();
        for waiting in &mut self.waiting {
            waiting.expires.visit(visitor);
        }
        if let Some((when, stamp)) = &mut self.replayed {
            when.visit(visitor);
            stamp.visit(visitor);
        }
        if let Deliver::ByStartTime(at) = &mut self.config.deliver {
            at.visit(visitor);
        }
    }
}
