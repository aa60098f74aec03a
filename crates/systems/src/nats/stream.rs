//! Streams: which subjects they store, for how long, and what they know of publishers.
//!
//! # Rules
//! N9. A stream stores every message published to its subjects and confirms it to the reply subject
//! with its name and the sequence. Two streams may not take the same subject. Source: NATS docs,
//! "Streams". Shown by: nats-js-overlap-and-missing.
//!
//! N10. A message whose `Nats-Msg-Id` was stored less than the duplicate window ago (2 minutes unless
//! set) is confirmed with the first one's sequence and `duplicate`, and not stored. Neither an
//! acknowledgement nor another duplicate moves the window. Source: NATS docs, "Message
//! Deduplication". Shown by: nats-js-dedup, the test `an_outbox_that_repeats_an_id_reaches_nobody`.
//!
//! N11. Limits: with `discard: old` the oldest messages go when there are more than `max_msgs` or
//! `max_bytes`; with `discard: new` the new one is refused with 10077. Of one subject only the last
//! `max_msgs_per_subject` are kept, and `discard_new_per_subject` refuses instead. A message older
//! than `max_age` goes by itself. Source: NATS docs, "Streams", limits. Shown by:
//! nats-js-discard-old, the test `discard_new_refuses_and_max_age_removes`.
//!
//! N12. Headers make a publish conditional: on the stream's name (10060), on its last sequence or the
//! last one of the subject (10071), on the id of the last message (10070). A duplicate is told before
//! the sequences are looked at. Source: NATS docs, "Headers". Shown by: the test
//! `a_publish_can_expect_the_last_sequence`.
//!
//! N13. A roll-up message removes what is before it, in the stream or on its subject, where the stream
//! allows it. Source: NATS docs, "Headers", Nats-Rollup. Shown by: the test
//! `a_rollup_keeps_only_itself`.
//!
//! Left out: storage on disk, replicas, subject transforms, placement, `$JS.API.STREAM.SNAPSHOT`.

use super::consumer::Consumer;
use super::error::ApiError;
use super::log::Log;
use super::subject;
use crate::deduplication::Deduplication;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// When a message that consumers have acknowledged may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Retention {
    /// Acknowledgements remove nothing; only the limits do.
    #[default]
    Limits,
    /// A message stays until every consumer that wants it has acknowledged it.
    Interest,
    /// A message stays until its one consumer has acknowledged it.
    WorkQueue,
}

/// What goes when a stream is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Discard {
    /// The oldest message.
    #[default]
    Old,
    /// The new one: it is refused.
    New,
}

/// A stream that another copies from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Its name.
    pub name: Arc<str>,
    /// From which sequence on; 0 and 1 are the beginning.
    pub start_seq: u64,
    /// Only messages on these subjects.
    pub filter: Option<Arc<str>>,
}

/// Where stored messages are published again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Republish {
    /// Which messages, by subject.
    pub source: Arc<str>,
    /// Under which subject; `>` stands for the whole original one.
    pub destination: Arc<str>,
    /// Whether bodies are left out.
    pub headers_only: bool,
}

/// The configuration of a stream. A limit of `None` is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct StreamConfig {
    /// Its name.
    pub name: Arc<str>,
    /// The subjects it stores; with none it is the name, but for mirrors and sources.
    pub subjects: Vec<Arc<str>>,
    /// When acknowledged messages go.
    pub retention: Retention,
    /// At most so many messages.
    pub max_msgs: Option<u64>,
    /// At most so many bytes.
    pub max_bytes: Option<u64>,
    /// No message older than this.
    pub max_age: Option<Span>,
    /// At most so many messages on one subject.
    pub max_msgs_per_subject: Option<u64>,
    /// No message larger than this.
    pub max_msg_size: Option<u64>,
    /// No more consumers than this.
    pub max_consumers: Option<u64>,
    /// What goes when it is full.
    pub discard: Discard,
    /// Whether a full subject refuses, too.
    pub discard_new_per_subject: bool,
    /// For how long ids of messages are remembered.
    pub duplicate_window: Option<Span>,
    /// Whether a message may remove what is before it.
    pub allow_rollup: bool,
    /// Whether single messages may not be deleted.
    pub deny_delete: bool,
    /// Whether it may not be purged.
    pub deny_purge: bool,
    /// Whether nothing changes any more.
    pub sealed: bool,
    /// The stream it mirrors, with its sequences.
    pub mirror: Option<Origin>,
    /// Streams whose messages it stores under its own sequences.
    pub sources: Vec<Origin>,
    /// Where stored messages are published again.
    pub republish: Option<Republish>,
}

impl StreamConfig {
    /// A stream with default limits.
    pub fn new(name: &str, subjects: &[&str]) -> StreamConfig {
        StreamConfig {
            name: name.into(),
            subjects: subjects.iter().map(|&one| one.into()).collect(),
            ..StreamConfig::default()
        }
    }

