//! What a FIFO topic remembers of the messages of the last five minutes.
//!
//! S31. A message with a deduplication id that was published within the last five minutes is taken
//! and not delivered; the publisher gets the id and the sequence number of the first. Source: SNS
//! developer guide, "Message deduplication for FIFO topics". Shown by: the test
//! `a_duplicate_is_taken_and_not_delivered`.
//!
//! S32. With `FifoThroughputScope` `Topic` an id counts in the whole topic, with `MessageGroup` in
//! its group only. Source: SNS API reference, "CreateTopic". Shown by: the test
//! `deduplication_can_be_per_group`.
//!
//! S33. With content-based deduplication a message without an id has the SHA-256 of its body, without
//! its attributes. Source: SNS API reference, "Publish". Shown by: the test
//! `a_hash_of_the_body_is_the_id`.
//!
//! Simplified: the documentation says of a duplicate only that it is accepted; that it gets the id of
//! the first is taken from Amazon SQS.

use std::sync::Arc;

pub use crate::deduplication::{Key, WINDOW, content_id};

/// The ids of the last five minutes.
pub type Deduplication = crate::deduplication::Deduplication<First>;

/// The message that came first with an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct First {
    /// Its message id.
    pub message_id: Arc<str>,
    /// Its sequence number.
    pub sequence_number: Arc<str>,
}
