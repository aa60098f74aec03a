//! Deleting, and changing the visibility of what was received.
//!
//! Q18. A receipt handle belongs to one receive. It deletes the message while nobody has received it
//! again, on a standard queue also after the visibility time-out. A delete with the handle of an
//! earlier receive succeeds and deletes nothing; so does one of a message that is gone. Source: SQS
//! API reference, "DeleteMessage". Shown by: sqs-delete-twice, the test
//! `an_old_handle_deletes_only_until_the_next_receive`.
//!
//! Q19. On a FIFO queue a handle ends with the visibility time-out: after it, or after the next
//! receive, a delete is refused (`InvalidParameterValue`, "The receipt handle has expired"). Source:
//! SQS API reference, "ReceiveMessage" (ReceiveRequestAttemptId); AWS knowledge center, "sqs receipt
//! handle error". Shown by: the test `a_fifo_handle_ends_with_its_visibility`.
//!
//! Q20. A text that is no receipt handle of this queue is `ReceiptHandleIsInvalid`. Source: SQS API
//! reference, "DeleteMessage". Shown by: sqs-delete-twice, sqs-batch-delete-partial.
//!
//! Q21. A change of visibility counts from now: it can make the time longer or shorter, and 0 gives
//! the message back at once. In all a message can be hidden for 12 hours from its receive
//! (`InvalidParameterValue`). Source: SQS API reference, "ChangeMessageVisibility". Shown by:
//! sqs-change-visibility, sqs-batch-delete-partial, the test `twelve_hours_are_the_most`.
//!
//! Q22. Only the latest receive can change the visibility, and only while it holds the message: an
//! earlier handle, or one whose time is over, is `MessageNotInflight`; for a message that is gone it
//! is `InvalidParameterValue`. Source: SQS API reference, "ChangeMessageVisibility" (an attempt after
//! the time-out "might result in an error", and `MessageNotInflight`); developer guide, "Amazon SQS
//! visibility timeout" (a new time-out is that of one receipt alone). Shown by:
//! sqs-old-handle-visibility, the test `only_the_holder_can_change_the_visibility`.
//!
//! Simplified: that a late change is refused is what the documentation lets one expect, not what it
//! promises. On a standard queue the real service has been seen to answer a change that comes after the
//! time-out as if it had been made, and to make none; and to let an earlier handle end a later receive's
//! time-out (LocalStack's tests that were validated against AWS, `tests/aws/services/sqs/test_sqs.py`:
//! `test_change_message_visibility_after_visibility_timeout_expiration`,
//! `test_terminate_visibility_timeout_after_receive`). A program should count on neither.

use super::error::{Code, Error};
use super::message::Place;
use super::receiving::{MOST_VISIBILITY, seconds};
use super::reply::{Batch, Reply};
use super::sending::check_batch;
use super::{Fact, QueueId, ReceiptHandle, Sqs};
use crate::party::{Caller, ClientId};
use crate::record::RecordId;
use crate::server::Out;
use explore::time::Instant;
use std::sync::Arc;

fn expired(handle: &ReceiptHandle) -> Error {
    Error::invalid_handle(handle, "The receipt handle has expired.")
}

fn record(handle: &ReceiptHandle) -> Option<RecordId> {
    match handle {
        ReceiptHandle::Issued(receipt) => receipt.record,
        ReceiptHandle::Text(_) => None,
    }
}

