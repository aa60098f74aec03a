//! NATS: what its vectors and recordings ask of the model.

pub mod ops;
pub mod session;
pub mod vectors;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "NATS",
    families: &[Family {
        name: "nats",
        begin: Session::begin,
    }],
    kinds: &[
        Kind {
            name: "nats_jetstream_redelivery",
            answer: vectors::redelivery,
        },
        Kind {
            name: "nats_subject_match",
            answer: vectors::subject_match,
        },
        Kind {
            name: "nats_subject_validity",
            answer: vectors::subject_validity,
        },
    ],
    rooms: || {
        rooms! {
            "Subjects" "systems" "nats/subject",
            "Core NATS: subscriptions and queue groups" "systems" "nats/core",
            "What a stream stores" "systems" "nats/log",
            "Streams" "systems" "nats/stream",
            "Consumers" "systems" "nats/consumer",
            "The JetStream API" "systems" "nats/api",
            "Publishing, retention, copies" "systems" "nats/work",
            "Deliveries and acknowledgements" "systems" "nats/delivery",
            "The server as a whole" "systems" "nats",
            "The tool nats" "systems" "nats/tools",
        }
    },
};
