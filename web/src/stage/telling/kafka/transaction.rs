//! Transactions, in words.

use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling};
use engine::ClientId;
use engine::systems::kafka::log::record::Ended;
use engine::systems::kafka::transaction::TransactionalId;
use engine::systems::kafka::{GroupId, Offset, Partition};

pub fn timed_out(at: &At<'_>, transaction: TransactionalId) -> Telling {
    let name = at.cast().transactional_name(transaction);
    let phrase = format!("aborts {name}: open for too long");
    Telling::new(at.here(), Tone::Crash, phrase)
        .drawn(Shape::Cross, "too late")
        .says(
            "The coordinator aborts the transaction.",
            "It was open for longer than transaction.timeout.ms, and held every reader of committed records back.",
        )
}

pub fn offset_written(
    at: &At<'_>,
    producer: ClientId,
    partition: Partition,
    offset: Offset,
) -> Telling {
    let (who, next) = (at.client(producer), offset.0);
    let name = at.cast().partition_name(partition);
    let lead = format!("{who} writes offset {next} in the transaction.");
    let phrase = format!("writes offset {next} of {name} in the transaction");
    Telling::new(who, Tone::Mark, phrase)
        .drawn(Shape::Dot, format!("offset {next}"))
        .came_from(at.cast().party_of(producer))
        .says(
            lead,
            "It is not committed yet: it counts when the transaction does, together with what was published.",
        )
}

pub fn offsets_ended(at: &At<'_>, group: GroupId, ended: Ended) -> Telling {
    let who = at.cast().group_name(group);
    let phrase = match ended {
        Ended::Commit => "goes on at the offsets of the transaction",
        Ended::Abort => "forgets the offsets of the transaction",
    };
    let telling = Telling::new(who, Tone::Mark, phrase).drawn(Shape::Triangle, ended.word());
    match ended {
        Ended::Commit => {
            let lead = telling.lead();
            telling.says(
                lead,
                "What was published and what was committed have happened together.",
            )
        }
        Ended::Abort => telling,
    }
}

pub fn marked(at: &At<'_>, partition: Partition, ended: Ended) -> Telling {
    let (word, name) = (ended.word(), at.cast().partition_name(partition));
    let phrase = format!("writes the {word} marker in {name}");
    Telling::new(at.here(), Tone::Mark, phrase)
        .drawn(Shape::Triangle, word)
        .says(
            format!("The {word} marker is written."),
            match ended {
                Ended::Commit => "Who reads committed records sees those before it now.",
                Ended::Abort => {
                    "The records stay in the log. Who reads committed records passes over them."
                }
            },
        )
}
