//! What facts of Kafka say in one of a few words.

use crate::fact::{Field, Holds, Names};
use crate::kafka::ProducerRequest;
use crate::kafka::log::record::Ended;

/// Where a position came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The group's committed offset.
    Committed,
    /// Nothing was committed, and `auto.offset.reset` is `earliest`.
    Earliest,
    /// Nothing was committed, and `auto.offset.reset` is `latest`.
    Latest,
    /// The offset to read is no longer there, and `auto.offset.reset` is `earliest`.
    GoneEarliest,
    /// The offset to read is no longer there, and `auto.offset.reset` is `latest`.
    GoneLatest,
}

/// Why a segment was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retired {
    /// It lay below the log's start.
    Start,
    /// What is left is still `retention.bytes`.
    Size,
    /// Its latest timestamp was longer ago than `retention.ms`.
    Time,
}

/// What a consumer sends, for facts about requests on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// Join the group.
    Join,
    /// Sync the group.
    Sync,
    /// Say that one lives.
    Heartbeat,
    /// Leave the group.
    Leave,
    /// Read the committed offset.
    OffsetFetch,
    /// Look up the ends of the log.
    ListOffsets,
    /// Read records.
    Fetch,
    /// Commit offsets from the program.
    Commit,
    /// Commit offsets because the interval of auto-commit has passed.
    AutoCommit,
    /// Write an event.
    Produce,
}

/// What a commit throws that the client sends to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thrown {
    /// The consumer is a member no more: others may have its partitions.
    CommitFailed,
    /// The consumer is in the middle of a rebalance. The program may commit again when that is over.
    RebalanceInProgress,
}

/// What a producer sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProducerAsked {
    /// Get a producer id and an epoch.
    Init,
    /// Add a partition to the transaction.
    AddPartition,
    /// Add a group's offsets to the transaction.
    AddOffsets,
    /// Store a record.
    Produce,
    /// Write offsets in the transaction.
    CommitOffsets,
    /// Commit the transaction.
    Commit,
    /// Abort it.
    Abort,
}

impl Field for Ended {
    const HOLDS: Holds = Holds::Word(&[Ended::Commit.word(), Ended::Abort.word()]);
    fn write(&self, _: &dyn Names) -> String {
        self.word().to_owned()
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        Ended::ALL
            .iter()
            .copied()
            .find(|ended| ended.word() == text)
    }
}

impl From<&ProducerRequest> for ProducerAsked {
    fn from(request: &ProducerRequest) -> Self {
        match request {
            ProducerRequest::InitIdempotent | ProducerRequest::Init(..) => ProducerAsked::Init,
            ProducerRequest::AddPartition(..) => ProducerAsked::AddPartition,
            ProducerRequest::AddOffsets(..) => ProducerAsked::AddOffsets,
            ProducerRequest::Produce(..) => ProducerAsked::Produce,
            ProducerRequest::TxnOffsetCommit { .. } => ProducerAsked::CommitOffsets,
            ProducerRequest::End(_, _, Ended::Commit) => ProducerAsked::Commit,
            ProducerRequest::End(_, _, Ended::Abort) => ProducerAsked::Abort,
        }
    }
}

crate::words! { Thrown {
    CommitFailed "CommitFailedException", RebalanceInProgress "RebalanceInProgressException",
} }
crate::words! { Origin { Committed "committed", Earliest "earliest", Latest "latest",
    GoneEarliest "gone_earliest", GoneLatest "gone_latest",
} }
crate::words! { Retired { Start "start", Size "size", Time "time" } }
crate::words! { Asked {
    Join "join", Sync "sync", Heartbeat "heartbeat", Leave "leave", OffsetFetch "offset_fetch", ListOffsets "list_offsets",
    Fetch "fetch", Commit "commit", AutoCommit "auto_commit", Produce "produce",
} }
crate::words! { ProducerAsked {
    Init "init", AddPartition "add_partition", AddOffsets "add_offsets", Produce "produce",
    CommitOffsets "commit_offsets", Commit "commit", Abort "abort",
} }
