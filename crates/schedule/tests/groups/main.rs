//! Kafka's consumer groups as users meet them: slow programs, frozen members, rebalances under every assignor, and
//! static members. In a run, and over all schedules.

mod explored;
mod mistakes;
mod runs;

use engine::fact::kafka::Fact as Kafka;
use engine::{Cast, Fact, Run, Scene};
use serde_json::{Value, json};
use std::sync::Arc;

/// The strategies that a scene can choose.
const STRATEGIES: [&str; 4] = ["range", "roundrobin", "sticky", "cooperative-sticky"];

/// A group that mails orders, of so many members, over partitions with one order each.
fn mails(members: usize, partitions: u16) -> Value {
    let record = |at: u16| json!({ "value": format!("ord_{at}"), "partition": at });
    let records: Vec<Value> = (0..partitions).map(record).collect();
    let member = |at: usize| {
        json!({
            "name": format!("email-{}", at + 1), "group": "email", "topics": ["orders"], "commit": "after",
            "config": { "auto.offset.reset": "earliest" },
            "handler": [{ "send": "mail" }]
        })
    };
    let members: Vec<Value> = (0..members).map(member).collect();
    json!({
        "id": "group", "title": "A group", "version": 1,
        "topics": [{ "name": "orders", "partitions": partitions, "records": records }],
        "services": [{ "name": "mail" }, { "name": "lookup", "latency_ms": 4000 }],
        "consumers": members,
        "promises": [
            { "name": "No order lost", "that": "nothing_lost" },
            { "name": "Nobody mailed twice", "that": { "done_once": "mail" } },
            { "name": "Every order handled in the end", "that": "all_handled" },
            { "name": "Lag returns to zero", "that": "lag_zero" }
        ],
        "explore": { "crashes": 0 }
    })
}

/// The same setting for every member.
fn everybody(mut told: Value, pointer: &str, value: &Value) -> Value {
    for member in told["consumers"].as_array_mut().expect("there are some") {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        member.pointer_mut(parent).expect("it is there")[key] = value.clone();
    }
    told
}

fn strategy(told: Value, name: &str) -> Value {
    everybody(told, "/config/partition.assignment.strategy", &json!(name))
}

fn cast(told: Value) -> Arc<Cast> {
    let scene: Scene = serde_json::from_value(told).expect("it is a scene");
    Cast::new(&scene).expect("no mistakes")
}

/// The facts of Kafka in a run, each as its text, with the instant in ms.
fn told(run: &Run) -> Vec<(u64, Kafka)> {
    let entries = run.trace().entries().iter();
    entries
        .filter_map(|entry| match &entry.fact {
            Fact::Kafka(fact) => Some((entry.at.0 / 1_000, fact.clone())),
            _ => None,
        })
        .collect()
}
