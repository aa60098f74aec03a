//! RabbitMQ: what its vectors and recordings ask of the model.

pub mod answer;
pub mod ops;
mod requests;
pub mod session;
pub mod vectors;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "RabbitMQ",
    families: &[Family {
        name: "rabbitmq",
        begin: Session::begin,
    }],
    kinds: &[
        Kind {
            name: "rabbitmq_headers_match",
            answer: vectors::headers_match,
        },
        Kind {
            name: "rabbitmq_scenarios",
            answer: vectors::scenarios,
        },
        Kind {
            name: "rabbitmq_topic_binding_limits",
            answer: vectors::topic_binding_limits,
        },
        Kind {
            name: "rabbitmq_topic_match",
            answer: vectors::topic_match,
        },
    ],
    rooms: || {
        rooms! {
            "The broker as a whole" "systems" "rabbitmq",
            "Messages and their deaths" "systems" "rabbitmq/message",
            "Topic keys" "systems" "rabbitmq/topic",
            "Headers bindings" "systems" "rabbitmq/headers",
            "Exchanges and bindings" "systems" "rabbitmq/exchange",
            "Queues" "systems" "rabbitmq/queue",
            "What queues are declared with" "systems" "rabbitmq/queue/arguments",
            "Consumers" "systems" "rabbitmq/queue/consumers",
            "Declaring and deleting" "systems" "rabbitmq/declaring",
            "Publishing" "systems" "rabbitmq/publishing",
            "Delivering" "systems" "rabbitmq/delivering",
            "Acknowledging" "systems" "rabbitmq/settling",
            "Ends and deadlines" "systems" "rabbitmq/closing",
            "The methods of AMQP" "systems" "rabbitmq/method",
            "The tool rabbitmqctl" "systems" "rabbitmq/tools",
        }
    },
};
