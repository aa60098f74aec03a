//! Which filter policies Amazon SNS accepts, and what it says of the others.
//!
//! S11. A policy has at most five keys, counted at the top level. Source: SNS developer guide,
//! "Filter policy constraints". Shown by: the test `five_keys_and_150_combinations`.
//!
//! S12. A policy has at most 150 combinations: the product of how many values each key has, each
//! multiplied by how deep the key is nested; the alternatives of `$or` are added. Source: SNS
//! developer guide, "Filter policy constraints". Shown by: sns_filter_policy_validation, the test
//! `five_keys_and_150_combinations`.
//!
//! S13. The value of a key is an array that is not empty, or, with scope `MessageBody` only, an
//! object. Source: SNS developer guide, "Filter policy constraints". Shown by:
//! sns_filter_policy_validation.
//!
//! S14. A match expression has exactly one operator, with an operand of its kind; the bounds of a
//! numeric range are `>` or `>=` and then `<` or `<=`, the lower one first. Source: the recorded
//! answers of the service in LocalStack's suite. Shown by: sns_filter_policy_validation.
//!
//! S15. There is no `wildcard`, and `anything-but` takes a value, a list of strings or of numbers, or
//! a `prefix`, but no other operator. Source: SNS developer guide, "String value matching". Shown by:
//! sns_filter_policy_validation, the test `what_event_bridge_has_and_sns_lacks`.
//!
//! Simplified: the service adds to most reasons at which line and column of the policy it stopped
//! reading; here the reasons end before that. A policy may be of any size.

use crate::sns::filter_policy::condition::{Comparison, Condition, Literal, Network};
use crate::sns::filter_policy::decimal::Decimal;
pub use crate::sns::filter_policy::error::PolicyError;
use crate::sns::filter_policy::{FilterPolicy, Rule, Scope};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How many keys a policy can have.
pub const MOST_KEYS: usize = 5;
/// How many combinations of values a policy can have.
pub const MOST_COMBINATIONS: u64 = 150;

/// Every operator of a match expression. An object that begins with one is never a branch of `$or`.
const OPERATORS: [&str; 7] = [
    "anything-but",
    "cidr",
    "equals-ignore-case",
    "exists",
    "numeric",
    "prefix",
    "suffix",
];

/// A policy as it is written: what stands beside each other must all match.
enum Node {
    Key { rule: Rule, depth: u64 },
    All(Vec<Node>),
    Or(Vec<Vec<Node>>),
}

/// Reads and checks a policy.
pub(super) fn compiled(text: &str, scope: Scope) -> Result<FilterPolicy, PolicyError> {
    let policy = match serde_json::from_str(text) {
        Ok(Value::Object(policy)) => policy,
        Ok(_) => return Err(PolicyError::NotAnObject),
        Err(_) => return Err(PolicyError::NotJson),
    };
    if policy.len() > MOST_KEYS {
        return Err(PolicyError::TooManyKeys);
    }
    let nodes = nodes(&policy, "", 1, scope)?;
    if combinations(&nodes) > MOST_COMBINATIONS {
        return Err(PolicyError::TooComplex);
    }
    let mut alternatives = vec![Vec::new()];
    expand(&nodes, &mut alternatives);
    for rules in &mut alternatives {
        rules.sort_by_key(Rule::takes_absence);
    }
    Ok(FilterPolicy {
        text: text.into(),
        scope,
        alternatives,
    })
}

/// What is in an object of a policy.
fn nodes(
    object: &Map<String, Value>,
    path: &str,
    depth: u64,
    scope: Scope,
) -> Result<Vec<Node>, PolicyError> {
    let mut nodes = Vec::new();
    for (key, value) in object {
        let below = match path {
            "" if depth == 1 => key.clone(),
            path => format!("{path}.{key}"),
        };
        nodes.push(match value {
            Value::Object(inner) if inner.is_empty() => return Err(PolicyError::EmptyObject),
            Value::Object(inner) => {
                let inner = self::nodes(inner, &below, depth.saturating_add(1), scope)?;
                if scope == Scope::MessageAttributes {
                    return Err(PolicyError::Nested);
                }
                Node::All(inner)
            }
            Value::Array(values) if values.is_empty() => return Err(PolicyError::EmptyArray),
            Value::Array(values) => match branches(key, values) {
                Some(branches) => {
                    let branch = |branch| self::nodes(branch, path, depth, scope);
                    Node::Or(branches.into_iter().map(branch).collect::<Result<_, _>>()?)
                }
                None => Node::Key {
                    rule: Rule {
                        path: below.into(),
                        any_of: values.iter().map(condition).collect::<Result<_, _>>()?,
                    },
                    depth,
                },
            },
            _ => return Err(PolicyError::NotAnObjectOrArray(key.as_str().into())),
        });
    }
    Ok(nodes)
}

