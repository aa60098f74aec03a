//! A message in a queue, and where it stands.

use crate::rabbitmq::connection::Owner;
use crate::rabbitmq::message::Message;
use explore::Weigh;
use explore::time::Instant;
use std::sync::Arc;

/// Where in a queue a message stands: returned ones before others, then by priority, then by arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Place {
    /// 0 for messages that came back to a quorum queue, 1 for all others.
    pub class: u8,
    /// 255 less the priority.
    pub rank: u8,
    /// When it came, compared with others.
    pub position: u64,
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Entry {
    /// The message.
    pub message: Arc<Message>,
    /// Whether it had been handed out before.
    pub redelivered: bool,
    /// How many returns count against the limit of deliveries (quorum queues).
    pub delivery_count: u32,
    /// How often it had been handed out (quorum queues).
    pub acquired_count: u32,
    /// When it expires.
    pub expires: Option<Instant>,
}

/// A message that is with a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Held {
    /// Where it came from.
    pub place: Place,
    /// The message.
    pub entry: Entry,
    /// Who has it.
    pub owner: Owner,
}
