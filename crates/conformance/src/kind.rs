//! Kinds of vector files, and what answers them.

use crate::kafka::{cleaning, partitioning};
use crate::refusal::Refusal;
use serde_json::Value;

/// A kind that is modelled.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// The output for a case's input.
    pub answer: fn(&Value) -> Result<Value, Refusal>,
}

/// Every kind that is modelled.
pub const MODELLED: &[Kind] = &[
    Kind {
        name: "kafka_builtin_partitioner",
        answer: partitioning::builtin_partitioner,
    },
    Kind {
        name: "kafka_log_compaction",
        answer: cleaning::log_compaction,
    },
    Kind {
        name: "kafka_murmur2",
        answer: partitioning::murmur2,
    },
    Kind {
        name: "kafka_retention",
        answer: cleaning::retention,
    },
];
