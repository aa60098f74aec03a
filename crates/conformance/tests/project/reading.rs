//! Reading meets files of any kind: it tells their mistakes, and never panics.

use crate::{recordings, vectors};
use conformance::collection::{File, Form};
use conformance::{Collection, Models, Recording, Vectors, compare};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Names that mean something in one of the forms, so that arbitrary objects come close to them.
const NAMES: [&str; 16] = [
    "id",
    "system",
    "steps",
    "observed",
    "op",
    "order",
    "loose",
    "evidence_until",
    "broker",
    "source",
    "about",
    "cases",
    "in",
    "out",
    "invariants",
    "exact",
];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z-]{0,9}".prop_map(Value::from),
        Just(Value::from("kafka-log-a")),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(&NAMES[..]).prop_map(str::to_owned),
            "[a-z]{0,3}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Puts `new` where `place` leads: at each turn one of the children, or here.
fn put(value: &mut Value, place: &[Index], new: Value) {
    let Some((next, rest)) = place.split_first() else {
        *value = new;
        return;
    };
    match value {
        Value::Array(list) if !list.is_empty() => {
            let at = next.index(list.len());
            put(&mut list[at], rest, new);
        }
        Value::Object(members) if !members.is_empty() => {
            let at = next.index(members.len());
            if let Some((_, member)) = members.iter_mut().nth(at) {
                put(member, rest, new);
            }
        }
        other => *other = new,
    }
}

/// Files of the project as they are written.
static FILES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let files = crate::collection().files.into_iter();
    files
        .filter_map(|file| match file.form {
            Form::Recording(value) | Form::Vectors(value) => Some(value),
            Form::Broken(_) => None,
        })
        .collect()
});

static RECORDINGS: LazyLock<Vec<Recording>> = LazyLock::new(recordings);

fn file(value: Value) -> File {
    File {
        place: "any.json".to_owned(),
        name: "kafka_murmur2".to_owned(),
        form: match Vectors::is_meant(&value) {
            true => Form::Vectors(value),
            false => Form::Recording(value),
        },
    }
}

/// Reads and replays; what comes of it does not matter, only that it comes.
fn survive(value: Value) -> Result<(), TestCaseError> {
    for mistakes in [
        Recording::read("any.json", &value).err(),
        Vectors::read("any.json", &value).err(),
    ] {
        prop_assert_ne!(mistakes, Some(Vec::new()), "refused without a reason");
    }
    let collection = Collection {
        files: vec![file(value)],
        others: Vec::new(),
    };
    let text = Models::ALL.replay(&collection, &[]).text();
    prop_assert!(text.ends_with(" failed\n"));
    prop_assert!(!text.contains("panicked"), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_survived(value in json()) {
        survive(value)?;
    }

    #[test]
    fn a_damaged_file_is_survived(at: Index, place in prop::collection::vec(any::<Index>(), 0..6), new in json()) {
        let mut value = FILES[at.index(FILES.len())].clone();
        put(&mut value, &place, new);
        survive(value)?;
    }

    /// Whatever a model answers: comparing ends, and what differs differs the same way round.
    #[test]
    fn any_answer_can_be_compared(at: Index, place in prop::collection::vec(any::<Index>(), 1..6), new in json()) {
        let recording = &RECORDINGS[at.index(RECORDINGS.len())];
        let mut answers = Value::from(recording.observed.clone());
        put(&mut answers, &place, new);
        let answers = answers.as_array().cloned().unwrap_or_default();
        let found = compare::disagreements(recording, &answers);
        prop_assert!(found.iter().all(|found| found.expected != found.got));
    }

    /// Order, nulls and names of no meaning do not reach the verdict of an order-free step.
    #[test]
    fn nulls_change_nothing(at: Index) {
        let recording = &RECORDINGS[at.index(RECORDINGS.len())];
        let with_null = |answer: &Value| {
            let mut members = answer.as_object().cloned().unwrap_or_else(Map::new);
            members.insert("never observed".to_owned(), Value::Null);
            Value::Object(members)
        };
        let answers: Vec<Value> = recording.observed.iter().map(with_null).collect();
        prop_assert_eq!(compare::disagreements(recording, &answers), []);
    }
}

#[test]
fn the_projects_files_say_whose_word_their_cases_are() {
    for (name, file) in vectors() {
        assert!(!file.source.is_empty() && !file.about.is_empty(), "{name}");
    }
}
