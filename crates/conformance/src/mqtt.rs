//! MQTT: what its vectors and recordings ask of the model.

pub mod ops;
pub mod session;
pub mod topics;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "MQTT",
    families: &[Family {
        name: "mqtt",
        begin: Session::begin,
    }],
    kinds: &[
        Kind {
            name: "mqtt_topic_match",
            answer: topics::matching,
        },
        Kind {
            name: "mqtt_topic_validity",
            answer: topics::validity,
        },
    ],
    rooms: || {
        rooms! {
            "The broker as a whole" "systems" "mqtt",
            "Reason codes" "systems" "mqtt/reason",
            "Topic names and filters" "systems" "mqtt/topic",
            "Subscriptions" "systems" "mqtt/subscriptions",
            "Retained messages" "systems" "mqtt/retained",
            "Deliveries in flight and waiting" "systems" "mqtt/outgoing",
            "Messages that a client has not let go of" "systems" "mqtt/incoming",
            "CONNECT and sessions" "systems" "mqtt/connect",
            "From a message to its subscribers" "systems" "mqtt/deliver",
            "PUBLISH and the acknowledgements" "systems" "mqtt/publish",
            "SUBSCRIBE and UNSUBSCRIBE" "systems" "mqtt/subscribe",
            "How connections, sessions and wills end" "systems" "mqtt/farewell",
            "Packets" "systems" "mqtt/packet",
            "Tools" "systems" "mqtt/tools",
        }
    },
};

#[cfg(test)]
mod tests {
    use crate::{Collection, Models};
    use std::path::PathBuf;

    #[test]
    fn every_given_recording_and_case_passes() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
        let mut collection = Collection::read(&folder).expect("the project's folder can be read");
        collection
            .files
            .retain(|file| file.model().starts_with("mqtt"));
        assert!(collection.files.len() >= 18, "{}", collection.files.len());
        let report = Models::ALL.replay(&collection, &[]);
        assert_eq!(report.failures().count(), 0, "{}", report.text());
        assert!(report.passed() >= 100, "{}", report.text());
    }
}
