//! A handler that fails, on every system: who blocks, who spins, who waits, who sets aside.

// The scenes here are written as text, and read as files are.
#![cfg(not(target_arch = "wasm32"))]

mod explored;
mod mistakes;
mod runs;

use engine::custody::Custody;
use engine::systems::kafka::GroupId;
use engine::{Cast, Run, Scene};
use serde_json::{Value, json};
use std::sync::Arc;

/// Three pictures of which one is poison, on the system named here, with what only systems have.
fn pictures(system: &str, on: Value) -> Value {
    let mut scene = json!({
        "id": "pictures", "title": "Pictures", "version": 1,
        "broker": { "system": system },
        "on": { "kafka": {}, "sqs": {}, "rabbitmq": {} },
        "channels": [
            { "name": "images", "records": [
                { "value": "img_1" }, { "value": "img_2" }, { "value": "img_3" }
            ] },
            { "name": "images-dead", "published": "dead_letters" }
        ],
        "services": [{ "name": "resize", "noun": "thumbnail", "done": "resized" }],
        "consumers": [{
            "name": "worker-1", "subscription": "thumbs", "channels": ["images"], "settle": "after",
            "config": { "auto.offset.reset": "earliest" },
            "handler": [{ "fail_for": ["img_2"] }, { "send": "resize" }]
        }],
        "bounds": { "steps": 2_000, "time_ms": 600_000 },
        "promises": [
            { "name": "No picture lost", "that": "nothing_lost" },
            { "name": "Every picture handled or set aside", "that": "all_handled" }
        ]
    });
    for (name, value) in on.as_object().cloned().unwrap_or_default() {
        scene["on"][name] = value;
    }
    scene
}

/// The scene with a `retry` of its consumer.
fn retrying(mut scene: Value, retry: Value) -> Value {
    scene["consumers"][0]["retry"] = retry;
    scene
}

/// What each system needs so that a record can be set aside.
fn dead_letters() -> Value {
    let policy = json!({
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:images-dead", "maxReceiveCount": 3
    });
    json!({
        "kafka": { "consumers": { "worker-1": {
            "failure": "dead_letter", "dead_letter_topic": "images-dead"
        } } },
        "sqs": { "queues": { "images-dead": {}, "thumbs": {
            "VisibilityTimeout": 30, "RedrivePolicy": policy.to_string()
        } } },
        "rabbitmq": { "queues": { "thumbs": {
            "x-queue-type": "quorum", "x-delivery-limit": 2, "x-dead-letter-exchange": "images-dead"
        } } }
    })
}

fn scene(told: Value) -> Scene {
    serde_json::from_value(told).expect("it is a scene")
}

fn cast(told: Value) -> Arc<Cast> {
    Cast::new(&scene(told)).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn run(told: Value) -> Run {
    let mut run = Run::new(cast(told));
    run.to_rest();
    run
}

/// How often the service did its work for each picture.
fn times(run: &Run) -> Vec<u32> {
    let cast = run.world().cast();
    let service = &run.world().services()[0];
    cast.told().map(|record| service.times(record)).collect()
}

/// Where each picture is in the end.
fn places(run: &Run) -> Vec<Custody> {
    let told = run.world().cast().told();
    told.map(|record| run.world().custody(record, GroupId(0)))
        .collect()
}
