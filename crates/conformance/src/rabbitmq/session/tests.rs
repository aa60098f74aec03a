//! Recordings that play every word of the page, and what comes of each.

use super::Session;
use crate::recording::Recording;
use serde_json::{Value, json};

fn played(steps: &Value, version: &str) -> Vec<Value> {
    let observed = steps.as_array().map_or(0, Vec::len);
    let recording = json!({
        "id": "rabbitmq-x", "system": format!("rabbitmq {version}"), "steps": steps,
        "observed": vec![json!({}); observed],
    });
    let recording = Recording::read("x.json", &recording).expect("a recording");
    let mut player = Session::begin(&recording).expect("the version is known");
    let steps = recording.steps.iter();
    steps
        .map(|step| match player.play(step) {
            Ok(answer) => answer,
            Err(refusal) => json!({"refusal": refusal.cause}),
        })
        .collect()
}

#[test]
fn every_word_of_the_page_is_played() {
    let steps = json!([
        {"op": "declare", "kind": "exchange", "name": "rest", "type": "fanout"},
        {"op": "declare", "kind": "exchange", "name": "e", "type": "headers", "internal": true, "auto_delete": true, "alternate_exchange": "rest"},
        {"op": "declare", "kind": "exchange", "name": "in", "type": "fanout"},
        {"op": "declare", "kind": "queue", "name": "q", "expires_ms": 5000, "max_length_bytes": 10, "durable": false},
        {"op": "declare", "kind": "queue", "name": "own", "exclusive": true, "client": "c1"},
        {"op": "bind", "exchange": "in", "key": "", "to_exchange": "e"},
        {"op": "bind", "exchange": "e", "key": "", "queue": "q", "match_headers": {"a": 1}},
        {"op": "bind", "exchange": "rest", "key": "", "queue": "own"},
        {"op": "bind", "exchange": "rest", "key": "", "queue": "own", "client": "c1"},
        {"op": "publish", "exchange": "in", "key": "", "msg": "m", "headers": {"a": 1}},
        {"op": "publish", "exchange": "in", "key": "", "msg": "n", "headers": {"a": 2}, "mandatory": true},
        {"op": "publish", "exchange": "e", "key": "", "msg": "o"},
        {"op": "get", "queue": "own", "client": "c1", "ack": "auto"},
        {"op": "subscribe", "client": "c2", "queue": "q", "prefetch": 1, "global_prefetch": 3, "sub": "s", "priority": 2},
        {"op": "drain", "clients": ["c2"], "merge": true},
        {"op": "recover", "client": "c2"},
        {"op": "drain", "clients": ["c2"]},
        {"op": "ack", "client": "c2", "msg": "m", "delivery": 2},
        {"op": "subscribe", "client": "c2", "queue": "q", "sub": "t", "ack": "auto", "exclusive": false},
        {"op": "unsubscribe", "client": "c2", "sub": "t"},
        {"op": "delete", "kind": "queue", "name": "q", "if_unused": true},
        {"op": "delete", "kind": "queue", "name": "q", "if_empty": true},
        {"op": "drain", "clients": ["c2"]},
        {"op": "crash", "client": "c1"},
        {"op": "depth", "queue": "own"},
        {"op": "publish", "exchange": "", "key": "q", "msg": "m", "colour": 1},
        {"op": "declare", "kind": "queue", "name": "q", "type": "topic"}
    ]);
    let answers = played(&steps, "3.10.8");
    let error = |code: u16, name: &str| json!({"error": {"code": code, "name": name}});
    let m = |redelivered: bool| json!({"msg": "m", "redelivered": redelivered, "exchange": "in", "key": "", "headers": {"a": 1}, "sub": "s"});
    assert_eq!(answers[7], error(405, "RESOURCE_LOCKED"));
    assert_eq!(answers[10], json!({"result": "confirmed"}));
    assert_eq!(answers[11], error(403, "ACCESS_REFUSED"));
    assert_eq!(answers[12]["msg"], "n");
    assert_eq!(answers[14], json!({"merged": ["m"]}));
    assert_eq!(answers[16], json!({"deliveries": {"c2": [m(true)]}}));
    assert_eq!(answers[20], error(406, "PRECONDITION_FAILED"));
    assert_eq!(answers[21], json!({"deleted": 0}));
    assert_eq!(
        answers[22],
        json!({"deliveries": {"c2": []}, "cancelled": {"c2": ["s"]}})
    );
    assert_eq!(answers[24], error(404, "NOT_FOUND"));
    for refused in &answers[25..] {
        assert!(refused["refusal"].is_string(), "{refused}");
    }
    for fine in [&answers[..7], &answers[17..20]].concat() {
        assert!(
            fine.get("refusal").is_none() && fine.get("error").is_none(),
            "{fine}"
        );
    }
}

#[test]
fn a_stream_is_read_from_an_offset() {
    let steps = json!([
        {"op": "declare", "kind": "queue", "name": "s", "queue_type": "stream"},
        {"op": "publish", "exchange": "", "key": "s", "msg": "a"},
        {"op": "publish", "exchange": "", "key": "s", "msg": "b"},
        {"op": "subscribe", "client": "c1", "queue": "s", "prefetch": 10, "offset": 1},
        {"op": "subscribe", "client": "c2", "queue": "s", "prefetch": 10, "offset": "first"},
        {"op": "drain", "clients": ["c1", "c2"]},
        {"op": "get", "queue": "s"}
    ]);
    let answers = played(&steps, "3.10.8");
    let got = |msg: &str, offset: u64| json!({"msg": msg, "redelivered": false, "exchange": "", "key": "s", "offset": offset});
    assert_eq!(
        answers[5],
        json!({"deliveries": {"c1": [got("b", 1)], "c2": [got("a", 0), got("b", 1)]}})
    );
    assert_eq!(answers[6]["error"]["code"], 540);
}
