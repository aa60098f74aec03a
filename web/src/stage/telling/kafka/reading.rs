//! Where consumers read, and what, in words.

use super::producing::stored_before;
use crate::stage::moment::Moment;
use crate::stage::sentence::Tone;
use crate::stage::telling::{At, Shape, Telling};
use crate::stage::words::list;
use engine::fact::{Origin, kafka};
use engine::systems::kafka::{Error, Offset, Partition};
use engine::{ConsumerId, Fact, FactId, Party, RecordId, anomaly};

pub fn told(at: &At<'_>, error: Error) -> Telling {
    let who = at.here();
    let lead = format!("{who} is not told where to read on.");
    let telling = Telling::new(who, Tone::Plain, format!("is told {}", error.name()));
    if error != Error::UnstableOffsetCommit {
        return telling;
    }
    telling.says(
        lead,
        "A transaction has written an offset here and is still open: UNSTABLE_OFFSET_COMMIT. It asks again.",
    )
}

pub fn positioned(at: &At<'_>, partition: Partition, offset: Offset, origin: Origin) -> Telling {
    let (who, next) = (at.here(), offset.0);
    let name = at.cast().partition_name(partition);
    let (tone, phrase) = match origin {
        Origin::Committed => (
            Tone::Mark,
            format!("goes on at the committed offset {next}"),
        ),
        Origin::Earliest => (Tone::Plain, format!("nothing committed: begins at {next}")),
        Origin::Latest => (
            Tone::Plain,
            format!("nothing committed: begins at the end, {next}"),
        ),
        Origin::GoneEarliest => (
            Tone::Crash,
            format!("its offset is gone: goes on at the start, {next}"),
        ),
        Origin::GoneLatest => (
            Tone::Crash,
            format!("its offset is gone: goes on at the end, {next}"),
        ),
    };
    let lead = match origin {
        Origin::Committed => format!("{who} goes on at offset {next}."),
        Origin::Earliest | Origin::Latest => format!("{who} begins at offset {next}."),
        Origin::GoneEarliest | Origin::GoneLatest => {
            format!("{who} goes on at offset {next}: its own is no longer there.")
        }
    };
    Telling::new(who, tone, phrase)
        .drawn(Shape::Dot, format!("at {next}"))
        .came_from(Party::Broker)
        .says_at(at, |moment| {
            let rest = match origin {
                Origin::Committed => format!(
                    "That is what the group has committed for {name}: the next record to read.{}",
                    beside_the_mark(at, moment, partition, next)
                ),
                Origin::Earliest | Origin::Latest => format!(
                    "The group has committed nothing for {name}, so auto.offset.reset={} decides.",
                    origin.word()
                ),
                Origin::GoneEarliest | Origin::GoneLatest => format!(
                    "What it was to read of {name} was deleted, so auto.offset.reset={} decides. It is told of no error.",
                    if origin == Origin::GoneEarliest { Origin::Earliest } else { Origin::Latest }.word()
                ),
            };
            (lead, rest)
        })
}

/// What a committed offset hides from a consumer that goes on there: work done beyond it, or not done
/// below it.
fn beside_the_mark(
    at: &At<'_>,
    moment: &Moment<'_>,
    partition: Partition,
    committed: u64,
) -> String {
    let cast = moment.world.cast();
    let Party::Consumer(reader) = at.entry.by else {
        return String::new();
    };
    let group = cast.consumers.get(reader.at()).map(|plan| plan.group);
    let lost: Vec<_> = anomaly::lost(&moment.past)
        .iter()
        .filter(|lost| Some(lost.group) == group)
        .filter(|lost| lost.place.is_some_and(|place| place.partition == partition))
        .map(|lost| cast.record_name(lost.record))
        .collect();
    if !lost.is_empty() {
        return format!(" All below counts as done, {} too.", list(&lost));
    }
    let is_beyond = |fact: &Fact| {
        matches!(fact, Fact::Kafka(kafka::Fact::Polled { consumer, partition: of, last, .. })
            if *of == partition && last.0 >= committed && at.are_of_one_group(*consumer, reader))
    };
    let mut past = moment.past.entries().iter();
    if past.any(|entry| is_beyond(&entry.fact)) {
        " What was done beyond it, the group does not know.".to_owned()
    } else {
        String::new()
    }
}

pub fn polled(
    at: &At<'_>,
    consumer: ConsumerId,
    partition: Partition,
    (first, last): (Offset, Offset),
    records: &[RecordId],
) -> Telling {
    let who = at.here();
    let range = if first == last {
        first.0.to_string()
    } else {
        format!("{}..{}", first.0, last.0)
    };
    let is_again = was_polled_before(at, consumer, partition, (first, last));
    // What its producer sent twice stands in the log twice: the second is no second poll of the first.
    let copies = records.iter().copied();
    let copies = copies.filter(|&one| stored_before(at, partition, last, one).is_some());
    let copies: Vec<RecordId> = match is_again {
        true => Vec::new(),
        false => copies
            .filter(|&one| was_handed(at, consumer, one))
            .collect(),
    };
    let again = match (is_again, copies.is_empty()) {
        (true, _) => " again".to_owned(),
        (false, true) => String::new(),
        (false, false) => format!(": a copy of {}", at.records(&copies)),
    };
    let name = who.clone();
    Telling::new(who, Tone::Hand, format!("polls {range}{again}"))
        .drawn(Shape::Dot, format!("poll {range}"))
        .came_from(Party::Broker)
        .says_at(at, |moment| {
            let plan = at.cast().consumers.get(consumer.at());
            let committed = plan.and_then(|plan| moment.world.committed(plan.group, partition));
            let committed = committed.map_or_else(
                || "nothing is committed yet".to_owned(),
                |offset| format!("the group’s committed offset is {offset}"),
            );
            let again = match (is_again, copies.is_empty()) {
                (true, _) => " a second time",
                (false, true) => "",
                (false, false) => ", stored as a copy",
            };
            let copy = match copies.is_empty() {
                true => "",
                false => {
                    " The log has it twice, at two offsets: to whoever polls, these are two records."
                }
            };
            (
                format!("{name} polls {}{again}.", at.records(records)),
                format!("Its position moves to {}; {committed}.{copy}", last.0 + 1),
            )
        })
}

/// Whether a member of the same group had polled any of these offsets before this fact: what another group
/// has read is nothing to this one, and a copy at an offset of its own is no second poll.
fn was_polled_before(
    at: &At<'_>,
    who: ConsumerId,
    what: Partition,
    (from, to): (Offset, Offset),
) -> bool {
    let before = &at.trace.entries()[..at.id.0 as usize];
    before.iter().any(|entry| {
        matches!(&entry.fact, Fact::Kafka(kafka::Fact::Polled { consumer, partition, first, last, .. })
            if at.are_of_one_group(*consumer, who)
                && *partition == what
                && *first <= to
                && from <= *last)
    })
}

/// Whether a member of the same group was handed this record before this fact.
fn was_handed(at: &At<'_>, who: ConsumerId, what: RecordId) -> bool {
    let before = &at.trace.entries()[..at.id.0 as usize];
    before.iter().any(|entry| {
        entry.fact.handed_out().is_some_and(|(consumer, records)| {
            at.are_of_one_group(consumer, who) && records.contains(&what)
        })
    })
}

/// The records that this fact has lost.
pub fn lost_now(moment: &Moment<'_>, id: FactId) -> Vec<String> {
    anomaly::lost(&moment.past)
        .into_iter()
        .filter(|lost| lost.at == id)
        .map(|lost| moment.world.cast().record_name(lost.record))
        .collect()
}
