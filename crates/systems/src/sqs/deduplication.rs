//! What a FIFO queue remembers of the messages of the last five minutes.
//!
//! Q14. A message with a deduplication id that was sent within the last five minutes is taken and not
//! stored; the sender gets the id of the first. It does not matter whether the first was received,
//! deleted or moved to a dead-letter queue since. Source: SQS developer guide, "Exactly-once
//! processing"; API reference, "SendMessage". Shown by: sqs-fifo-dedup-in-queue, sqs_scenarios
//! (c:dedup-window-edge), the test `a_duplicate_is_not_stored_even_after_the_first_is_gone`.
//!
//! Q15. The five minutes count from the first message, not from its duplicates; after exactly five
//! minutes the id is free. Source: as Q14. Shown by: sqs_scenarios (c:dedup-window-edge).
//!
//! Q16. With `DeduplicationScope` `queue` an id counts in the whole queue, with `messageGroup` in its
//! group only. Source: SQS API reference, "CreateQueue". Shown by: sqs-fifo-dedup-group-scope, the
//! test `deduplication_can_be_per_message_group`.
//!
//! Q17. With content-based deduplication a message without an id has the SHA-256 of its body, without
//! its attributes; an id that the sender gives wins. Source: SQS API reference, "SendMessage". Shown
//! by: sqs_scenarios (q:provided-id-wins), the test `a_hash_of_the_body_is_the_id`.

use super::message::MessageId;
use super::receipt::QueueId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;

pub use crate::deduplication::{Key, WINDOW, content_id};

/// The ids of the last five minutes.
pub type Deduplication = crate::deduplication::Deduplication<First>;

/// The message that came first with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct First {
    /// Its id.
    pub message: MessageId,
    /// Its place in the queue.
    pub sequence: u64,
}

/// Shows the times, ids and sequence numbers that a queue remembers.
pub(super) fn visit_in(remembered: &mut Deduplication, queue: QueueId, visitor: &mut impl Visitor) {
    remembered.each(|since, first| {
        visitor.since(since, WINDOW);
        first.message.visit(visitor);
        visitor.counter(queue.sequences(), &mut first.sequence);
    });
}
