//! Slow models that fit on a page, and the fast ones beside them.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use systems::sns::filter_policy::{FilterPolicy, Scope};

/// Every object that comes of choosing one element of every array.
fn choices(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(choices).collect(),
        Value::Object(fields) => {
            let mut all = vec![Map::new()];
            for (key, value) in fields {
                let values = choices(value);
                // An array without elements is as if its key were not there.
                if values.is_empty() {
                    continue;
                }
                let with = |value: &Value, before: &Map<String, Value>| {
                    let mut map = before.clone();
                    map.insert(key.clone(), value.clone());
                    map
                };
                all = all
                    .iter()
                    .flat_map(|before| values.iter().map(|value| with(value, before)))
                    .collect();
            }
            all.into_iter().map(Value::Object).collect()
        }
        plain => vec![plain.clone()],
    }
}

/// Whether a policy of plain values, nesting and `$or` takes a body without arrays.
fn takes(policy: &Value, body: &Value) -> bool {
    let fields = policy.as_object().expect("an object");
    fields.iter().all(|(key, wanted)| match wanted {
        Value::Array(branches) if key == "$or" => branches.iter().any(|branch| takes(branch, body)),
        Value::Array(values) => body.get(key).is_some_and(|value| values.contains(value)),
        nested => body.get(key).is_some_and(|value| takes(nested, value)),
    })
}

fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (0..3u8).prop_map(|n| json!(n)),
        Just(json!(null)),
        Just(json!("0"))
    ];
    let inner = leaf.prop_recursive(3, 12, 3, |inner| {
        let object = prop::collection::btree_map("[ab]", inner.clone(), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|list| json!(list)),
            object.prop_map(|map| json!(map)),
        ]
    });
    prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|map| json!(map))
}

/// A list of objects that have much in common, which is where choosing an element matters.
fn rows() -> impl Strategy<Value = Value> {
    let row = (0..2u8, 0..2u8).prop_map(|(a, b)| json!({"a": a, "b": b}));
    prop::collection::vec(row, 0..4).prop_map(|rows| json!({"a": rows}))
}

/// A policy for such a list.
fn of_rows() -> impl Strategy<Value = Value> {
    (0..2u8, 0..2u8).prop_map(|(a, b)| json!({"a": {"a": [a], "b": [b]}}))
}

fn policy() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        (0..3u8).prop_map(|n| json!(n)),
        Just(json!(null)),
        Just(json!("0"))
    ];
    let values = prop::collection::vec(value, 1..3).prop_map(|list| json!(list));
    let nested = values.prop_recursive(2, 6, 2, |inner| {
        prop::collection::btree_map("[ab]", inner, 1..3).prop_map(|map| json!(map))
    });
    let object = prop::collection::btree_map("[ab]", nested, 1..3).prop_map(|map| json!(map));
    let branches = prop::collection::vec(object.clone(), 2..4);
    (object, prop::option::of(branches)).prop_map(|(mut object, branches)| {
        if let Some(branches) = branches {
            object["$or"] = json!(branches);
        }
        object
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_policy_takes_what_one_choice_of_elements_has(
        (policy, body) in prop_oneof![(policy(), body()), (of_rows(), rows())],
    ) {
        if let Ok(fast) = FilterPolicy::parse(&policy.to_string(), Scope::MessageBody) {
            let slow = choices(&body).iter().any(|choice| takes(&policy, choice));
            prop_assert_eq!(fast.takes(&body.to_string(), &Default::default()), slow);
        }
    }
}
