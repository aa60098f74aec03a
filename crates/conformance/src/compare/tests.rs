//! One row per rule and side: answers that agree, and answers that do not.

use super::*;
use serde_json::{Map, json};

fn recording(system: &str, step: Value, observed: Value, evidence: Value) -> Recording {
    let mut members = Map::from_iter([
        ("id".to_owned(), json!("a-b")),
        ("system".to_owned(), json!(system)),
        ("steps".to_owned(), json!([step])),
        ("observed".to_owned(), json!([observed])),
    ]);
    members.extend(evidence.as_object().cloned().unwrap_or_default());
    Recording::read("a-b.json", &Value::Object(members)).expect("a recording")
}

fn check_with(system: &str, step: Value, evidence: Value, rows: &[(Value, Value, bool)]) {
    for (observed, answer, agrees) in rows {
        let recording = recording(system, step.clone(), observed.clone(), evidence.clone());
        let found = disagreements(&recording, std::slice::from_ref(answer));
        assert_eq!(
            found.is_empty(),
            *agrees,
            "{system} {step} {evidence}: {observed} / {answer}: {found:?}"
        );
    }
}

fn check(system: &str, step: Value, rows: &[(Value, Value, bool)]) {
    check_with(system, step, json!({}), rows);
}

#[test]
fn null_empty_and_absent_are_the_same_and_nothing_else_is() {
    check(
        "redis 7.0.15",
        json!({"op": "read"}),
        &[
            (
                json!({}),
                json!({"id": null, "entries": [], "x": {"y": {}}}),
                true,
            ),
            (json!({"id": null}), json!(null), true),
            (json!({}), json!([]), true),
            (json!({"n": 0}), json!({}), false),
            (json!({"n": false}), json!({}), false),
            (json!({"n": ""}), json!({}), false),
            (json!({"n": [null]}), json!({}), false),
            (json!({"n": [null, {}]}), json!({"n": [null]}), false),
            (json!({"n": 1}), json!({"n": 1.0}), true),
            (json!({"n": 1}), json!({"n": "1"}), false),
            (json!({"n": [1, 2]}), json!({"n": [2, 1]}), false),
            (json!({"n": 1}), json!({"n": 1, "m": 1}), false),
            (json!({}), json!({"nothing": 1}), false),
        ],
    );
}

#[test]
fn an_answer_that_is_missing_differs() {
    let recording = recording("redis", json!({"op": "wait"}), json!({}), json!({}));
    assert_eq!(disagreements(&recording, &[]).len(), 1);
    assert_eq!(disagreements(&recording, &[json!({})]).len(), 0);
}

#[test]
fn loose_disputed_and_late_steps_agree_with_anything() {
    let step = json!({"op": "receive"});
    for (evidence, agrees) in [
        (json!({"loose": [0]}), true),
        (json!({"disputed": [0]}), true),
        (json!({"evidence_until": 0}), true),
        (json!({"evidence_until": 1}), false),
        (json!({"any_error": []}), false),
    ] {
        let rows = [(json!({"n": 1}), json!({"n": 2}), agrees)];
        check_with("sqs", step.clone(), evidence, &rows);
    }
}

#[test]
fn in_any_order_lists_are_multisets() {
    let rows = |agrees| {
        [
            (json!({"n": [1, 2]}), json!({"n": [2, 1]}), agrees),
            (
                json!({"n": [[1, 2], [3]]}),
                json!({"n": [[3], [2, 1]]}),
                agrees,
            ),
            (
                json!({"n": [{"a": [1, 2]}]}),
                json!({"n": [{"a": [2, 1]}]}),
                agrees,
            ),
            (json!({"n": [1, 1, 2]}), json!({"n": [1, 2, 2]}), false),
            (json!({"n": [1, 2]}), json!({"n": [1]}), false),
        ]
    };
    check("sqs", json!({"op": "receive", "order": "any"}), &rows(true));
    check(
        "sqs",
        json!({"op": "receive", "order": "exact"}),
        &rows(false),
    );
    check("sqs", json!({"op": "receive"}), &rows(false));
}

#[test]
fn in_any_order_the_rows_of_a_tools_blocks_are_multisets_below_their_first() {
    let observed = json!({"stdout": ["HEAD", "b", "a", "", "HEAD 2", "c"]});
    check(
        "kafka",
        json!({"op": "tool", "order": "any"}),
        &[
            (
                observed.clone(),
                json!({"stdout": ["HEAD", "a", "b", "", "HEAD 2", "c"]}),
                true,
            ),
            (
                observed.clone(),
                json!({"stdout": ["a", "HEAD", "b", "", "HEAD 2", "c"]}),
                false,
            ),
            (
                observed.clone(),
                json!({"stdout": ["HEAD", "a", "c", "", "HEAD 2", "b"]}),
                false,
            ),
            (
                observed,
                json!({"stdout": ["HEAD", "a", "b", "HEAD 2", "c"]}),
                false,
            ),
        ],
    );
}

