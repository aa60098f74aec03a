//! Amazon SQS in words.

use super::{Place, capital, messages, received, seconds};
use crate::stage::sentence::Tone;
use crate::stage::telling::{Shape, Telling};
use crate::stage::words::{list, span};
use engine::fact::Leg;
use engine::systems::sqs::message::{Message, Place as Where};
use engine::systems::sqs::{Fact, Queue};
use engine::{ClientId, ConsumerId, Party, RecordId};

/// What is said and drawn of a fact of Amazon SQS.
pub fn telling(fact: &Fact, at: &Place<'_>) -> Telling {
    match fact {
        Fact::QueueCreated { queue } => {
            Telling::new(at.here.to_owned(), Tone::Plain, format!("makes {queue}"))
        }
        Fact::QueueDeleted {
            queue,
            messages: held,
        } => {
            let held = messages(*held);
            Telling::new(
                at.here.to_owned(),
                Tone::Crash,
                format!("deletes {queue} with {held}"),
            )
            .drawn(Shape::Cross, "deleted")
            .says(
                format!("The queue {queue} is deleted."),
                format!("{held} in it: gone as well."),
            )
        }
        Fact::AttributesSet { queue } => {
            Telling::new(queue.to_string(), Tone::Plain, "has other attributes")
        }
        Fact::Purged {
            queue,
            messages: held,
        } => {
            let held = messages(*held);
            Telling::new(
                queue.to_string(),
                Tone::Crash,
                format!("is purged of {held}"),
            )
            .drawn(Shape::Cross, "purged")
            .says(
                format!("{queue} is purged of {held}."),
                "Those in flight are gone too. Whoever works on one is not told.",
            )
        }
        Fact::Sent {
            record,
            queue,
            delay,
        } => sent(at, *record, queue, *delay),
        Fact::DuplicateNotStored { record, queue } => {
            let name = at.record(*record);
            let phrase = format!("knows {name} already: stores nothing");
            Telling::new(queue.to_string(), Tone::Mark, phrase)
                .drawn(Shape::Ring, "known")
                .says(
                    format!("{queue} knows {name} already."),
                    "Its deduplication id came within the last five minutes: nothing is stored, and the sender is told that all is well.",
                )
        }
        Fact::DelayEnded { record, queue } => {
            let phrase = format!("delay of {} ends", at.record(*record));
            Telling::new(queue.to_string(), Tone::Plain, phrase)
        }
        Fact::Received {
            record,
            queue,
            by,
            receive_count,
        } => receive(at, *record, queue, *by, *receive_count),
        Fact::ReceivedNothing { queue, by } => {
            let phrase = format!("receives nothing from {queue}");
            Telling::new(at.client(*by), Tone::Plain, phrase)
        }
        Fact::WaitsForMessages { queue, by } => {
            let phrase = format!("waits for messages of {queue}");
            Telling::new(at.client(*by), Tone::Plain, phrase)
        }
        Fact::VisibilityEnded {
            record,
            queue,
            held_by,
        } => visibility_ended(at, *record, queue, *held_by),
        Fact::VisibilityChanged {
            record,
            queue,
            timeout,
        } => visibility_changed(at, *record, queue, *timeout),
        Fact::Called { by, operation } => {
            Telling::new(at.client(*by), Tone::Plain, format!("calls {operation}"))
        }
        Fact::MessageLeft { consumer, record } => {
            let (who, name) = (at.client(ClientId(consumer.0)), at.record(*record));
            let lead = format!("{who} leaves {name} in the queue.");
            Telling::new(who, Tone::Mark, format!("leaves {name}"))
                .drawn(Shape::Triangle, format!("leave {name}"))
                .says(
                    lead,
                    "It is not deleted, and comes again when its visibility time-out is over. The worker goes on with the next one.",
                )
        }
        Fact::SendAcknowledged { by, record } => {
            let phrase = format!("knows that {} is stored", at.record(Some(*record)));
            Telling::new(at.client(*by), Tone::Plain, phrase)
        }
        Fact::SendLost { by, record, what } => {
            let (who, word) = (at.client(*by), what.word());
            let phrase = format!("the {word} for {} gets lost", at.record(Some(*record)));
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Cross, format!("{word} lost"))
                .says(
                    lead,
                    match what {
                        Leg::Request => {
                            "Nothing is stored. The sender cannot know that, and sends again."
                        }
                        Leg::Answer => {
                            "It is stored. The sender cannot know that, and sends again."
                        }
                    },
                )
        }
        Fact::Returned { consumer, records } => returned(at, *consumer, records),
        Fact::Deleted {
            record,
            queue: _,
            by,
        } => {
            let (who, name) = (at.client(*by), at.record(*record));
            let lead = format!("{who} deletes {name}.");
            Telling::new(who, Tone::Done, format!("deletes {name}"))
                .drawn(Shape::Triangle, format!("delete {name}"))
                .came_from((at.party_of)(*by))
                .says(lead, "Nobody will receive it again.")
        }
        Fact::DeletedNothing { record, queue, by } => deleted_nothing(at, *record, queue, *by),
        Fact::MovedToDeadLetterQueue {
            record,
            queue,
            dead_letter_queue,
            receive_count,
        } => {
            let (name, count) = (at.record(*record), received(*receive_count));
            let phrase = format!("moves {name} to {dead_letter_queue}: {count}");
            Telling::new(queue.to_string(), Tone::Crash, phrase)
                .drawn(Shape::Cross, "set aside")
                .says(
                    format!("{} goes to {dead_letter_queue}.", capital(&name)),
                    format!(
                        "It was {count} and never deleted. There it waits for somebody who looks at it."
                    ),
                )
        }
        Fact::Redriven {
            record,
            dead_letter_queue,
            queue,
        } => {
            let name = at.record(*record);
            let phrase = format!("gives {name} back to {queue}");
            Telling::new(dead_letter_queue.to_string(), Tone::Mark, phrase)
                .drawn(Shape::Triangle, "redriven")
                .says(
                    format!(
                        "{} goes from {dead_letter_queue} to {queue}.",
                        capital(&name)
                    ),
                    "There it is a new message: no receives, and its age begins anew.",
                )
        }
        Fact::MoveTaskEnded {
            dead_letter_queue,
            messages: moved,
        } => {
            let phrase = format!("has moved {}", messages(*moved));
            Telling::new(dead_letter_queue.to_string(), Tone::Plain, phrase)
        }
        Fact::Expired { record, queue } => {
            let name = at.record(*record);
            Telling::new(
                queue.to_string(),
                Tone::Lost,
                format!("loses {name}: too old"),
            )
            .drawn(Shape::Cross, "expires")
            .says(
                format!("{} is lost.", capital(&name)),
                format!(
                    "It was in {queue} for longer than MessageRetentionPeriod. Nobody is told."
                ),
            )
        }
        Fact::Refused { record, code, by } => {
            let about = record.map_or_else(String::new, |_| format!(", {}", at.record(*record)));
            let phrase = format!("is refused: {code}{about}");
            Telling::new(at.client(*by), Tone::Crash, phrase)
                .drawn(Shape::Cross, "refused")
                .came_from((at.party_of)(*by))
        }
    }
}

