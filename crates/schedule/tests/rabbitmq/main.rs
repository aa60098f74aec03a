//! Scenes on RabbitMQ: what runs do, and what every schedule of them does.

// The scenes here are written as text, and read as files are.
#![cfg(not(target_arch = "wasm32"))]

mod explored;
mod poison;
mod properties;
mod published;
mod routed;
mod runs;

use engine::{Cast, Run, Scene};
use serde_json::{Value, json};
use std::sync::Arc;

/// Three orders, each mailed by one consumer.
fn orders() -> Value {
    json!({
        "id": "orders", "title": "Orders", "version": 1,
        "broker": { "system": "rabbitmq" },
        "on": { "rabbitmq": {} },
        "topics": [{ "name": "orders", "records": [
            { "value": "ord_1" }, { "value": "ord_2" }, { "value": "ord_3" }
        ] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "consumers": [{
            "name": "email-1", "group": "email", "topics": ["orders"], "commit": "after",
            "handler": [{ "send": "mail" }]
        }],
        "promises": [
            { "name": "No order lost", "that": "nothing_lost" },
            { "name": "Nobody mailed twice", "that": { "done_once": "mail" } }
        ]
    })
}

/// The scene with some of its fields exchanged.
fn with(mut scene: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().cloned().unwrap_or_default() {
        scene[name] = value;
    }
    scene
}

/// The scene with settings of its consumer.
fn consuming(scene: Value, settings: Value) -> Value {
    with(
        scene,
        json!({ "on": { "rabbitmq": { "consumers": { "email-1": settings } } } }),
    )
}

fn scene(scene: Value) -> Scene {
    serde_json::from_value(scene).expect("it is a scene")
}

fn cast(told: Value) -> Arc<Cast> {
    Cast::new(&scene(told)).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn run(told: Value) -> Run {
    let mut run = Run::new(cast(told));
    run.to_rest();
    run
}

/// How often the first service did its work for each record.
fn times(run: &Run) -> Vec<u32> {
    let cast = run.world().cast();
    let service = &run.world().services()[0];
    cast.told().map(|record| service.times(record)).collect()
}

/// Ready and unacknowledged messages of a queue.
fn counts(run: &Run, queue: &str) -> (usize, usize) {
    let broker = run.world().rabbitmq().expect("it runs on RabbitMQ");
    let queue = broker.queues().by_name.get(queue);
    let queue = queue.unwrap_or_else(|| panic!("there is no queue {queue:?}"));
    (queue.ready.len(), queue.held.len())
}
