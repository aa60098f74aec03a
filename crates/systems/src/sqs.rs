//! Amazon SQS: standard and FIFO queues, as the service behaves in 2026.
//!
//! A queue keeps messages until somebody deletes them. A receive does not take a message away: it
//! hides it for a time, the *visibility time-out*, and gives a *receipt handle* with which the message
//! can be deleted. What is not deleted in time can be received again. That is how a crash of a
//! consumer loses nothing, and why everything may be handled twice.
//!
//! ```
//! use systems::sqs::{Reply, Request, Sqs};
//! use systems::{Caller, Instant, Out, Server};
//!
//! let (mut sqs, me) = (Sqs::default(), Caller { client: 0, connection: 1 });
//! let mut ask = |seconds: u64, request| {
//!     let (now, mut out) = (Instant(seconds * 1_000_000), Out::default());
//!     sqs.advance(now, &mut out);
//!     sqs.handle(now, me, request, &mut out);
//!     out.to.pop().map(|(_, reply)| reply)
//! };
//! ask(0, Request::CreateQueue { name: "mails".into(), attributes: vec![] });
//! ask(0, Request::send("mails", "welcome"));
//! let received = |reply| match reply { Some(Reply::Messages(all)) => all.len(), _ => 0 };
//! assert_eq!(received(ask(0, Request::receive("mails", 10))), 1);
//! assert_eq!(received(ask(29, Request::receive("mails", 10))), 0); // It is hidden,
//! assert_eq!(received(ask(30, Request::receive("mails", 10))), 1); // for 30 seconds.
//! ```
//!
//! # Rules
//! Q1. Every request names its queue by name or URL; a queue that is not there is
//! `NonExistentQueue`. Source: SQS API reference, "Common Errors". Shown by: sqs-limits-errors.
//!
//! Q2. A batch has one to ten entries with different ids; else the whole batch is refused. An entry
//! that is refused does not keep the others from going through; the answer tells of each by its id.
//! Source: SQS API reference, "SendMessageBatch". Shown by: sqs-limits-errors, sqs-batch-send-partial,
//! sqs-batch-delete-partial.
//!
//! Simplified: A standard queue gives messages out in the order in which they were sent, each once
//! until its visibility time-out ends. The real one does not promise either: servers that hold copies
//! answer for themselves, so order is best effort and a message can come twice. Whether that happens
//! in a scene is a choice of the scene's world, not of this server.
//!
//! Simplified: Counts of messages are exact; the real ones are called approximate, and are.
//!
//! Left out: permissions, encryption, tags, fair queues (a message group on a standard queue is taken
//! and means nothing), request quotas, the lower throughput of FIFO queues.

pub mod arn;
pub mod attributes;
pub mod deduplication;
pub mod error;
pub mod fact;
pub mod inbox;
pub mod message;
pub mod outbox;
pub mod queue;
pub mod receipt;
pub mod reply;
pub mod request;
pub mod store;
pub mod tools;
pub mod worker;

mod ages;
mod deleting;
mod ending;
mod explored;
mod groups;
mod managing;
pub mod moving;
mod opening;
mod receiving;
mod sending;
mod server;

pub use attributes::{QueueAttributes, RedriveAllowPolicy, RedrivePolicy};
pub use error::{Code, Error};
pub use fact::Fact;
pub use inbox::Inbox;
pub use message::{Attribute, Attributes, Message, MessageId, Received};
pub use opening::{NewQueue, Opening};
pub use outbox::Outbox;
pub use queue::Queue;
pub use receipt::{QueueId, Receipt, ReceiptHandle};
pub use reply::{Batch, Reply, Sent};
pub use request::{Entry, Receive, Request};
pub use worker::{Deletes, Worker};

use crate::WHOLE;
use crate::party::{Caller, ClientId};
use crate::record::RecordId;
use crate::server::{Out, Server};
use explore::slot::Slot;
use explore::time::Instant;
use queue::Life;
use std::collections::VecDeque;
use std::sync::Arc;

/// What Amazon SQS calls things.
pub const WORDS: crate::Words = crate::Words {
    item: "message",
    order: "message group",
    channel: "topic",
    subscription: "queue",
    taking: "receiving",
    settling: "the delete",
    settled: "deleted",
    carried: &["receive_count"],
};