/// The branches of `$or`, if that is what a key with these values is.
fn branches<'a>(key: &str, values: &'a [Value]) -> Option<Vec<&'a Map<String, Value>>> {
    if key != "$or" || values.len() < 2 {
        return None;
    }
    let branch = |value: &'a Value| {
        let branch = value.as_object()?;
        let is_expression = branch.keys().any(|key| OPERATORS.contains(&key.as_str()));
        (!branch.is_empty() && !is_expression).then_some(branch)
    };
    values.iter().map(branch).collect()
}

/// How many combinations of values there are.
fn combinations(nodes: &[Node]) -> u64 {
    let of = |node: &Node| match node {
        Node::Key { rule, depth } => u64::try_from(rule.any_of.len())
            .unwrap_or(u64::MAX)
            .saturating_mul(*depth),
        Node::All(inner) => combinations(inner),
        Node::Or(branches) => branches
            .iter()
            .map(|branch| combinations(branch))
            .fold(0, u64::saturating_add),
    };
    nodes.iter().map(of).fold(1, u64::saturating_mul)
}

/// Adds rules to each alternative, and splits it at `$or`.
fn expand(nodes: &[Node], alternatives: &mut Vec<Vec<Rule>>) {
    for node in nodes {
        match node {
            Node::Key { rule, .. } => {
                for rules in &mut *alternatives {
                    rules.push(rule.clone());
                }
            }
            Node::All(inner) => expand(inner, alternatives),
            Node::Or(branches) => {
                let mut split = Vec::new();
                for branch in branches {
                    let mut with = alternatives.clone();
                    expand(branch, &mut with);
                    split.extend(with);
                }
                *alternatives = split;
            }
        }
    }
}

/// One of the values of a key.
fn condition(value: &Value) -> Result<Condition, PolicyError> {
    let Value::Object(expression) = value else {
        return Literal::of(value)
            .map(Condition::Equals)
            .ok_or(PolicyError::NoMatchValue);
    };
    let mut operators = expression.iter();
    let (operator, operand) = operators.next().ok_or(PolicyError::NoOperator)?;
    let condition = match operator.as_str() {
        "equals-ignore-case" => Condition::EqualsIgnoreCase(string("equals-ignore-case", operand)?),
        "prefix" => Condition::Prefix(string("prefix", operand)?),
        "suffix" => Condition::Suffix(string("suffix", operand)?),
        "anything-but" => anything_but(operand)?,
        "exists" => Condition::Exists(operand.as_bool().ok_or(PolicyError::NotABool)?),
        "numeric" => numeric(operand.as_array().ok_or(PolicyError::NoNumericArray)?)?,
        // The service says `prefix` here too.
        "cidr" => cidr(&string("prefix", operand)?)?,
        other => return Err(PolicyError::UnrecognizedMatchType(other.into())),
    };
    match operators.next() {
        None => Ok(condition),
        Some(_) => Err(PolicyError::TwoOperators),
    }
}

fn string(operator: &'static str, operand: &Value) -> Result<Arc<str>, PolicyError> {
    let text = operand.as_str().ok_or(PolicyError::NotAString(operator))?;
    Ok(text.into())
}

fn anything_but(operand: &Value) -> Result<Condition, PolicyError> {
    let value = |value: &Value| match Literal::of(value) {
        Some(literal @ (Literal::Text(_) | Literal::Number(_))) => Ok(literal),
        _ => Err(PolicyError::NoAnythingButValue),
    };
    match operand {
        Value::Object(expression) => {
            let mut operators = expression.iter();
            let (operator, operand) = operators.next().ok_or(PolicyError::NoOperator)?;
            if operator != "prefix" {
                return Err(PolicyError::UnsupportedAnythingBut(
                    operator.as_str().into(),
                ));
            }
            let prefix = string("prefix", operand)?;
            match operators.next() {
                None => Ok(Condition::AnythingButPrefix(prefix)),
                Some(_) => Err(PolicyError::TwoOperators),
            }
        }
        Value::Array(values) if values.is_empty() => Err(PolicyError::EmptyArray),
        Value::Array(values) => {
            let values: Vec<Literal> = values.iter().map(value).collect::<Result<_, _>>()?;
            let is_text = |value: &Literal| matches!(value, Literal::Text(_));
            if values.iter().any(is_text) && !values.iter().all(is_text) {
                return Err(PolicyError::MixedAnythingBut);
            }
            Ok(Condition::AnythingBut(values))
        }
        plain => Ok(Condition::AnythingBut(vec![value(plain)?])),
    }
}

