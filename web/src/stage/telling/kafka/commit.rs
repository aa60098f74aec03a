//! Commits, in words.

use super::reading::lost_now;
use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::telling::{At, Shape, Telling};
use crate::stage::words::{is, list, them};
use engine::fact::{Asked, Thrown, kafka};
use engine::systems::kafka::{Error, Offset, Partition};
use engine::{ConsumerId, Fact, Party};

pub fn committed(
    at: &At<'_>,
    consumer: ConsumerId,
    partition: Partition,
    offset: Offset,
) -> Telling {
    let who = at.consumer(consumer);
    let automatic = if is_automatic(at) {
        ", automatically"
    } else {
        ""
    };
    let name = who.clone();
    let (of, label) = match at.owns_several(consumer) {
        true => {
            let partition = at.cast().partition_name(partition);
            let of = format!(" of {partition}");
            (of, format!("commit {partition}: {}", offset.0))
        }
        false => (String::new(), format!("commit {}", offset.0)),
    };
    let phrase = format!("commits {}{of}{automatic}", offset.0);
    Telling::new(who, Tone::Mark, phrase)
        .drawn(Shape::Triangle, label)
        .came_from(Party::Consumer(consumer))
        .feels_at(at, |moment| {
            sentence(at, moment, &name, consumer, partition, offset.0)
        })
}

fn sentence(
    at: &At<'_>,
    moment: &Moment<'_>,
    who: &str,
    consumer: ConsumerId,
    partition: Partition,
    offset: u64,
) -> Sentence {
    let cast = at.cast();
    let lost = lost_now(moment, at.id);
    if !lost.is_empty() {
        return Sentence {
            tone: Tone::Lost,
            lead: format!(
                "{who} commits {offset}, and {} {} lost.",
                list(&lost),
                is(&lost)
            ),
            rest: format!(
                "Nobody has {} in hand, and nobody will read {} again.",
                them(&lost),
                them(&lost)
            ),
        };
    }
    // What others hold says nothing about this commit.
    let own = moment.world.consumers().get(consumer.at());
    let holding: Vec<_> = own
        .into_iter()
        .flat_map(|consumer| consumer.hand())
        .map(|held| cast.record_name(held.record()))
        .collect();
    let ahead = if holding.is_empty() {
        String::new()
    } else {
        format!(" {} {} still in hand.", list(&holding), is(&holding))
    };
    let next = offset.checked_sub(1).map_or_else(String::new, |last| {
        format!("Done: up to offset {last}. Next to read: {offset}.")
    });
    let name = cast.partition_name(partition);
    let lead = if is_automatic(at) {
        format!("The client of {who} commits {offset} of {name} by itself, inside poll.")
    } else {
        format!("{who} commits {offset} of {name}.")
    };
    Sentence {
        tone: Tone::Mark,
        lead,
        rest: format!("{next}{ahead}"),
    }
}

/// Whether a commit came of auto-commit and not of the program.
fn is_automatic(at: &At<'_>) -> bool {
    let cause = at.entry.cause.0.and_then(|cause| at.trace.get(cause));
    let automatic = Asked::AutoCommit;
    cause.is_some_and(|cause| {
        matches!(cause.fact, Fact::Kafka(kafka::Fact::Sent { request, .. }) if request == automatic)
    })
}

pub fn refused(at: &At<'_>, consumer: ConsumerId, error: Error) -> Telling {
    let who = at.consumer(consumer);
    let lead = format!("The commit of {who} is refused: {}.", error.name());
    let phrase = format!("commit refused: {}", error.name());
    Telling::new(who, Tone::Crash, phrase)
        .drawn(Shape::Cross, "refused")
        .came_from(Party::Consumer(consumer))
        .says(lead, "Its offsets stay unwritten.")
}

pub fn failed(at: &At<'_>, consumer: ConsumerId, thrown: Thrown) -> Telling {
    let who = at.consumer(consumer);
    let (name, rest) = match thrown {
        Thrown::CommitFailed => (
            "CommitFailedException",
            "Its client knows that it is a member no more, and asks nobody. Whoever has its partitions now reads them on at the committed offset.",
        ),
        Thrown::RebalanceInProgress => (
            "RebalanceInProgressException",
            "The group is giving out its partitions. The program polls on, and commits again when that is over.",
        ),
    };
    let lead = format!("The commit of {who} throws {name}.");
    Telling::new(who, Tone::Crash, format!("commit throws {name}"))
        .drawn(Shape::Cross, "commit fails")
        .says(lead, rest)
}
