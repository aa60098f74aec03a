//! The words of Kinesis' recordings: what a step can ask.
//!
//! Each op knows its fields and no others, so a file that asks for more than the model knows fails.

use serde::Deserialize;

/// A record to put.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Its partition key.
    pub key: String,
    /// Its body.
    pub msg: String,
    /// A hash key that replaces the one of its partition key.
    pub explicit_hash_key: Option<String>,
    /// The body is padded to that many bytes.
    pub size: Option<usize>,
    /// The key is repeated that many times.
    pub repeat_key: Option<usize>,
}

/// Which way the retention period is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It is made longer.
    Increase,
    /// It is made shorter.
    Decrease,
}

/// What is made or deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Made {
    /// A stream.
    #[default]
    Stream,
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Op {
    /// Make a stream and wait until it is active.
    Declare {
        /// `stream`.
        #[serde(default)]
        kind: Made,
        /// Its name.
        name: String,
        /// How many shards.
        shards: u32,
    },
    /// Delete a stream and wait until it is gone.
    Delete {
        /// `stream`.
        #[serde(default)]
        kind: Made,
        /// Its name.
        name: String,
    },
    /// The names of the streams.
    List {},
    /// Put one record.
    PutRecord {
        /// Into which stream.
        stream: String,
        /// Its partition key.
        key: String,
        /// Its body.
        msg: String,
        /// As in [`Written`].
        explicit_hash_key: Option<String>,
        /// As in [`Written`].
        size: Option<usize>,
        /// As in [`Written`].
        repeat_key: Option<usize>,
        /// A message whose sequence number it must come after, or a literal one.
        after: Option<String>,
    },
    /// Put several records at once.
    PutRecords {
        /// Into which stream.
        stream: String,
        /// The records.
        records: Option<Vec<Written>>,
        /// So many small ones instead.
        fill: Option<usize>,
    },
    /// Get an iterator.
    Iterator {
        /// The name it has from now on.
        #[serde(rename = "as")]
        name: String,
        /// Into which stream.
        stream: String,
        /// Into which shard.
        shard: u32,
        /// Its type.
        #[serde(rename = "type")]
        kind: String,
        /// At or after which message, or a literal sequence number.
        at: Option<String>,
        /// From which time on.
        time_ms: Option<u64>,
    },
    /// Read from an iterator, which then moves on.
    GetRecords {
        /// Which.
        iterator: String,
        /// At most so many.
        limit: Option<u32>,
        /// Whether the lag is told.
        #[serde(default)]
        lag: bool,
        /// Whether the iterator stays where it is.
        #[serde(default)]
        stay: bool,
    },
    /// Read shards one after the other from their beginning.
    Read {
        /// Of which stream.
        stream: String,
        /// Which.
        shards: Vec<u32>,
    },
    /// Split a shard.
    Split {
        /// Of which stream.
        stream: String,
        /// Which.
        shard: u32,
        /// At which hash key.
        at: String,
    },
    /// Merge two shards.
    Merge {
        /// Of which stream.
        stream: String,
        /// The lower one.
        shard: u32,
        /// The upper one.
        with: u32,
    },
    /// A stream and its shards.
    Describe {
        /// Which.
        stream: String,
    },
    /// The shards of a stream, as the operation pages them.
    ListShards {
        /// Of which stream.
        stream: String,
        /// After which shard.
        after: Option<u32>,
        /// At most so many.
        max: Option<u32>,
    },
    /// Change for how long records are kept.
    Retention {
        /// Of which stream.
        stream: String,
        /// Which way.
        change: Direction,
        /// To how many hours.
        hours: u32,
    },
    /// Let time pass.
    Wait {
        /// So many milliseconds.
        ms: u64,
    },
}
