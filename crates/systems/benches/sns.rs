//! How many messages a second a topic takes and delivers, with more and more deliveries that wait to
//! be tried again.
//!
//! `cargo bench -p systems --bench sns`. A measurement, not a test, except that what is delivered must
//! be right.

#[path = "common/turns.rs"]
mod turns;

use std::sync::Arc;
use systems::Instant;
use systems::sns::{Failure, Message, Topics, arn};

const OPERATIONS: u32 = 100_000;

/// A topic with a queue that takes everything, and one that takes nothing for now.
fn topics(backlog: u32) -> (Topics, Arc<str>) {
    let (mut topics, mut facts) = (Topics::default(), Vec::new());
    let topic = topics
        .create_topic("t", &[], &mut facts)
        .expect("a good topic");
    let mut subscribe = |name: &str, policy: &str| {
        let attributes = [("RawMessageDelivery", "true"), ("FilterPolicy", policy)];
        let queue = arn::queue(name);
        let (now, facts) = (Instant(0), &mut Vec::new());
        let made = topics.subscribe(now, &topic, "sqs", &queue, &attributes, facts);
        made.expect("a good subscription");
    };
    subscribe("good", r#"{"slow": [{"exists": false}]}"#);
    subscribe("slow", r#"{"slow": [{"exists": true}]}"#);
    let slow = Message {
        attributes: [("slow".into(), systems::sns::Attribute::string("x"))].into(),
        ..Message::new("a")
    };
    for _ in 0..backlog {
        facts.clear();
        let sent = topics.publish(Instant(0), &topic, &slow, &mut facts);
        let mut left = sent.expect("taken").deliveries;
        while let Some(delivery) = left.pop() {
            let failure = Failure::server("503", "not now");
            left.extend(topics.failed(Instant(0), delivery.id, &failure, &mut facts));
        }
    }
    (topics, topic)
}

/// Publishes, and delivers to the queue that takes it.
fn work((topics, topic): &mut (Topics, Arc<str>)) {
    let (message, mut facts) = (Message::new("a"), Vec::new());
    for _ in 0..OPERATIONS {
        facts.clear();
        let sent = topics.publish(Instant(1), topic, &message, &mut facts);
        let [delivery] = &sent.expect("taken").deliveries[..] else {
            panic!("one delivery");
        };
        topics.delivered(Instant(1), delivery.id, &mut facts);
    }
}

fn main() {
    let named = |waiting: u32| (format!("{waiting} deliveries waiting"), topics(waiting));
    let mut sizes = [1_000, 1_000_000].map(named);
    let what = "publish and deliver";
    turns::take_turns(what, OPERATIONS, &mut sizes, |filled| {
        turns::timed(|| work(filled))
    });
    for (name, (topics, _)) in &sizes {
        let left = topics.outbox().iter().count();
        assert!(name.starts_with(&format!("{left} ")), "{left} left, {name}");
    }
}
