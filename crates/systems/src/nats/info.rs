//! What streams and consumers look like.

use super::consumer::{ConsumerConfig, Sequences};
use super::stream::{Stream, StreamConfig};
use explore::time::Instant;
use std::sync::Arc;

/// What a stream looks like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StreamInfo {
    /// Its configuration.
    pub config: StreamConfig,
    /// When it was made.
    pub created: Instant,
    /// How many messages it has.
    pub messages: u64,
    /// How many bytes they take.
    pub bytes: u64,
    /// The first sequence.
    pub first_seq: u64,
    /// When the first message was stored.
    pub first_at: Option<Instant>,
    /// The last sequence.
    pub last_seq: u64,
    /// When the last message was stored.
    pub last_at: Option<Instant>,
    /// How many sequences in between have no message.
    pub deleted: u64,
    /// How many subjects have messages.
    pub subjects: u64,
    /// How many consumers there are.
    pub consumers: u64,
}

/// What a consumer looks like.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConsumerInfo {
    /// Of which stream it is.
    pub stream: Arc<str>,
    /// Its configuration.
    pub config: ConsumerConfig,
    /// When it was made.
    pub created: Instant,
    /// What was delivered last.
    pub delivered: Sequences,
    /// Up to where everything is acknowledged.
    pub ack_floor: Sequences,
    /// How many messages are delivered and not acknowledged.
    pub ack_pending: u64,
    /// How many of them were delivered more than once.
    pub redelivered: u64,
    /// How many requests wait.
    pub waiting: u64,
    /// How many messages were not delivered yet.
    pub pending: u64,
    /// Whether somebody listens to a push consumer.
    pub push_bound: bool,
}

impl Stream {
    /// What it looks like.
    pub fn info(&self) -> StreamInfo {
        let log = &self.log;
        StreamInfo {
            config: self.config.clone(),
            created: self.created,
            messages: log.len(),
            bytes: log.bytes(),
            first_seq: log.first(),
            first_at: log.oldest().map(|stored| stored.at),
            last_seq: log.last(),
            last_at: log.newest().map(|stored| stored.at),
            deleted: log.deleted(),
            subjects: log.subject_count() as u64,
            consumers: self.consumers.len() as u64,
        }
    }
}
