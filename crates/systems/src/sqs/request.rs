//! What clients ask.

use super::attributes::Given;
use super::message::Attributes;
use super::receipt::{Receipt, ReceiptHandle};
use crate::record::RecordId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use std::sync::Arc;

/// A message as it is sent: alone, or as an entry of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Entry {
    /// `MessageBody`
    pub body: Arc<str>,
    /// `MessageAttributes`
    pub attributes: Attributes,
    /// `DelaySeconds`: left out, the queue's.
    pub delay_seconds: Option<i64>,
    /// `MessageGroupId`: within a group the order is kept. Needed on FIFO queues.
    pub group: Option<Arc<str>>,
    /// `MessageDeduplicationId`: of FIFO queues.
    pub deduplication_id: Option<Arc<str>>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Entry {
    /// A message with nothing but a body.
    pub fn new(body: &str) -> Entry {
        Entry {
            body: body.into(),
            ..Entry::default()
        }
    }

    /// The same in a message group, with a deduplication id.
    pub fn of_group(self, group: &str, deduplication_id: &str) -> Entry {
        Entry {
            group: Some(group.into()),
            deduplication_id: Some(deduplication_id.into()),
            ..self
        }
    }
}

/// A receive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Receive {
    /// `MaxNumberOfMessages`: 1 to 10; left out, 1.
    pub max_number_of_messages: Option<i64>,
    /// `VisibilityTimeout` in seconds: left out, the queue's.
    pub visibility_timeout: Option<i64>,
    /// `WaitTimeSeconds`: left out, the queue's. More than 0 is long polling.
    pub wait_time_seconds: Option<i64>,
    /// `ReceiveRequestAttemptId`: of FIFO queues. A receive whose answer was lost is repeated with
    /// the same one.
    pub receive_request_attempt_id: Option<Arc<str>>,
}

/// A request. Queues are named by name or URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
#[allow(missing_docs)] // Fields have the service's names.
pub enum Request {
    /// Makes a queue, or finds one that is just so.
    CreateQueue {
        name: Arc<str>,
        attributes: Vec<Given>,
    },
    /// Deletes a queue with everything in it.
    DeleteQueue { queue: Arc<str> },
    /// The URLs of the queues whose names begin so.
    ListQueues { prefix: Arc<str> },
    /// The URL of a queue.
    GetQueueUrl { name: Arc<str> },
    /// Attributes and counts of a queue, by name or all of them (`All`).
    GetQueueAttributes {
        queue: Arc<str>,
        names: Vec<Arc<str>>,
    },
    /// Sets attributes of a queue.
    SetQueueAttributes {
        queue: Arc<str>,
        attributes: Vec<Given>,
    },
    /// Removes all messages of a queue.
    PurgeQueue { queue: Arc<str> },
    /// Sends a message.
    SendMessage { queue: Arc<str>, message: Entry },
    /// Sends up to ten messages, each with an id for the answer.
    SendMessageBatch {
        queue: Arc<str>,
        entries: Vec<(Arc<str>, Entry)>,
    },
    /// Receives messages, which hides them for a time.
    ReceiveMessage { queue: Arc<str>, receive: Receive },
    /// Deletes a message that was received.
    DeleteMessage {
        queue: Arc<str>,
        handle: ReceiptHandle,
    },
    /// Deletes up to ten messages.
    DeleteMessageBatch {
        queue: Arc<str>,
        entries: Vec<(Arc<str>, ReceiptHandle)>,
    },
    /// Hides a message that was received for so many seconds from now.
    ChangeMessageVisibility {
        queue: Arc<str>,
        handle: ReceiptHandle,
        visibility_timeout: i64,
    },
    /// The same for up to ten messages.
    ChangeMessageVisibilityBatch {
        queue: Arc<str>,
        entries: Vec<(Arc<str>, ReceiptHandle, i64)>,
    },
    /// The queues whose dead-letter queue this is.
    ListDeadLetterSourceQueues { queue: Arc<str> },
    /// Moves the messages of a dead-letter queue to where they came from, or elsewhere.
    StartMessageMoveTask {
        source_arn: Arc<str>,
        destination_arn: Option<Arc<str>>,
        max_number_of_messages_per_second: Option<i64>,
    },
    /// Ends such a task early.
    CancelMessageMoveTask { task_handle: Arc<str> },
    /// The latest such tasks out of a queue.
    ListMessageMoveTasks { source_arn: Arc<str> },
}

impl Request {
    /// Sends a message with nothing but a body.
    pub fn send(queue: &str, body: &str) -> Request {
        Request::SendMessage {
            queue: queue.into(),
            message: Entry::new(body),
        }
    }

    /// Receives up to so many messages without waiting.
    pub fn receive(queue: &str, max_number_of_messages: i64) -> Request {
        Request::ReceiveMessage {
            queue: queue.into(),
            receive: Receive {
                max_number_of_messages: Some(max_number_of_messages),
                wait_time_seconds: Some(0),
                ..Receive::default()
            },
        }
    }
}

impl Request {
    /// The receives that it deletes, or asks for more time for.
    pub fn receipts(&self) -> impl Iterator<Item = Receipt> + '_ {
        let (one, batch, longer) = match self {
            Request::DeleteMessage { handle, .. }
            | Request::ChangeMessageVisibility { handle, .. } => (Some(handle), &[][..], &[][..]),
            Request::DeleteMessageBatch { entries, .. } => (None, &entries[..], &[][..]),
            Request::ChangeMessageVisibilityBatch { entries, .. } => (None, &[][..], &entries[..]),
            _ => (None, &[][..], &[][..]),
        };
        let batch = batch.iter().map(|(_, handle)| handle);
        let longer = longer.iter().map(|(_, handle, _)| handle);
        let handles = one.into_iter().chain(batch).chain(longer);
        handles.filter_map(|handle| match handle {
            ReceiptHandle::Issued(receipt) => Some(*receipt),
            ReceiptHandle::Text(_) => None,
        })
    }
}

impl Visit for Request {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Request::DeleteMessage { handle, .. }
            | Request::ChangeMessageVisibility { handle, .. } => handle.visit(visitor),
            Request::DeleteMessageBatch { entries, .. } => {
                entries
                    .iter_mut()
                    .for_each(|(_, handle)| handle.visit(visitor));
            }
            Request::ChangeMessageVisibilityBatch { entries, .. } => {
                entries
                    .iter_mut()
                    .for_each(|(_, handle, _)| handle.visit(visitor));
            }
            _ => {}
        }
    }
}

impl Wire for Request {
    /// Only what a sender asks: a worker's requests are made again soon, and change nothing then.
    fn can_be_lost(&self) -> bool {
        matches!(
            self,
            Request::SendMessage { .. } | Request::SendMessageBatch { .. }
        )
    }

    fn about(&self) -> About {
        let of = |handle: &ReceiptHandle| match handle {
            ReceiptHandle::Issued(receipt) => receipt.record,
            ReceiptHandle::Text(_) => None,
        };
        match self {
            Request::SendMessage { message, .. } => {
                About::Records(message.record.into_iter().collect())
            }
            Request::SendMessageBatch { entries, .. } => About::Records(
                entries
                    .iter()
                    .filter_map(|(_, entry)| entry.record)
                    .collect(),
            ),
            Request::DeleteMessage { handle, .. } => {
                About::Settling(of(handle).into_iter().collect())
            }
            Request::DeleteMessageBatch { entries, .. } => About::Settling(
                entries
                    .iter()
                    .filter_map(|(_, handle)| of(handle))
                    .collect(),
            ),
            _ => About::Nothing,
        }
    }
}
