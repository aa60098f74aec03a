//! Producers of a scene: processes that write records, step by step.

use super::ProducerConfig;
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
