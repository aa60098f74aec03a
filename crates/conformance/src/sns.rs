//! Amazon SNS: what its vectors ask of the model. Recordings of it are played
//! with those of Amazon SQS.

pub mod filter_policy;

use crate::kind::Kind;
use crate::model::Model;
use crate::rules::rooms;

/// Its row.
pub const MODEL: Model = Model {
    title: "Amazon SNS",
    families: &[],
    kinds: &[
        Kind {
            name: "sns_filter_policy_match",
            answer: filter_policy::matching,
        },
        Kind {
            name: "sns_filter_policy_validation",
            answer: filter_policy::validation,
        },
    ],
    rooms: || {
        rooms! {
            "Filter policies" "systems" "sns/filter_policy",
            "Numbers in filter policies" "systems" "sns/filter_policy/decimal",
            "What a filter policy can ask" "systems" "sns/filter_policy/condition",
            "Which filter policies are accepted" "systems" "sns/filter_policy/validation",
            "Topics" "systems" "sns/topic",
            "Subscriptions" "systems" "sns/subscription",
            "The form in which a message arrives" "systems" "sns/envelope",
            "Deduplication" "systems" "sns/deduplication",
            "Retries" "systems" "sns/delivery_policy",
            "What is on its way" "systems" "sns/outbox",
            "An account" "systems" "sns/topics",
            "Subscribing" "systems" "sns/subscribing",
            "Publishing" "systems" "sns/publishing",
            "Delivering" "systems" "sns/delivering",
            "What can be asked" "systems" "sns/attributes",
            "The tool aws sns" "systems" "sns/tools",
            "Endpoints in a scene" "systems" "sns/server",
            "Refusals" "systems" "sns/error",
            "ARNs" "systems" "sns/arn",
        }
    },
};
