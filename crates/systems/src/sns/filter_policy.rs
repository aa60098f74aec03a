//! Filter policies: which of a topic's messages a subscription takes.
//!
//! Without a filter policy a subscription takes every message. With one, Amazon SNS looks at the
//! message attributes or at the message body, whichever the subscription's `FilterPolicyScope` names.
//!
//! S1. Every key of a policy must match (AND); the values of one key are alternatives (OR). A key
//! that the message lacks does not match, unless `{"exists": false}` is among the values. Source: SNS
//! developer guide, "Subscription filter policies". Shown by: sns_filter_policy_match.
//!
//! S2. `$or` holds a list of at least two objects, of which one must match; it may be nested. With
//! fewer, or with something else in the list, it is a key like any other. Source: SNS developer
//! guide, "OR operator". Shown by: sns_filter_policy_match, the test `or_with_one_object_is_a_key`.
//!
//! S3. Of message attributes those of the types `String`, `Number` and `String.Array` count; one of
//! type `Binary` is as if it were not there. A `String.Array` matches if any of its elements does, and
//! does not match at all if its value is no JSON array. Source: SNS developer guide, "Filter policy
//! constraints". Shown by: sns_filter_policy_match, the test `a_binary_attribute_is_not_seen`.
//!
//! S4. With scope `MessageBody` the body must be a JSON object, otherwise nothing matches. The policy
//! walks into objects; a key with dots is the same as keys inside each other, in the policy and in the
//! body. Source: the recorded answers of the service in LocalStack's suite
//! (`test_filter_policy_on_message_body_dot_attribute`). Shown by: sns_filter_policy_match.
//!
//! S5. Arrays on the way are searched element by element, also arrays of arrays, and what is under
//! one array must match within one and the same element. Source: the recorded answers in
//! LocalStack's suite (`test_filter_policy_on_message_body_array_of_object_attributes`). Shown by:
//! sns_filter_policy_match, the test `one_element_must_match_everything`.
//!
//! S6. `exists` looks at leaves: an object is not there, only what is in it. Source: SNS developer
//! guide, "Key matching". Shown by: the test `exists_looks_at_leaves`.
//!
//! ```
//! use systems::sns::filter_policy::{FilterPolicy, Scope};
//! use systems::sns::message::Attributes;
//!
//! let policy = FilterPolicy::parse(r#"{"color": ["red", {"prefix": "blu"}]}"#, Scope::MessageAttributes)?;
//! let color = |color| Attributes::from([("color".into(), systems::sns::message::Attribute::string(color))]);
//! assert!(policy.takes("any body", &color("blue")));
//! assert!(!policy.takes("any body", &color("green")));
//! assert!(!policy.takes("any body", &Attributes::new()));
//! # Ok::<(), systems::sns::filter_policy::error::PolicyError>(())
//! ```

pub mod condition;
pub mod decimal;
pub mod error;
pub mod validation;

use crate::sns::message::{Attribute, Attributes};
use condition::{Condition, Literal};
use error::PolicyError;
use serde_json::Value;
use std::sync::Arc;

/// What a filter policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The message attributes; the default.
    #[default]
    MessageAttributes,
    /// The message body, which must be a JSON object.
    MessageBody,
}

impl Scope {
    /// The scope that is called so.
    pub fn named(name: &str) -> Option<Scope> {
        match name {
            "MessageAttributes" => Some(Scope::MessageAttributes),
            "MessageBody" => Some(Scope::MessageBody),
            _ => None,
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Scope::MessageAttributes => "MessageAttributes",
            Scope::MessageBody => "MessageBody",
        }
    }
}

/// What one key asks of its value: one of the conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Rule {
    /// The way to the value, its keys joined by dots.
    path: Arc<str>,
    any_of: Vec<Condition>,
}

impl Rule {
    fn takes_absence(&self) -> bool {
        self.any_of.contains(&Condition::Exists(false))
    }

    fn takes(&self, value: &Literal) -> bool {
        self.any_of.iter().any(|condition| condition.holds(value))
    }
}

/// A filter policy that has been accepted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilterPolicy {
    text: Arc<str>,
    scope: Scope,
    /// The alternatives that `$or` makes, each a list of rules that must all hold. Rules that an
    /// absent value satisfies come last, when it is known within which elements to look.
    alternatives: Vec<Vec<Rule>>,
}

impl FilterPolicy {
    /// Reads a policy, and checks it as Amazon SNS does when it is set.
    ///
    /// # Errors
    /// The reason that Amazon SNS gives in its `InvalidParameter`.
    pub fn parse(text: &str, scope: Scope) -> Result<FilterPolicy, PolicyError> {
        validation::compiled(text, scope)
    }

    /// The policy as it was set.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What it looks at.
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether the subscription takes a message.
    pub fn takes(&self, body: &str, attributes: &Attributes) -> bool {
        if self.alternatives.iter().any(Vec::is_empty) {
            return true;
        }
        match self.scope {
            Scope::MessageAttributes => self.takes_attributes(attributes),
            Scope::MessageBody => match serde_json::from_str(body) {
                Ok(Value::Object(body)) => {
                    let leaves = Leaf::all(body);
                    let holds = |rules: &Vec<Rule>| all_hold(rules, &leaves, &mut Vec::new());
                    self.alternatives.iter().any(holds)
                }
                _ => false,
            },
        }
    }

