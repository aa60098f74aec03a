//! Google Cloud Pub/Sub: what its vectors and recordings ask of the model.

pub mod ops;
pub mod session;

use crate::family::Family;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "Google Cloud Pub/Sub",
    families: &[Family {
        name: "pubsub",
        begin: Session::begin,
    }],
    kinds: &[],
    rooms: || {
        rooms! {
            "Messages" "systems" "pubsub/message",
            "Filters" "systems" "pubsub/filter",
            "Settings of a subscription" "systems" "pubsub/settings",
            "Topics and snapshots" "systems" "pubsub/topic",
            "Subscriptions" "systems" "pubsub/subscription",
            "The backlog: deadlines and order" "systems" "pubsub/subscription/backlog",
            "Attempts that fail" "systems" "pubsub/subscription/failing",
            "Acknowledgements" "systems" "pubsub/subscription/settling",
            "Pulls and streams" "systems" "pubsub/subscription/giving",
            "Pushes" "systems" "pubsub/subscription/pushing",
            "Seeking" "systems" "pubsub/subscription/seeking",
            "The service as a whole" "systems" "pubsub",
            "The tool gcloud pubsub" "systems" "pubsub/tools",
            "A publisher's client library" "systems" "pubsub/publisher",
            "A subscriber's client library" "systems" "pubsub/subscriber",
        }
    },
};
