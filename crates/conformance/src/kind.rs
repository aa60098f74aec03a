//! Kinds of vector files, and what answers them.

use crate::kafka::{cleaning, partitioning, transactions};
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
        name: "kafka_aborted_txn_lookup",
        answer: transactions::aborted_txn_lookup,
    },
    Kind {
        name: "kafka_builtin_partitioner",
        answer: partitioning::builtin_partitioner,
    },
    Kind {
        name: "kafka_idempotent_producer",
        answer: transactions::idempotent_producer,
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
    Kind {
        name: "kafka_transactions_lso",
        answer: transactions::transactions_lso,
    },
];
