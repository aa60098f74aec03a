//! What clients ask, what the broker answers, and how it refuses.

mod producing;
mod visit;

pub use producing::{ProducerRequest, ProducerResponse};

use super::group::{Generation, MemberId, Name, Subscription};
use super::log::Isolation;
use super::{GroupId, Offset, Partition};
use crate::RecordId;
use explore::Weigh;
use explore::time::Span;
use std::sync::Arc;

macro_rules! errors {
    ($( $code:literal $variant:ident $name:literal $doc:literal ),* $(,)?) => {
        /// A refusal, with Kafka's own code and name. Source: protocol guide, "Error Codes".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
        pub enum Error {
            $( #[doc = concat!(stringify!($code), ": ", $doc, ".")] $variant, )*
        }

        impl Error {
            /// All of them, in the order of their codes.
            pub const ALL: &[Error] = &[$( Error::$variant, )*];

            /// The number on the wire.
            pub const fn code(self) -> i16 {
                match self { $( Error::$variant => $code, )* }
            }

            /// The name in the protocol guide.
            pub const fn name(self) -> &'static str {
                match self { $( Error::$variant => $name, )* }
            }
        }
    };
}

errors! {
    -1 UnknownServerError "UNKNOWN_SERVER_ERROR" "the broker did not expect this",
    1 OffsetOutOfRange "OFFSET_OUT_OF_RANGE" "the offset is outside the log",
    3 UnknownTopicOrPartition "UNKNOWN_TOPIC_OR_PARTITION" "there is no such topic or partition",
    10 MessageTooLarge "MESSAGE_TOO_LARGE" "the batch is larger than the topic allows",
    12 OffsetMetadataTooLarge "OFFSET_METADATA_TOO_LARGE" "the note of a commit is larger than the broker allows",
    17 InvalidTopic "INVALID_TOPIC_EXCEPTION" "the topic may not be called so, or not be written to",
    18 RecordListTooLarge "RECORD_LIST_TOO_LARGE" "the batch is larger than a segment",
    21 InvalidRequiredAcks "INVALID_REQUIRED_ACKS" "nobody knows such acknowledgements",
    22 IllegalGeneration "ILLEGAL_GENERATION" "the generation is not the group's present one",
    23 InconsistentGroupProtocol "INCONSISTENT_GROUP_PROTOCOL" "the members share no such protocol",
    24 InvalidGroupId "INVALID_GROUP_ID" "a group with members needs a name",
    25 UnknownMemberId "UNKNOWN_MEMBER_ID" "the group does not know this member",
    26 InvalidSessionTimeout "INVALID_SESSION_TIMEOUT" "the session time-out is outside the broker's bounds",
    27 RebalanceInProgress "REBALANCE_IN_PROGRESS" "the group is rebalancing, so join again",
    32 InvalidTimestamp "INVALID_TIMESTAMP" "a record's timestamp is too far from now",
    36 TopicAlreadyExists "TOPIC_ALREADY_EXISTS" "there is such a topic",
    37 InvalidPartitions "INVALID_PARTITIONS" "no topic can have so many partitions",
    38 InvalidReplicationFactor "INVALID_REPLICATION_FACTOR" "there are not so many brokers",
    39 InvalidReplicaAssignment "INVALID_REPLICA_ASSIGNMENT" "replicas cannot be placed so",
    40 InvalidConfig "INVALID_CONFIG" "a setting is unknown or cannot be so",
    42 InvalidRequest "INVALID_REQUEST" "the request makes no sense",
    44 PolicyViolation "POLICY_VIOLATION" "the topic's cleanup policy forbids it",
    45 OutOfOrderSequenceNumber "OUT_OF_ORDER_SEQUENCE_NUMBER" "the sequence does not follow the last one",
    47 InvalidProducerEpoch "INVALID_PRODUCER_EPOCH" "the producer's epoch is an old one",
    48 InvalidTxnState "INVALID_TXN_STATE" "the transaction is not in a state for it",
    49 InvalidProducerIdMapping "INVALID_PRODUCER_ID_MAPPING" "the producer id does not belong to the transactional id",
    50 InvalidTransactionTimeout "INVALID_TRANSACTION_TIMEOUT" "the transaction time-out is larger than the broker allows",
    51 ConcurrentTransactions "CONCURRENT_TRANSACTIONS" "another transaction of the same id is still ending",
    52 TransactionCoordinatorFenced "TRANSACTION_COORDINATOR_FENCED" "the marker is of an older coordinator",
    55 OperationNotAttempted "OPERATION_NOT_ATTEMPTED" "nothing was done, because another part of the request failed",
    68 NonEmptyGroup "NON_EMPTY_GROUP" "the group has members",
    69 GroupIdNotFound "GROUP_ID_NOT_FOUND" "there is no such group",
    79 MemberIdRequired "MEMBER_ID_REQUIRED" "join again with the member id given in this answer",
    81 GroupMaxSizeReached "GROUP_MAX_SIZE_REACHED" "the group has as many members as it can have",
    82 FencedInstanceId "FENCED_INSTANCE_ID" "another has taken over the instance id",
    86 GroupSubscribedToTopic "GROUP_SUBSCRIBED_TO_TOPIC" "a member of the group subscribes to the topic",
    87 InvalidRecord "INVALID_RECORD" "a record may not stand in this topic",
    88 UnstableOffsetCommit "UNSTABLE_OFFSET_COMMIT" "a transaction with an offset for this partition is open",
    90 ProducerFenced "PRODUCER_FENCED" "a newer instance has taken the transactional id",
    100 UnknownTopicId "UNKNOWN_TOPIC_ID" "there is no topic with this id",
    105 TransactionalIdNotFound "TRANSACTIONAL_ID_NOT_FOUND" "nobody has such a transactional id",
    120 TransactionAbortable "TRANSACTION_ABORTABLE" "the transaction can only be aborted",
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Request {
    /// Become a member, or say so again in a rebalance.
    JoinGroup {
        /// The group.
        group: GroupId,
        /// The id the client holds; none at first.
        member: Option<MemberId>,
        /// `group.instance.id`: it makes the member a static one.
        instance: Option<Name>,
        /// How long the coordinator waits for a sign of life.
        session_timeout: Span,
        /// How long the coordinator waits for this member in a rebalance.
        rebalance_timeout: Span,
        /// The protocols the member knows, the preferred one first. Who names none knows range.
        protocols: Option<Arc<[Name]>>,
        /// What the member subscribes to, and what it says it owns.
        subscription: Subscription,
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
    /// Say that one is a member no more.
    LeaveGroup {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
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
        /// Which records are for the reader: the end is where those end.
        isolation: Isolation,
    },
    /// What a producer asks: ids, records to store, transactions to end.
    Producer(ProducerRequest),
    /// Read records. An answer comes when there is at least one, or an error.
    Fetch {
        /// From where, per partition.
        from: Vec<(Partition, Offset)>,
        /// Which records are for the reader.
        isolation: Isolation,
    },
}

/// What the broker answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Response {
    /// To a join.
    Joined(Result<Joined, (Error, Option<MemberId>)>),
    /// To a sync: the partitions this member now owns.
    Synced(Result<Vec<Partition>, Error>),
    /// To a heartbeat.
    HeartbeatAnswered(Result<(), Error>),
    /// To a member that leaves.
    LeaveAnswered(Result<(), Error>),
    /// To a commit. Classic groups refuse a whole commit or take it whole, save for unknown partitions.
    CommitAnswered(Result<Vec<(Partition, Offset)>, Error>),
    /// To an offset fetch: nothing where nothing was ever committed, and an error where a transaction is
    /// about to commit another one.
    Committed(Vec<(Partition, Result<Option<Offset>, Error>)>),
    /// To a list-offsets: the start and the end of each log.
    Ends(Vec<(Partition, Offset, Offset)>),
    /// To a producer.
    Producer(ProducerResponse),
    /// To a fetch: records in offset order, or the error, per partition.
    Fetched(Vec<(Partition, Offset, Result<Piece, Error>)>),
}

/// A record of a scene at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Placed {
    /// Where it stands.
    pub offset: Offset,
    /// Which record.
    pub record: RecordId,
    /// Whether its transaction is among those that the answer lists as aborted.
    pub aborted: bool,
}

/// A piece of a log that somebody in a scene has fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Piece {
    /// Its records.
    pub records: Vec<Placed>,
    /// Where reading goes on: behind the last record, or behind the marker that follows it.
    pub next: Offset,
}

/// What a leader is told of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Candidate {
    /// Its id.
    pub id: MemberId,
    /// Its `group.instance.id`, if it is a static member.
    pub instance: Option<Name>,
    /// What it subscribes to, and what it says it owns.
    pub subscription: Subscription,
}

/// An answered join.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Joined {
    /// The new generation.
    pub generation: Generation,
    /// Which of their protocols was chosen.
    pub protocol: Option<Name>,
    /// The member's id.
    pub member: MemberId,
    /// Who works out the assignment.
    pub leader: MemberId,
    /// For the leader alone: everybody, as they stood when the join was answered.
    pub members: Vec<Candidate>,
    /// Tells a leader that came back to keep the assignment there is.
    pub skip_assignment: bool,
}
