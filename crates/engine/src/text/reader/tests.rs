use super::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    truth: bool,
    #[serde(default)]
    number: u16,
    signed: Option<i64>,
    text: Option<String>,
    pairs: Vec<(u8, String)>,
    #[serde(default)]
    named: BTreeMap<String, Value>,
    choice: Option<Choice>,
    name: Option<Name>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Name(String);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Unit,
    New(u8),
    Pair(u8, bool),
    Fields { of: String },
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(Reader(value)).map_err(|error| error.to_string())
}

/// An error without the kind and the digits of a number: where some crate of a build has `serde_json` keep
/// numbers as text, it no longer tells them.
fn whichever(error: &str) -> String {
    let Some((before, rest)) = error.split_once("invalid type: ") else {
        return error.to_owned();
    };
    let known = ["integer `", "floating point `"];
    let number = known.iter().find_map(|kind| rest.strip_prefix(kind));
    match number.and_then(|rest| rest.split_once('`')) {
        Some((_, after)) => format!("{before}invalid type: number{after}"),
        None => error.to_owned(),
    }
}

fn is_of_a_number(error: &str) -> bool {
    error.contains("integer `") || error.contains("floating point `")
}

/// With a field set to something else than what is right.
fn with(name: &str, value: Value) -> Value {
    let mut plain = json!({
        "truth": true, "number": 7, "signed": -7, "text": "t", "pairs": [[1, "a"], [2, "b"]],
        "named": { "a": 1.5, "b": [null, { "c": -1 }] }, "choice": "unit", "name": "n",
    });
    plain[name] = value;
    plain
}

/// Values of every kind, and some on the edges of numbers.
fn any() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(65_535),
        json!(65_536),
        json!(u64::MAX),
        json!(-1),
        json!(i64::MIN),
        json!(1.5),
        json!(1.0),
        json!(""),
        json!("unit"),
        json!("new"),
        json!("no such \"thing\"\n"),
        json!([]),
        json!([1]),
        json!([[1, "a", 2]]),
        json!([[1]]),
        json!({}),
        json!({ "unit": null }),
        json!({ "unit": 1 }),
        json!({ "new": 3 }),
        json!({ "new": 300 }),
        json!({ "pair": [1, true] }),
        json!({ "pair": [1] }),
        json!({ "pair": [1, true, 3] }),
        json!({ "pair": 3 }),
        json!("pair"),
        json!({ "fields": { "of": "x", "other": [1, { "deep": null }] } }),
        json!({ "fields": {} }),
        json!({ "fields": 1 }),
        json!("fields"),
        json!({ "new": 1, "unit": null }),
        json!({ "other": 1 }),
    ]
}

#[test]
fn what_is_read_and_what_is_refused_is_as_with_serde_json() {
    let fields = [
        "truth", "number", "signed", "text", "pairs", "named", "choice", "name", "unknown",
    ];
    let mut read_well = 0;
    for field in fields {
        for value in any() {
            let whole = with(field, value);
            let theirs = Plain::deserialize(&whole).map_err(|error| error.to_string());
            let ours = read::<Plain>(&whole);
            let told = ours.as_ref().map_err(|error| match &theirs {
                Err(vague) if vague == "invalid number" && is_of_a_number(error) => vague.clone(),
                _ => whichever(error),
            });
            assert_eq!(
                told,
                theirs.as_ref().map_err(|error| whichever(error)),
                "{whole}"
            );
            read_well += usize::from(ours.is_ok());
        }
    }
    assert!(read_well > 20, "only {read_well} were read at all");
    for value in any() {
        assert_eq!(read::<Value>(&value), Ok(value.clone()));
    }
}

#[test]
fn a_list_is_no_struct() {
    let refused = read::<Plain>(&json!([true, 1]));
    let expected = "invalid type: sequence, expected struct Plain";
    assert_eq!(refused, Err(expected.to_owned()));
}

#[test]
fn a_number_of_the_wrong_kind_is_told() {
    let refused = read::<Plain>(&with("truth", json!(0)));
    assert_eq!(
        refused,
        Err("invalid type: integer `0`, expected a boolean".to_owned())
    );
}
