//! Amazon SQS, with topics of Amazon SNS: what its vectors and recordings ask of the model.

pub mod ops;
pub mod scenarios;
pub mod session;

use crate::family::Family;
use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;
use session::Session;

/// Its row.
pub const MODEL: Model = Model {
    title: "Amazon SQS",
    families: &[Family {
        name: "sqs",
        begin: Session::begin,
    }],
    kinds: &[Kind {
        name: "sqs_scenarios",
        answer: scenarios::answer,
    }],
    rooms: || {
        rooms! {
            "Queues" "systems" "sqs",
            "Sending" "systems" "sqs/sending",
            "Receiving, and long polling" "systems" "sqs/receiving",
            "Deduplication" "systems" "sqs/deduplication",
            "Deleting, and changing the visibility" "systems" "sqs/deleting",
            "Dead-letter queues" "systems" "sqs/moving",
            "Attributes of queues" "systems" "sqs/attributes",
            "Making, changing, purging, deleting queues" "systems" "sqs/managing",
            "The tool aws sqs" "systems" "sqs/tools",
            "Topics and queues of one account" "systems" "aws",
        }
    },
};
