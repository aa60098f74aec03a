//! Filter policies: which are accepted, and which messages they take.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use systems::sns::filter_policy::{FilterPolicy, Scope};
use systems::sns::message::{Attribute, Attributes};

/// A policy, and a message to hold against it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    scope: String,
    policy: Value,
    attributes: Option<BTreeMap<String, Typed>>,
    body: Option<Value>,
    body_raw: Option<String>,
}

/// A message attribute; a number may be written as a number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(rename = "Type")]
    data_type: String,
    #[serde(rename = "Value")]
    value: Value,
}

/// A policy alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    scope: String,
    policy: Value,
}

fn scope(name: &str) -> Result<Scope, Refusal> {
    let known = [Scope::MessageAttributes.name(), Scope::MessageBody.name()];
    Scope::named(name).ok_or_else(|| Refusal::unknown("scope", name, &known))
}

/// Whether a message is delivered.
///
/// # Errors
/// The input is not of this kind, or the policy is not accepted.
pub fn matching(input: &Value) -> Result<Value, Refusal> {
    let asked = Match::deserialize(input)?;
    let policy = FilterPolicy::parse(&asked.policy.to_string(), scope(&asked.scope)?)
        .map_err(|error| Refusal::new(format!("the policy is refused: {error}")))?;
    let mut attributes = Attributes::new();
    for (name, typed) in asked.attributes.unwrap_or_default() {
        let value = match &typed.value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let attribute = Attribute::typed(&typed.data_type, &value);
        let known = ["String", "Number", "String.Array", "Binary"];
        let unknown = || Refusal::unknown("data type", &typed.data_type, &known);
        attributes.insert(name.as_str().into(), attribute.ok_or_else(unknown)?);
    }
    let body = match (asked.body_raw, asked.body) {
        (Some(raw), _) => raw,
        (None, Some(body)) => body.to_string(),
        (None, None) => String::new(),
    };
    Ok(json!(policy.takes(&body, &attributes)))
}

/// Whether a policy is accepted, and if not, why.
///
/// # Errors
/// The input is not of this kind.
pub fn validation(input: &Value) -> Result<Value, Refusal> {
    let asked = Policy::deserialize(input)?;
    Ok(
        match FilterPolicy::parse(&asked.policy.to_string(), scope(&asked.scope)?) {
            Ok(_) => json!({"accepted": true}),
            Err(error) => json!({"accepted": false, "reason": error.to_string()}),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the service refuses it: an adapter that mended it would hold the model to another service.
    #[test]
    fn a_single_value_without_its_list_is_refused() {
        let case = |policy: Value| {
            matching(&json!({"scope": "MessageBody", "policy": policy, "body": {"a": {"b": 1}}}))
        };
        assert_eq!(case(json!({"a": {"b": [1]}})), Ok(json!(true)));
        assert!(case(json!({"a": {"b": 1}})).is_err());
    }

    /// The reasons too, not only whether a policy is accepted.
    #[test]
    fn the_reasons_are_those_of_the_service() {
        let text =
            include_str!("../../../../tests/conformance/vectors/sns_filter_policy_validation.json");
        let file: Value = serde_json::from_str(text).expect("JSON");
        let cases = file["cases"].as_array().expect("cases");
        let differences: Vec<String> = cases
            .iter()
            .filter_map(|case| {
                let answer = validation(&case["in"]).expect("of this kind");
                let reason = answer["reason"].as_str().unwrap_or("accepted");
                let expected = case["out"]["reason"].as_str()?;
                (!reason.ends_with(expected)).then(|| format!("{}: {reason}", case["id"]))
            })
            .collect();
        assert_eq!(differences, Vec::<String>::new());
        assert!(!cases.is_empty());
    }
}
