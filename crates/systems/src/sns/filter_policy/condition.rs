//! What a filter policy can ask of a value.
//!
//! S8. A plain value matches its equal: a string exactly and with its case, a number by value, and
//! `true`, `false` and `null`. A string never equals a number. Source: SNS developer guide, "String
//! value matching", "Numeric value matching". Shown by: sns_filter_policy_match, the test
//! `a_string_is_no_number`.
//!
//! S9. `prefix`, `suffix`, `equals-ignore-case` and `cidr` match strings only, `numeric` numbers
//! only. Source: SNS developer guide, "String value matching", "Numeric value matching". Shown by:
//! sns_filter_policy_match, the test `a_string_is_no_number`.
//!
//! S10. `anything-but` matches every value that is there and is not among those named, or does not
//! begin with the prefix named; an absent key does not match it. Source: SNS developer guide,
//! "Anything-but matching". Shown by: sns_filter_policy_match.

use crate::sns::filter_policy::decimal::Decimal;
use core::net::IpAddr;
use serde_json::Value;
use std::sync::Arc;

/// A plain value, in a policy or in a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Literal {
    /// A string.
    Text(Arc<str>),
    /// A number.
    Number(Decimal),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl Literal {
    /// A JSON value, unless it is an object or an array.
    pub fn of(value: &Value) -> Option<Literal> {
        match value {
            Value::String(text) => Some(Literal::Text(text.as_str().into())),
            Value::Number(number) => Decimal::parse(&number.to_string()).map(Literal::Number),
            Value::Bool(value) => Some(Literal::Bool(*value)),
            Value::Null => Some(Literal::Null),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How a number is compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `=`
    Equal,
    /// `>=`
    GreaterOrEqual,
    /// `>`
    Greater,
}

impl Comparison {
    /// The comparison that is written so.
    pub fn written(sign: &str) -> Option<Comparison> {
        Some(match sign {
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            "=" => Comparison::Equal,
            ">=" => Comparison::GreaterOrEqual,
            ">" => Comparison::Greater,
            _ => return None,
        })
    }

    fn holds(self, value: Decimal, bound: Decimal) -> bool {
        match self {
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Equal => value == bound,
            Comparison::GreaterOrEqual => value >= bound,
            Comparison::Greater => value > bound,
        }
    }
}

/// A range of IP addresses: those that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// Any address of it.
    pub address: IpAddr,
    /// How many bits they share.
    pub mask_bits: u8,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let (all, one, other) = match (self.address, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                (32, u128::from(one.to_bits()), u128::from(other.to_bits()))
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => (128, one.to_bits(), other.to_bits()),
            _ => return false,
        };
        let free: u32 = u32::saturating_sub(all, u32::from(self.mask_bits));
        let shifted = |bits: u128| bits.checked_shr(free).unwrap_or(0);
        shifted(one) == shifted(other)
    }
}

/// One of the alternatives of a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// The value itself.
    Equals(Literal),
    /// `{"equals-ignore-case": …}`
    EqualsIgnoreCase(Arc<str>),
    /// `{"prefix": …}`
    Prefix(Arc<str>),
    /// `{"suffix": …}`
    Suffix(Arc<str>),
    /// `{"anything-but": …}` with one value or a list.
    AnythingBut(Vec<Literal>),
    /// `{"anything-but": {"prefix": …}}`
    AnythingButPrefix(Arc<str>),
    /// `{"numeric": […]}`: all of the comparisons.
    Numeric(Vec<(Comparison, Decimal)>),
    /// `{"exists": …}`
    Exists(bool),
    /// `{"cidr": …}`
    Cidr(Network),
}

impl Condition {
    /// Whether it holds for a value that is there.
    pub fn holds(&self, value: &Literal) -> bool {
        let text = value.text();
        match self {
            Condition::Equals(expected) => value == expected,
            Condition::EqualsIgnoreCase(expected) => {
                text.is_some_and(|text| text.to_lowercase() == expected.to_lowercase())
            }
            Condition::Prefix(prefix) => text.is_some_and(|text| text.starts_with(&**prefix)),
            Condition::Suffix(suffix) => text.is_some_and(|text| text.ends_with(&**suffix)),
            Condition::AnythingBut(values) => *value != Literal::Null && !values.contains(value),
            Condition::AnythingButPrefix(prefix) => {
                *value != Literal::Null && !text.is_some_and(|text| text.starts_with(&**prefix))
            }
            Condition::Numeric(bounds) => match value {
                Literal::Number(value) => {
                    let holds = |(sign, bound): &(Comparison, Decimal)| sign.holds(*value, *bound);
                    bounds.iter().all(holds)
                }
                _ => false,
            },
            Condition::Exists(must) => *must,
            Condition::Cidr(network) => text
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| network.contains(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_string_is_no_number() {
        let literal = |value| Literal::of(&value).expect("a plain value");
        let (text, number) = (literal(json!("10")), literal(json!(10)));
        assert!(!Condition::Equals(text.clone()).holds(&number));
        assert!(!Condition::Prefix("1".into()).holds(&number));
        let ten = Decimal::parse("10").expect("a number");
        let is_ten = Condition::Numeric(vec![(Comparison::Equal, ten)]);
        assert!(is_ten.holds(&number) && !is_ten.holds(&text));
    }

    #[test]
    fn a_network_of_no_bits_is_every_address() {
        let network = |address: &str, mask_bits| Network {
            address: address.parse().expect("an address"),
            mask_bits,
        };
        let address = |text: &str| text.parse().expect("an address");
        assert!(network("0.0.0.0", 0).contains(address("1.2.3.4")));
        assert!(network("::", 0).contains(address("ff::1")));
        assert!(!network("::", 0).contains(address("1.2.3.4")));
        assert!(!network("1.2.3.4", 32).contains(address("1.2.3.5")));
    }
}