/// A message of a queue, at the moment at which it is told.
fn now<'a>(at: &Place<'a>, queue: &str, record: Option<RecordId>) -> Option<&'a Message> {
    let queue: &Queue = at.moment?.0.queue(queue)?;
    let mut all = queue.store.messages().map(|(_, message)| message);
    all.find(|message| record.is_some() && message.record == record)
}

fn sent(at: &Place<'_>, record: Option<RecordId>, queue: &str, delay: u64) -> Telling {
    let name = at.record(record);
    let (phrase, rest) = match delay {
        0 => (
            format!("stores {name}"),
            "It stays there until somebody deletes it.".to_owned(),
        ),
        delay => (
            format!("stores {name}, delayed {}", seconds(delay)),
            format!("For {} nobody can receive it.", seconds(delay)),
        ),
    };
    if at.is_copy {
        return Telling::new(queue.to_owned(), Tone::Twice, format!("{phrase}: a copy"))
            .drawn(Shape::Ring, format!("{name} again"))
            .says(
                format!("{queue} has {name} once more."),
                "It was sent before, and the queue cannot tell that this is the same: it is a message of its own.",
            );
    }
    Telling::new(queue.to_owned(), Tone::Plain, phrase)
        .drawn(Shape::Dot, name.clone())
        .says(format!("{queue} has {name}."), rest)
}

