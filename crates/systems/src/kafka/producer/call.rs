//! What a producer is set to, what its user calls, and what a call comes to.

use super::exception::Exception;
use crate::kafka::log::Appended;
use crate::kafka::log::record::{Ended, Record};
use crate::kafka::produce::Membership;
use crate::kafka::settings::TransactionVersion;
use crate::kafka::transaction::TransactionalId;
use crate::kafka::{GroupId, Offset, Partition, ProducerRequest};
use explore::Weigh;
use explore::time::Span;

/// What kind of producer it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Config {
    /// `enable.idempotence`, true as shipped.
    pub idempotent: bool,
    /// `transactional.id`.
    pub transactional_id: Option<TransactionalId>,
    /// `transaction.timeout.ms`, 60000 as shipped.
    pub transaction_timeout: Span,
    /// `max.request.size`, 1048576 as shipped.
    pub max_request_bytes: u64,
    /// `max.block.ms`, 60000 as shipped.
    pub max_block: Span,
    /// The cluster's `transaction.version`, which the client goes by.
    pub version: TransactionVersion,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            idempotent: true,
            transactional_id: None,
            transaction_timeout: Span::from_ms(60_000),
            max_request_bytes: 1_048_576,
            max_block: Span::from_ms(60_000),
            version: TransactionVersion::V2,
        }
    }
}

/// What its user calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// `initTransactions`.
    Init,
    /// `beginTransaction`.
    Begin,
    /// `send`, of records that go to one partition in one batch.
    Send(Partition, Vec<Record>),
    /// `sendOffsetsToTransaction`.
    SendOffsets {
        /// Of which group.
        group: GroupId,
        /// As which member.
        membership: Option<Membership>,
        /// The next offset to read, per partition.
        offsets: Vec<(Partition, Offset)>,
    },
    /// `commitTransaction` or `abortTransaction`.
    End(Ended),
    /// `close`.
    Close,
}

/// What a call gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing.
    Done,
    /// Where the first record stands.
    Sent(Appended),
}

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// A request leaves, and its answer is awaited.
    Ask(ProducerRequest),
    /// The call is over.
    Done(Result<Outcome, Exception>),
}
