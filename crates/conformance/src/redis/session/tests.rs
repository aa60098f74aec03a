use super::*;

fn play(steps: Value) -> Vec<Result<Value, Refusal>> {
    let observed = vec![json!({}); steps.as_array().map_or(0, Vec::len)];
    let recording =
        json!({"id": "redis-x", "system": "redis 7.0.15", "steps": steps, "observed": observed});
    let recording = Recording::read("x.json", &recording).expect("a recording");
    let mut session = Session::begin(&recording).expect("a session");
    let steps = recording.steps.iter();
    steps.map(|step| session.play(step)).collect()
}

/// The answers to steps that the model knows.
fn answers(steps: Value) -> Vec<Value> {
    let answers = play(steps).into_iter();
    answers
        .map(|answer| answer.expect("an op that is known"))
        .collect()
}

#[test]
fn reads_in_the_background_wait() {
    let group = json!({"op": "declare", "kind": "group", "stream": "s", "name": "g", "start": "$", "create_stream": true});
    let read = json!({"op": "read", "client": "c", "group": "g", "stream": "s", "from": ">", "block_ms": 1000, "background": true});
    let now =
        json!({"op": "read", "client": "d", "streams": {"s": "0", "t": "0"}, "block_ms": 1000});
    let look = json!({"op": "await", "client": "c"});
    let append = json!({"op": "append", "stream": "s", "id": "1-0", "msg": "m"});
    let got = answers(json!([
        group, read, look, append, look, now, read, {"op": "wait", "ms": 999}, look, {"op": "wait", "ms": 1}, look
    ]));
    assert_eq!(got[1], json!({}));
    assert_eq!(got[2], json!({"pending": true}));
    let entries = json!([{"id": "1-0", "msg": "m"}]);
    assert_eq!(got[4], json!({"entries": entries, "timed_out": false}));
    assert_eq!(
        got[5],
        json!({"entries": {"s": entries}, "timed_out": false})
    );
    assert_eq!(got[8], json!({"pending": true}));
    assert_eq!(got[10], json!({"entries": [], "timed_out": true}));
}

#[test]
fn the_ops_of_groups_and_streams_are_known() {
    let got = answers(json!([
        {"op": "append", "stream": "s", "id": "1-0", "msg": "m1"},
        {"op": "append", "stream": "s", "id": "2-0", "msg": "m2", "maxlen": 5},
        {"op": "append", "stream": "s", "id": "3-0", "msg": "m3", "minid": "1-0"},
        {"op": "declare", "kind": "group", "stream": "s", "name": "g", "start": "0"},
        {"op": "declare", "kind": "consumer", "stream": "s", "group": "g", "name": "c"},
        {"op": "read", "client": "c", "group": "g", "stream": "s", "from": ">"},
        {"op": "claim", "stream": "s", "group": "g", "client": "d", "min_idle_ms": 0, "ids": ["1-0", "2-0"],
         "justid": true, "force": true, "set_idle_ms": 700, "set_deliveries": 9},
        {"op": "delete", "kind": "entries", "stream": "s", "ids": ["1-0", "9-0"]},
        {"op": "read", "client": "d", "group": "g", "stream": "s", "from": "0"},
        {"op": "pending", "stream": "s", "group": "g", "detail": true, "end": "1", "count": 5},
        {"op": "autoclaim", "stream": "s", "group": "g", "client": "c", "min_idle_ms": 0, "start": "0", "justid": true},
        {"op": "delete", "kind": "consumer", "stream": "s", "group": "g", "name": "c"},
        {"op": "set_position", "stream": "s", "group": "g", "start": "2-0"},
        {"op": "trim", "stream": "s", "minid": "3-0"},
        {"op": "info", "kind": "stream", "stream": "s"},
        {"op": "info", "kind": "consumers", "stream": "s", "group": "g"},
        {"op": "delete", "kind": "stream", "stream": "s"},
        {"op": "info", "kind": "stream", "stream": "s"},
    ]));
    assert_eq!(got[4], json!({"created": 1}));
    assert_eq!(got[6], json!({"entries": [{"id": "1-0"}, {"id": "2-0"}]}));
    assert_eq!(got[7], json!({"deleted": 1}));
    let entries = json!([{"id": "1-0", "deleted": true}, {"id": "2-0", "msg": "m2"}]);
    assert_eq!(got[8], json!({ "entries": entries }));
    let entries = json!([{"id": "1-0", "consumer": "d", "idle_ms": 500, "deliveries": 9}]);
    assert_eq!(got[9], json!({ "entries": entries }));
    let entries = json!([{"id": "2-0"}, {"id": "3-0"}]);
    assert_eq!(
        got[10],
        json!({"next": "0-0", "entries": entries, "deleted": ["1-0"]})
    );
    assert_eq!(got[11], json!({"pending_dropped": 2}));
    assert_eq!((&got[12], &got[13]), (&json!({}), &json!({"trimmed": 1})));
    let edge = json!({"id": "3-0", "msg": "m3"});
    let info = json!({"length": 1, "last_id": "3-0", "max_deleted_id": "1-0", "entries_added": 3, "groups": 1, "first": edge, "last": edge});
    assert_eq!(got[14], info);
    assert_eq!(got[15], json!({"consumers": [{"name": "d", "pending": 0}]}));
    assert_eq!(got[16], json!({"deleted": 1}));
    assert_eq!(got[17], json!({"error": {"name": "ERR"}}));
}

#[test]
fn the_ops_of_channels_are_known() {
    let got = answers(json!([
        {"op": "subscribe", "client": "a", "channel": "x"},
        {"op": "subscribe", "client": "a", "pattern": "*"},
        {"op": "subscribe", "client": "b", "channel": "x", "sharded": true},
        {"op": "publish", "channel": "x", "msg": "m1"},
        {"op": "publish", "channel": "x", "msg": "m2", "sharded": true},
        {"op": "channels"},
        {"op": "channels", "pattern": "y*"},
        {"op": "unsubscribe", "client": "a", "channel": "x"},
        {"op": "publish", "channel": "x", "msg": "m3"},
        {"op": "drain", "clients": ["a", "b"]},
        {"op": "drain", "clients": ["a", "b"], "merge": true},
    ]));
    assert_eq!(got[3], json!({"receivers": 2}));
    assert_eq!(got[4], json!({"receivers": 1}));
    assert_eq!(got[5], json!({"channels": ["x"], "patterns": 1}));
    assert_eq!(got[6], json!({"channels": [], "patterns": 1}));
    assert_eq!(got[8], json!({"receivers": 1}));
    let a = json!([
        {"channel": "x", "msg": "m1"}, {"pattern": "*", "channel": "x", "msg": "m1"},
        {"pattern": "*", "channel": "x", "msg": "m3"},
    ]);
    let b = json!([{"channel": "x", "msg": "m2"}]);
    assert_eq!(got[9], json!({"deliveries": {"a": a, "b": b}}));
    assert_eq!(got[10], json!({"merged": []}));
}

#[test]
fn what_is_not_known_is_refused() {
    for step in [
        json!({"op": "pop"}),
        json!({"op": "depth", "stream": "s", "deep": true}),
        json!({"op": "read", "client": "c"}),
        json!({"op": "subscribe", "client": "c"}),
        json!({"op": "await", "client": "c"}),
    ] {
        assert!(play(json!([step]))[0].is_err(), "{step}");
    }
}
