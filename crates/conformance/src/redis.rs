//! Redis: what its vectors and recordings ask of the model.

pub mod commands;
pub mod ops;
pub mod session;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "Redis",
    families: &[Family {
        name: "redis",
        begin: Session::begin,
    }],
    kinds: &[
        Kind {
            name: "redis_psubscribe_glob",
            answer: commands::psubscribe_glob,
        },
        Kind {
            name: "redis_stream_id_order",
            answer: commands::stream_id_order,
        },
        Kind {
            name: "redis_streams",
            answer: commands::streams,
        },
    ],
    rooms: || {
        rooms! {
            "Ids of entries" "systems" "redis/id",
            "Glob patterns" "systems" "redis/glob",
            "Settings and versions" "systems" "redis/config",
            "Commands and replies" "systems" "redis/wire",
            "Streams" "systems" "redis/stream",
            "Consumer groups" "systems" "redis/group",
            "Keys" "systems" "redis/keyspace",
            "The server as a whole" "systems" "redis",
            "Clients that wait" "systems" "redis/waiting",
            "Connections and their output" "systems" "redis/output",
            "Publish and subscribe" "systems" "redis/channels",
            "Reading streams" "systems" "redis/reading",
            "Those who wait" "systems" "redis/serving",
            "The commands on entries" "systems" "redis/streams",
            "The commands on groups" "systems" "redis/groups",
            "What is pending" "systems" "redis/pending",
            "Claiming" "systems" "redis/claim",
            "What XINFO tells" "systems" "redis/info",
            "Lists" "systems" "redis/lists",
            "Keys, hashes and sorted sets" "systems" "redis/keys",
            "The tool redis-cli" "systems" "redis/tools",
        }
    },
};
