//! What clients ask, what the broker answers, and how it refuses.

mod visit;

use super::group::{Generation, MemberId};
use super::{GroupId, Offset, Partition, TopicId, log};
use crate::time::Span;

/// A refusal, with Kafka's own code and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// 1: the offset is outside the log.
    OffsetOutOfRange,
    /// 3: there is no such topic or partition.
    UnknownTopicOrPartition,
    /// 22: the generation is not the group's present one.
    IllegalGeneration,
    /// 25: the group does not know this member.
    UnknownMemberId,
    /// 26: the session time-out is outside the broker's bounds.
    InvalidSessionTimeout,
    /// 27: the group is rebalancing, so join again.
    RebalanceInProgress,
    /// 79: join again with the member id given in this answer.
    MemberIdRequired,
}

impl Error {
    /// All of them, in the order of their codes.
    pub const ALL: [Error; 7] = [
        Error::OffsetOutOfRange,
        Error::UnknownTopicOrPartition,
        Error::IllegalGeneration,
        Error::UnknownMemberId,
        Error::InvalidSessionTimeout,
        Error::RebalanceInProgress,
        Error::MemberIdRequired,
    ];

    /// The number on the wire.
    pub const fn code(self) -> i16 {
        match self {
            Error::OffsetOutOfRange => 1,
            Error::UnknownTopicOrPartition => 3,
            Error::IllegalGeneration => 22,
            Error::UnknownMemberId => 25,
            Error::InvalidSessionTimeout => 26,
            Error::RebalanceInProgress => 27,
            Error::MemberIdRequired => 79,
        }
    }

    /// The name in the protocol guide.
    pub const fn name(self) -> &'static str {
        match self {
            Error::OffsetOutOfRange => "OFFSET_OUT_OF_RANGE",
            Error::UnknownTopicOrPartition => "UNKNOWN_TOPIC_OR_PARTITION",
            Error::IllegalGeneration => "ILLEGAL_GENERATION",
            Error::UnknownMemberId => "UNKNOWN_MEMBER_ID",
            Error::InvalidSessionTimeout => "INVALID_SESSION_TIMEOUT",
            Error::RebalanceInProgress => "REBALANCE_IN_PROGRESS",
            Error::MemberIdRequired => "MEMBER_ID_REQUIRED",
        }
    }
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Become a member, or say so again in a rebalance.
    JoinGroup {
        /// The group.
        group: GroupId,
        /// The id the client holds; none at first.
        member: Option<MemberId>,
        /// How long the coordinator waits for a sign of life.
        session_timeout: Span,
        /// How long the coordinator waits for this member in a rebalance.
        rebalance_timeout: Span,
        /// What the member subscribes to.
        topics: Vec<TopicId>,
    },
    /// Ask for the assignment; the leader hands it in.
    SyncGroup {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// The generation the join was answered with.
        generation: Generation,
        /// From the leader: who gets what. From others: empty.
        assignments: Vec<(MemberId, Vec<Partition>)>,
    },
    /// A sign of life.
    Heartbeat {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// The member's generation.
        generation: Generation,
    },
    /// Write down where reading goes on.
    OffsetCommit {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// The member's generation.
        generation: Generation,
        /// The next offset to read, per partition.
        offsets: Vec<(Partition, Offset)>,
    },
    /// Read the committed offsets.
    OffsetFetch {
        /// The group.
        group: GroupId,
        /// Of which partitions.
        partitions: Vec<Partition>,
    },
    /// Look up the ends of the log.
    ListOffsets {
        /// Of which partitions.
        partitions: Vec<Partition>,
    },
    /// Write an event to its partition.
    Produce {
        /// Which event.
        record: crate::RecordId,
        /// Where.
        partition: Partition,
    },
    /// Read records. An answer comes when there is at least one, or an error.
    Fetch {
        /// From where, per partition.
        from: Vec<(Partition, Offset)>,
    },
}

/// What the broker answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// To a join.
    Joined(Result<Joined, (Error, Option<MemberId>)>),
    /// To a sync: the partitions this member now owns.
    Synced(Result<Vec<Partition>, Error>),
    /// To a heartbeat.
    HeartbeatAnswered(Result<(), Error>),
    /// To a commit. Classic groups refuse a whole commit or take it whole, save for unknown partitions.
    CommitAnswered(Result<Vec<(Partition, Offset)>, Error>),
    /// To an offset fetch: nothing where nothing was ever committed.
    Committed(Vec<(Partition, Option<Offset>)>),
    /// To a list-offsets: the start and the end of each log.
    Ends(Vec<(Partition, Offset, Offset)>),
    /// To a produce: where it stands.
    Produced(Partition, Offset),
    /// To a fetch: records in offset order, or the error, per partition.
    Fetched(Vec<(Partition, Offset, Result<Vec<log::Stored>, Error>)>),
}

/// An answered join.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Joined {
    /// The new generation.
    pub generation: Generation,
    /// The member's id.
    pub member: MemberId,
    /// Who works out the assignment.
    pub leader: MemberId,
    /// For the leader alone: everybody, with subscriptions.
    pub members: Vec<(MemberId, Vec<TopicId>)>,
}
