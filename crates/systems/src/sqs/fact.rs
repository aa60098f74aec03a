//! What happens in queues, as a learner should see it.

use crate::fact::Leg;
use crate::party::{ClientId, ConsumerId};
use crate::record::RecordId;
use std::sync::Arc;

crate::facts! {
    /// A queue was made.
    Detail QueueCreated "queue_created" {
        /// Its name.
        queue: Arc<str>,
    }
    /// A queue was deleted with everything in it.
    Headline QueueDeleted "queue_deleted" {
        /// Its name.
        queue: Arc<str>,
        /// How many messages it held.
        messages: u64,
    }
    /// Attributes of a queue were set.
    Detail AttributesSet "attributes_set" {
        /// Its name.
        queue: Arc<str>,
    }
    /// All messages of a queue were removed, also those in flight.
    Headline Purged "purged" {
        /// The queue's name.
        queue: Arc<str>,
        /// How many messages it held.
        messages: u64,
    }
    /// A message was stored in a queue.
    Headline Sent "sent" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// For how many seconds nobody can receive it.
        delay: u64,
    }
    /// A message was taken and not stored: one with its deduplication id came within five minutes
    /// before it.
    Headline DuplicateNotStored "duplicate_not_stored" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
    }
    /// The delay of a message is over: it can be received.
    Detail DelayEnded "delay_ended" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
    }
    /// A message was given to a client, and is hidden from everybody until its visibility time-out
    /// ends.
    Headline Received "received" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// By whom.
        by: ClientId,
        /// How often it has been received by now.
        receive_count: u32,
    }
    /// A worker made a request.
    Detail Called "called" {
        /// Who.
        by: ClientId,
        /// The operation, by its name.
        operation: Arc<str>,
    }
    /// A worker let go of a message that it could not handle, and did not delete it.
    Headline MessageLeft "message_left" {
        /// Who.
        consumer: ConsumerId,
        /// Which message.
        record: Option<RecordId>,
    }
    /// A sender's program knows that its message is stored.
    Detail SendAcknowledged "send_acknowledged" {
        /// Who.
        by: ClientId,
        /// Which message.
        record: RecordId,
    }
    /// A sender's request, or the answer to it, got lost.
    Headline SendLost "send_lost" {
        /// Whose.
        by: ClientId,
        /// Which message.
        record: RecordId,
        /// What got lost.
        what: Leg,
    }
    /// A receive returned messages to the program.
    Headline Returned "returned" {
        /// To whom.
        consumer: ConsumerId,
        /// Which.
        records: Vec<RecordId>,
    }
    /// A receive found nothing, and its waiting time is over.
    Detail ReceivedNothing "received_nothing" {
        /// The queue.
        queue: Arc<str>,
        /// Who asked.
        by: ClientId,
    }
    /// A receive found nothing and waits for a message (long polling).
    Detail WaitsForMessages "waits_for_messages" {
        /// The queue.
        queue: Arc<str>,
        /// Who waits.
        by: ClientId,
    }
    /// The visibility time-out of a message ended before it was deleted: it can be received again.
    Headline VisibilityEnded "visibility_ended" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// Who had received it.
        held_by: ClientId,
    }
    /// A client asked for another visibility time-out of a message it holds, counted from now.
    Headline VisibilityChanged "visibility_changed" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// The seconds; 0 gives it back at once.
        timeout: u64,
    }
    /// A message was deleted for good.
    Headline Deleted "deleted" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// By whom.
        by: ClientId,
    }
    /// A delete had no effect: its receipt handle is of an earlier receive, or the message is gone.
    Headline DeletedNothing "deleted_nothing" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
        /// Who asked.
        by: ClientId,
    }
    /// A message was received as often as the redrive policy allows, and was moved to the dead-letter
    /// queue instead of being received once more.
    Headline MovedToDeadLetterQueue "moved_to_dead_letter_queue" {
        /// Which message.
        record: Option<RecordId>,
        /// From where.
        queue: Arc<str>,
        /// To where.
        dead_letter_queue: Arc<str>,
        /// How often it was received.
        receive_count: u32,
    }
    /// A message move task moved a message out of a dead-letter queue.
    Headline Redriven "redriven" {
        /// Which message.
        record: Option<RecordId>,
        /// From where.
        dead_letter_queue: Arc<str>,
        /// To where.
        queue: Arc<str>,
    }
    /// A message move task has ended.
    Detail MoveTaskEnded "move_task_ended" {
        /// Out of which queue it moved.
        dead_letter_queue: Arc<str>,
        /// How many messages.
        messages: u64,
    }
    /// A message was older than the queue's retention period, and is lost.
    Headline Expired "expired" {
        /// Which message.
        record: Option<RecordId>,
        /// The queue.
        queue: Arc<str>,
    }
    /// A request, or an entry of a batch, was refused.
    Headline Refused "refused" {
        /// Which message it was about.
        record: Option<RecordId>,
        /// The error's code, without its prefix.
        code: Arc<str>,
        /// Who asked.
        by: ClientId,
    }
}
