//! A message in a queue.

use super::receipt::{QueueId, Receipt};
use super::receiving::{MOST_VISIBILITY, seconds};
use crate::party::Caller;
use crate::record::RecordId;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::seed;
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A message attribute: a data type (`String`, `Number` or `Binary`, with or without a label of one's
/// own behind a dot) and a value as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Attribute {
    /// `DataType`
    pub data_type: Arc<str>,
    /// `StringValue`, or `BinaryValue` in Base64.
    pub value: Arc<str>,
}

/// Message attributes by name. They are for the client: the queue never looks at them.
pub type Attributes = BTreeMap<Arc<str>, Attribute>;

/// Which message it is, in all queues it comes to. The real id is a random UUID; here it is made of
/// the queue the message was first sent to and of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct MessageId {
    /// The queue it was first sent to.
    pub queue: QueueId,
    /// Its number among the messages that were first sent there, from 1.
    pub number: u64,
}

impl fmt::Display for MessageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&seed::uuid(u64::from(self.queue.0) + 1, self.number))
    }
}

impl Visit for MessageId {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(self.queue.message_ids(), &mut self.number);
    }
}

/// Whether a message can be received now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Place {
    /// It was sent with a delay that has not ended.
    Delayed {
        /// When it ends.
        until: Instant,
    },
    /// It can be received, unless it waits behind another of its message group.
    Visible,
    /// It was received and neither deleted nor given back: nobody else gets it.
    InFlight {
        /// When its visibility time-out ends.
        until: Instant,
        /// When it was received: 12 hours after that it is visible again, whatever is asked.
        since: Instant,
        /// Who received it.
        by: Caller,
    },
}

/// A message in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Message {
    /// `MessageId`
    pub id: MessageId,
    /// The body.
    pub body: Arc<str>,
    /// `MessageAttributes`
    pub attributes: Attributes,
    /// `MessageGroupId`
    pub group: Option<Arc<str>>,
    /// `MessageDeduplicationId`
    pub deduplication_id: Option<Arc<str>>,
    /// `SentTimestamp`: its age, and so its end, is counted from here.
    pub sent: Instant,
    /// `ApproximateFirstReceiveTimestamp`
    pub first_received: Option<Instant>,
    /// `ApproximateReceiveCount`
    pub receive_count: u32,
    /// The number of its latest receive in this queue: the handle that counts.
    pub latest_receipt: Option<u64>,
    /// Whether it can be received.
    pub place: Place,
    /// `DeadLetterQueueSourceArn`: the queue from which it was moved here.
    pub source: Option<QueueId>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Message {
    /// The bytes that count against limits: of the body, and of names, types and values of the
    /// attributes.
    pub fn size(&self) -> usize {
        size(&self.body, &self.attributes)
    }

    /// `kept` is how long the queue keeps a message from its sending on.
    pub(super) fn visit_in(&mut self, queue: QueueId, kept: Span, visitor: &mut impl Visitor) {
        self.id.visit(visitor);
        visitor.since(&mut self.sent, kept);
        self.first_received.visit(visitor);
        if let Some(number) = &mut self.latest_receipt {
            visitor.counter(queue.receipts(), number);
        }
        match &mut self.place {
            Place::Delayed { until } => until.visit(visitor),
            Place::Visible => {}
            Place::InFlight { until, since, by } => {
                until.visit(visitor);
                visitor.since(since, seconds(MOST_VISIBILITY.unsigned_abs()));
                by.visit(visitor);
            }
        }
    }
}

/// The bytes of a body with these attributes that count against limits.
pub fn size(body: &str, attributes: &Attributes) -> usize {
    let of =
        |(name, one): (&Arc<str>, &Attribute)| name.len() + one.data_type.len() + one.value.len();
    body.len() + attributes.iter().map(of).sum::<usize>()
}

/// What a receive tells of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Received {
    /// `MessageId`
    pub message_id: MessageId,
    /// `ReceiptHandle`
    pub receipt: Receipt,
    /// `Body`
    pub body: Arc<str>,
    /// `MessageAttributes`
    pub attributes: Attributes,
    /// `MessageGroupId`
    pub group: Option<Arc<str>>,
    /// `MessageDeduplicationId`
    pub deduplication_id: Option<Arc<str>>,
    /// `SequenceNumber`, of a FIFO queue.
    pub sequence_number: Option<u64>,
    /// `SentTimestamp`
    pub sent: Instant,
    /// `ApproximateFirstReceiveTimestamp`
    pub first_received: Instant,
    /// `ApproximateReceiveCount`: how often it has been received by now, this time included.
    pub receive_count: u32,
    /// `DeadLetterQueueSourceArn`, of a message in a dead-letter queue.
    pub source: Option<Arc<str>>,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Visit for Received {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.message_id.visit(visitor);
        self.receipt.visit(visitor);
        if let Some(number) = &mut self.sequence_number {
            visitor.counter(self.receipt.queue.sequences(), number);
        }
        self.sent.visit(visitor);
        self.first_received.visit(visitor);
    }
}
