//! What producers send, in words.

use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling};
use engine::fact::Leg;
use engine::systems::kafka::log::producers::{Epoch, ProducerId};
use engine::systems::kafka::{Error, Offset};
use engine::{ClientId, ConsumerId, Party, RecordId};

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

pub fn stored(at: &At<'_>, producer: ClientId, offset: Offset, record: RecordId) -> Telling {
    let name = at.record(record);
    let phrase = format!("stores {name} at offset {}", offset.0);
    Telling::new(at.here(), Tone::Done, phrase)
        .drawn(Shape::Dot, name.clone())
        .came_from(at.cast().party_of(producer))
        .says(
            format!("{name} is stored."),
            "The acknowledgement is on its way.",
        )
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

pub fn message_lost(at: &At<'_>, asked: &str, what: Leg) -> Telling {
    let (who, word) = (at.here(), what.word());
    let lead = format!("A message of {who} gets lost.");
    Telling::new(who, Tone::Crash, format!("{asked}: the {word} gets lost"))
        .drawn(Shape::Cross, format!("{word} lost"))
        .says(
            lead,
            "The producer cannot tell whether its request arrived. It will ask again.",
        )
}
