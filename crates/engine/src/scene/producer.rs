//! Producers of a scene: processes that write records, step by step.

use serde::{Deserialize, Serialize};

/// A producer: a process with a Kafka client and a program around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Producer {
    /// Its name and `client.id`, for example "shop".
    pub name: String,
    /// When its process starts, in ms. Left out: at once.
    #[serde(default)]
    pub start_ms: u32,
    /// After how many ms a supervisor starts it again when it has died. Left out: nobody does by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart_ms: Option<u32>,
    /// Client settings under their real names.
    #[serde(default)]
    pub config: ProducerConfig,
    /// What it does, in this order. A producer with a transactional id takes it before. At most 1000.
    pub program: Vec<ProducerStep>,
    /// Where a new process begins.
    #[serde(default)]
    pub on_restart: OnRestart,
}

/// Producer settings, with the values as shipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ProducerConfig {
    /// Whether the broker recognises a record that is sent again.
    #[serde(rename = "enable.idempotence")]
    pub enable_idempotence: bool,
    /// What it waits for. There is one replica here, so that 1 and all are the same.
    pub acks: Acks,
    /// How often a request without an answer is sent again.
    pub retries: u32,
    /// How long it waits for an answer, in ms.
    #[serde(rename = "request.timeout.ms")]
    pub request_timeout_ms: u32,
    /// The name that its transactions are known by, whichever process makes them. Left out: it makes none.
    #[serde(rename = "transactional.id", skip_serializing_if = "Option::is_none")]
    pub transactional_id: Option<String>,
    /// How long a transaction may be open before the coordinator aborts it, in ms.
    #[serde(rename = "transaction.timeout.ms")]
    pub transaction_timeout_ms: u32,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        ProducerConfig {
            enable_idempotence: true,
            acks: Acks::All,
            retries: 2_147_483_647,
            request_timeout_ms: 30_000,
            transactional_id: None,
            transaction_timeout_ms: 60_000,
        }
    }
}

/// `acks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Acks {
    /// For nothing: a record that gets lost is lost, and nobody knows.
    #[serde(rename = "0")]
    None,
    /// For the leader.
    #[serde(rename = "1")]
    Leader,
    /// For all replicas in sync, as shipped.
    #[serde(rename = "all")]
    All,
}

/// One step of a producer's program. A crash can fall before, between and inside steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProducerStep {
    /// Begin a transaction.
    Begin,
    /// Send this record, one of those a topic lists as `sent`, and wait for the acknowledgement.
    Send(String),
    /// Commit the transaction.
    Commit,
    /// Abort the transaction.
    Abort,
    /// Wait for so many ms.
    WaitMs(u32),
}

/// Where a new process begins its program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnRestart {
    /// Behind the last step that was acknowledged, or the last transaction that was ended.
    #[default]
    Onward,
    /// At its beginning.
    Again,
}