crate::settings! {
    /// What the service decides by itself.
    pub struct Service {
        /// How many seconds the name of a deleted queue is taken.
        "DeletedQueueSeconds" deleted_queue_seconds: u32 = 60, 0..=60;
        /// How many seconds a purge takes, during which there is no other of the queue.
        "PurgeSeconds" purge_seconds: u32 = 60, 0..=60;
    }
}

/// The queues of one account in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sqs {
    service: Service,
    queues: Vec<Slot<Queue>>,
}

crate::parts! {
    /// A part of the service: a queue.
    #[derive(explore::Weigh)]
    pub enum Part of Sqs { queues[]: Queue(Queue) }
}

/// What the service does by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// A received message was not deleted in time, and can be received again.
    VisibilityEnds {
        /// The receive.
        receipt: Receipt,
        /// Who received it.
        by: Caller,
    },
    /// A message's delay is over.
    DelayEnds {
        /// The queue.
        queue: QueueId,
        /// The message's place.
        sequence: u64,
    },
    /// A message is older than its queue's retention period.
    Expires {
        /// The queue.
        queue: QueueId,
        /// The message's place.
        sequence: u64,
    },
    /// A receive has waited long enough.
    WaitEnds {
        /// The queue.
        queue: QueueId,
        /// Who waits.
        caller: Caller,
        /// Until when.
        until: Instant,
    },
    /// A message move task moves its next message, or ends.
    Moves {
        /// Out of which queue.
        queue: QueueId,
    },
}

/// What a request came to: an answer for now, or none yet.
type Answer = Result<Option<Reply>, Error>;

impl Sqs {
    /// An account without queues.
    pub fn new(service: Service) -> Sqs {
        Sqs {
            service,
            queues: Vec::new(),
        }
    }

