//! How many messages a second a topic takes and delivers, with more and more deliveries that wait to
//! be tried again.
//!
//! `cargo bench -p systems --bench sns`. A measurement, not a test, except that what is delivered must
//! be right.

use std::time::Instant as Clock;
use systems::Instant;
use systems::sns::{Failure, Message, Topics, arn};

/// A topic with a queue that takes everything, and one that takes nothing for now.
fn topics(backlog: u32) -> (Topics, std::sync::Arc<str>) {
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

fn main() {
    const MESSAGES: u32 = 200_000;
    for backlog in [0, 1_000, 1_000_000] {
        let (mut topics, topic) = topics(backlog);
        let (message, mut facts) = (Message::new("a"), Vec::new());
        let begin = Clock::now();
        for _ in 0..MESSAGES {
            facts.clear();
            let sent = topics.publish(Instant(1), &topic, &message, &mut facts);
            for delivery in sent.expect("taken").deliveries {
                topics.delivered(Instant(1), delivery.id, &mut facts);
            }
        }
        let seconds = begin.elapsed().as_secs_f64();
        assert_eq!(u64::from(backlog), topics.outbox().iter().count() as u64);
        println!(
            "{backlog:>9} deliveries wait: {:>9.0} messages a second",
            f64::from(MESSAGES) / seconds
        );
    }
}
