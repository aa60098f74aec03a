//! Answers in the words of the recordings.

use serde_json::{Map, Value, json};
use systems::rabbitmq::{Death, DeathOf, Delivery, Exception, value};

/// An error.
pub fn error(exception: &Exception) -> Value {
    let (code, name) = (exception.code.number(), exception.code.name());
    json!({"error": {"code": code, "name": name}})
}

/// A delivery; `sub` is the consumer's name where the recording gave it one.
pub fn delivery(delivery: &Delivery, sub: Option<&str>) -> Map<String, Value> {
    let message = &delivery.message;
    let deaths = message.deaths();
    let mut all = Map::new();
    let mut set = |name: &str, value: Value| {
        all.insert(name.to_owned(), value);
    };
    set("msg", json!(*message.body));
    set("redelivered", json!(delivery.redelivered));
    set("exchange", json!(*message.exchange));
    set("key", json!(*message.routing_key()));
    if !deaths.entries.is_empty() {
        set("x_death", deaths.entries.iter().map(death).collect());
    }
    if let Some(first) = &deaths.first {
        set("first_death_queue", json!(*first.queue));
        set("first_death_reason", json!(first.reason.name()));
        set("first_death_exchange", json!(*first.exchange));
    }
    if let Some(count) = delivery.delivery_count {
        set("delivery_count", json!(count));
    }
    if let Some(priority) = message.properties.priority {
        set("priority", json!(priority));
    }
    if let Some(ms) = message.properties.expiration {
        set("ttl_ms", json!(ms));
    }
    let mut headers = value::json(&message.properties.headers);
    if let (
        Some(DeathOf {
            queue,
            reason,
            exchange,
        }),
        Some(headers),
    ) = (&deaths.last, headers.as_object_mut())
    {
        headers.insert("x-last-death-queue".to_owned(), json!(**queue));
        headers.insert("x-last-death-reason".to_owned(), json!(reason.name()));
        headers.insert("x-last-death-exchange".to_owned(), json!(**exchange));
    }
    if headers
        .as_object()
        .is_some_and(|headers| !headers.is_empty())
    {
        set("headers", headers);
    }
    if let Some(offset) = delivery.offset {
        set("offset", json!(offset));
    }
    if let Some(sub) = sub {
        set("sub", json!(sub));
    }
    all
}

fn death(death: &Death) -> Value {
    let keys: Vec<&str> = death.routing_keys.iter().map(|key| &**key).collect();
    let mut told = json!({
        "queue": *death.queue,
        "reason": death.reason.name(),
        "count": death.count,
        "exchange": *death.exchange,
        "keys": keys,
    });
    if let Some(ms) = death.original_expiration {
        told["original_expiration_ms"] = json!(ms);
    }
    told
}
