//! Words that no recording at hand uses.

use super::Session;
use crate::recording::Recording;
use serde_json::{Value, json};

/// Plays steps; what each is answered, or the cause why it is no step.
fn play(steps: Value) -> Vec<Value> {
    let count = steps.as_array().map_or(0, Vec::len);
    let value = json!({
        "id": "kinesis-x", "system": "kinesis", "steps": steps, "observed": vec![json!({}); count]
    });
    let recording = Recording::read("x.json", &value).expect("a recording");
    let mut player = Session::begin(&recording).expect("a session");
    let answers = recording.steps.iter().map(|step| player.play(step));
    answers
        .map(|answer| answer.unwrap_or_else(|refusal| json!({ "refused": refusal.cause })))
        .collect()
}

fn names(answers: &[Value]) -> Vec<&str> {
    let mut names = Vec::new();
    for answer in answers {
        names.push(answer["error"]["name"].as_str().unwrap_or_default());
    }
    names
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let start = "113427455640312821154458202477256070485";
    let answers = play(json!([
        {"op": "declare", "kind": "stream", "name": "s", "shards": 3},
        {"op": "split", "stream": "s", "shard": 1, "at": start},
        {"op": "split", "stream": "s", "shard": 1, "at": "226854911280625642308916404954512140969"},
        {"op": "split", "stream": "s", "shard": 9, "at": "7"},
        {"op": "merge", "stream": "s", "shard": 0, "with": 2},
        {"op": "merge", "stream": "s", "shard": 1, "with": 0},
        {"op": "merge", "stream": "none", "shard": 0, "with": 1},
        {"op": "retention", "stream": "s", "change": "decrease", "hours": 48},
        {"op": "retention", "stream": "s", "change": "increase", "hours": 8761},
        {"op": "iterator", "as": "i", "stream": "s", "shard": 0, "type": "AFTER_SEQUENCE_NUMBER", "at": "nonsense"},
        {"op": "iterator", "as": "i", "stream": "s", "shard": 0, "type": "AT_SEQUENCE_NUMBER"},
        {"op": "iterator", "as": "i", "stream": "s", "shard": 0, "type": "NONSENSE"},
        {"op": "iterator", "as": "i", "stream": "s", "shard": 7, "type": "LATEST"},
        {"op": "put_records", "stream": "s", "records": [{"key": "a", "msg": "m"}, {"key": "", "msg": "m"}]},
        {"op": "list_shards", "stream": "s", "max": 0}
    ]));
    assert_eq!(
        names(&answers),
        [
            "",
            "InvalidArgument",
            "InvalidArgument",
            "ResourceNotFound",
            "InvalidArgument",
            "InvalidArgument",
            "ResourceNotFound",
            "InvalidArgument",
            "InvalidArgument",
            "Validation",
            "InvalidArgument",
            "Validation",
            "ResourceNotFound",
            "Validation",
            "Validation"
        ]
    );
}

#[test]
fn an_iterator_stays_lags_ends_and_expires() {
    let answers = play(json!([
        {"op": "declare", "kind": "stream", "name": "s", "shards": 1},
        {"op": "put_record", "stream": "s", "key": "k", "msg": "m1", "size": 100},
        {"op": "wait", "ms": 2600},
        {"op": "put_record", "stream": "s", "key": "k", "msg": "m2"},
        {"op": "iterator", "as": "i", "stream": "s", "shard": 0, "type": "TRIM_HORIZON"},
        {"op": "get_records", "iterator": "i", "limit": 1, "lag": true, "stay": true},
        {"op": "split", "stream": "s", "shard": 0, "at": "1000"},
        {"op": "get_records", "iterator": "i", "limit": 1},
        {"op": "get_records", "iterator": "i", "lag": true},
        {"op": "get_records", "iterator": "i"},
        {"op": "iterator", "as": "j", "stream": "s", "shard": 2, "type": "LATEST"},
        {"op": "wait", "ms": 300_001},
        {"op": "get_records", "iterator": "j"},
        {"op": "get_records", "iterator": "unknown"},
        {"op": "dance"}
    ]));
    let m1 = json!({"msg": "m1", "key": "k", "seq": 1});
    let m2 = json!({"msg": "m2", "key": "k", "seq": 2});
    assert_eq!(
        answers[5],
        json!({"records": [m1], "behind_latest_ms": 3000})
    );
    assert_eq!(answers[7], json!({"records": [m1]}));
    assert_eq!(
        answers[8],
        json!({"records": [m2], "end": true, "behind_latest_ms": 0})
    );
    assert_eq!(answers[9], json!({"end": true}));
    assert_eq!(answers[12], json!({"error": {"name": "ExpiredIterator"}}));
    for (at, cause) in [(13, "`unknown`"), (14, "`dance`")] {
        let said = answers[at]["refused"].as_str().unwrap_or_default();
        assert!(said.contains(cause), "{said}");
    }
}