fn numeric(terms: &[Value]) -> Result<Condition, PolicyError> {
    // As it stands in the policy; a string without its quotation marks.
    let word = |value: &Value| -> Arc<str> {
        value
            .as_str()
            .map_or_else(|| value.to_string().into(), Into::into)
    };
    let number = |sign: Comparison, value: Option<&Value>| {
        let number = value.filter(|value| value.is_number());
        let number = number.and_then(|value| Decimal::parse(&value.to_string()));
        number.ok_or(PolicyError::NotANumber(match sign {
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Equal => "equals",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Greater => ">",
        }))
    };
    let mut terms = terms.iter();
    let first = match terms.next() {
        None => return Err(PolicyError::NoNumericSign("]".into())),
        Some(Value::String(sign)) => Comparison::written(sign)
            .ok_or_else(|| PolicyError::UnrecognizedSign(sign.as_str().into()))?,
        Some(other) => return Err(PolicyError::NoNumericSign(word(other))),
    };
    let bottom = number(first, terms.next())?;
    let Some(next) = terms.next() else {
        return Ok(Condition::Numeric(vec![(first, bottom)]));
    };
    if !matches!(first, Comparison::Greater | Comparison::GreaterOrEqual) {
        return Err(PolicyError::NoRange);
    }
    let second = match next {
        Value::String(sign) => Comparison::written(sign)
            .filter(|sign| matches!(sign, Comparison::Less | Comparison::LessOrEqual))
            .ok_or_else(|| PolicyError::WrongSecondSign(sign.as_str().into()))?,
        other => return Err(PolicyError::NoSecondSign(word(other))),
    };
    let top = number(second, terms.next())?;
    if bottom >= top {
        return Err(PolicyError::BoundsCrossed);
    }
    match terms.next() {
        None => Ok(Condition::Numeric(vec![(first, bottom), (second, top)])),
        Some(_) => Err(PolicyError::TooManyTerms),
    }
}

fn cidr(text: &str) -> Result<Condition, PolicyError> {
    let (address, mask) = text.split_once('/').ok_or(PolicyError::NoSlash)?;
    if mask.contains('/') {
        return Err(PolicyError::NoSlash);
    }
    let address: core::net::IpAddr = address
        .parse()
        .map_err(|_| PolicyError::NoAddress(address.into()))?;
    let mask: i64 = mask.parse().map_err(|_| PolicyError::NoMask)?;
    let (most, limit) = match address {
        core::net::IpAddr::V4(_) => (32, "IPv4 mask bits must be < 32"),
        core::net::IpAddr::V6(_) => (128, "IPv6 mask bits must be < 128"),
    };
    match u8::try_from(mask) {
        Ok(mask_bits) if mask_bits <= most => Ok(Condition::Cidr(Network { address, mask_bits })),
        Ok(_) => Err(PolicyError::MaskTooLong(limit)),
        Err(_) if mask < 0 => Err(PolicyError::MaskTooLong(
            "Malformed CIDR, mask bits must not be negative",
        )),
        Err(_) => Err(PolicyError::MaskTooLong(limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(policy: Value) -> Option<String> {
        let policy = FilterPolicy::parse(&policy.to_string(), Scope::MessageBody);
        policy.err().map(|error| error.to_string())
    }

    #[test]
    fn five_keys_and_150_combinations() {
        let values = |count: usize| vec!["v"; count];
        assert_eq!(refused(json!({"a": values(150)})), None);
        let too_complex = Some("FilterPolicy: Filter policy is too complex".to_owned());
        assert_eq!(refused(json!({"a": values(151)})), too_complex);
        assert_eq!(refused(json!({"a": {"b": values(75)}})), None);
        assert_eq!(refused(json!({"a": {"b": values(76)}})), too_complex);
        let or = |count| json!({"$or": [{"a": values(75)}, {"b": values(count)}]});
        assert_eq!((refused(or(75)), refused(or(76))), (None, too_complex));
        let keys = |count: u8| -> Map<String, Value> {
            (0..count)
                .map(|key| (key.to_string(), json!(["v"])))
                .collect()
        };
        assert_eq!(refused(keys(5).into()), None);
        let too_many = "FilterPolicy: Filter policy can not have more than 5 keys";
        assert_eq!(refused(keys(6).into()).as_deref(), Some(too_many));
    }

    #[test]
    fn what_event_bridge_has_and_sns_lacks() {
        let wildcard = refused(json!({"a": [{"wildcard": "x*"}]}));
        assert_eq!(
            wildcard.as_deref(),
            Some("FilterPolicy: Unrecognized match type wildcard")
        );
        for operator in ["suffix", "wildcard", "equals-ignore-case"] {
            assert_eq!(
                refused(json!({"a": [{"anything-but": {operator: "x"}}]})),
                Some(format!(
                    "FilterPolicy: Unsupported anything-but pattern: {operator}"
                ))
            );
        }
    }

    #[test]
    fn a_policy_of_nothing_takes_everything() {
        assert_eq!(refused(json!({})), None);
        assert!(refused(json!({"a": {}})).is_some() && refused(json!([])).is_some());
    }
}
