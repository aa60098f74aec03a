//! The JetStream API: making, looking at and removing streams and consumers.
//!
//! # Rules
//! N20. Making a stream again with the same configuration does nothing; with another it is refused
//! with 10058. Making a consumer again changes what can be changed. Source: NATS docs, "JetStream
//! wire API Reference". Shown by: nats-js-overlap-and-missing, the test
//! `a_consumer_made_again_keeps_its_policies`.

mod consumers;
mod streams;

use super::consumer::ConsumerConfig;
use super::error::ApiError;
use super::info::{ConsumerInfo, StreamInfo};
use super::log::Stored;
use super::stream::{Stream, StreamConfig};
use super::work::Work;
use crate::visit::{Visit, Visitor};
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

    fn stream(&mut self, name: &Arc<str>) -> Result<&mut Stream, ApiError> {
        self.streams.get_mut(name).ok_or(ApiError::StreamNotFound)
    }
}
