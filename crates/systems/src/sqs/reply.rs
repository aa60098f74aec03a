//! What clients are answered.

use super::attributes::Given;
use super::error::Error;
use super::message::{MessageId, Received};
use super::receipt::QueueId;
use crate::server::{About, Wire};
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use std::sync::Arc;

/// What a sender gets: the id of its message, or of the earlier one that it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Sent {
    /// `MessageId`
    pub message_id: MessageId,
    /// `SequenceNumber`, of a FIFO queue.
    pub sequence_number: Option<u64>,
    /// The queue that has it.
    pub queue: QueueId,
}

impl Visit for Sent {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.message_id.visit(visitor);
        if let Some(number) = &mut self.sequence_number {
            visitor.counter(self.queue.sequences(), number);
        }
    }
}

/// What came of a batch: each entry is in one of the two lists, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Batch<T> {
    /// The entries that went through.
    pub successful: Vec<(Arc<str>, T)>,
    /// The entries that were refused.
    pub failed: Vec<(Arc<str>, Error)>,
}

/// How a message move task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum MoveStatus {
    /// It moves messages.
    Running,
    /// It has moved all there were.
    Completed,
    /// It was ended early.
    Cancelled,
    /// `CouldNotDetermineMessageSource`: it met a message that no queue had moved here, and was told
    /// no destination.
    Failed,
}

/// A message move task, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct MoveTaskEntry {
    /// `TaskHandle`, while it runs.
    pub task_handle: Option<Arc<str>>,
    /// `Status`
    pub status: MoveStatus,
    /// `DestinationArn`, if one was given.
    pub destination_arn: Option<Arc<str>>,
    /// `ApproximateNumberOfMessagesMoved`
    pub moved: u64,
    /// `ApproximateNumberOfMessagesToMove`
    pub to_move: u64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Reply {
    /// It is done.
    Done,
    /// The request was refused.
    Refused(Error),
    /// The URL of a queue.
    QueueUrl(Arc<str>),
    /// The URLs of queues.
    QueueUrls(Vec<Arc<str>>),
    /// Attributes of a queue.
    Attributes(Vec<Given>),
    /// The message is stored, or repeats one that is.
    Sent(Sent),
    /// What came of a batch of messages.
    SentBatch(Batch<Sent>),
    /// Received messages; none is an answer too.
    Messages(Vec<Received>),
    /// What came of a batch of deletes or visibility changes.
    Batch(Batch<()>),
    /// The handle of a message move task.
    TaskHandle(Arc<str>),
    /// `ApproximateNumberOfMessagesMoved` of a task that was ended early.
    Cancelled(u64),
    /// The latest tasks, the newest first.
    MoveTasks(Vec<MoveTaskEntry>),
}

impl Visit for Reply {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Reply::Sent(sent) => sent.visit(visitor),
            Reply::SentBatch(batch) => {
                batch
                    .successful
                    .iter_mut()
                    .for_each(|(_, sent)| sent.visit(visitor));
            }
            Reply::Messages(messages) => messages.visit(visitor),
            Reply::Refused(error) => error.visit(visitor),
            Reply::Batch(batch) => batch
                .failed
                .iter_mut()
                .for_each(|(_, error)| error.visit(visitor)),
            _ => {}
        }
    }
}

impl Wire for Reply {
    fn can_be_lost(&self) -> bool {
        matches!(
            self,
            Reply::Sent(_) | Reply::SentBatch(_) | Reply::Refused(_)
        )
    }

    fn about(&self) -> About {
        match self {
            Reply::Messages(messages) => About::Records(
                messages
                    .iter()
                    .filter_map(|message| message.record)
                    .collect(),
            ),
            _ => About::Nothing,
        }
    }
}
