//! How many messages a second Pub/Sub publishes, gives out and acknowledges, at backlogs up to a million.
//!
//! `cargo bench -p systems --bench pubsub`. A measurement, not a test, except that what is given out must
//! be as much as was published.

use std::time::Instant as Clock;
use systems::pubsub::{Pubsub, PubsubMessage, Reply, Request, Settings};
use systems::{Caller, Instant, Out, Server};

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

/// How many messages one round takes through.
const ROUND: u64 = 20_000;
const BATCH: u32 = 100;

fn ask(pubsub: &mut Pubsub, request: Request) -> Vec<(Caller, Reply)> {
    let mut out = Out::default();
    pubsub.handle(Instant(0), ME, request, &mut out);
    out.to
}

fn publish(pubsub: &mut Pubsub, count: u64, keys: u64) {
    for batch in 0..count / u64::from(BATCH) {
        let key = (keys > 0).then(|| (batch % keys).to_string());
        let message = PubsubMessage {
            ordering_key: key.unwrap_or_default().into(),
            ..PubsubMessage::of("a message")
        };
        let messages = vec![message; BATCH as usize];
        let topic = "t".into();
        ask(pubsub, Request::Publish { topic, messages });
    }
}

/// Gives out and acknowledges one batch; tells how many messages it had.
fn consume(pubsub: &mut Pubsub) -> u64 {
    let pull = Request::Pull {
        subscription: "s".into(),
        max_messages: BATCH,
        return_immediately: true,
    };
    let replies = ask(pubsub, pull);
    let Some((_, Reply::Received { messages, .. })) = replies.first() else {
        panic!("no messages");
    };
    let ack_ids = messages.iter().map(|one| one.ack_id).collect();
    let subscription = "s".into();
    let acknowledge = Request::Acknowledge {
        subscription,
        ack_ids,
    };
    ask(pubsub, acknowledge);
    messages.len() as u64
}

fn main() {
    for (name, keys) in [("plain", 0), ("1000 ordering keys", 1_000)] {
        for backlog in [1_000, 100_000, 1_000_000] {
            let mut pubsub = Pubsub::new("p");
            let settings = Settings {
                enable_message_ordering: keys > 0,
                ..Settings::default()
            };
            let (topic, message_retention_duration) = ("t".into(), None);
            ask(
                &mut pubsub,
                Request::CreateTopic {
                    topic,
                    message_retention_duration,
                },
            );
            let (subscription, topic) = ("s".into(), "t".into());
            ask(
                &mut pubsub,
                Request::CreateSubscription {
                    subscription,
                    topic,
                    settings: Box::new(settings),
                },
            );
            publish(&mut pubsub, backlog, keys);
            let begin = Clock::now();
            publish(&mut pubsub, ROUND, keys);
            let published = begin.elapsed();
            let begin = Clock::now();
            let mut consumed = 0;
            while consumed < ROUND {
                consumed += consume(&mut pubsub);
            }
            let settled = begin.elapsed();
            assert_eq!(consumed, ROUND);
            let per_second = |seconds: f64| ROUND as f64 / seconds / 1e6;
            println!(
                "{name}, backlog {backlog}: {:.2} million a second published, {:.2} million given out and acknowledged",
                per_second(published.as_secs_f64()),
                per_second(settled.as_secs_f64()),
            );
        }
    }
}