    /// Fills in defaults and checks what belongs together.
    pub(super) fn checked(mut self) -> Result<StreamConfig, ApiError> {
        let invalid = |why: &str| Err(ApiError::InvalidConfig(why.into()));
        let odd = |letter: char| letter.is_whitespace() || ".*>/\\".contains(letter);
        if self.name.is_empty() || self.name.contains(odd) {
            return invalid("stream name is required and can not contain '.', '*', '>'");
        }
        if self.mirror.is_some() && !self.sources.is_empty() {
            return Err(ApiError::MirrorWithSources);
        }
        if self.mirror.is_some() && !self.subjects.is_empty() {
            return Err(ApiError::MirrorWithSubjects);
        }
        if self.subjects.is_empty() && self.mirror.is_none() && self.sources.is_empty() {
            self.subjects.push(self.name.clone());
        }
        for (at, one) in self.subjects.iter().enumerate() {
            if !subject::is_valid(one) {
                return invalid("invalid subject");
            }
            if subject::collide(one, "$JS.API.>") {
                return invalid("subjects overlap with jetstream api");
            }
            if self
                .subjects
                .iter()
                .skip(at + 1)
                .any(|other| subject::collide(one, other))
            {
                return invalid("duplicate subjects detected");
            }
        }
        if self.discard_new_per_subject && self.discard != Discard::New {
            return invalid("discard new per subject requires discard new policy to be set");
        }
        if self.discard_new_per_subject && self.max_msgs_per_subject.is_none() {
            return invalid("discard new per subject requires max msgs per subject > 0");
        }
        if self.allow_rollup && self.deny_purge {
            return invalid("roll-ups require the purge permission");
        }
        let default = Span::from_ms(120_000);
        let window = self.duplicate_window.filter(|window| *window != Span(0));
        self.duplicate_window = match (window, self.max_age) {
            (Some(window), Some(age)) if window > age => {
                return invalid("duplicates window can not be larger then max age");
            }
            (None, Some(age)) => Some(age.min(default)),
            (window, _) => window.or(Some(default)),
        };
        Ok(self)
    }

    /// Whether it stores what is published to `subject`.
    pub fn takes(&self, subject: &str) -> bool {
        self.subjects
            .iter()
            .any(|one| subject::matches(one, subject))
    }

    /// All streams it copies from.
    pub(super) fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.mirror.iter().chain(&self.sources)
    }
}

/// A stream with its consumers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    pub(super) config: StreamConfig,
    pub(super) created: Instant,
    pub(super) log: Log,
    /// The ids of messages stored within the duplicate window, with their sequences.
    pub(super) ids: Deduplication<u64>,
    pub(super) last_id: Arc<str>,
    pub(super) consumers: BTreeMap<Arc<str>, Consumer>,
    /// How far each stream it copies from has been copied.
    pub(super) copied: BTreeMap<Arc<str>, u64>,
}

impl Stream {
    pub(super) fn new(now: Instant, config: StreamConfig) -> Stream {
        Stream {
            config,
            created: now,
            log: Log::default(),
            ids: Deduplication::default(),
            last_id: "".into(),
            consumers: BTreeMap::new(),
            copied: BTreeMap::new(),
        }
    }

    /// Its configuration.
    pub const fn config(&self) -> &StreamConfig {
        &self.config
    }

    /// When it was made.
    pub const fn created(&self) -> Instant {
        self.created
    }

    /// What it stores.
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// Its consumers by name.
    pub const fn consumers(&self) -> &BTreeMap<Arc<str>, Consumer> {
        &self.consumers
    }

    /// When its oldest message is too old.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        if self.config.sealed {
            return None;
        }
        Some(self.log.oldest()?.at + self.config.max_age?)
    }

    /// Why the store would refuse a message of this size on this subject, if it would.
    pub(super) fn is_full(&self, subject: &str, size: u64) -> Option<&'static str> {
        let config = &self.config;
        if config.discard != Discard::New {
            return None;
        }
        let on_subject = self.log.on(subject).map_or(0, |seqs| seqs.len() as u64);
        let subject_full = config
            .max_msgs_per_subject
            .is_some_and(|max| on_subject >= max);
        if subject_full {
            return config
                .discard_new_per_subject
                .then_some("maximum messages per subject exceeded");
        }
        if config.max_msgs.is_some_and(|max| self.log.len() >= max) {
            return Some("maximum messages exceeded");
        }
        let bytes = self.log.bytes().saturating_add(size);
        if config.max_bytes.is_some_and(|max| bytes >= max) {
            return Some("maximum bytes exceeded");
        }
        None
    }

    /// Whether some consumer still has to acknowledge a message.
    pub(super) fn is_wanted(&self, seq: u64, but: Option<&str>) -> bool {
        let Some(stored) = self.log.get(seq) else {
            return false;
        };
        self.consumers.iter().any(|(name, one)| {
            Some(&**name) != but && one.wants(&stored.message.subject) && one.needs_ack(seq)
        })
    }
}

impl Visit for Stream {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.created.visit(visitor);
        self.log.visit(visitor);
        let window = self.config.duplicate_window.unwrap_or(Span(0));
        self.ids.visit_in(window, visitor);
        for consumer in self.consumers.values_mut() {
            consumer.visit(visitor);
        }
    }
}
