//! What a publisher says of single messages, and what the terminal lists.

use super::{cast, orders, run, scene, with};
use engine::screen;
use serde_json::{Value, json};

/// Three orders that wait before their consumer comes, with these properties, in a queue with priorities.
fn waiting(messages: Value) -> Value {
    let mut told = with(
        orders(),
        json!({ "on": { "rabbitmq": {
            "queues": { "email": { "x-max-priority": 9 } },
            "consumers": { "email-1": { "prefetch_count": 1 } },
            "messages": messages
        } }, "explore": { "jitter_ms": 5 } }),
    );
    told["consumers"][0]["start_ms"] = json!(1_000);
    told
}

/// The orders as they were delivered.
fn delivered(told: Value) -> Vec<String> {
    let text = run(told).trace().text();
    let lines = text.lines().filter(|line| line.contains(" delivered "));
    let record = |line: &str| {
        let (_, rest) = line.split_once("record=").expect("it names its record");
        rest.split(' ').next().unwrap_or_default().to_owned()
    };
    lines.map(record).collect()
}

#[test]
fn an_urgent_message_is_handed_out_first() {
    assert_eq!(delivered(waiting(json!({}))), ["ord_1", "ord_2", "ord_3"]);
    let urgent = json!({ "ord_3": { "priority": 9 } });
    assert_eq!(delivered(waiting(urgent)), ["ord_3", "ord_1", "ord_2"]);
}

#[test]
fn a_message_with_a_time_to_live_of_its_own_expires_at_the_head_only() {
    let short = |record: &str| json!({ record: { "expiration": 500 } });
    assert_eq!(delivered(waiting(short("ord_1"))), ["ord_2", "ord_3"]);
    // Behind another it waits, and goes when that is handed out.
    let text = run(waiting(short("ord_2"))).trace().text();
    let dropped = text
        .lines()
        .find(|line| line.contains(" dropped "))
        .expect("ord_2 expires");
    assert!(
        dropped.contains("record=ord_2") && !dropped.contains(" 500.000 "),
        "{dropped}"
    );
}

#[test]
fn a_property_that_is_none_and_a_message_that_is_none_are_mistakes() {
    let told = |messages: Value| -> Vec<String> {
        let found = scene(waiting(messages)).mistakes();
        found.iter().map(|one| one.pointer.clone()).collect()
    };
    assert_eq!(
        told(json!({ "ord_3": { "priority": 300 } })),
        ["/on/rabbitmq/messages/ord_3/priority"]
    );
    assert_eq!(
        told(json!({ "ord_9": { "priority": 3 } })),
        ["/on/rabbitmq/messages/ord_9"]
    );
    let mut timeless = waiting(json!({ "ord_1": { "expiration": 500 } }));
    timeless["explore"] = json!({});
    let found = scene(timeless).mistakes();
    let places: Vec<&str> = found.iter().map(|one| &*one.pointer).collect();
    assert_eq!(places, ["/on/rabbitmq/messages/ord_1/expiration"]);
}

#[test]
fn the_terminal_lists_what_the_scene_asks_for() {
    let commands = |told: Value| -> Vec<String> {
        let run = engine::Run::new(cast(told));
        screen::of_all(run.world())
            .into_iter()
            .map(|one| one.command)
            .collect()
    };
    assert_eq!(
        commands(orders()),
        ["rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers"]
    );
    let all = ["list_exchanges", "list_bindings", "list_consumers"];
    let told = with(orders(), json!({ "on": { "rabbitmq": { "screen": all } } }));
    let expected = all.map(|listing| format!("rabbitmqctl {listing}"));
    assert_eq!(commands(told), expected);
}
