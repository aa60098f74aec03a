//! The words of Kafka's recordings: what a step can ask.
//!
//! Each op knows its fields and no others, so a file that asks for more than the model knows fails.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Something that may be left out, be null, or be there.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Given<T> {
    /// It is not there.
    #[default]
    LeftOut,
    /// It is null.
    Null,
    /// It is this.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(from).map(|given| given.map_or(Given::Null, Given::Value))
    }
}

/// A partition as `[topic, number]`.
pub type Place = (String, i64);
/// An offset of a partition as `[topic, number, offset]`.
pub type Mark = (String, i64, i64);

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Commit.
    Commit,
    /// Abort.
    Abort,
}

/// Which records a reader gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// All.
    #[default]
    ReadUncommitted,
    /// The committed ones.
    ReadCommitted,
}

/// The acknowledgements that a publisher waits for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Acks {
    /// A number.
    Number(i64),
    /// A word.
    Word(String),
}

/// A record of a batch.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its key.
    pub key: Option<String>,
    /// Its body; null is a tombstone.
    #[serde(default)]
    pub msg: Given<String>,
    /// The body is padded to that many bytes.
    pub bytes: Option<usize>,
    /// Its timestamp.
    pub timestamp_ms: Option<i64>,
    /// Its headers.
    #[serde(default)]
    pub headers: Vec<(String, Option<String>)>,
}

