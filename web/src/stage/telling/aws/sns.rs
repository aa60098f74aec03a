//! Amazon SNS in words.

use super::{Place, capital};
use crate::stage::sentence::Tone;
use crate::stage::telling::{Shape, Telling};
use crate::stage::words::{span, times};
use engine::systems::sns::Fact;

/// What is said and drawn of a fact of Amazon SNS.
pub fn telling(fact: &Fact, at: &Place<'_>) -> Telling {
    match fact {
        Fact::TopicCreated { topic } => {
            Telling::new(at.here.to_owned(), Tone::Plain, format!("makes {topic}"))
        }
        Fact::TopicDeleted { topic } => {
            let phrase = format!("deletes {topic} with its subscriptions");
            Telling::new(at.here.to_owned(), Tone::Crash, phrase)
        }
        Fact::Subscribed { topic, endpoint } => Telling::new(
            topic.to_string(),
            Tone::Plain,
            format!("has {endpoint} as a subscriber"),
        )
        .drawn(Shape::Dot, "subscribed")
        .says(
            format!("{endpoint} is subscribed to {topic}."),
            "It gets what is published from now on, and nothing from before.",
        ),
        Fact::ConfirmationAsked { topic, endpoint } => Telling::new(
            topic.to_string(),
            Tone::Plain,
            format!("asks {endpoint} to confirm"),
        )
        .drawn(Shape::Dot, "confirm?")
        .says(
            format!("{topic} asks {endpoint} to confirm its subscription."),
            "Until it does, it gets nothing.",
        ),
        Fact::Unsubscribed { topic, endpoint } => {
            let phrase = format!("has {endpoint} no longer as a subscriber");
            Telling::new(topic.to_string(), Tone::Plain, phrase)
                .drawn(Shape::Dot, "unsubscribed")
                .says(
                    format!("{endpoint} is no longer subscribed to {topic}."),
                    "What is published from now on it does not get.",
                )
        }
        Fact::AttributeSet {
            endpoint,
            attribute,
        } => {
            let phrase = format!("has another {attribute}");
            Telling::new(endpoint.to_string(), Tone::Plain, phrase)
        }
        Fact::Published {
            record,
            topic,
            endpoints,
        } => published(&at.record(*record), topic, *endpoints),
        Fact::Deduplicated { record, topic, id } => {
            let name = at.record(*record);
            Telling::new(topic.to_string(), Tone::Mark, format!("knows {id}: {name} goes nowhere"))
                .drawn(Shape::Ring, "known")
                .says(
                    format!("{} goes nowhere.", capital(&name)),
                    format!(
                        "A message with the deduplication id {id} was published within the last five minutes. The publisher is told that all is well."
                    ),
                )
        }
        Fact::FilteredOut { record, endpoint } => {
            let name = at.record(*record);
            let phrase = format!("does not get {name}: filtered out");
            let lead = format!("{endpoint} does not get {name}.");
            Telling::new(endpoint.to_string(), Tone::Mark, phrase)
                .drawn(Shape::Ring, "filtered")
                .says(
                    lead,
                    "The filter policy of its subscription does not let it through.",
                )
        }
        Fact::HeldBack {
            record,
            endpoint,
            group,
        } => {
            let phrase = format!("{} waits behind another of {group}", at.record(*record));
            Telling::new(endpoint.to_string(), Tone::Plain, phrase)
        }
        Fact::Attempted {
            record,
            endpoint,
            attempt,
        } => {
            let phrase = format!(
                "hands {} to {endpoint}{}",
                at.record(*record),
                nth(*attempt)
            );
            Telling::new(at.here.to_owned(), Tone::Plain, phrase)
        }
        Fact::Delivered {
            record,
            endpoint,
            attempts,
        } => {
            let name = at.record(*record);
            let lead = format!("{endpoint} has {name}.");
            let rest = match attempts {
                0 | 1 => {
                    "What the queue or function does with it is no longer the topic’s business."
                        .to_owned()
                }
                count => format!("It was tried {}.", times(*count)),
            };
            let phrase = format!("gets {name}{}", nth(*attempts));
            Telling::new(endpoint.to_string(), Tone::Done, phrase)
                .drawn(Shape::Dot, name)
                .says(lead, rest)
        }
        Fact::DeliveryFailed {
            record,
            endpoint,
            attempt,
            code,
        } => {
            let name = at.record(*record);
            let phrase = format!("does not take {name}: {code}{}", nth(*attempt));
            Telling::new(endpoint.to_string(), Tone::Crash, phrase)
                .drawn(Shape::Cross, "failed")
                .says(
                    format!("{endpoint} does not take {name}: {code}."),
                    "Whether it is tried again, the delivery policy says.",
                )
        }
        Fact::WillRetry {
            record,
            endpoint,
            after_ms,
        } => {
            let after = span(after_ms.saturating_mul(1000));
            let phrase = format!(
                "tries {} at {endpoint} again in {after}",
                at.record(*record)
            );
            Telling::new(at.here.to_owned(), Tone::Plain, phrase)
        }
        Fact::DeadLettered {
            record,
            endpoint,
            queue,
        } => {
            let name = at.record(*record);
            let phrase = format!("gets {name}, which {endpoint} did not take");
            Telling::new(queue.to_string(), Tone::Crash, phrase)
                .drawn(Shape::Cross, "set aside")
                .says(
                    format!("{} goes to {queue}.", capital(&name)),
                    format!("{endpoint} did not take it, and its delivery was given up."),
                )
        }
        Fact::Discarded { record, endpoint } => {
            let name = at.record(*record);
            Telling::new(
                endpoint.to_string(),
                Tone::Lost,
                format!("never gets {name}"),
            )
            .drawn(Shape::Cross, "lost")
            .says(
                format!("{} is lost for {endpoint}.", capital(&name)),
                "Its delivery was given up, and the subscription has no dead-letter queue.",
            )
        }
        Fact::Refused { code } => Telling::new(
            at.here.to_owned(),
            Tone::Crash,
            format!("refuses a request: {code}"),
        )
        .drawn(Shape::Cross, "refused"),
    }
}

fn published(name: &str, topic: &str, endpoints: u32) -> Telling {
    let (tone, to, rest) = match endpoints {
        0 => (
            Tone::Lost,
            "nobody".to_owned(),
            "Nobody is subscribed: nobody will ever get it.".to_owned(),
        ),
        1 => (
            Tone::Plain,
            "1 endpoint".to_owned(),
            "One endpoint gets it.".to_owned(),
        ),
        count => (
            Tone::Plain,
            format!("{count} endpoints"),
            format!("Each of {count} endpoints gets a copy of its own."),
        ),
    };
    Telling::new(topic.to_owned(), tone, format!("takes {name}, for {to}"))
        .drawn(Shape::Dot, name)
        .says(format!("{topic} has taken {name}."), rest)
}

/// ", attempt 3": said only of attempts after the first.
fn nth(attempt: u32) -> String {
    match attempt {
        0 | 1 => String::new(),
        attempt => format!(", attempt {attempt}"),
    }
}
