//! Why a filter policy is refused, in the words of Amazon SNS.

use std::fmt;
use std::sync::Arc;

/// Why a filter policy is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PolicyError {
    /// It is no JSON.
    NotJson,
    /// It is JSON, but no object.
    NotAnObject,
    /// It has more than [five keys](super::validation::MOST_KEYS).
    TooManyKeys,
    /// It has more than [150 combinations](super::validation::MOST_COMBINATIONS).
    TooComplex,
    /// It nests, and looks at message attributes.
    Nested,
    /// A key has no values.
    EmptyArray,
    /// A key has an object with nothing in it.
    EmptyObject,
    /// This key has a plain value instead of an array.
    NotAnObjectOrArray(Arc<str>),
    /// A value is an array.
    NoMatchValue,
    /// A match expression has no operator.
    NoOperator,
    /// A match expression has two operators.
    TwoOperators,
    /// There is no operator of this name.
    UnrecognizedMatchType(Arc<str>),
    /// This operator takes a string.
    NotAString(&'static str),
    /// `exists` takes `true` or `false`.
    NotABool,
    /// `anything-but` does not go with this operator.
    UnsupportedAnythingBut(Arc<str>),
    /// `anything-but` takes strings or numbers.
    NoAnythingButValue,
    /// `anything-but` takes either strings or numbers.
    MixedAnythingBut,
    /// `numeric` takes an array.
    NoNumericArray,
    /// In `numeric` this stands where a sign is expected.
    NoNumericSign(Arc<str>),
    /// In `numeric` there is no such sign.
    UnrecognizedSign(Arc<str>),
    /// After this sign of `numeric` no number comes.
    NotANumber(&'static str),
    /// After one comparison that cannot begin a range something follows.
    NoRange,
    /// In a range this stands where the second sign is expected.
    NoSecondSign(Arc<str>),
    /// This cannot be the second sign of a range.
    WrongSecondSign(Arc<str>),
    /// The lower bound of a range is not below the upper one.
    BoundsCrossed,
    /// After a range something follows.
    TooManyTerms,
    /// `cidr` has no slash, or more than one.
    NoSlash,
    /// What stands before the slash is no address.
    NoAddress(Arc<str>),
    /// What stands after the slash is no number.
    NoMask,
    /// What stands after the slash is a number that an address has not as many bits as.
    MaskTooLong(&'static str),
}

impl fmt::Display for PolicyError {
    /// The reason in the words of Amazon SNS.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Nested => {
                return out.write_str(
                    "Filter policy scope MessageAttributes does not support nested filter policy",
                );
            }
            _ => out.write_str("FilterPolicy: ")?,
        }
        match self {
            PolicyError::NotJson => out.write_str("failed to parse JSON."),
            PolicyError::NotAnObject => out.write_str("Filter is not an object"),
            PolicyError::TooManyKeys => {
                out.write_str("Filter policy can not have more than 5 keys")
            }
            PolicyError::TooComplex => out.write_str("Filter policy is too complex"),
            PolicyError::Nested => Ok(()),
            PolicyError::EmptyArray => out.write_str("Empty arrays are not allowed"),
            PolicyError::EmptyObject => out.write_str("Empty objects are not allowed"),
            PolicyError::NotAnObjectOrArray(key) => {
                write!(out, "\"{key}\" must be an object or an array")
            }
            PolicyError::NoMatchValue => {
                out.write_str("Match value must be String, number, true, false, or null")
            }
            PolicyError::NoOperator => out.write_str("Match expression name not found"),
            PolicyError::TwoOperators => {
                out.write_str("Only one key allowed in match expression")
            }
            PolicyError::UnrecognizedMatchType(name) => {
                write!(out, "Unrecognized match type {name}")
            }
            PolicyError::NotAString(operator) => {
                write!(out, "{operator} match pattern must be a string")
            }
            PolicyError::NotABool => {
                out.write_str("exists match pattern must be either true or false.")
            }
            PolicyError::UnsupportedAnythingBut(operator) => {
                write!(out, "Unsupported anything-but pattern: {operator}")
            }
            PolicyError::NoAnythingButValue => out.write_str(
                "Value of anything-but must be an array or single string/number value.",
            ),
            PolicyError::MixedAnythingBut => out.write_str(
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            ),
            PolicyError::NoNumericArray => out.write_str("Value of numeric must be an array."),
            PolicyError::NoNumericSign(found) => {
                write!(out, "Invalid member in numeric match: {found}")
            }
            PolicyError::UnrecognizedSign(found) => {
                write!(out, "Unrecognized numeric range operator: {found}")
            }
            PolicyError::NotANumber(sign) => write!(out, "Value of {sign} must be numeric"),
            PolicyError::NoRange => out.write_str("Too many elements in numeric expression"),
            PolicyError::NoSecondSign(found) => {
                write!(out, "Bad value in numeric range: {found}")
            }
            PolicyError::WrongSecondSign(found) => {
                write!(out, "Bad numeric range operator: {found}")
            }
            PolicyError::BoundsCrossed => out.write_str("Bottom must be less than top"),
            PolicyError::TooManyTerms => {
                out.write_str("Too many terms in numeric range expression")
            }
            PolicyError::NoSlash => out.write_str("Malformed CIDR, one '/' required"),
            PolicyError::NoAddress(found) => write!(out, "Nonstandard IP address: {found}"),
            PolicyError::NoMask => {
                out.write_str("Malformed CIDR, mask bits must be an integer")
            }
            PolicyError::MaskTooLong(limit) => out.write_str(limit),
        }
    }
}

impl std::error::Error for PolicyError {}