fn receive(
    at: &Place<'_>,
    record: Option<RecordId>,
    queue: &str,
    by: ClientId,
    receive_count: u32,
) -> Telling {
    let (who, name) = (at.client(by), at.record(record));
    let again = match (receive_count > 1, at.is_copy) {
        (true, _) => " again",
        (false, true) => ", a copy",
        (false, false) => "",
    };
    let together = at.together.iter().map(|&one| at.record(Some(one)));
    let together: Vec<_> = together.collect();
    let it = if together.len() > 1 { "them" } else { "it" };
    let hidden = match (
        now(at, queue, record).map(|message| message.place),
        at.moment,
    ) {
        (Some(Where::InFlight { until, .. }), Some((_, now))) => {
            format!("For {} nobody else gets {it}.", span(until.since(now).0))
        }
        _ => format!("Until the visibility time-out ends nobody else gets {it}."),
    };
    let (lead, rest) = match (together.len(), receive_count) {
        (0 | 1, 0 | 1) => (format!("{who} receives {name}{again}."), hidden),
        (0 | 1, count) => (
            format!("{who} receives {name} again."),
            format!(
                "It has been {} by now, and not deleted. {hidden}",
                received(count)
            ),
        ),
        (count, _) => (
            format!("{who} receives {} with one call.", list(&together)),
            format!(
                "{hidden} Each of the {count} has a lease of its own, and all run from now on."
            ),
        ),
    };
    Telling::new(who, Tone::Hand, format!("receives {name}{again}"))
        .drawn(Shape::Dot, format!("receive {name}"))
        .came_from((at.party_of)(by))
        .says(lead, rest)
}

fn visibility_ended(
    at: &Place<'_>,
    record: Option<RecordId>,
    queue: &str,
    held_by: ClientId,
) -> Telling {
    let (name, holder) = (at.record(record), at.client(held_by));
    let phrase = format!("lease of {holder} on {name} ends");
    Telling::new(queue.to_owned(), Tone::Crash, phrase)
        .drawn(Shape::Cross, "lease ends")
        .says(
            format!("The lease of {holder} on {name} ends."),
            format!(
                "{holder} has not deleted it in time: others can receive it. Whether {holder} is dead or slow, the queue cannot tell."
            ),
        )
}

fn visibility_changed(
    at: &Place<'_>,
    record: Option<RecordId>,
    queue: &str,
    timeout: u64,
) -> Telling {
    let name = at.record(record);
    if timeout == 0 {
        return Telling::new(queue.to_owned(), Tone::Mark, format!("has {name} back"))
            .drawn(Shape::Triangle, "given back")
            .says(
                format!("{} is given back.", capital(&name)),
                "Its visibility time-out was set to 0: it can be received at once.",
            );
    }
    let long = seconds(timeout);
    if at.is_left {
        return Telling::new(
            queue.to_owned(),
            Tone::Mark,
            format!("has {name} back, hidden for {long}"),
        )
        .drawn(Shape::Triangle, "given back")
        .says(
            format!(
                "{} is given back, hidden for {long} from now.",
                capital(&name)
            ),
            "Its worker has let go of it: that is the wait before it is received again.",
        );
    }
    Telling::new(
        queue.to_owned(),
        Tone::Mark,
        format!("hides {name} for {long} from now"),
    )
    .drawn(Shape::Triangle, "lease extended")
    .says(
        format!("{} is hidden for {long} from now.", capital(&name)),
        "The time counts from this moment: it is not added to what was left.",
    )
}

fn returned(at: &Place<'_>, consumer: ConsumerId, records: &[RecordId]) -> Telling {
    let client = ClientId(consumer.0);
    let names: Vec<_> = records.iter().map(|&one| at.record(Some(one))).collect();
    let label = match &names[..] {
        [one] => one.clone(),
        several => messages(several.len() as u64),
    };
    let (who, names) = (at.client(client), list(&names));
    let lead = format!("{who} has {names} in hand.");
    let rest = match records {
        [first, _, ..] => format!(
            "Its work on {} begins. The leases of all {} run already.",
            at.record(Some(*first)),
            records.len()
        ),
        [] | [_] => "Its work begins. The time of its lease runs already.".to_owned(),
    };
    Telling::new(who, Tone::Hand, format!("has {names} in hand"))
        .drawn(Shape::Dot, label)
        .came_from(Party::Broker)
        .says(lead, rest)
}

fn deleted_nothing(at: &Place<'_>, record: Option<RecordId>, queue: &str, by: ClientId) -> Telling {
    let (who, name) = (at.client(by), at.record(record));
    let why = match (at.moment, now(at, queue, record)) {
        (None, _) => "its receipt handle is an old one, or the message is gone".to_owned(),
        (Some(_), None) => "the message is gone already".to_owned(),
        (Some(_), Some(message)) => format!(
            "it has been {}, and only the receipt handle of the last time counts",
            received(message.receive_count)
        ),
    };
    let lead = format!("{who} deletes {name}, to no effect.");
    Telling::new(who, Tone::Mark, format!("deletes {name}: no effect"))
        .drawn(Shape::Ring, "no effect")
        .came_from((at.party_of)(by))
        .says(lead, format!("It is told that all is well, but {why}."))
}