    /// Does everything that is due until `now`, each at its time, before a request of that time comes:
    /// for whoever has no calendar of their own.
    pub fn advance(&mut self, now: Instant, out: &mut Out<Self>) {
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= now) {
            self.fire(at, due, out);
        }
    }

    /// Takes a message from within the account, as a topic sends it, and gives it to who waits.
    ///
    /// # Errors
    /// The queue is not there, or does not take such a message.
    pub fn accept(
        &mut self,
        now: Instant,
        queue: &str,
        entry: Entry,
        out: &mut Out<Self>,
    ) -> Result<Sent, Error> {
        let id = self.find(queue)?;
        let sent = self.send(now, id, entry, out)?;
        self.serve(now, VecDeque::from([id]), out);
        Ok(sent)
    }

    /// The queue of this name.
    pub fn queue(&self, name: &str) -> Option<&Queue> {
        let id = self.find(name).ok()?;
        self.get(id)
    }

    /// The queues that exist, in the order in which they were made.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        let all = self.queues.iter().map(|slot| &**slot);
        all.filter(|queue| queue.life == Life::Exists)
    }

    fn get(&self, id: QueueId) -> Option<&Queue> {
        let queue = &**self.queues.get(id.at())?;
        (queue.life == Life::Exists).then_some(queue)
    }

    fn get_mut(&mut self, id: QueueId) -> Result<&mut Queue, Error> {
        match self.queues.get_mut(id.at()) {
            Some(queue) if queue.peek().life == Life::Exists => Ok(queue),
            _ => Err(Error::no_queue()),
        }
    }

    /// The place of the queue of this name or URL.
    fn find(&self, name: &str) -> Result<QueueId, Error> {
        let name = arn::name_of_url(name);
        // Names never change: looking for one depends on no state.
        let at = self
            .queues
            .iter()
            .position(|queue| *queue.peek().name == *name);
        let id = at.and_then(|at| u16::try_from(at).ok()).map(QueueId);
        id.filter(|id| self.get(*id).is_some())
            .ok_or_else(Error::no_queue)
    }

    /// The place of the queue with this ARN.
    fn find_arn(&self, arn: &str) -> Option<QueueId> {
        self.find(arn::name_of_arn(arn)?).ok()
    }

    fn name(&self, id: QueueId) -> Arc<str> {
        let queue = self.queues.get(id.at());
        queue.map_or_else(|| "".into(), |queue| Arc::clone(&queue.peek().name))
    }

    fn answer(
        &mut self,
        now: Instant,
        from: Caller,
        request: Request,
        touched: &mut VecDeque<QueueId>,
        out: &mut Out<Self>,
    ) -> Answer {
        let queue = match &request {
            Request::CreateQueue { .. }
            | Request::ListQueues { .. }
            | Request::StartMessageMoveTask { .. }
            | Request::CancelMessageMoveTask { .. }
            | Request::ListMessageMoveTasks { .. } => None,
            Request::GetQueueUrl { name } => Some(self.find(name)?),
            Request::DeleteQueue { queue }
            | Request::GetQueueAttributes { queue, .. }
            | Request::SetQueueAttributes { queue, .. }
            | Request::PurgeQueue { queue }
            | Request::SendMessage { queue, .. }
            | Request::SendMessageBatch { queue, .. }
            | Request::ReceiveMessage { queue, .. }
            | Request::DeleteMessage { queue, .. }
            | Request::DeleteMessageBatch { queue, .. }
            | Request::ChangeMessageVisibility { queue, .. }
            | Request::ChangeMessageVisibilityBatch { queue, .. }
            | Request::ListDeadLetterSourceQueues { queue } => Some(self.find(queue)?),
        };
        let id = queue.unwrap_or(QueueId(u16::MAX));
        // Nobody can be served there but who waits already.
        let has_waiting = |id: &QueueId| self.get(*id).is_some_and(|queue| !queue.polls.is_empty());
        touched.extend(queue.filter(has_waiting));
        let reply = match request {
            Request::CreateQueue { name, attributes } => {
                self.create(now, &name, &attributes, out)?
            }
            Request::ListQueues { prefix } if WHOLE => self.list(&prefix),
            Request::GetQueueUrl { .. } if WHOLE => Reply::QueueUrl(arn::url(&self.name(id))),
            Request::DeleteQueue { .. } if WHOLE => self.delete_queue(now, id, out)?,
            Request::GetQueueAttributes { names, .. } if WHOLE => self.attributes(id, &names)?,
            Request::SetQueueAttributes { attributes, .. } if WHOLE => {
                self.set_attributes(now, id, &attributes, out)?
            }
            Request::PurgeQueue { .. } if WHOLE => self.purge(now, id, out)?,
            Request::SendMessage { message, .. } => Reply::Sent(self.send(now, id, message, out)?),
            Request::SendMessageBatch { entries, .. } if WHOLE => {
                self.send_batch(now, from, id, entries, out)?
            }
            Request::ReceiveMessage { receive, .. } => {
                return self.receive(now, from, id, receive, touched, out);
            }
            Request::DeleteMessage { handle, .. } => {
                self.delete(from, id, &handle, out)?;
                Reply::Done
            }
            Request::DeleteMessageBatch { entries, .. } => {
                self.delete_batch(from, id, entries, out)?
            }
            Request::ChangeMessageVisibility {
                handle,
                visibility_timeout,
                ..
            } => {
                self.change_visibility(now, id, &handle, visibility_timeout, out)?;
                Reply::Done
            }
            Request::ChangeMessageVisibilityBatch { entries, .. } => {
                self.change_visibility_batch(now, from, id, entries, out)?
            }
            Request::ListDeadLetterSourceQueues { .. } if WHOLE => self.list_sources(id),
            Request::StartMessageMoveTask {
                source_arn,
                destination_arn,
                max_number_of_messages_per_second: rate,
            } if WHOLE => self.start_move(now, &source_arn, destination_arn.as_deref(), rate)?,
            Request::CancelMessageMoveTask { task_handle } if WHOLE => {
                self.cancel_move(&task_handle, out)?
            }
            Request::ListMessageMoveTasks { source_arn } if WHOLE => {
                self.list_moves(&source_arn)?
            }
            Request::ListQueues { .. }
            | Request::GetQueueUrl { .. }
            | Request::DeleteQueue { .. }
            | Request::GetQueueAttributes { .. }
            | Request::SetQueueAttributes { .. }
            | Request::PurgeQueue { .. }
            | Request::SendMessageBatch { .. }
            | Request::ListDeadLetterSourceQueues { .. }
            | Request::StartMessageMoveTask { .. }
            | Request::CancelMessageMoveTask { .. }
            | Request::ListMessageMoveTasks { .. } => {
                let words = "No client of a scene asks for this.";
                return Err(Error::new(Code::UnsupportedOperation, words));
            }
        };
        Ok(Some(reply))
    }

    fn tell_refused(from: Caller, record: Option<RecordId>, error: &Error, out: &mut Out<Self>) {
        out.tell(Fact::Refused {
            record,
            code: error.code.name().into(),
            by: ClientId(from.client),
        });
    }
}
