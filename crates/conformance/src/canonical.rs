//! JSON values in one form, so that equal ones are equal and any two have an order.
//!
//! A number is its value: `1` and `1.0` are one. The order has no meaning of its own; it is there
//! to compare lists as multisets. A truth value is no number.

use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// A JSON value in one form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Canonical {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number, however it was written.
    Whole(i128),
    /// Any other number, as its shortest text.
    Other(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Canonical>),
    /// Members by name.
    Object(BTreeMap<String, Canonical>),
}

/// Below this, every whole number is a `f64` of its own.
const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

impl From<&Value> for Canonical {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Canonical::Null,
            Value::Bool(truth) => Canonical::Bool(*truth),
            Value::Number(number) => of_number(number),
            Value::String(text) => Canonical::Text(text.clone()),
            Value::Array(list) => Canonical::List(list.iter().map(Canonical::from).collect()),
            Value::Object(members) => Canonical::Object(
                members
                    .iter()
                    .map(|(name, member)| (name.clone(), Canonical::from(member)))
                    .collect(),
            ),
        }
    }
}

fn of_number(number: &Number) -> Canonical {
    let whole = number
        .as_i64()
        .map(i128::from)
        .or(number.as_u64().map(i128::from));
    match (whole, number.as_f64()) {
        (Some(whole), _) => Canonical::Whole(whole),
        (None, Some(real)) if real.fract() == 0.0 && real.abs() < EXACT_BELOW => {
            Canonical::Whole(real as i128)
        }
        _ => Canonical::Other(number.to_string()),
    }
}

impl From<&Canonical> for Value {
    fn from(value: &Canonical) -> Self {
        match value {
            Canonical::Null => Value::Null,
            Canonical::Bool(truth) => Value::Bool(*truth),
            Canonical::Whole(whole) => i64::try_from(*whole)
                .map(Value::from)
                .or_else(|_| u64::try_from(*whole).map(Value::from))
                .unwrap_or_else(|_| Value::String(whole.to_string())),
            Canonical::Other(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone()))
            }
            Canonical::Text(text) => Value::String(text.clone()),
            Canonical::List(list) => Value::Array(list.iter().map(Value::from).collect()),
            Canonical::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, member)| (name.clone(), Value::from(member)))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

impl Canonical {
    /// Nothing inside: null, an empty list, an object without members.
    pub fn is_nothing(&self) -> bool {
        match self {
            Canonical::Null => true,
            Canonical::List(list) => list.is_empty(),
            Canonical::Object(members) => members.is_empty(),
            _ => false,
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> Option<&Canonical> {
        match self {
            Canonical::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Takes a member out of an object.
    pub fn remove(&mut self, name: &str) {
        if let Canonical::Object(members) = self {
            members.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_their_values_and_nothing_else_is_a_number() {
        let check = |one: Value, other: Value, equal: bool| {
            assert_eq!(
                Canonical::from(&one) == Canonical::from(&other),
                equal,
                "{one} {other}"
            );
        };
        check(json!(1), json!(1.0), true);
        check(json!(-0.0), json!(0), true);
        check(json!(1.5), json!(1.5), true);
        check(json!(1), json!(1.5), false);
        check(json!(u64::MAX), json!(u64::MAX), true);
        check(json!(u64::MAX), json!(-1), false);
        check(json!(1), json!(true), false);
        check(json!(1), json!("1"), false);
        check(json!(null), json!([]), false);
        check(
            json!({"a": 1, "b": [2]}),
            json!({"b": [2.0], "a": 1.0}),
            true,
        );
        check(json!([1, 2]), json!([2, 1]), false);
    }

    #[test]
    fn a_value_comes_back_as_it_was() {
        for value in [
            json!({"a": [1, -2, null, true, "t", {}], "b": u64::MAX}),
            json!([i64::MIN, 0.5, 1e300]),
        ] {
            assert_eq!(Value::from(&Canonical::from(&value)), value);
        }
    }
}
