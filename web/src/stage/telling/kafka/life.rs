//! What the start and the end of a process mean to Kafka: what the group knows, and what will be read
//! again or never.

use super::reading::lost_now;
use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::words::{is, list, them};
use engine::fact::Asked;
use engine::fact::{kafka, process};
use engine::{Fact, FactId};

/// What follows from the start of a consumer's process.
pub const fn started(process: u16) -> &'static str {
    match process {
        1 => "It asks to join its group.",
        _ => "It remembers nothing of its former life. To the group it is a new member.",
    }
}

/// What follows from the start of a producer's process.
pub const fn producer_started(process: u16) -> &'static str {
    match process {
        1 => "",
        _ => "To the broker this is another producer, unless it has a transactional id.",
    }
}

/// What the end of a consumer's process leaves.
pub fn crashed(moment: &Moment<'_>, who: &str, consumer: engine::ConsumerId) -> Sentence {
    let cast = moment.world.cast();
    let at = moment.past.entries().iter().rposition(
        |entry| matches!(entry.fact, Fact::Process(process::Fact::Crashed { consumer: id, .. }) if id == consumer),
    );
    let lost = at
        .map(|at| lost_now(moment, FactId(at as u32)))
        .unwrap_or_default();
    if !lost.is_empty() {
        return Sentence {
            tone: Tone::Lost,
            lead: format!("{who} crashes, and {} {} lost.", list(&lost), is(&lost)),
            rest: format!(
                "The group has committed past {}, so nobody will read {} again.",
                them(&lost),
                them(&lost)
            ),
        };
    }
    let group = cast.consumers.get(consumer.at()).map(|plan| plan.group);
    let offsets = group
        .and_then(|group| moment.world.group(group))
        .map(|group| group.offsets().all())
        .unwrap_or_default();
    let known: Vec<_> = offsets
        .iter()
        .map(|(partition, offset)| format!("{} of {}", offset.0, cast.partition_name(*partition)))
        .collect();
    let kept = if known.is_empty() {
        "The group has committed nothing.".to_owned()
    } else {
        format!(
            "All the group knows is its committed offset: {}.",
            list(&known)
        )
    };
    let again = uncommitted(moment, consumer, offsets);
    let again = match (again.is_empty(), commit_under_way(moment, consumer)) {
        (true, _) => String::new(),
        (false, true) => format!(
            " A commit is still on its way; whether {} will be read again depends on it.",
            list(&again)
        ),
        (false, false) => format!(" {} will be read again.", list(&again)),
    };
    Sentence {
        tone: Tone::Crash,
        lead: format!("{who} crashes. What it only remembered is gone."),
        rest: format!("{kept}{again}"),
    }
}

/// Whether the last process of a consumer asked for a commit that the coordinator has not met yet.
fn commit_under_way(moment: &Moment<'_>, consumer: engine::ConsumerId) -> bool {
    let mut under_way = false;
    for entry in moment.past.entries() {
        match &entry.fact {
            Fact::Kafka(kafka::Fact::Sent {
                consumer: id,
                request: Asked::Commit | Asked::AutoCommit,
            }) if *id == consumer => under_way = true,
            Fact::Kafka(kafka::Fact::Committed { consumer: id, .. })
            | Fact::Kafka(kafka::Fact::CommitRefused { consumer: id, .. })
                if *id == consumer =>
            {
                under_way = false
            }
            _ => {}
        }
    }
    under_way
}

/// What the last process of a consumer had polled and the group had not committed.
fn uncommitted(
    moment: &Moment<'_>,
    consumer: engine::ConsumerId,
    committed: &[(
        engine::systems::kafka::Partition,
        engine::systems::kafka::Offset,
    )],
) -> Vec<String> {
    let cast = moment.world.cast();
    let entries = moment.past.entries();
    let began = entries
        .iter()
        .rposition(
            |entry| matches!(entry.fact, Fact::Process(process::Fact::Started { consumer: id, .. }) if id == consumer),
        )
        .unwrap_or(0);
    let mut found = Vec::new();
    for entry in &entries[began..] {
        let Fact::Kafka(kafka::Fact::Polled {
            consumer: id,
            partition,
            first,
            records,
            ..
        }) = &entry.fact
        else {
            continue;
        };
        let next = committed
            .iter()
            .find(|(known, _)| known == partition)
            .map_or(0, |(_, offset)| offset.0);
        if *id == consumer {
            let behind = usize::try_from(next.saturating_sub(first.0)).unwrap_or(usize::MAX);
            found.extend(
                records
                    .iter()
                    .skip(behind)
                    .map(|&record| cast.record_name(record)),
            );
        }
    }
    found
}
