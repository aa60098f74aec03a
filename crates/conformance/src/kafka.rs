//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod assigning;
pub mod cleaning;
pub mod ops;
pub mod partitioning;
pub mod session;
pub mod transactions;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use serde::de::DeserializeOwned;
use serde_json::Value;
use session::Session;
use session::groups::Groups;

/// Its row.
pub const MODEL: Model = Model {
    title: "Apache Kafka",
    families: &[
        Family {
            name: "kafka-group",
            begin: Groups::begin,
        },
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
            name: "kafka_assignor_cooperative_sticky",
            answer: assigning::cooperative_sticky,
        },
        Kind {
            name: "kafka_assignor_range",
            answer: assigning::range,
        },
        Kind {
            name: "kafka_assignor_roundrobin",
            answer: assigning::round_robin,
        },
        Kind {
            name: "kafka_assignor_sticky",
            answer: assigning::sticky,
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
            "The broker as a whole" "systems" "kafka",
            "Logs: offsets, batches, segments, fetches" "systems" "kafka/log",
            "Records, batches and their sizes" "systems" "kafka/log/record",
            "What a partition remembers of producers" "systems" "kafka/log/producers",
            "Retention" "systems" "kafka/log/retention",
            "Compaction" "systems" "kafka/log/compaction",
            "Topics and their settings" "systems" "kafka/topic",
            "What administrators ask" "systems" "kafka/admin",
            "What producers ask" "systems" "kafka/produce",
            "The transaction coordinator" "systems" "kafka/transaction",
            "Committed offsets" "systems" "kafka/offsets",
            "Classic consumer groups" "systems" "kafka/group",
            "Static members" "systems" "kafka/group/instance",
            "How long groups and offsets are kept" "systems" "kafka/group/keeping",
            "Assignors of classic groups" "systems" "kafka/assignor",
            "Sticky assignment" "systems" "kafka/assignor/sticky",
            "Sticky assignment by moves" "systems" "kafka/assignor/sticky/general",
            "Partitions that moved" "systems" "kafka/assignor/sticky/movements",
            "What the broker does by itself" "systems" "kafka/housekeeping",
            "The producer" "systems" "kafka/producer",
            "What a producer knows of topics" "systems" "kafka/producer/metadata",
            "A producer's program in a scene" "engine" "client/script",
            "A producer in a process" "systems" "kafka/outbox",
            "Read, process, write in a scene" "engine" "client/handling/transaction",
            "The default partitioner" "systems" "kafka/partitioner",
            "What a reader makes of a fetch" "systems" "kafka/isolation",
            "The tool kafka-topics" "systems" "kafka/tools/topics",
            "The tool kafka-transactions" "systems" "kafka/tools/transactions",
            "The tool kafka-dump-log" "systems" "kafka/tools/dump_log",
            "The tool kafka-get-offsets" "systems" "kafka/tools/get_offsets",
            "The tool kafka-console-consumer" "systems" "kafka/tools/console_consumer",
            "The tool kafka-delete-records" "systems" "kafka/tools/delete_records",
            "The tool kafka-consumer-groups" "systems" "kafka/tools/consumer_groups",
            "Resetting offsets with it" "systems" "kafka/tools/consumer_groups/reset",
            "Deleting groups and offsets with it" "systems" "kafka/tools/consumer_groups/delete",
            "The tool kafka-groups" "systems" "kafka/tools/groups",
        }
    },
};

/// The input as a kind's own type. It is read from its text: there, a mistake names the value that
/// does not fit, whichever features of `serde_json` a build has.
fn input<T: DeserializeOwned>(input: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_str(&input.to_string())
}