impl Sqs {
    pub(super) fn delete(
        &mut self,
        from: Caller,
        id: QueueId,
        handle: &ReceiptHandle,
        out: &mut Out<Self>,
    ) -> Result<(), Error> {
        let queue = self.get_mut(id)?;
        let receipt = queue.receipt(handle)?;
        let name = queue.name.clone();
        let is_fifo = queue.is_fifo();
        if let Some(message) = queue.store.get(receipt.sequence) {
            let is_latest = message.latest_receipt == Some(receipt.number);
            let is_held = matches!(message.place, Place::InFlight { .. });
            if is_fifo && !(is_latest && is_held) {
                return Err(expired(handle));
            }
            if is_latest {
                let record = message.record;
                queue.store.remove(receipt.sequence);
                queue.forget_attempts(receipt.sequence);
                out.tell(Fact::Deleted {
                    record,
                    queue: name,
                    by: ClientId(from.client),
                });
                return Ok(());
            }
        }
        out.tell(Fact::DeletedNothing {
            record: receipt.record,
            queue: name,
            by: ClientId(from.client),
        });
        Ok(())
    }

    pub(super) fn change_visibility(
        &mut self,
        now: Instant,
        id: QueueId,
        handle: &ReceiptHandle,
        timeout: i64,
        out: &mut Out<Self>,
    ) -> Result<(), Error> {
        let parameter = "VisibilityTimeout";
        let queue = self.get_mut(id)?;
        let receipt = queue.receipt(handle)?;
        let timeout = u64::try_from(timeout)
            .ok()
            .filter(|_| timeout <= MOST_VISIBILITY)
            .ok_or_else(|| {
                let reason = "VisibilityTimeout must be an integer between 0 and 43200.";
                Error::invalid(timeout, parameter, reason)
            })?;
        let Some(message) = queue.store.get(receipt.sequence) else {
            let reason =
                "Message does not exist or is not available for visibility timeout change.";
            return Err(Error::invalid_handle(handle, reason));
        };
        let is_latest = message.latest_receipt == Some(receipt.number);
        let (since, by) = match message.place {
            Place::InFlight { since, by, .. } if is_latest => (since, by),
            _ if queue.is_fifo() && !is_latest => return Err(expired(handle)),
            _ => {
                let message = "The specified message isn't in flight.";
                return Err(Error::new(Code::MessageNotInflight, message));
            }
        };
        let until = now + seconds(timeout);
        if until > since + seconds(MOST_VISIBILITY.unsigned_abs()) {
            let reason =
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
            return Err(Error::invalid(timeout, parameter, reason));
        }
        let place = match timeout {
            0 => Place::Visible,
            _ => Place::InFlight { until, since, by },
        };
        queue.store.put(receipt.sequence, place);
        queue.forget_attempts(receipt.sequence);
        out.tell(Fact::VisibilityChanged {
            record: receipt.record,
            queue: queue.name.clone(),
            timeout,
        });
        Ok(())
    }

    pub(super) fn delete_batch(
        &mut self,
        from: Caller,
        id: QueueId,
        entries: Vec<(Arc<str>, ReceiptHandle)>,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let ids = entries.iter().map(|(id, _)| id);
        check_batch("DeleteMessageBatchRequestEntry", ids)?;
        let mut batch = Batch {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        for (name, handle) in entries {
            match self.delete(from, id, &handle, out) {
                Ok(()) => batch.successful.push((name, ())),
                Err(error) => {
                    Sqs::tell_refused(from, record(&handle), &error, out);
                    batch.failed.push((name, error));
                }
            }
        }
        Ok(Reply::Batch(batch))
    }

    pub(super) fn change_visibility_batch(
        &mut self,
        now: Instant,
        from: Caller,
        id: QueueId,
        entries: Vec<(Arc<str>, ReceiptHandle, i64)>,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let ids = entries.iter().map(|(id, ..)| id);
        check_batch("ChangeMessageVisibilityBatchRequestEntry", ids)?;
        let mut batch = Batch {
            successful: Vec::new(),
            failed: Vec::new(),
        };
        for (name, handle, timeout) in entries {
            match self.change_visibility(now, id, &handle, timeout, out) {
                Ok(()) => batch.successful.push((name, ())),
                Err(error) => {
                    Sqs::tell_refused(from, record(&handle), &error, out);
                    batch.failed.push((name, error));
                }
            }
        }
        Ok(Reply::Batch(batch))
    }
}
