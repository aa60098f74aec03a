//! Kinds on the producer's default partitioner.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Value, json};
use std::cell::Cell;
use std::num::{NonZeroU16, NonZeroU32};
use systems::kafka::partitioner::{
    Batch, StickyPartitioner, Topic, murmur2 as hash, partition_for_key, weights,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    key_utf8: Option<String>,
    key_hex: Option<String>,
    partitions: Option<NonZeroU16>,
}

/// `kafka_murmur2`: the hash of a key, and its partition where a number of partitions is given.
///
/// # Errors
/// The input is none of this kind.
pub fn murmur2(input: &Value) -> Result<Value, Refusal> {
    let key: Key = super::input(input)?;
    let bytes = match (key.key_utf8, key.key_hex) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(digits)) => bytes(&digits)?,
        _ => {
            return Err(Refusal::new(
                "one of `key_utf8` and `key_hex` is expected, and only one",
            ));
        }
    };
    let mut output = json!({ "murmur2": hash(&bytes) });
    if let Some(partitions) = key.partitions {
        output["partition"] = json!(partition_for_key(&bytes, partitions));
    }
    Ok(output)
}

/// Bytes from pairs of hexadecimal digits.
fn bytes(digits: &str) -> Result<Vec<u8>, Refusal> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let [high, low] = pair else {
            return None;
        };
        let digit = |letter: u8| char::from(letter).to_digit(16);
        u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
    };
    pairs
        .map(byte)
        .collect::<Option<_>>()
        .ok_or_else(|| Refusal::new(format!("`{digits}` are no pairs of hexadecimal digits")))
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Partitioner {
    /// Which partition each append goes to.
    Sticky {
        partitions: NonZeroU16,
        sticky_bytes: NonZeroU32,
        draws: Vec<u32>,
        appends: Vec<u32>,
    },
    /// The weights of partitions with such queues.
    Adaptive { queues: Vec<u32> },
}

/// `kafka_builtin_partitioner`: partitions of records without a key, or the weights they are
/// drawn with.
///
/// # Errors
/// The input is none of this kind, or has fewer draws than it takes.
pub fn builtin_partitioner(input: &Value) -> Result<Value, Refusal> {
    match super::input(input)? {
        Partitioner::Adaptive { queues } => Ok(json!(weights(&queues))),
        Partitioner::Sticky {
            partitions,
            sticky_bytes,
            draws,
            appends,
        } => {
            let available: Vec<u16> = (0..partitions.get()).collect();
            let topic = Topic {
                partitions,
                available: &available,
            };
            let mut sticky = StickyPartitioner::new(sticky_bytes);
            let is_short = Cell::new(false);
            let mut draws = draws.into_iter();
            let mut draw = || {
                draws.next().unwrap_or_else(|| {
                    is_short.set(true);
                    0
                })
            };
            let mut used = Vec::new();
            for bytes in appends {
                let partition = sticky.partition(topic, &mut draw);
                // What is drawn after the last append is used by nobody, and may be missing.
                if is_short.get() {
                    return Err(Refusal::new(
                        "there are fewer `draws` than partitions drawn",
                    ));
                }
                used.push(partition);
                // These cases know no batches that are held back.
                sticky.appended(bytes, Batch::Complete, topic, &mut draw);
            }
            Ok(json!(used))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_input_of_the_kind_is_refused() {
        let check = |answer: fn(&Value) -> Result<Value, Refusal>, input: Value, cause: &str| {
            let refusal = answer(&input).expect_err("no such input");
            assert!(refusal.cause.contains(cause), "{input}: {refusal}");
        };
        check(murmur2, json!({}), "one of");
        check(murmur2, json!({"key_utf8": "a", "key_hex": "00"}), "one of");
        check(murmur2, json!({"key_hex": "0"}), "pairs");
        check(murmur2, json!({"key_hex": "0g"}), "pairs");
        check(
            murmur2,
            json!({"key_utf8": "a", "partitions": 0}),
            "nonzero",
        );
        check(murmur2, json!({"key_utf8": "a", "seed": 1}), "`seed`");
        check(builtin_partitioner, json!({"kind": "even"}), "`even`");
        check(
            builtin_partitioner,
            json!({"kind": "adaptive", "queues": [], "x": 1}),
            "`x`",
        );
        let short = json!({"kind": "sticky", "partitions": 2, "sticky_bytes": 1, "draws": [1], "appends": [1, 1]});
        check(builtin_partitioner, short, "fewer");
    }
}
