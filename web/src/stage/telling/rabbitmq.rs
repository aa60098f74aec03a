//! RabbitMQ in words.

pub(super) mod life;

use super::{At, Shape, Telling};
use crate::stage::sentence::Tone;
use crate::stage::words::list;
use engine::fact::Leg;
use engine::systems::rabbitmq::Fact;
use engine::{ClientId, Party, RecordId};
use std::sync::Arc;

fn message(at: &At<'_>, record: Option<RecordId>) -> String {
    record.map_or_else(|| "a message".to_owned(), |record| at.record(record))
}

fn names(queues: &[Arc<str>]) -> String {
    let names: Vec<String> = queues.iter().map(|name| name.to_string()).collect();
    list(&names)
}

/// A method without its class: "ack" of "basic.ack".
fn short(method: &str) -> &str {
    method.rsplit('.').next().unwrap_or(method)
}

/// Whether this has come about before: what a publisher publishes again is a message of its own.
fn is_copy(at: &At<'_>, is_same: impl Fn(&Fact) -> bool) -> bool {
    let before = &at.trace.entries()[..at.id.0 as usize];
    let mut before = before.iter();
    before.any(|entry| matches!(&entry.fact, engine::Fact::Rabbitmq(fact) if is_same(fact)))
}

/// Whether a message was published more than once before this fact, to one exchange.
fn was_published_again(at: &At<'_>, record: Option<RecordId>) -> bool {
    let before = at.trace.entries()[..at.id.0 as usize].iter();
    let exchanges = before.filter_map(|entry| match &entry.fact {
        engine::Fact::Rabbitmq(Fact::Routed {
            record: routed,
            exchange,
            ..
        }) if *routed == record => Some(exchange),
        _ => None,
    });
    let exchanges: Vec<_> = exchanges.collect();
    let mut all = exchanges.iter().enumerate();
    all.any(|(nth, one)| exchanges[..nth].contains(one))
}

