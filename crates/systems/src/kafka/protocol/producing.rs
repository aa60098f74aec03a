//! What producers ask, and what they are answered.

use crate::kafka::log::record::{Batch, Ended};
use crate::kafka::log::{Appended, Refused};
use crate::kafka::produce::{Membership, Transactional};
use crate::kafka::transaction::{Identity, TransactionalId};
use crate::kafka::{Error, GroupId, Offset, Partition};
use explore::Weigh;
use explore::time::Span;

/// What a producer asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum ProducerRequest {
    /// A producer id.
    InitIdempotent,
    /// The transactional id, and how long its transactions may be open. Who goes on as the producer it
    /// was names its producer id and epoch (KIP-360).
    Init(TransactionalId, Span, Option<Identity>),
    /// To add a partition to the transaction.
    AddPartition(TransactionalId, Identity, Partition),
    /// To add a group's offsets to the transaction.
    AddOffsets(TransactionalId, Identity, GroupId),
    /// To store a batch.
    Produce(Partition, Batch, Option<Transactional>),
    /// To write offsets in the transaction.
    TxnOffsetCommit {
        /// In whose transaction.
        one: Transactional,
        /// By whom.
        by: Identity,
        /// Of which group.
        group: GroupId,
        /// As which member.
        membership: Option<Membership>,
        /// The next offset to read, per partition.
        offsets: Vec<(Partition, Offset)>,
    },
    /// To end the transaction.
    End(Transactional, Identity, Ended),
}

/// What the broker answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum ProducerResponse {
    /// To inits and ends: under which identity it goes on.
    Identity(Result<Identity, Error>),
    /// To a batch.
    Produced(Result<Appended, Refused>),
    /// To the rest.
    Done(Result<(), Error>),
}

impl ProducerResponse {
    /// Why it was refused, if it was.
    pub fn refused(&self) -> Option<Error> {
        match self {
            ProducerResponse::Identity(Err(error)) | ProducerResponse::Done(Err(error)) => {
                Some(*error)
            }
            ProducerResponse::Produced(Err(refused)) => Some(refused.error),
            ProducerResponse::Identity(Ok(_))
            | ProducerResponse::Produced(Ok(_))
            | ProducerResponse::Done(Ok(())) => None,
        }
    }
}
