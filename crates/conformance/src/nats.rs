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
            "The JetStream API: streams" "systems" "nats/api/streams",
            "The JetStream API: consumers" "systems" "nats/api/consumers",
            "Publishing and copies" "systems" "nats/work",
            "What leaves a stream" "systems" "nats/removing",
            "Deliveries and acknowledgements" "systems" "nats/delivery",
            "Requests to pull consumers" "systems" "nats/pulling",
            "The server as a whole" "systems" "nats",
            "The tool nats" "systems" "nats/tools",
        }
    },
};

#[cfg(test)]
mod tests {
    use super::MODEL;
    use crate::collection::Collection;
    use crate::replay::Models;
    use std::path::Path;

    #[test]
    fn every_recording_and_vector_of_nats_is_answered() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let collection = Collection::read(&folder).expect("the collection is there");
        let report = Models(&[MODEL]).replay(&collection, &[]);
        let failures: Vec<String> = report
            .failures()
            .map(|(file, failure)| format!("{}: {failure:#?}", file.name))
            .collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(
            report.passed() > 100,
            "only {} cases were found",
            report.passed()
        );
    }
}
