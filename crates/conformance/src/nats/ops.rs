//! The words of NATS's recordings: what a step can ask.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A stream that another copies from: its name, or more.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum From {
    /// Its name.
    Name(String),
    /// Its name, and which messages.
    Part(Part),
}

/// Which messages of a stream are copied.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The stream.
    pub name: String,
    /// From which sequence on.
    #[serde(default)]
    pub start_seq: u64,
    /// Only on these subjects.
    pub filter: Option<String>,
}

/// A stream or a consumer is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Declare {
    /// A stream.
    Stream(Box<Stream>),
    /// A consumer.
    Consumer(Box<Consumer>),
}

/// A stream.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Stream {
    pub name: String,
    #[serde(default)]
    pub subjects: Vec<String>,
    pub retention: Option<String>,
    pub max_msgs: Option<i64>,
    pub max_bytes: Option<i64>,
    pub max_msg_size: Option<i64>,
    pub max_consumers: Option<i64>,
    pub max_msgs_per_subject: Option<i64>,
    pub max_age_ms: Option<u64>,
    pub discard: Option<String>,
    #[serde(default)]
    pub discard_new_per_subject: bool,
    pub duplicate_window_ms: Option<u64>,
    #[serde(default)]
    pub allow_rollup: bool,
    #[serde(default)]
    pub deny_delete: bool,
    #[serde(default)]
    pub deny_purge: bool,
    #[serde(default)]
    pub sealed: bool,
    pub mirror: Option<From>,
    #[serde(default)]
    pub sources: Vec<From>,
}

/// A consumer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Consumer {
    pub stream: String,
    pub name: String,
    #[serde(default)]
    pub ephemeral: bool,
    pub deliver: Option<String>,
    pub start_seq: Option<u64>,
    pub start_ms: Option<u64>,
    pub ack: Option<String>,
    pub ack_wait_ms: Option<u64>,
    pub max_deliver: Option<i64>,
    #[serde(default)]
    pub backoff_ms: Vec<u64>,
    pub filter: Option<String>,
    #[serde(default)]
    pub filters: Vec<String>,
    pub max_ack_pending: Option<i64>,
    pub replay: Option<String>,
    pub deliver_subject: Option<String>,
    pub deliver_group: Option<String>,
    pub max_waiting: Option<i64>,
    #[serde(default)]
    pub headers_only: bool,
    pub inactive_threshold_ms: Option<u64>,
}

/// A publish.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Publish {
    pub subject: String,
    pub msg: String,
    pub client: Option<String>,
    pub reply_to: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub stored: bool,
    pub msg_id: Option<String>,
    pub expect_last_seq: Option<u64>,
    pub expect_last_subject_seq: Option<u64>,
    pub expect_last_msg_id: Option<String>,
    pub expect_stream: Option<String>,
    pub rollup: Option<String>,
}

/// A request for messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Fetch {
    pub stream: String,
    pub consumer: String,
    pub client: Option<String>,
    #[serde(default = "one")]
    pub batch: u64,
    pub expires_ms: Option<u64>,
    #[serde(default)]
    pub background: bool,
}

/// What a receiver says of a message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Settle {
    pub client: Option<String>,
    pub msg: String,
    pub delivery: Option<usize>,
    pub delay_ms: Option<u64>,
    #[serde(default)]
    pub sync: bool,
}

/// A stream, a consumer or a message.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Thing {
    /// A stream.
    Stream { name: String },
    /// A consumer.
    Consumer { stream: String, name: String },
    /// A message.
    Message { stream: String, seq: u64 },
}

const fn one() -> u64 {
    1
}

/// What a step asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Op {
    /// Open a connection.
    Connect {
        client: String,
        #[serde(default = "yes")]
        echo: bool,
    },
    /// Subscribe.
    Subscribe {
        client: String,
        subject: String,
        queue_group: Option<String>,
        sub: Option<String>,
        max: Option<u64>,
    },
    /// End a subscription.
    Unsubscribe {
        client: String,
        sub: String,
        max: Option<u64>,
    },
    /// Publish.
    Publish(Publish),
    /// Answer a request.
    Reply {
        client: String,
        to_msg: String,
        msg: String,
    },
    /// Make a stream or a consumer.
    Declare(Declare),
    /// Ask a pull consumer for messages.
    Fetch(Fetch),
    /// Acknowledge.
    Ack(Settle),
    /// Give back.
    Nack(Settle),
    /// Refuse for good.
    Term(Settle),
    /// Ask for more time.
    InProgress(Settle),
    /// Look at a stream or a consumer.
    Info(Thing),
    /// Look at a message.
    GetMessage {
        stream: String,
        seq: Option<u64>,
        last_by_subject: Option<String>,
    },
    /// Delete.
    Delete(Thing),
    /// Remove messages.
    Purge {
        stream: String,
        filter: Option<String>,
        keep: Option<u64>,
        seq: Option<u64>,
    },
    /// Let time pass.
    Wait { ms: u64 },
    /// What has come to clients.
    Drain {
        clients: Vec<String>,
        #[serde(default)]
        merge: bool,
    },
    /// Kill a client.
    Crash { client: String },
}

const fn yes() -> bool {
    true
}