#[test]
fn of_some_steps_only_part_counts() {
    let error = |name: &str| json!({"error": {"name": name}});
    let step = json!({"op": "get"});
    check_with(
        "kinesis",
        step.clone(),
        json!({"any_error": [0]}),
        &[
            (error("Validation"), error("InvalidArgument"), true),
            (error("Validation"), json!({"records": []}), false),
            (error("Validation"), json!({"error": null}), false),
            (json!({"n": 1}), json!({"n": 2}), true),
            (json!({"n": 1}), error("Validation"), false),
        ],
    );
    let lag = |lag: u32, msg: &str| json!({"behind_latest_ms": lag, "records": [{"msg": msg, "seq": lag}]});
    check_with(
        "kinesis",
        step.clone(),
        json!({"lag_disputed": [0]}),
        &[
            (
                json!({"behind_latest_ms": 1, "n": 1}),
                json!({"n": 1}),
                true,
            ),
            (
                json!({"behind_latest_ms": 1, "n": 1}),
                json!({"n": 2}),
                false,
            ),
            (lag(1, "a"), lag(2, "a"), false),
        ],
    );
    check_with(
        "kinesis",
        step,
        json!({"end_disputed": [0]}),
        &[
            (lag(1, "a"), lag(2, "a"), true),
            (lag(1, "a"), lag(1, "b"), false),
            (json!({"end": true}), json!({"records": []}), true),
            (json!({"end": true}), lag(1, "a"), false),
        ],
    );
}

#[test]
fn rabbitmq_counts_consumers_and_deliveries_where_they_are_evidence() {
    let rows = |agrees| [(json!({"consumers": 1}), json!({"consumers": 2}), agrees)];
    check("rabbitmq 3.10.8", json!({"op": "depth"}), &rows(true));
    check("rabbitmq 3.10.8", json!({"op": "declare"}), &rows(false));
    check("redis 7.0.15", json!({"op": "depth"}), &rows(false));
    check(
        "rabbitmq 3.10.8",
        json!({"op": "depth"}),
        &[
            (
                json!({"consumers": ["a"]}),
                json!({"consumers": ["b"]}),
                false,
            ),
            (json!({"delivery_count": 0}), json!({}), true),
            (json!({"delivery_count": 1}), json!({}), false),
            (json!({"delivery_count": false}), json!({}), false),
        ],
    );
    let rows = [(json!({"delivery_count": 0}), json!({}), false)];
    check("nats-server", json!({"op": "get"}), &rows);
}

#[test]
fn nats_keeps_its_internals_to_itself() {
    let same = |name: &str, one: Value, other: Value, agrees: bool| {
        [(
            json!({"m": [{name: one}]}),
            json!({"m": [{name: other}]}),
            agrees,
        )]
    };
    let nats = |op: &str, rows: &[(Value, Value, bool)]| {
        check("nats-server 2.9.10", json!({"op": op}), rows);
    };
    nats("info", &same("waiting", json!(1), json!(2), true));
    nats("info", &same("redelivered", json!(1), json!(2), true));
    nats("info", &same("delivered", json!(1), json!(2), false));
    nats("fetch", &same("pending", json!(1), json!(2), true));
    nats("drain", &same("pending", json!(1), json!(2), true));
    nats("info", &same("pending", json!(1), json!(2), false));
    nats(
        "fetch",
        &[(json!({"status": 404}), json!({"status": 408}), true)],
    );
    nats("fetch", &[(json!({"status": 404}), json!({}), true)]);
    nats(
        "fetch",
        &[(json!({"status": 409}), json!({"status": 408}), false)],
    );
    nats("publish", &[(json!({"status": 404}), json!({}), false)]);
    let redis = same("waiting", json!(1), json!(2), false);
    check("redis", json!({"op": "info"}), &redis);
}

#[test]
fn of_stored_batches_size_and_what_they_are_not_do_not_count() {
    let rows = |agrees| {
        [
            (
                json!({"batches": [{"bytes": 9}]}),
                json!({"batches": [{"bytes": 8}]}),
                agrees,
            ),
            (
                json!({"batches": [{"base": 0, "control": false}]}),
                json!({"batches": [{"base": 0}]}),
                agrees,
            ),
            (
                json!({"batches": [{"control": true}]}),
                json!({"batches": [{}]}),
                false,
            ),
        ]
    };
    check(
        "kafka 4.3.1",
        json!({"op": "fetch", "raw": true}),
        &rows(true),
    );
    check(
        "kafka 4.3.1",
        json!({"op": "fetch", "raw": false}),
        &rows(false),
    );
    check("kafka 4.3.1", json!({"op": "fetch"}), &rows(false));
    check("sqs", json!({"op": "fetch", "raw": true}), &rows(false));
}

#[test]
fn kafkas_sets_have_no_order_but_for_poll() {
    let pair = |name: &str| (json!({name: [1, 2]}), json!({name: [2, 1]}));
    for name in SETS {
        let (one, other) = pair(name);
        check("kafka", json!({"op": "describe"}), &[(one, other, true)]);
        let (one, other) = pair(name);
        check("kafka", json!({"op": "poll"}), &[(one, other, false)]);
        let (one, other) = pair(name);
        check("redis", json!({"op": "describe"}), &[(one, other, false)]);
    }
    let (one, other) = pair("replicas");
    check("kafka", json!({"op": "describe"}), &[(one, other, false)]);
}

