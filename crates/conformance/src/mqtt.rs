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
