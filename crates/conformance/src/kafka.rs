//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod cleaning;
pub mod ops;
pub mod partitioning;
pub mod session;
pub mod transactions;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "Apache Kafka",
    families: &[
        Family {
            name: "kafka-log",
            begin: Session::begin,
        },
        Family {
            name: "kafka-txn",
            begin: Session::begin,
        },
    ],
    kinds: &[
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
    ],
    rooms: || {
        rooms! {
            "The broker as a whole" "engine" "broker/kafka",
            "Logs: offsets, batches, segments, fetches" "engine" "broker/kafka/log",
            "Records, batches and their sizes" "engine" "broker/kafka/log/record",
            "What a partition remembers of producers" "engine" "broker/kafka/log/producers",
            "Retention" "engine" "broker/kafka/log/retention",
            "Compaction" "engine" "broker/kafka/log/compaction",
            "Topics and their settings" "engine" "broker/kafka/topic",
            "What administrators ask" "engine" "broker/kafka/admin",
            "What producers ask" "engine" "broker/kafka/produce",
            "The transaction coordinator" "engine" "broker/kafka/transaction",
            "Committed offsets" "engine" "broker/kafka/offsets",
            "Classic consumer groups" "engine" "broker/kafka/group",
            "What the broker does by itself" "engine" "broker/kafka/housekeeping",
            "The producer" "engine" "client/producer",
            "A producer's process in a scene" "engine" "client/producer/process",
            "Read, process, write in a scene" "engine" "client/consumer/transaction",
            "The default partitioner" "engine" "client/partitioner",
            "What a reader makes of a fetch" "engine" "client/isolation",
            "The tool kafka-topics" "engine" "broker/kafka/tools/topics",
            "The tool kafka-transactions" "engine" "broker/kafka/tools/transactions",
            "The tool kafka-dump-log" "engine" "broker/kafka/tools/dump_log",
            "The tool kafka-get-offsets" "engine" "broker/kafka/tools/get_offsets",
            "The tool kafka-console-consumer" "engine" "broker/kafka/tools/console_consumer",
            "The tool kafka-delete-records" "engine" "broker/kafka/tools/delete_records",
            "The tool kafka-consumer-groups" "engine" "broker/kafka/tools/consumer_groups",
        }
    },
};
