//! Receipt handles: what a receive gives for deleting a message, or for hiding it longer.

use crate::record::RecordId;
use crate::visit::{Counter, Visit, Visitor};
use explore::Weigh;
use std::fmt;
use std::sync::Arc;

/// A queue by its place among the queues of the account, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct QueueId(pub u16);

impl QueueId {
    /// The place in the list of queues.
    pub const fn at(self) -> usize {
        self.0 as usize
    }

    /// The counter of this queue's receives, whose numbers make receipt handles differ.
    pub const fn receipts(self) -> Counter {
        Counter {
            kind: "receipt handle",
            scope: self.0,
        }
    }

    /// The counter of the places of this queue's messages.
    pub const fn sequences(self) -> Counter {
        Counter {
            kind: "sequence number",
            scope: self.0,
        }
    }

    /// The counter of the ids of messages that were first sent to this queue.
    pub const fn message_ids(self) -> Counter {
        Counter {
            kind: "message id",
            scope: self.0,
        }
    }
}

/// One receive of one message. The real handle is a long text nobody can read; this is what it stands
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct Receipt {
    /// The queue it was received from.
    pub queue: QueueId,
    /// The message's place in that queue.
    pub sequence: u64,
    /// Which of the queue's receives it was; every receive of a message has another number.
    pub number: u64,
    /// Which message of the scene it is.
    pub record: Option<RecordId>,
}

impl Visit for Receipt {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.counter(self.queue.sequences(), &mut self.sequence);
        visitor.counter(self.queue.receipts(), &mut self.number);
    }
}

/// What a client sends as the receipt handle.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum ReceiptHandle {
    /// One that a receive has given.
    Issued(Receipt),
    /// A text that no receive has given.
    Text(Arc<str>),
}

impl fmt::Display for ReceiptHandle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReceiptHandle::Issued(receipt) => write!(
                out,
                "AQEB{}-{}-{}",
                receipt.queue.0, receipt.sequence, receipt.number
            ),
            ReceiptHandle::Text(text) => out.write_str(text),
        }
    }
}

impl Visit for ReceiptHandle {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        if let ReceiptHandle::Issued(receipt) = self {
            receipt.visit(visitor);
        }
    }
}
