//! The vectors about topics and filters.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use systems::mqtt::topic;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    filter: String,
    topic: String,
}

/// Whether a filter and a topic are a valid pair, and match.
///
/// # Errors
/// The input has another form.
pub fn matching(input: &Value) -> Result<Value, Refusal> {
    let pair: Pair = serde_json::from_value(input.clone())?;
    let matches = topic::matches(&pair.filter, &pair.topic);
    Ok(json!({"valid": matches.is_ok(), "match": matches == Ok(true)}))
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Use {
    Publish,
    Subscribe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    kind: Use,
    topic: String,
}

/// Whether a text can be a topic name or a filter.
///
/// # Errors
/// The input has another form.
pub fn validity(input: &Value) -> Result<Value, Refusal> {
    let asked: Topic = serde_json::from_value(input.clone())?;
    Ok(json!(match asked.kind {
        Use::Publish => topic::is_name(&asked.topic),
        Use::Subscribe => topic::is_filter(&asked.topic),
    }))
}
