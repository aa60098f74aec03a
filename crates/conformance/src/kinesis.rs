//! Amazon Kinesis: what its vectors and recordings ask of the model.

pub mod hashing;
pub mod ops;
pub mod session;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "Amazon Kinesis",
    families: &[Family {
        name: "kinesis",
        begin: Session::begin,
    }],
    kinds: &[Kind {
        name: "kinesis_hash_shard",
        answer: hashing::hash_shard,
    }],
    rooms: || {
        rooms! {
            "Hash keys and shards" "systems" "kinesis/hash",
            "Sequence numbers" "systems" "kinesis/sequence",
            "Throughput" "systems" "kinesis/meter",
            "Shards and their records" "systems" "kinesis/shard",
            "Streams" "systems" "kinesis/stream",
            "Iterators and reading" "systems" "kinesis/iterator",
            "Putting records" "systems" "kinesis/put",
            "Resharding" "systems" "kinesis/reshard",
            "Enhanced fan-out" "systems" "kinesis/fanout",
            "Control operations" "systems" "kinesis/control",
            "The service as a whole" "systems" "kinesis",
            "The service's settings" "systems" "kinesis/setting",
            "The client library: leases and checkpoints" "systems" "kinesis/kcl",
            "The client library: reading a shard" "systems" "kinesis/kcl/reader",
            "The tool aws kinesis" "systems" "kinesis/tools",
        }
    },
};
