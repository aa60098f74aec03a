//! How many messages a second Pub/Sub publishes, gives out and acknowledges, at backlogs up to a million.
//!
//! `cargo bench -p systems --bench pubsub`. A measurement, not a test, except that what is given out must
//! be as much as was published.

#[path = "common/turns.rs"]
mod turns;

use systems::pubsub::{Pubsub, PubsubMessage, Reply, Request, Settings};
use systems::{Caller, Instant, Out, Server};

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

/// How many messages one round takes through.
const ROUND: u32 = 100_000;
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

/// A topic with a subscription that has so many messages.
fn filled(keys: u64, backlog: u64) -> Pubsub {
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
    pubsub
}

fn main() {
    for (name, keys) in [("plain", 0), ("1000 ordering keys", 1_000)] {
        let sizes = [1_000, 100_000, 1_000_000];
        let mut sizes = sizes.map(|size| (format!("{size} waiting"), filled(keys, size)));
        let what = format!("{name}: publish, give out, acknowledge");
        turns::take_turns(&what, ROUND, &mut sizes, |pubsub| {
            turns::timed(|| {
                publish(pubsub, ROUND.into(), keys);
                let mut consumed = 0;
                while consumed < u64::from(ROUND) {
                    consumed += consume(pubsub);
                }
                assert_eq!(consumed, u64::from(ROUND));
            })
        });
    }
}
