//! A replay against small models: what is counted, and what is told.

use crate::models::MODELS;
use conformance::collection::{File, Form};
use conformance::{Collection, Known, Mistake, Report};
use serde_json::{Value, json};
use std::path::PathBuf;

fn recording(id: &str, steps: Value, observed: Value) -> Value {
    json!({"id": id, "system": "counter 1.0", "steps": steps, "observed": observed})
}

fn file(value: Value) -> File {
    let name = value.get("id").and_then(Value::as_str).unwrap_or("double");
    File {
        place: format!("{name}.json"),
        name: name.to_owned(),
        form: match value.get("cases") {
            Some(_) => Form::Vectors(value),
            None => Form::Recording(value),
        },
    }
}

fn replay(values: Vec<Value>, known: &[Known]) -> Report {
    let collection = Collection {
        files: values.into_iter().map(file).collect(),
        others: Vec::new(),
    };
    MODELS.replay(&collection, known)
}

/// Replays and compares the text, which tests indent as they like.
fn check(values: Vec<Value>, expected: &[&str]) {
    let text = replay(values, &[]).text();
    let told: Vec<&str> = text.lines().collect();
    assert_eq!(told, expected, "{text}");
}

#[test]
fn one_recording_is_one_case_and_differences_are_told_by_step() {
    let steps = json!([{"op": "add", "by": 2}, {"op": "read"}, {"op": "add", "by": 1}, {"op": "read", "order": "any"}]);
    let answers = |first: u64, second: u64| json!([{}, {"sum": first}, {}, {"sum": second}]);
    check(
        vec![recording("counter-a", steps.clone(), answers(2, 3))],
        &["counter-a: 1 passed, 0 failed", "1 passed, 0 failed"],
    );
    check(
        vec![
            recording("counter-a", steps.clone(), answers(2, 3)),
            recording("counter-b", steps, answers(7, 8)),
        ],
        &[
            "counter-a: 1 passed, 0 failed",
            "counter-b: 0 passed, 1 failed",
            "  counter-b, step 1 (read):",
            r#"    expected {"sum":7}"#,
            r#"    got      {"sum":2}"#,
            "  counter-b, step 3 (read):",
            r#"    expected {"sum":8}"#,
            r#"    got      {"sum":3}"#,
            "1 passed, 1 failed",
        ],
    );
}

#[test]
fn after_three_differences_only_the_steps_are_named() {
    let steps = vec![json!({"op": "read"}); 5];
    let observed = vec![json!({"sum": 1}); 5];
    let text = replay(
        vec![recording("counter-a", json!(steps), json!(observed))],
        &[],
    )
    .text();
    assert!(
        text.contains("step 2 (read)") && !text.contains("step 3 (read)"),
        "{text}"
    );
    assert!(text.contains("    and 2 steps more: 3, 4\n"), "{text}");
}

#[test]
fn an_unknown_word_fails_the_file_even_where_the_step_is_not_compared() {
    let check_refused = |step: Value, refused: &str| {
        let mut value = recording(
            "counter-a",
            json!([step, {"op": "read"}]),
            json!([{}, {"sum": 0}]),
        );
        value["loose"] = json!([0]);
        let report = replay(vec![value], &[]);
        assert_eq!((report.passed(), report.failed()), (0, 1));
        let text = report.text();
        assert!(text.contains(refused), "{text}");
        // Nothing after it was played.
        assert!(!text.contains("step 1"), "{text}");
    };
    check_refused(
        json!({"op": "sub", "by": 1}),
        "  counter-a, step 0 (sub): refused: unknown variant `sub`, expected one of `add`, `read`, `explode`; add it",
    );
    check_refused(
        json!({"op": "add", "by": 1, "twice": true}),
        "  counter-a, step 0 (add): refused: unknown field `twice`, expected `by`; add it",
    );
    check_refused(
        json!({"op": "add", "by": -1}),
        "  counter-a, step 0 (add): refused: invalid value: integer `-1`",
    );
}

#[test]
fn an_unknown_setting_fails_the_file_before_its_first_step() {
    let mut value = recording("counter-a", json!([{"op": "read"}]), json!([{"sum": 0}]));
    value["broker"] = json!({"limit": 5});
    check(
        vec![value],
        &[
            "counter-a: 0 passed, 1 failed",
            "  counter-a: refused: the setting `limit` is unknown, known are: none; add it to the adapter of this model, or correct the file",
            "0 passed, 1 failed",
        ],
    );
}

