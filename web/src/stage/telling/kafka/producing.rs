//! What producers send, in words.

use super::producer_asked;
use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling};
use engine::fact::{Leg, ProducerAsked, kafka};
use engine::systems::broker::OutboxPlan;
use engine::systems::kafka::log::producers::{Epoch, ProducerId};
use engine::systems::kafka::outbox::Plan;
use engine::systems::kafka::{Error, Offset, Partition};
use engine::{Cast, ClientId, ConsumerId, Fact, Party, RecordId};

pub fn published(at: &At<'_>, consumer: ConsumerId, record: RecordId) -> Telling {
    let name = at.record(record);
    let phrase = format!("publishes {name}");
    Telling::new(at.consumer(consumer), Tone::Done, phrase)
        .drawn(Shape::Dot, name)
        .came_from(Party::Consumer(consumer))
}

pub fn identified(at: &At<'_>, producer: ClientId, id: ProducerId, epoch: Epoch) -> Telling {
    let who = at.client(producer);
    let phrase = format!("is producer id {}, epoch {}", id.0, epoch.0);
    let lead = format!("{who} {phrase}.");
    Telling::new(who, Tone::Plain, phrase)
        .drawn(Shape::Dot, format!("epoch {}", epoch.0))
        .came_from(at.cast().party_of(producer))
        .says(
            lead,
            if epoch.0 > 0 {
                "Whoever still uses a lower epoch of this id is fenced from now on."
            } else {
                "With it and a sequence the broker recognises what comes twice."
            },
        )
}

pub fn stored(
    at: &At<'_>,
    producer: ClientId,
    partition: Partition,
    offset: Offset,
    record: RecordId,
) -> Telling {
    let name = at.record(record);
    let answer = if asks_for_none(at.cast(), producer) {
        "The producer set acks=0: nobody tells it."
    } else {
        "The acknowledgement is on its way."
    };
    let phrase = format!("stores {name} at offset {}", offset.0);
    let from = at.cast().party_of(producer);
    let Some(first) = stored_before(at, partition, offset, record) else {
        return Telling::new(at.here(), Tone::Done, phrase)
            .drawn(Shape::Dot, name.clone())
            .came_from(from)
            .says(format!("{name} is stored."), answer);
    };
    let is_at = format!("It stands at offset {} already", first.0);
    Telling::new(at.here(), Tone::Twice, format!("{phrase}: a copy"))
        .drawn(Shape::Ring, format!("{name} again"))
        .came_from(from)
        .says(
            format!("{name} is stored once more."),
            format!("{is_at}, and the broker cannot tell that this is the same. {answer}"),
        )
}

/// The offset at which the log had a record before this fact, where what stands at `offset` is a copy: a
/// producer that hears no answer sends it again.
pub fn stored_before(
    at: &At<'_>,
    partition: Partition,
    offset: Offset,
    record: RecordId,
) -> Option<Offset> {
    let before = &at.trace.entries()[..at.id.0 as usize];
    before.iter().find_map(|entry| match &entry.fact {
        Fact::Kafka(kafka::Fact::Stored {
            partition: of,
            offset: first,
            record: stored,
            ..
        }) if (*of, *stored) == (partition, record) && *first < offset => Some(*first),
        _ => None,
    })
}

/// What a producer's library is set to; nothing where it is not Kafka's.
fn settings(cast: &Cast, producer: ClientId) -> Option<&Plan> {
    match cast.outbox_of(producer)? {
        OutboxPlan::Kafka(plan) => Some(plan),
        OutboxPlan::Sqs(_) | OutboxPlan::Rabbitmq(_) => None,
    }
}

/// Whether a producer asks for no acknowledgement, so that none exists.
pub fn asks_for_none(cast: &Cast, producer: ClientId) -> bool {
    settings(cast, producer).is_some_and(|plan| plan.acks_none)
}

pub fn known_sequence(at: &At<'_>, producer: ClientId, record: RecordId) -> Telling {
    let name = at.record(record);
    let phrase = format!("knows {name} already: stores nothing");
    Telling::new(at.here(), Tone::Mark, phrase)
        .drawn(Shape::Ring, "known")
        .came_from(at.cast().party_of(producer))
        .says(
            format!("The broker has {name} already."),
            "Same producer, same epoch, same sequence: it stores nothing and acknowledges.",
        )
}

pub fn refused(at: &At<'_>, producer: ClientId, error: Error) -> Telling {
    let phrase = format!("is refused: {}", error.name());
    let telling = Telling::new(at.client(producer), Tone::Crash, phrase)
        .drawn(Shape::Cross, "refused")
        .came_from(at.cast().party_of(producer));
    if !matches!(error, Error::InvalidProducerEpoch | Error::ProducerFenced) {
        return telling;
    }
    let lead = telling.lead();
    telling.says(
        lead,
        "Its epoch is an old one: a newer instance has its place.",
    )
}

pub fn message_lost(at: &At<'_>, producer: ClientId, asked: ProducerAsked, what: Leg) -> Telling {
    let (who, word) = (at.here(), what.word());
    let settings = settings(at.cast(), producer);
    let is_sent = asked == ProducerAsked::Produce;
    let rest = match settings {
        Some(plan) if plan.acks_none && is_sent => {
            "The producer waits for no acknowledgement: it never learns, and sends it only once."
        }
        Some(plan) if !plan.retries && is_sent => {
            "The producer cannot tell whether its request arrived. It has retries=0: it will not ask again."
        }
        _ => "The producer cannot tell whether its request arrived. It will ask again.",
    };
    let asked = producer_asked(asked);
    let lead = format!("A message of {who} gets lost.");
    Telling::new(who, Tone::Crash, format!("{asked}: the {word} gets lost"))
        .drawn(Shape::Cross, format!("{word} lost"))
        .says(lead, rest)
}
