//! The configuration of a consumer, its defaults and what belongs together.

use crate::nats::error::ApiError;
use crate::nats::setting::Release;
use crate::nats::stream::StreamConfig;
use crate::nats::subject;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// With which message a consumer begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Deliver {
    /// The first one there is.
    #[default]
    All,
    /// The first one that is stored from now on.
    New,
    /// The last one there is.
    Last,
    /// The last one of each subject.
    LastPerSubject,
    /// The one with this sequence.
    ByStartSequence(u64),
    /// The first one stored at this time or later.
    ByStartTime(Instant),
}

/// How messages are acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AckPolicy {
    /// Each by itself.
    #[default]
    Explicit,
    /// One stands for all before it.
    All,
    /// Not at all: delivered is done.
    None,
}

/// How fast stored messages are delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Replay {
    /// As fast as possible.
    #[default]
    Instant,
    /// With the pauses they were stored with.
    Original,
}

/// The configuration of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerConfig {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it stays when nobody uses it.
    pub durable: bool,
    /// Where a push consumer delivers; a pull consumer has none.
    pub deliver_subject: Option<Arc<str>>,
    /// The queue group that a push consumer delivers to.
    pub deliver_group: Option<Arc<str>>,
    /// With which message it begins.
    pub deliver: Deliver,
    /// How messages are acknowledged.
    pub ack: AckPolicy,
    /// How long an acknowledgement may take.
    pub ack_wait: Span,
    /// How often a message is delivered at most; -1 is without end.
    pub max_deliver: i64,
    /// How long each delivery's acknowledgement may take, instead of `ack_wait`.
    pub backoff: Vec<Span>,
    /// Which subjects it delivers; none are all.
    pub filters: Vec<Arc<str>>,
    /// How fast it delivers what is stored.
    pub replay: Replay,
    /// How many messages may be unacknowledged; 0 is 1000, -1 is without limit.
    pub max_ack_pending: i64,
    /// How many requests of a pull consumer may wait; 0 is 512.
    pub max_waiting: i64,
    /// Whether bodies are left out.
    pub headers_only: bool,
    /// After how long without use it is deleted; an ephemeral one has 5 s.
    pub inactive_threshold: Option<Span>,
}

impl ConsumerConfig {
    /// A durable pull consumer with the defaults.
    pub fn durable(name: &str) -> ConsumerConfig {
        ConsumerConfig {
            name: name.into(),
            durable: true,
            deliver_subject: None,
            deliver_group: None,
            deliver: Deliver::All,
            ack: AckPolicy::Explicit,
            ack_wait: Span::from_ms(30_000),
            max_deliver: -1,
            backoff: Vec::new(),
            filters: Vec::new(),
            replay: Replay::Instant,
            max_ack_pending: 0,
            max_waiting: 0,
            headers_only: false,
            inactive_threshold: None,
        }
    }

    /// What a client's ordered consumer asks for: pushed to an inbox, without acknowledgements,
    /// ephemeral. The client sees a gap in the consumer's sequence and makes another one behind it.
    pub fn ordered(name: &str, inbox: &str) -> ConsumerConfig {
        ConsumerConfig {
            durable: false,
            deliver_subject: Some(inbox.into()),
            ack: AckPolicy::None,
            max_deliver: 1,
            ..ConsumerConfig::durable(name)
        }
    }

    /// Fills in defaults and checks what belongs together.
    pub(in crate::nats) fn checked(
        mut self,
        stream: &StreamConfig,
        release: Release,
    ) -> Result<ConsumerConfig, ApiError> {
        let odd = |letter: char| letter.is_whitespace() || ".*>".contains(letter);
        if self.name.is_empty() || self.name.contains(odd) {
            return Err(ApiError::BadDurableName);
        }
        match &self.deliver_subject {
            Some(subject) => {
                if !subject::is_literal(subject) {
                    return Err(ApiError::DeliverToWildcards);
                }
                if stream.takes(subject) {
                    return Err(ApiError::DeliverCycle);
                }
                if self.max_waiting != 0 {
                    return Err(ApiError::PushMaxWaiting);
                }
            }
            None if self.max_waiting < 0 => return Err(ApiError::MaxWaitingNegative),
            None if self.max_waiting == 0 => self.max_waiting = 512,
            None => {}
        }
        if self.max_deliver < 1 {
            self.max_deliver = -1;
        }
        if self.max_ack_pending == 0 {
            self.max_ack_pending = 1000;
        }
        if self.ack_wait == Span(0) {
            self.ack_wait = Span::from_ms(30_000);
        }
        if let Some(first) = self.backoff.first() {
            self.ack_wait = *first;
            let entries = i64::try_from(self.backoff.len()).unwrap_or(i64::MAX);
            let is_short = match release {
                Release::V2_9 => self.max_deliver <= entries,
                Release::V2_14 => self.max_deliver < entries,
            };
            if self.max_deliver != -1 && is_short {
                return Err(ApiError::MaxDeliverBackoff);
            }
        }
        self.inactive_threshold = self.inactive_threshold.filter(|span| *span != Span(0));
        if !self.durable {
            self.inactive_threshold.get_or_insert(Span::from_ms(5_000));
        }
        let has_subjects = !stream.subjects.is_empty();
        for (at, filter) in self.filters.iter().enumerate() {
            let within = |one: &Arc<str>| subject::collide(filter, one);
            if !subject::is_valid(filter) || has_subjects && !stream.subjects.iter().any(within) {
                return Err(ApiError::FilterNotSubset);
            }
            if self.filters.iter().skip(at + 1).any(within) {
                return Err(ApiError::OverlappingFilters);
            }
        }
        Ok(self)
    }

    /// Why a consumer with this configuration cannot be given `new`, if it cannot.
    pub(in crate::nats) fn cannot_become(&self, new: &ConsumerConfig) -> Option<&'static str> {
        Some(match () {
            () if self.deliver != new.deliver => "deliver policy can not be updated",
            () if self.ack != new.ack => "ack policy can not be updated",
            () if self.replay != new.replay => "replay policy can not be updated",
            () if self.deliver_subject.is_none() && new.deliver_subject.is_some() => {
                "can not update pull consumer to push based"
            }
            () if self.deliver_subject.is_some() && new.deliver_subject.is_none() => {
                "can not update push consumer to pull based"
            }
            () if self.max_waiting != new.max_waiting => "max waiting can not be updated",
            () => return None,
        })
    }
}
