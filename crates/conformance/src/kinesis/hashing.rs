//! The kind on hash keys and shards.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use systems::kinesis::hash::{HashKey, HashKeyRange};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    key: Option<String>,
    explicit_hash: Option<String>,
    ranges: Vec<(String, String)>,
}

fn hash_key(text: &str) -> Result<HashKey, Refusal> {
    HashKey::read(text).map_err(|_| Refusal::new(format!("`{text}` is no hash key")))
}

/// `kinesis_hash_shard`: the hash key of a partition key, or the explicit one, and the shard in
/// whose range it falls.
///
/// # Errors
/// The input is none of this kind.
pub fn hash_shard(input: &Value) -> Result<Value, Refusal> {
    let input: Input = serde_json::from_value(input.clone())?;
    let hash = match (&input.key, &input.explicit_hash) {
        (Some(key), None) => HashKey::of(key),
        (None, Some(text)) => hash_key(text)?,
        _ => {
            return Err(Refusal::new(
                "one of `key` and `explicit_hash` is expected, and only one",
            ));
        }
    };
    let mut shard = None;
    for (at, (start, end)) in input.ranges.iter().enumerate() {
        let range = HashKeyRange {
            start: hash_key(start)?,
            end: hash_key(end)?,
        };
        if shard.is_none() && range.holds(hash) {
            shard = Some(at);
        }
    }
    Ok(json!({ "hash": hash.to_string(), "shard": shard }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_input_of_the_kind_is_refused() {
        let check = |input: Value, cause: &str| {
            let refusal = hash_shard(&input).expect_err("no such input");
            assert!(refusal.cause.contains(cause), "{input}: {refusal}");
        };
        check(json!({"ranges": []}), "one of");
        check(
            json!({"key": "a", "explicit_hash": "1", "ranges": []}),
            "one of",
        );
        check(json!({"explicit_hash": "-1", "ranges": []}), "no hash key");
        check(json!({"key": "a", "ranges": [["0", "x"]]}), "no hash key");
        check(json!({"key": "a", "ranges": [], "seed": 1}), "`seed`");
    }
}
