//! Headers exchanges: how the arguments of a binding match the headers of a message.
//!
//! M11. `x-match` is `all` (default) or `any`; both leave out arguments that begin with `x-`.
//! `all-with-x` and `any-with-x` leave out `x-match` alone. With nothing left to compare, `all`
//! matches and `any` does not. Source: documentation, "Headers exchange"; `exchanges_SUITE`. Shown by:
//! rabbitmq_headers_match, rabbitmq-headers-exchange-basic.
//!
//! M12. An argument without a value asks only that the header is there; else both must be equal:
//! `"1"` is not 1. Source: `exchanges_SUITE#headers_exchange_key_presence_only`. Shown by:
//! rabbitmq_headers_match.

use super::value::{Table, Value};

/// How a headers binding compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Match {
    All,
    Any,
    AllWithX,
    AnyWithX,
}

impl Match {
    fn of(arguments: &Table) -> Option<Match> {
        match arguments.get("x-match") {
            None => Some(Match::All),
            Some(value) => match value.text().map(|text| &**text) {
                Some("all") => Some(Match::All),
                Some("any") => Some(Match::Any),
                Some("all-with-x") => Some(Match::AllWithX),
                Some("any-with-x") => Some(Match::AnyWithX),
                _ => None,
            },
        }
    }
}

/// Whether the arguments of a new headers binding are valid; the text says what is not.
///
/// # Errors
/// `x-match` is none of the four words.
pub fn validate(arguments: &Table) -> Result<(), String> {
    match Match::of(arguments) {
        Some(_) => Ok(()),
        None => {
            let value = arguments.get("x-match").map(Value::json);
            let value = value.unwrap_or_default();
            Err(format!(
                "Invalid x-match field value {value}; expected all, any, all-with-x, or any-with-x"
            ))
        }
    }
}

/// Whether a message with `headers` goes by a binding with `arguments`.
///
/// ```
/// use systems::rabbitmq::{headers, value};
/// use serde_json::json;
/// let binding = value::table(&json!({"x-match": "any", "format": "pdf", "type": "report"}));
/// assert!(headers::matches(&binding, &value::table(&json!({"format": "pdf"}))));
/// assert!(!headers::matches(&binding, &value::table(&json!({"format": "doc"}))));
/// ```
pub fn matches(arguments: &Table, headers: &Table) -> bool {
    let how = Match::of(arguments).unwrap_or(Match::All);
    let counts = |name: &str| match how {
        Match::All | Match::Any => !name.starts_with("x-"),
        Match::AllWithX | Match::AnyWithX => name != "x-match",
    };
    let mut compared = arguments
        .iter()
        .filter(|(name, _)| counts(name))
        .map(|(name, wanted)| match headers.get(name) {
            None => false,
            Some(_) if *wanted == Value::Void => true,
            Some(value) => value == wanted,
        });
    match how {
        Match::All | Match::AllWithX => compared.all(|is_equal| is_equal),
        Match::Any | Match::AnyWithX => compared.any(|is_equal| is_equal),
    }
}
