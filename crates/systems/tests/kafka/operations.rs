//! What clients and administrators may ask of a broker, in any order: decoded from bytes, so that any
//! byte string is a sequence and a fuzzer can mutate it.
//!
//! Numbers are small on purpose: they name one of few topics, partitions, groups and producers, so that
//! operations meet. What is wrong (another's epoch, a gap in the sequences) is as near as what is right.

use crate::sequence;
use arbitrary::{Arbitrary, Unstructured};

/// How many operations a sequence has at most.
const LENGTH_MAX: usize = 150;

/// A partition, by numbers that may name none.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Place {
    pub topic: u8,
    pub index: u8,
}

/// Which identity somebody goes by.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Whose {
    /// One that an init or an end has answered with, counted back from the last; and an epoch above or
    /// below it.
    Given { back: u8, epoch: Shift },
    /// One that nobody was given.
    Invented { producer: u8, epoch: i8 },
}

/// A little more, a little less, mostly neither.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Shift {
    None,
    Same,
    Right,
    Up,
    Down,
}

impl Shift {
    pub const fn by(self) -> i16 {
        match self {
            Shift::None | Shift::Same | Shift::Right => 0,
            Shift::Up => 1,
            Shift::Down => -1,
        }
    }
}

/// A sequence number.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Count {
    /// The one that is expected.
    Next,
    /// The one of the batch before, or of one still older: a repetition.
    Again { back: u8 },
    /// A little beside the expected one.
    Beside(i8),
    /// Anything.
    Any(i32),
    /// Just before the numbers begin again.
    BeforeTheEnd { records: u8 },
}

/// Who writes a batch.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum By {
    Nobody,
    Idempotent {
        whose: Whose,
        count: Count,
    },
    Transactional {
        one: Txn,
        count: Count,
    },
    /// A batch that says of itself that it is transactional, from somebody who names no such id.
    Nameless {
        whose: Option<Whose>,
        count: Count,
    },
}

/// Somebody with a transactional id.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Txn {
    pub id: u8,
    /// Mostly the id's present identity.
    pub identity: Option<Whose>,
    pub first_version: bool,
}

/// A point in time, as a producer may claim it.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum When {
    Now,
    Beside(i16),
    Beginning,
    Never,
    LongAgo,
    EndOfTime,
}

/// One record.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Text {
    pub key: Option<u8>,
    pub value: Option<u8>,
    pub when: When,
    pub headers: bool,
}

/// An offset, or beside one.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Point {
    Start,
    End,
    /// From the start on, at most one behind the end.
    In(u8),
    /// Below the start, at most one below 0.
    Before(u8),
    Any(i64),
}

/// A question for an offset.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Ask {
    Earliest,
    Latest,
    At(When),
    Youngest,
}

/// How long nothing is asked.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Wait {
    Ms(u16),
    Seconds(u16),
    Hours(u8),
    Days(u8),
    /// Until the broker does something by itself, so many times.
    Until(u8),
}

/// What a member of a group is known by.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct Member {
    pub client: u8,
    pub nth: u8,
    /// Added to the group's generation.
    pub generation: Shift,
}

/// One thing that is asked of the broker.
#[derive(Arbitrary, Clone, Debug)]
pub enum Op {
    CreateTopic {
        name: u8,
        partitions: u8,
        settings: [Option<u8>; 2],
    },
    AlterTopic {
        topic: u8,
        setting: u8,
        back: bool,
    },
    AddPartitions {
        topic: u8,
        total: u8,
    },
    DeleteTopic(u8),
    DeleteRecords {
        at: Place,
        before: Option<Point>,
    },
    Produce {
        at: Place,
        by: By,
        first: Option<Text>,
        more: [Option<Text>; 2],
        /// As one of the requests that scenes make; else by the call.
        as_request: bool,
    },
    Fetch {
        at: Place,
        from: Point,
        bytes_max: u16,
        at_least_one: bool,
        committed: bool,
    },
    ListOffsets {
        at: Place,
        ask: Ask,
        committed: bool,
    },
    InitIdempotent,
    Init {
        id: u8,
        timeout_s: u16,
        expected: Option<Whose>,
    },
    AddToTxn {
        one: Txn,
        places: [Option<Place>; 2],
    },
    AddOffsets {
        one: Txn,
        group: u8,
    },
    TxnOffsetCommit {
        one: Txn,
        group: u8,
        member: Option<Member>,
        at: Place,
        offset: u8,
    },
    EndTxn {
        one: Txn,
        commit: bool,
    },
    WriteMarkers,
    WriteMarker {
        at: Place,
        whose: Whose,
        commit: bool,
        coordinator: Option<u8>,
        first_version: bool,
    },
    CommitWithoutMember {
        group: u8,
        at: Place,
        offset: u8,
    },
    Join {
        group: u8,
        member: Member,
        fresh: bool,
        session_s: u8,
    },
    Sync {
        group: u8,
        member: Member,
        at: Place,
    },
    Heartbeat {
        group: u8,
        member: Member,
    },
    Commit {
        group: u8,
        member: Member,
        at: Place,
        offset: u8,
    },
    Leave {
        group: u8,
        member: Member,
    },
    ExpireDeadline {
        nth: u8,
    },
    FetchRequest {
        client: u8,
        at: Place,
        from: Point,
    },
    Disconnect {
        client: u8,
    },
    Pass(Wait),
}

/// The sequence that these bytes are.
pub fn decode(bytes: &[u8]) -> Vec<Op> {
    sequence::decode(&mut Unstructured::new(bytes), LENGTH_MAX, Op::arbitrary)
}

/// Names of topics: good ones, some that are too much alike, and bad ones.
pub const NAMES: [&str; 8] = [
    "orders",
    "payments",
    "a.b",
    "a_b",
    "__consumer_offsets",
    "bad name",
    "..",
    "",
];

/// Settings of topics, good and bad.
pub const SETTINGS: [(&str, &str); 21] = [
    ("internal.segment.bytes", "200"),
    ("internal.segment.bytes", "1000"),
    ("internal.segment.bytes", "14"),
    ("segment.bytes", "1048576"),
    ("segment.ms", "50"),
    ("max.message.bytes", "120"),
    ("message.timestamp.type", "LogAppendTime"),
    ("message.timestamp.before.max.ms", "1000"),
    ("message.timestamp.after.max.ms", "9223372036854775807"),
    ("cleanup.policy", "compact"),
    ("cleanup.policy", "compact,delete"),
    ("cleanup.policy", "delete"),
    ("retention.ms", "-1"),
    ("retention.ms", "1"),
    ("retention.bytes", "300"),
    ("delete.retention.ms", "0"),
    ("min.compaction.lag.ms", "10"),
    ("max.compaction.lag.ms", "5"),
    ("min.cleanable.dirty.ratio", "0.01"),
    ("segment.bytes", "1"),
    ("no.such.setting", "1"),
];
