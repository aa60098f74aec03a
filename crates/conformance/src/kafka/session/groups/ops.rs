//! The words of recordings of groups: what a step can ask.

use crate::kafka::ops::{Mark, Place, Publish};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Who asks by hand, and for which group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// Whose connection.
    pub client: String,
    /// Which group.
    pub group: String,
    /// Under which id; that of the client, if left out.
    pub member: Option<String>,
    /// `group.instance.id`.
    pub instance: Option<String>,
    /// How long the coordinator waits for a sign of life.
    #[serde(default = "ten_seconds")]
    pub session_timeout_ms: u64,
    /// How long it waits in a rebalance.
    #[serde(default = "ten_seconds")]
    pub rebalance_timeout_ms: u64,
    /// Which protocols, the preferred one first.
    #[serde(default = "range")]
    pub protocols: Vec<String>,
    /// Of which type.
    #[serde(default = "consumer")]
    pub protocol_type: String,
    /// What it subscribes to.
    #[serde(default)]
    pub topics: Vec<String>,
}

/// Names one of the members that leave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// By its id.
    pub member: Option<String>,
    /// By its instance.
    pub instance: Option<String>,
}

/// A commit, by hand or of a consumer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committing {
    /// Who commits.
    pub client: String,
    /// By hand: for which group.
    pub group: Option<String>,
    /// Which offsets; a consumer's positions, if left out.
    pub offsets: Option<Vec<Mark>>,
    /// With which note.
    pub metadata: Option<String>,
    /// With a note of that many letters.
    pub metadata_length: Option<usize>,
    /// Under which id.
    pub member: Option<String>,
    /// In which generation.
    pub generation: Option<i64>,
    /// Under which instance.
    pub instance: Option<String>,
}

/// A consumer that is made, or whose topics change.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribing {
    /// Its name.
    pub client: String,
    /// Its group.
    pub group: Option<String>,
    /// What it subscribes to.
    pub topics: Option<Vec<String>>,
    /// Or by which pattern.
    pub pattern: Option<String>,
    /// One assignor, or a list.
    pub assignor: Option<Value>,
    /// `group.instance.id`.
    pub instance: Option<String>,
    /// Its settings.
    #[serde(default)]
    pub config: BTreeMap<String, Value>,
    /// `commit`: it commits before it gives back.
    pub on_revoked: Option<String>,
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Make a topic.
    Declare {
        kind: String,
        name: String,
        partitions: i64,
    },
    /// Raise the number of partitions.
    AddPartitions { topic: String, total: i64 },
    /// Publish.
    Publish(Publish),
    /// Delete a topic, records, a group, or offsets.
    Delete {
        kind: String,
        name: Option<String>,
        topic: Option<String>,
        partition: Option<i64>,
        before: Option<i64>,
        group: Option<String>,
        partitions: Option<Vec<i64>>,
    },
    /// Ask who coordinates a group.
    #[expect(
        dead_code,
        reason = "there is one broker, whoever asks for whatever group"
    )]
    FindCoordinator { client: String, group: String },
    /// Join by hand.
    Join(Joining),
    /// Sync by hand.
    Sync {
        client: String,
        group: String,
        assignment: Option<BTreeMap<String, Vec<Place>>>,
        member: Option<String>,
        generation: Option<i64>,
        instance: Option<String>,
        protocol: Option<String>,
    },
    /// Look for the answer of a parked request.
    Await { client: String },
    /// Give a sign of life.
    Heartbeat {
        client: String,
        group: String,
        member: Option<String>,
        generation: Option<i64>,
        instance: Option<String>,
    },
    /// Leave.
    Leave {
        client: String,
        group: String,
        member: Option<String>,
        instance: Option<String>,
        members: Option<Vec<Leaving>>,
    },
    /// Commit.
    Commit(Committing),
    /// Read committed offsets.
    #[expect(dead_code, reason = "a reader names itself, and nobody checks it")]
    Committed {
        group: String,
        partitions: Option<Vec<Place>>,
        member: Option<String>,
        generation: Option<i64>,
    },
    /// Look at a group.
    Describe { group: String },
    /// List groups.
    ListGroups { states: Option<Vec<String>> },
    /// Kill a client.
    Crash { client: String },
    /// Make a consumer, or change its topics.
    Subscribe(Subscribing),
    /// Make a consumer with these partitions.
    Assign {
        client: String,
        group: Option<String>,
        partitions: Vec<Place>,
        #[serde(default)]
        config: BTreeMap<String, Value>,
    },
    /// Subscribe to nothing.
    Unsubscribe { client: String },
    /// Poll once.
    Poll { client: String, ms: u64 },
    /// Poll side by side.
    Settle {
        ms: u64,
        clients: Option<Vec<String>>,
    },
    /// Ask consumers what they believe to own.
    Assignments { clients: Option<Vec<String>> },
    /// Ask for a position.
    Position {
        client: String,
        topic: String,
        partition: i64,
    },
    /// Ask for a lag.
    Lag {
        client: String,
        topic: String,
        partition: i64,
    },
    /// Move a position.
    Seek {
        client: String,
        topic: String,
        partition: i64,
        offset: i64,
    },
    /// Move positions to the beginning.
    SeekToBeginning {
        client: String,
        partitions: Vec<Place>,
    },
    /// Move positions to the end.
    SeekToEnd {
        client: String,
        partitions: Vec<Place>,
    },
    /// Fetch no more.
    Pause {
        client: String,
        partitions: Vec<Place>,
    },
    /// Fetch again.
    Resume {
        client: String,
        partitions: Vec<Place>,
    },
    /// Ask what is paused.
    Paused { client: String },
    /// End a consumer.
    Close {
        client: String,
        membership: Option<String>,
    },
    /// Let a process stand still.
    Freeze { client: String },
    /// Let it go on.
    Thaw { client: String },
    /// Let time pass.
    Wait { ms: u64 },
    /// Run a command line tool.
    Tool {
        args: Vec<String>,
        file: Option<Value>,
    },
}

const fn ten_seconds() -> u64 {
    10_000
}

fn range() -> Vec<String> {
    vec!["range".to_owned()]
}

fn consumer() -> String {
    "consumer".to_owned()
}