    fn takes_attributes(&self, attributes: &Attributes) -> bool {
        let holds = |rule: &Rule| match attributes.get(&rule.path) {
            None | Some(Attribute::Binary(_)) => rule.takes_absence(),
            Some(there) => literals(there).iter().any(|value| rule.takes(value)),
        };
        let all = |rules: &Vec<Rule>| rules.iter().all(holds);
        self.alternatives.iter().any(all)
    }
}

/// The values that an attribute offers to a policy.
fn literals(attribute: &Attribute) -> Vec<Literal> {
    match attribute {
        Attribute::String(text) => vec![Literal::Text(text.clone())],
        Attribute::Number(text) => decimal::Decimal::parse(text)
            .map(Literal::Number)
            .into_iter()
            .collect(),
        Attribute::StringArray(text) => match serde_json::from_str(text) {
            Ok(Value::Array(elements)) => elements.iter().filter_map(Literal::of).collect(),
            _ => Vec::new(),
        },
        Attribute::Binary(_) => Vec::new(),
    }
}

/// A value in a message body that is neither object nor array.
struct Leaf {
    /// The keys on the way, joined by dots.
    path: String,
    value: Literal,
    /// Which arrays are on the way, and in which of their elements the leaf stands.
    within: Vec<(u32, u32)>,
}

impl Leaf {
    /// Every leaf of a body.
    fn all(body: serde_json::Map<String, Value>) -> Vec<Leaf> {
        let (mut leaves, mut arrays) = (Vec::new(), 0);
        for (key, value) in &body {
            Leaf::collect(key, value, &mut Vec::new(), &mut arrays, &mut leaves);
        }
        leaves
    }

    fn collect(
        path: &str,
        value: &Value,
        within: &mut Vec<(u32, u32)>,
        arrays: &mut u32,
        leaves: &mut Vec<Leaf>,
    ) {
        match value {
            Value::Object(inner) => {
                for (key, value) in inner {
                    Leaf::collect(&format!("{path}.{key}"), value, within, arrays, leaves);
                }
            }
            Value::Array(elements) => {
                let array = *arrays;
                *arrays = arrays.saturating_add(1);
                for (element, at) in elements.iter().zip(0..) {
                    within.push((array, at));
                    Leaf::collect(path, element, within, arrays, leaves);
                    within.pop();
                }
            }
            scalar => leaves.extend(Literal::of(scalar).map(|value| Leaf {
                path: path.to_owned(),
                value,
                within: within.clone(),
            })),
        }
    }

    /// Whether it stands in the elements that were chosen so far, where there is a choice.
    fn is_within(&self, chosen: &[(u32, u32)]) -> bool {
        let agrees = |(array, at): &(u32, u32)| {
            let other = chosen.iter().find(|(other, _)| other == array);
            other.is_none_or(|(_, other)| other == at)
        };
        self.within.iter().all(agrees)
    }
}

/// Whether all rules hold, with one element chosen of every array.
fn all_hold(rules: &[Rule], leaves: &[Leaf], chosen: &mut Vec<(u32, u32)>) -> bool {
    let Some((rule, rest)) = rules.split_first() else {
        return true;
    };
    let mut is_absent = true;
    for leaf in leaves.iter().filter(|leaf| *leaf.path == *rule.path) {
        if !leaf.is_within(chosen) {
            continue;
        }
        is_absent = false;
        if rule.takes(&leaf.value) {
            let before = chosen.len();
            chosen.extend(&leaf.within);
            if all_hold(rest, leaves, chosen) {
                return true;
            }
            chosen.truncate(before);
        }
    }
    is_absent && rule.takes_absence() && all_hold(rest, leaves, chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(policy: &str, body: &str) -> bool {
        let policy = FilterPolicy::parse(policy, Scope::MessageBody).expect("a good policy");
        policy.takes(body, &Attributes::new())
    }

    #[test]
    fn or_with_one_object_is_a_key() {
        let refused = FilterPolicy::parse(r#"{"$or": [{"a": ["x"]}]}"#, Scope::MessageBody);
        assert_eq!(refused, Err(PolicyError::UnrecognizedMatchType("a".into())));
        assert!(takes(r#"{"$or": ["x"]}"#, r#"{"$or": "x"}"#));
    }

    #[test]
    fn a_binary_attribute_is_not_seen() {
        let policy = FilterPolicy::parse(r#"{"a": [{"exists": false}]}"#, Scope::MessageAttributes)
            .expect("a good policy");
        let binary = Attributes::from([("a".into(), Attribute::Binary("AA==".into()))]);
        let string = Attributes::from([("a".into(), Attribute::string("x"))]);
        assert!(policy.takes("", &binary) && !policy.takes("", &string));
    }

    #[test]
    fn one_element_must_match_everything() {
        let policy = r#"{"r": {"a": [1], "b": [2]}}"#;
        assert!(takes(policy, r#"{"r": [{"a": 9}, {"a": 1, "b": 2}]}"#));
        assert!(!takes(
            policy,
            r#"{"r": [{"a": 1, "b": 9}, {"a": 9, "b": 2}]}"#
        ));
        let lacks = r#"{"r": {"a": [1], "b": [{"exists": false}]}}"#;
        assert!(takes(lacks, r#"{"r": [{"a": 1}, {"a": 2, "b": 2}]}"#));
        assert!(!takes(lacks, r#"{"r": [{"a": 1, "b": 3}, {"a": 2}]}"#));
    }

    #[test]
    fn exists_looks_at_leaves() {
        let policy = r#"{"a": [{"exists": true}]}"#;
        assert!(takes(policy, r#"{"a": null}"#));
        assert!(!takes(policy, r#"{"a": {"b": 1}}"#) && !takes(policy, r#"{"a": []}"#));
    }
}
