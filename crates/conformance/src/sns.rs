//! Amazon SNS: what its vectors ask of the model.

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
        }
    },
};
