use super::*;
use serde_json::json;

/// The answers to steps that the model knows.
fn answers(steps: &[Value]) -> Vec<Value> {
    let observed = vec![json!({}); steps.len()];
    let recording =
        json!({"id": "kafka-txn-x", "system": "kafka 4.3.1", "steps": steps, "observed": observed});
    let recording = Recording::read("x.json", &recording).expect("a recording");
    let mut session = Session::begin(&recording).expect("a session");
    let steps = recording.steps.iter();
    steps
        .map(|step| session.play(step).expect("an op that is known"))
        .collect()
}

fn topic(name: &str) -> Value {
    json!({"op": "declare", "kind": "topic", "name": name})
}

#[test]
fn who_only_appears_in_raw_requests_has_a_name_and_an_id_of_its_own() {
    let publish = |producer: &str| json!({"op": "publish", "producer": producer, "topic": "t", "partition": 0, "msg": "m"});
    let describe = json!({"op": "describe", "kind": "producers", "topic": "t", "partition": 0});
    let got = answers(&[
        topic("t"),
        publish("ghost"),
        publish("ghost"),
        publish("shade"),
        describe,
    ]);
    let told = got[4]["producers"].as_array().expect("a list");
    let told: Vec<(&Value, &Value)> = told
        .iter()
        .map(|one| (&one["producer"], &one["last_sequence"]))
        .collect();
    assert!(told.contains(&(&json!("ghost"), &json!(1))), "{told:?}");
    assert!(told.contains(&(&json!("shade"), &json!(0))), "{told:?}");
    assert_eq!(told.len(), 2);
}

#[test]
fn aborted_transactions_are_listed_by_their_first_offsets() {
    let init = |producer: &str| json!({"op": "init_producer", "producer": producer, "transactional_id": producer});
    let publish = |producer: &str| json!({"op": "publish", "producer": producer, "topic": "t", "partition": 0, "msg": producer});
    let abort = |producer: &str| json!({"op": "end_txn", "producer": producer, "result": "abort"});
    let got = answers(&[
        topic("t"),
        init("a"),
        init("b"),
        publish("a"),
        publish("b"),
        abort("b"),
        abort("a"),
        json!({"op": "fetch", "topic": "t", "partition": 0, "offset": 0, "isolation": "read_committed", "once": true}),
    ]);
    let listed = json!([
        {"producer": "a", "first_offset": 0},
        {"producer": "b", "first_offset": 1}
    ]);
    assert_eq!(got[7]["aborted"], listed);
}

#[test]
fn an_init_may_name_the_producer_and_the_epoch_it_goes_on_from() {
    let init = |more: Value| {
        let mut step = json!({"op": "init_producer", "producer": "p", "transactional_id": "pay"});
        let more = more.as_object().expect("fields").clone();
        step.as_object_mut().expect("a step").extend(more);
        step
    };
    let got = answers(&[
        init(json!({})),
        init(json!({"keep_id": true})),
        init(json!({"keep_id": true, "epoch": 0})),
        init(json!({"keep_id": true, "epoch": 7})),
        init(json!({})),
    ]);
    let with = |epoch: i16| json!({"producer": "p", "epoch": epoch});
    let fenced = json!({"error": {"code": 90, "name": "PRODUCER_FENCED"}});
    assert_eq!(got, [with(0), with(1), with(1), fenced, with(2)]);
}

#[test]
fn a_client_that_publishes_to_what_is_not_there_is_told_as_the_java_client_tells_it() {
    let open =
        json!({"op": "open", "kind": "producer", "client": "c", "config": {"max.block.ms": 2000}});
    let publish = |topic: &str, partition: Value| json!({"op": "publish", "client": "c", "topic": topic, "partition": partition, "msg": "m"});
    let got = answers(&[
        topic("t"),
        open,
        publish("nothere", json!(0)),
        publish("nothere", Value::Null),
        publish("bad name", json!(0)),
        publish("t", json!(1)),
        publish("t", json!(0)),
    ]);
    let thrown = |name: &str, cause: Value| json!({"error": {"name": name, "cause": cause}});
    let unknown = thrown(
        "TimeoutException",
        json!("UnknownTopicOrPartitionException"),
    );
    assert_eq!(got[2], unknown);
    assert_eq!(got[3], unknown);
    assert_eq!(got[4], thrown("InvalidTopicException", Value::Null));
    assert_eq!(got[5], thrown("TimeoutException", Value::Null));
    assert_eq!(got[6]["offset"], json!(0));
}