#[test]
fn a_panic_fails_its_case_and_no_other() {
    check(
        vec![
            recording(
                "counter-a",
                json!([{"op": "add", "by": 4}, {"op": "explode"}]),
                json!([{}, {}]),
            ),
            recording("counter-b", json!([{"op": "read"}]), json!([{"sum": 0}])),
            json!({"source": "s", "about": "a", "cases": [{"id": "0", "in": 0, "out": 0}, {"id": "1", "in": 1, "out": 2}]}),
        ],
        &[
            "counter-a: 0 passed, 1 failed",
            "  counter-a, step 1 (explode): the model panicked: the counter burst at 4",
            "counter-b: 1 passed, 0 failed",
            "double: 1 passed, 1 failed",
            "  0: the model panicked: nothing to double",
            "2 passed, 2 failed",
        ],
    );
}

#[test]
fn a_mistaken_file_counts_as_one_failed_case() {
    let mut value = recording("counter-a", json!([{"op": "read"}]), json!([{}]));
    value["stepz"] = json!(1);
    let text = replay(vec![value], &[]).text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "counter-a: 0 passed, 1 failed");
    assert!(
        lines[1].starts_with("  counter-a.json: field `stepz`: is unknown; the fields are id,"),
        "{text}"
    );
    assert_eq!(lines[2..], ["0 passed, 1 failed"]);
    let broken = Collection {
        files: vec![File {
            place: "half.json".to_owned(),
            name: "half".to_owned(),
            form: Form::Broken(Mistake {
                place: "half.json".to_owned(),
                cause: "this is no JSON".to_owned(),
                remedy: "correct it".to_owned(),
            }),
        }],
        others: vec![PathBuf::from("notes.json")],
    };
    let text = MODELS.replay(&broken, &[]).text();
    let expected = [
        "half: 0 passed, 1 failed",
        "  half.json: this is no JSON; correct it",
        "skipped: notes.json, which is neither a recording nor a vector file",
        "0 passed, 1 failed",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_not_modelled_is_told_and_not_counted() {
    let report = replay(
        vec![
            recording("redis-a", json!([{"op": "x"}]), json!([{}])),
            recording("counter-a", json!([{"op": "read"}]), json!([{"sum": 0}])),
            // Not even read: nobody has to know its words yet.
            json!({"id": "redis-b", "system": "redis 7.0.15", "steps": 1, "observed": 1}),
            recording("kafka-txn-a", json!([]), json!([])),
        ],
        &[],
    );
    let text = report.text();
    let expected = [
        "counter-a: 1 passed, 0 failed",
        "not yet: redis, 2 files",
        "not yet: kafka-txn, 1 file",
        "1 passed, 0 failed",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    let versions = report.not_yet[0].versions.iter();
    let names: Vec<&str> = versions.map(|version| version.name.as_str()).collect();
    assert_eq!(names, ["counter 1.0", "Redis 7.0.15"]);
    assert_eq!(report.not_yet[0].cases, 2);
}

#[test]
fn a_known_difference_is_marked_and_still_counts_as_failed() {
    let known = |case: &str| Known {
        file: "double".to_owned(),
        case: case.to_owned(),
        reason: "three is odd".to_owned(),
        source: "arithmetic".to_owned(),
    };
    let value = json!({"source": "s", "about": "a", "cases": [
        {"id": "odd", "in": 1, "out": 3}, {"id": "even", "in": 2, "out": 4}, {"id": "text", "in": "1", "out": 2}]});
    let list = [known("odd"), known("even")];
    let report = replay(vec![value], &list);
    let expected = [
        "double: 1 passed, 2 failed",
        "  odd:",
        "    expected 3",
        "    got      2",
        "    known: three is odd (arithmetic)",
        "  text: refused: a number is expected; add it to the adapter of this model, or correct the file",
        "1 passed, 2 failed",
    ];
    assert_eq!(report.text().lines().collect::<Vec<_>>(), expected);
    assert_eq!(report.outdated(&list), [&list[1]]);
    let data = serde_json::to_value(&report).expect("a report is data");
    assert_eq!(
        data["files"][0]["failures"][0]["known"]["reason"],
        "three is odd"
    );
    assert_eq!(
        data["files"][0]["failures"][1]["what"][0]["what"],
        "refused"
    );
}