#[test]
fn a_real_client_may_be_assigned_nothing_once_more() {
    let some = json!({"callbacks": {"a": [{"assigned": []}, {"assigned": [1]}]}});
    let rows = |agrees| {
        [
            (
                some.clone(),
                json!({"callbacks": {"a": [{"assigned": [1]}]}}),
                agrees,
            ),
            (json!({"callbacks": [{"assigned": []}]}), json!({}), agrees),
            (
                some.clone(),
                json!({"callbacks": {"a": [{"assigned": [2]}]}}),
                false,
            ),
            (json!({"callbacks": [{"revoked": []}]}), json!({}), false),
        ]
    };
    check("kafka", json!({"op": "poll"}), &rows(true));
    check("redis", json!({"op": "poll"}), &rows(false));
}

#[test]
fn in_a_tools_output_blanks_beside_masks_and_the_order_in_sets_do_not_count() {
    let line = |one: &str, other: &str, agrees| {
        (json!({"stdout": [one]}), json!({"stdout": [other]}), agrees)
    };
    let rows = [
        line("a b  ", "a b", true),
        line("a  b", "a b", false),
        line(" a", "a", false),
        line("a   <host>  b", "a <host> b", true),
        line("a <t+500> ", "a  <t+500>", true),
        line("a <name>  b", "a <name> b", false),
        line("Isr: 2,1\tElr: 3", "Isr: 1,2\tElr: 3", true),
        line("Isr: 2,1", "Isr: 1,3", false),
        line("Replicas: 2,1", "Replicas: 1,2", false),
        line("t-0,t-1", "t-1,t-0", true),
        line("t-0,t-1", "t-0", false),
        line("a.b_c-0,a-1 x", "a-1,a.b_c-0 x", true),
    ];
    check("kafka", json!({"op": "tool"}), &rows);
    check(
        "redis",
        json!({"op": "tool"}),
        &[line("a b ", "a b", false)],
    );
    let masked_elsewhere = (
        json!({"stdout": ["<id>", "a  b"]}),
        json!({"stdout": ["<id>", "a b"]}),
        true,
    );
    check("kafka", json!({"op": "tool"}), &[masked_elsewhere]);
}

#[test]
fn a_tools_error_stream_counts_only_where_it_is_modelled() {
    let observed = json!({"stdout": ["x"], "stderr": ["oops"], "screen": ["x", "oops"], "exit": 1});
    let rows = |agrees| {
        [
            (
                observed.clone(),
                json!({"stdout": ["x"], "exit": 1}),
                agrees,
            ),
            (observed.clone(), json!({"stdout": ["x"], "exit": 0}), false),
            (
                observed.clone(),
                json!({"stdout": ["x"], "exit": 1, "stderr": ["ouch"]}),
                false,
            ),
            (observed.clone(), json!({"exit": 1}), false),
            (
                json!({"exit": 1}),
                json!({"exit": 1, "stderr": ["oops"]}),
                false,
            ),
        ]
    };
    check("kafka", json!({"op": "tool"}), &rows(true));
    check("kafka", json!({"op": "other"}), &rows(false));
}

#[test]
fn flinks_results_of_a_step_have_no_order() {
    let rows = |agrees| {
        [
            (json!({"out": [1, 2]}), json!({"out": [2, 1]}), agrees),
            (json!({"late": [1, 2]}), json!({"late": [2, 1]}), agrees),
            (
                json!({"late_right": [1, 2]}),
                json!({"late_right": [2, 1]}),
                agrees,
            ),
            (
                json!({"timed_out": [1, 2]}),
                json!({"timed_out": [2, 1]}),
                agrees,
            ),
            (
                json!({"out": [{"values": [1, 2]}]}),
                json!({"out": [{"values": [2, 1]}]}),
                agrees,
            ),
            (json!({"out": [[1, 2]]}), json!({"out": [[2, 1]]}), false),
            (json!({"out": [1, 1, 2]}), json!({"out": [1, 2, 2]}), false),
            (json!({"state": [1, 2]}), json!({"state": [2, 1]}), false),
        ]
    };
    check("flink 2.3.0", json!({"op": "process"}), &rows(true));
    check(
        "kafka-streams 4.3.1",
        json!({"op": "process"}),
        &rows(false),
    );
}

#[test]
fn numbers_of_an_implementation_do_not_count() {
    for name in ["event_timers", "processing_timers", "keys_with_state"] {
        let rows = |agrees| [(json!({name: 1}), json!({name: 2}), agrees)];
        check("flink", json!({"op": "process"}), &rows(true));
        check("kafka-streams", json!({"op": "process"}), &rows(true));
        check("kafka", json!({"op": "process"}), &rows(false));
    }
    for name in ["same_id_as_earlier", "children"] {
        let rows = [(json!({name: true}), json!({}), true)];
        check("sqs", json!({"op": "publish"}), &rows);
    }
}