/// What is said of why a message died.
fn reason(reason: &str) -> &'static str {
    match reason {
        "rejected" => "it was rejected",
        "expired" => "its time to live is over",
        "maxlen" => "the queue is full",
        "delivery_limit" => "it came back too often",
        _ => "it died",
    }
}

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    let plain = |who: &str, phrase: String| Telling::new(who.to_owned(), Tone::Plain, phrase);
    let client = |id: &ClientId| at.client(*id);
    match fact {
        Fact::QueueDeclared { queue } => plain(queue, "is declared".to_owned()),
        Fact::QueueDeleted { queue, messages } => Telling::new(
            queue.to_string(),
            Tone::Crash,
            format!("is deleted with {messages} messages"),
        )
        .drawn(Shape::Cross, "deleted"),
        Fact::QueueExpired { queue } => Telling::new(
            queue.to_string(),
            Tone::Crash,
            "was not used for as long as x-expires says",
        )
        .drawn(Shape::Cross, "expires"),
        Fact::QueuePurged { queue, messages } => Telling::new(
            queue.to_string(),
            Tone::Crash,
            format!("is purged of {messages} messages"),
        )
        .drawn(Shape::Cross, "purged"),
        Fact::ExchangeDeclared { exchange } => plain(exchange, "is declared".to_owned()),
        Fact::ExchangeDeleted { exchange } => plain(exchange, "is deleted".to_owned()),
        Fact::Bound {
            exchange,
            key,
            destination,
        } => plain(
            exchange,
            format!("is bound to {destination} with \"{key}\""),
        ),
        Fact::Unbound {
            exchange,
            key,
            destination,
        } => plain(
            exchange,
            format!("is not bound to {destination} with \"{key}\" any more"),
        ),
        Fact::Routed {
            record,
            exchange,
            queues,
        } => {
            let (name, several, queues) = (message(at, *record), queues.len() > 1, names(queues));
            let is_copy = is_copy(at, |before| {
                matches!(before, Fact::Routed { record: other, exchange: to, .. }
                    if (other, to) == (record, exchange))
            });
            if is_copy {
                return Telling::new(
                    exchange.to_string(),
                    Tone::Twice,
                    format!("routes {name} to {queues}: a copy"),
                )
                .drawn(Shape::Ring, format!("{name} again"))
                .says(
                    format!("{exchange} routes {name} to {queues} once more."),
                    "It was published before, and the broker cannot tell that this is the same.",
                );
            }
            let rest = match several {
                true => "Each queue has a copy of its own.",
                false => "",
            };
            plain(exchange, format!("routes {name} to {queues}"))
                .drawn(Shape::Dot, name.clone())
                .says(format!("{exchange} routes {name} to {queues}."), rest)
        }
        Fact::Unroutable {
            record,
            exchange,
            key,
        } => {
            let name = message(at, *record);
            Telling::new(
                exchange.to_string(),
                Tone::Lost,
                format!("has no queue for {name}"),
            )
            .drawn(Shape::Cross, "no route")
            .says(
                format!("{exchange} has no queue for {name}."),
                format!("No binding takes the key \"{key}\", so nobody keeps it. A publisher with confirms is told that all is well, unless the message is mandatory."),
            )
        }
        Fact::Returned { record, client: to } => Telling::new(
            client(to),
            Tone::Mark,
            format!("gets {} back: no queue takes it", message(at, *record)),
        )
        .drawn(Shape::Triangle, "returned"),
        Fact::Confirmed { record, client: to } => plain(
            &at.here(),
            format!("confirms {} to {}", message(at, *record), client(to)),
        ),
        Fact::Nacked { record, client: to } => Telling::new(
            at.here(),
            Tone::Crash,
            format!("refuses {} of {}", message(at, *record), client(to)),
        )
        .drawn(Shape::Cross, "refused"),
        Fact::PublishRejected { record, queue } => Telling::new(
            queue.to_string(),
            Tone::Crash,
            format!("is full and refuses {}", message(at, *record)),
        )
        .drawn(Shape::Cross, "full"),
        Fact::Enqueued { record, queue } => plain(queue, format!("has {}", message(at, *record))),
        Fact::Delivered {
            record,
            queue,
            client: to,
            redelivered,
            auto_ack,
        } => delivered(at, *record, queue, *to, (*redelivered, *auto_ack)),
        Fact::Acknowledged {
            record,
            queue,
            client: by,
        } => {
            let (who, name) = (client(by), message(at, *record));
            let lead = format!("{who} has acknowledged {name}.");
            Telling::new(who, Tone::Done, format!("acknowledges {name}"))
                .drawn(Shape::Triangle, format!("ack {name}"))
                .came_from(at.cast().party_of(*by))
                .says(
                    lead,
                    format!("{queue} forgets it: nobody will get it again."),
                )
        }
        Fact::Requeued {
            record,
            queue,
            client: by,
        } => {
            let (who, name) = (client(by), message(at, *record));
            Telling::new(
                queue.to_string(),
                Tone::Mark,
                format!("has {name} back from {who}"),
            )
            .drawn(Shape::Triangle, "requeued")
            .says(
                format!("{queue} has {name} back."),
                format!(
                    "{who} has not acknowledged it. Whoever gets it next is told: redelivered."
                ),
            )
        }
        Fact::DeadLettered {
            record,
            queue,
            reason: why,
            queues,
            client: _,
        } => {
            let name = message(at, *record);
            let phrase = match queues.is_empty() {
                true => format!("dead-letters {name}, and no queue takes it"),
                false => format!("dead-letters {name} to {}", names(queues)),
            };
            let lead = format!("{queue} {phrase}.");
            Telling::new(queue.to_string(), Tone::Crash, phrase)
                .drawn(Shape::Cross, "dead-lettered")
                .says(lead, format!("The reason: {}.", reason(why)))
        }
        Fact::Dropped {
            record,
            queue,
            reason: why,
            client: _,
        } => {
            let name = message(at, *record);
            let lead = format!("{queue} drops {name}.");
            Telling::new(queue.to_string(), Tone::Lost, format!("drops {name}"))
                .drawn(Shape::Cross, "dropped")
                .says(
                    lead,
                    format!(
                        "The reason: {}. The queue has no dead-letter exchange, so it is gone.",
                        reason(why)
                    ),
                )
        }
        Fact::CycleBroken { record, queue } => Telling::new(
            queue.to_string(),
            Tone::Lost,
            format!("does not get {} again: it died there", message(at, *record)),
        )
        .drawn(Shape::Cross, "cycle"),
        Fact::ConsumerAdded {
            queue, client: by, ..
        } => Telling::new(client(by), Tone::Plain, format!("consumes from {queue}"))
            .drawn(Shape::Dot, "consumes"),
        Fact::ConsumerRemoved {
            queue, client: by, ..
        } => Telling::new(
            client(by),
            Tone::Plain,
            format!("consumes from {queue} no more"),
        )
        .drawn(Shape::Dot, "leaves"),
        Fact::ConsumerCancelled {
            queue, client: by, ..
        } => Telling::new(
            client(by),
            Tone::Crash,
            format!("is no consumer of {queue} any more: the broker cancels it"),
        )
        .drawn(Shape::Cross, "cancelled"),
        Fact::ConsumerActivated {
            queue,
            consumer_tag,
        } => plain(queue, format!("makes {consumer_tag} its active consumer"))
            .drawn(Shape::Dot, "active"),
        Fact::AcknowledgementTimedOut { client: by, queue } => {
            let who = client(by);
            let lead = format!("{who} has not acknowledged in time.");
            Telling::new(
                who,
                Tone::Crash,
                format!("keeps a message of {queue} for too long"),
            )
            .drawn(Shape::Cross, "timed out")
            .says(
                lead,
                "consumer_timeout has passed. Whether it is dead or slow, the broker cannot tell.",
            )
        }
        Fact::ChannelOpened { client: by, .. } => {
            plain(&at.here(), format!("opens a channel for {}", client(by)))
        }
        Fact::ChannelClosed {
            client: by, code, ..
        } => Telling::new(
            at.here(),
            if *code == 200 {
                Tone::Plain
            } else {
                Tone::Crash
            },
            format!("closes a channel of {} ({code})", client(by)),
        )
        .drawn(
            if *code == 200 {
                Shape::Dot
            } else {
                Shape::Cross
            },
            "channel closed",
        ),
        Fact::ConnectionClosed { client: by, .. } => Telling::new(
            at.here(),
            Tone::Crash,
            format!("has lost its connection to {}", client(by)),
        )
        .drawn(Shape::Cross, "connection lost"),
        Fact::MethodSent { by, method, record } => {
            let about =
                record.map_or_else(String::new, |record| format!(" for {}", at.record(record)));
            plain(&client(by), format!("sends {method}{about}"))
        }
        Fact::SettlementLost { by, method, record } => {
            let (who, name) = (client(by), at.record(*record));
            let phrase = format!("{method} for {name} gets lost with the connection");
            Telling::new(who.clone(), Tone::Crash, phrase)
                .drawn(Shape::Cross, format!("{} lost", short(method)))
                .says(
                    format!("The {method} of {who} for {name} gets lost."),
                    "It was on its way when the connection broke, and the broker does not read it any more.",
                )
        }
        Fact::Buffered {
            consumer,
            record,
            redelivered: _,
        } => plain(
            &at.consumer(*consumer),
            format!("has {} in its buffer", at.record(*record)),
        ),
        Fact::Handed { consumer, records } => {
            let (who, names) = (at.consumer(*consumer), at.records(records));
            let lead = format!("{who} has {names} in hand.");
            Telling::new(who, Tone::Hand, format!("has {names} in hand"))
                .drawn(Shape::Dot, names)
                .came_from(Party::Broker)
                .says(
                    lead,
                    "Its library hands its program what stood in the buffer.",
                )
        }
        Fact::GivenBack {
            consumer,
            record,
            requeue,
        } => {
            let (who, name) = (at.consumer(*consumer), at.record(*record));
            let (phrase, rest) = match requeue {
                true => (
                    format!("gives {name} back (basic.nack)"),
                    "The queue hands it out again at once.",
                ),
                false => (
                    format!("rejects {name} (basic.reject)"),
                    "It dies in its queue, and is dead-lettered where that is set up.",
                ),
            };
            let lead = format!("{who} {phrase}.");
            Telling::new(who, Tone::Mark, phrase)
                .drawn(Shape::Triangle, "given back")
                .says(lead, rest)
        }
        Fact::ChannelLost { consumer } => {
            let who = at.consumer(*consumer);
            let lead = format!("{who} has lost its channel.");
            Telling::new(who, Tone::Crash, "has lost its channel")
                .drawn(Shape::Cross, "channel lost")
                .says(lead, "Its buffer is thrown away, and what it has in hand it cannot acknowledge any more.")
        }
        Fact::PublishConfirmed { by, record } => plain(
            &client(by),
            format!("knows that {} is confirmed", at.record(*record)),
        ),
        Fact::PublishLost { by, record, what } => {
            let (who, word) = (client(by), what.word());
            let phrase = format!("the {word} for {} gets lost", at.record(*record));
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Cross, format!("{word} lost"))
                .says(
                    lead,
                    match what {
                        Leg::Request => "It reaches no exchange. Only a publisher that waits for confirms notices.",
                        Leg::Answer => "It stands in its queues. The publisher cannot know that, and publishes again.",
                    },
                )
        }
    }
}

fn delivered(
    at: &At<'_>,
    record: Option<RecordId>,
    queue: &str,
    to: ClientId,
    (redelivered, auto_ack): (bool, bool),
) -> Telling {
    let (who, name) = (at.client(to), message(at, record));
    let is_first = |before: &Fact| {
        matches!(before, Fact::Delivered { record: other, queue: from, redelivered: false, .. }
            if (*other, &**from) == (record, queue))
    };
    // One that comes back by way of its dead letters is the same message.
    let again = match redelivered {
        true => ", redelivered",
        false if was_published_again(at, record) && is_copy(at, is_first) => ", a copy",
        false => "",
    };
    let rest = match auto_ack {
        true => "It counts as acknowledged: the queue has forgotten it.",
        false => "Until it acknowledges, or its channel ends, nobody else gets it.",
    };
    Telling::new(
        queue.to_owned(),
        Tone::Hand,
        format!("delivers {name} to {who}{again}"),
    )
    .drawn(Shape::Dot, format!("deliver {name}"))
    .says(format!("{queue} delivers {name} to {who}{again}."), rest)
}