/// A publish.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// To which topic.
    pub topic: String,
    /// To which partition; left out, the partitioner chooses.
    pub partition: Option<i64>,
    /// As in [`Written`].
    pub key: Option<String>,
    /// As in [`Written`].
    #[serde(default)]
    pub msg: Given<String>,
    /// As in [`Written`].
    pub bytes: Option<usize>,
    /// As in [`Written`].
    pub timestamp_ms: Option<i64>,
    /// As in [`Written`].
    #[serde(default)]
    pub headers: Vec<(String, Option<String>)>,
    /// Several records instead of one.
    pub batch: Option<Vec<Written>>,
    /// The acknowledgements.
    pub acks: Option<Acks>,
    /// A client made by `open`.
    pub client: Option<String>,
    /// The raw form: whose id.
    pub producer: Option<String>,
    /// The first sequence.
    pub sequence: Option<i32>,
    /// The epoch.
    pub epoch: Option<i16>,
    /// Whether it belongs to a transaction.
    pub transactional: Option<bool>,
    /// Under which id.
    pub transactional_id: Option<String>,
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Make a topic.
    Declare {
        /// `topic`.
        kind: String,
        /// Its name.
        name: String,
        /// How many partitions.
        #[serde(default = "one")]
        partitions: i64,
        /// How many replicas of each.
        #[serde(default = "one")]
        replicas: i64,
        /// On which brokers, instead.
        assignment: Option<Vec<Vec<i32>>>,
        /// Its settings.
        #[serde(default)]
        config: BTreeMap<String, Value>,
    },
    /// Change a topic.
    Alter {
        /// `topic`.
        kind: String,
        /// Its name.
        name: String,
        /// Its settings; null takes one back.
        config: BTreeMap<String, Value>,
    },
    /// Raise the number of partitions.
    AddPartitions {
        /// Of which topic.
        topic: String,
        /// To how many.
        total: i64,
    },
    /// Delete a topic, or records.
    Delete {
        /// `topic` or `records`.
        kind: String,
        /// The topic.
        name: Option<String>,
        /// The records' topic.
        topic: Option<String>,
        /// Their partition.
        partition: Option<i64>,
        /// Below which offset.
        before: Option<i64>,
    },
    /// Publish.
    Publish(Publish),
    /// Read.
    Fetch {
        /// Which topic.
        topic: String,
        /// Which partition.
        partition: i64,
        /// From which offset on.
        offset: i64,
        /// Which records.
        #[serde(default)]
        isolation: Isolation,
        /// At most so many bytes.
        max_bytes: Option<u64>,
        /// A single request.
        #[serde(default)]
        once: bool,
        /// With timestamps.
        #[serde(default)]
        timestamps: bool,
        /// The batches as stored.
        #[serde(default)]
        raw: bool,
        /// By a remembered topic id.
        topic_id_of: Option<String>,
    },
    /// Look up an offset.
    ListOffsets {
        /// Of which topic.
        topic: String,
        /// Of which partition, or `all`.
        partition: Value,
        /// Which one.
        at: Value,
        /// For which readers.
        #[serde(default)]
        isolation: Isolation,
    },
    /// Look at the state.
    Describe {
        /// `log`, `topic`, `producers`, `transaction` or `transactions`.
        kind: String,
        /// The topic.
        topic: Option<String>,
        /// The partition.
        partition: Option<i64>,
        /// The topic's name.
        name: Option<String>,
        /// The transactional id.
        transactional_id: Option<String>,
    },
    /// Ask for a producer id.
    InitProducer {
        /// Who asks.
        producer: String,
        /// Under which transactional id.
        transactional_id: Option<String>,
        /// How long its transactions may be open.
        #[serde(default = "minute")]
        timeout_ms: u64,
        /// Which version of transactions it speaks.
        transaction_version: Option<u8>,
        /// Whether it names its present id and epoch.
        #[serde(default)]
        keep_id: bool,
        /// Another epoch to name.
        epoch: Option<i16>,
        /// Whether it asks again when another transaction is ending.
        #[serde(default = "yes")]
        retry: bool,
    },
    /// Add partitions to a transaction.
    AddPartitionsToTxn {
        /// Whose.
        producer: String,
        /// Which.
        partitions: Vec<Place>,
        /// Another transactional id.
        transactional_id: Option<String>,
        /// Another epoch.
        epoch: Option<i16>,
        /// Whether it asks again when another transaction is ending.
        #[serde(default = "yes")]
        retry: bool,
    },
    /// Add a group's offsets to a transaction.
    AddOffsetsToTxn {
        /// Whose.
        producer: String,
        /// Which group's.
        group: String,
        /// Another epoch.
        epoch: Option<i16>,
        /// Another transactional id.
        transactional_id: Option<String>,
    },
    /// Write offsets in a transaction.
    TxnOffsetCommit {
        /// Whose.
        producer: String,
        /// Which group's.
        group: String,
        /// Which.
        offsets: Vec<Mark>,
        /// Another epoch.
        epoch: Option<i16>,
        /// Another transactional id.
        transactional_id: Option<String>,
        /// Whose membership.
        member_of: Option<String>,
        /// Another member.
        member: Option<String>,
        /// Another generation.
        generation: Option<i32>,
    },
    /// End a transaction.
    EndTxn {
        /// Whose.
        producer: String,
        /// How.
        result: Ending,
        /// Another epoch.
        epoch: Option<i16>,
        /// Another transactional id.
        transactional_id: Option<String>,
        /// Whether it asks again when another transaction is ending.
        #[serde(default = "yes")]
        retry: bool,
    },
    /// Write markers directly.
    WriteMarkers {
        /// Whose.
        producer: String,
        /// Where.
        partitions: Vec<Place>,
        /// Which.
        result: Ending,
        /// Under which epoch.
        epoch: Option<i16>,
        /// Of which coordinator.
        #[serde(default)]
        coordinator_epoch: i32,
        /// Of which version.
        transaction_version: Option<u8>,
    },
    /// Make a client.
    Open {
        /// `producer` or `consumer`.
        kind: String,
        /// Its name.
        client: String,
        /// Its transactional id.
        transactional_id: Option<String>,
        /// How long its transactions may be open.
        timeout_ms: Option<u64>,
        /// Its settings.
        #[serde(default)]
        config: BTreeMap<String, Value>,
        /// Its group.
        group: Option<String>,
        /// Where it begins without a committed offset.
        auto_offset_reset: Option<String>,
        /// Which records it reads.
        #[serde(default)]
        isolation: Isolation,
        /// Which group protocol it speaks.
        protocol: Option<String>,
    },
    /// Begin a transaction.
    Begin {
        /// Which client.
        client: String,
    },
    /// Commit it.
    CommitTxn {
        /// Which client.
        client: String,
    },
    /// Abort it.
    AbortTxn {
        /// Which client.
        client: String,
    },
    /// Write offsets in it.
    SendOffsets {
        /// Which client.
        client: String,
        /// Which offsets.
        offsets: Vec<Mark>,
        /// Of which group.
        group: Option<String>,
        /// Whose membership.
        member_of: Option<String>,
    },
    /// Take partitions.
    Assign {
        /// Which client.
        client: String,
        /// Which partitions.
        partitions: Vec<Place>,
    },
    /// Join the group for topics.
    Subscribe {
        /// Which client.
        client: String,
        /// Which topics.
        topics: Vec<String>,
    },
    /// Poll until nothing more comes.
    Poll {
        /// Which client.
        client: String,
    },
    /// Move the position.
    Seek {
        /// Which client.
        client: String,
        /// Which topic.
        topic: String,
        /// Which partition.
        partition: i64,
        /// To which offset, `beginning` or `end`.
        offset: Value,
    },
    /// Ask a client for its position.
    Position {
        /// Which client.
        client: String,
        /// Which topic.
        topic: String,
        /// Which partition.
        partition: i64,
    },
    /// Ask a client for its lag.
    Lag {
        /// Which client.
        client: String,
        /// Which topic.
        topic: String,
        /// Which partition.
        partition: i64,
    },
    /// Commit offsets.
    Commit {
        /// Which client; its positions, unless offsets are given.
        client: Option<String>,
        /// Without membership: which group.
        group: Option<String>,
        /// Which offsets.
        offsets: Option<Vec<Mark>>,
    },
    /// Look up a committed offset.
    Committed {
        /// Of which group.
        group: String,
        /// Which topic.
        topic: String,
        /// Which partition.
        partition: i64,
        /// Not one that may change with an open transaction.
        #[serde(default)]
        require_stable: bool,
    },
    /// Keep a client's membership under a name.
    Remember {
        /// Which client.
        client: String,
        /// The name.
        #[serde(rename = "as")]
        name: String,
    },
    /// Keep a topic's id under a name.
    RememberTopicId {
        /// Which topic.
        topic: String,
        /// The name.
        #[serde(rename = "as")]
        name: String,
    },
    /// Kill a client.
    Crash {
        /// Which.
        client: String,
    },
    /// End a client.
    Close {
        /// Which.
        client: String,
    },
    /// Stop and start the broker.
    RestartBroker {
        /// How long that takes.
        ms: u64,
    },
    /// Let time pass.
    Wait {
        /// How much.
        ms: u64,
    },
    /// Run a command line tool.
    Tool {
        /// Its name and its arguments.
        args: Vec<String>,
        /// What stands in the file it reads.
        file: Option<Value>,
    },
}

const fn one() -> i64 {
    1
}

const fn minute() -> u64 {
    60_000
}

const fn yes() -> bool {
    true
}
