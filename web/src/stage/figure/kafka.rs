//! Kafka's partitions as tapes.

use super::Column;
use super::tape::{Cell, Mark, MarkKind, Tape};
use crate::stage::moment::{Fate, Moment};
use engine::fact::kafka;
use engine::systems::kafka::config::IsolationLevel;
use engine::systems::kafka::inbox::Position;
use engine::systems::kafka::log::Log;
use engine::systems::kafka::{Offset, Partition, TopicId};
use engine::{ConsumerId, Fact, RecordId, Run};

/// The committed offset, where one number says it: one group, and one partition in all.
pub fn column(run: &Run) -> Option<Column> {
    let cast = run.world().cast();
    let partitions = cast
        .topics
        .iter()
        .map(|topic| usize::from(topic.partitions));
    if cast.groups.len() != 1 || partitions.sum::<usize>() != 1 {
        return None;
    }
    let mut committed = None;
    let entries = run.trace().entries().iter();
    let after = entries.map(|entry| {
        if let Fact::Kafka(kafka::Fact::Committed { offset, .. }) = entry.fact {
            committed = Some(offset.0);
        }
        committed
    });
    Some(Column {
        head: "committed",
        values: after.collect(),
    })
}

/// A tape for each partition.
pub fn tapes(moment: &Moment<'_>) -> Vec<Tape> {
    let cast = moment.world.cast();
    let topics = 0..cast.topics.len();
    topics
        .flat_map(|topic| cast.partitions(TopicId(topic as u8)).collect::<Vec<_>>())
        .map(|partition| tape(moment, partition))
        .collect()
}

fn tape(moment: &Moment<'_>, partition: Partition) -> Tape {
    let cast = moment.world.cast();
    let log = moment.world.log(partition);
    let end = log.map_or(0, |log| log.end().0);
    let start = log.map_or(0, |log| log.start().0);
    let mut marks: Vec<(u64, Mark)> = log.map(borders).unwrap_or_default();
    let several = cast.groups.len() > 1;
    for group in moment.groups() {
        if let Some(offset) = moment.world.committed(group, partition) {
            let label = if several {
                format!("{}: committed {offset}", cast.group_name(group))
            } else {
                format!("committed {offset}")
            };
            marks.push((
                offset,
                Mark {
                    kind: MarkKind::Committed,
                    label,
                },
            ));
        }
    }
    for (consumer, offset) in positions(moment, partition) {
        let label = if cast.consumers.len() > 1 {
            format!("{consumer}: position {offset}")
        } else {
            format!("position {offset}")
        };
        marks.push((
            offset,
            Mark {
                kind: MarkKind::Position,
                label,
            },
        ));
    }
    marks.push((
        end,
        Mark {
            kind: MarkKind::End,
            label: format!("log end {end}"),
        },
    ));
    let stable = log.map_or(0, |log| log.last_stable().0);
    if stable < end {
        let label = format!("last stable {stable}");
        let kind = MarkKind::Stable;
        marks.push((stable, Mark { kind, label }));
    }
    let mut cells: Vec<Cell> = Vec::new();
    for (log, batch) in log
        .iter()
        .flat_map(|log| log.batches().map(move |one| (log, one)))
    {
        let plain = |offset: Offset| Cell {
            offset: offset.0,
            gone_to: None,
            record: None,
            fate: Fate::Waiting,
            states: Vec::new(),
            marks: Vec::new(),
            concerned: false,
        };
        if let Some(marker) = batch.end_marker() {
            cells.push(Cell {
                record: Some(marker.ended.word().to_owned()),
                states: vec![(Fate::Waiting, "marker".to_owned())],
                ..plain(batch.base)
            });
        }
        for (offset, stored) in batch.records() {
            let Some(record) = stored.of else { continue };
            // What its transaction hides is nobody's work, whatever became of a copy at another offset.
            let hidden = match (log.is_aborted(batch), log.is_open(batch)) {
                (true, _) => Some("aborted"),
                (false, true) => Some("open"),
                (false, false) => None,
            };
            let hidden = hidden.filter(|_| !was_read_uncommitted(moment, partition, *offset));
            let (fate, states) = match hidden {
                Some(word) => (Fate::Waiting, vec![(Fate::Waiting, word.to_owned())]),
                None => (moment.fate(record), states(moment, record)),
            };
            cells.push(Cell {
                record: Some(cast.record_name(record)),
                fate,
                states,
                concerned: moment.concerns(record),
                ..plain(*offset)
            });
        }
    }
    // What lies below the start may still be on disk, and nobody can read it.
    cells.retain(|cell| cell.offset >= start);
    cells.push(Cell {
        offset: end,
        gone_to: None,
        record: None,
        fate: Fate::Waiting,
        states: vec![(Fate::Waiting, "next append".to_owned())],
        marks: Vec::new(),
        concerned: false,
    });
    Tape {
        topic: cast.topic_name(partition.topic),
        index: partition.index,
        cells,
    }
    .with_holes(start)
    .marked(marks)
}

/// Whether somebody who reads uncommitted records has polled this offset: of such a record the work can be done.
fn was_read_uncommitted(moment: &Moment<'_>, partition: Partition, offset: Offset) -> bool {
    let reads_all = |id: ConsumerId| {
        let plan = moment.world.cast().consumers.get(id.at());
        let inbox = plan.and_then(|plan| plan.inbox.kafka());
        inbox.is_some_and(|inbox| inbox.config.isolation_level == IsolationLevel::ReadUncommitted)
    };
    let mut past = moment.past.entries().iter();
    past.any(|entry| {
        matches!(entry.fact, Fact::Kafka(kafka::Fact::Polled { consumer, partition: of, first, last, .. })
            if of == partition && first <= offset && offset <= last && reads_all(consumer))
    })
}

/// Where a log starts, when that is not at 0, and where its segments begin, when it has had several.
fn borders(log: &Log) -> Vec<(u64, Mark)> {
    let mut marks = Vec::new();
    let start = log.start().0;
    if start > 0 {
        let label = format!("log start {start}");
        let kind = MarkKind::Start;
        marks.push((start, Mark { kind, label }));
    }
    let segments = log.segments();
    let active = segments.len() - 1;
    if start > 0 || active > 0 {
        for (at, segment) in segments.enumerate() {
            let base = segment.base().0;
            let label = match at == active {
                true => format!("active segment {base}"),
                false => format!("segment {base}"),
            };
            let kind = MarkKind::Segment;
            marks.push((base.max(start), Mark { kind, label }));
        }
    }
    marks
}

/// Who reads a partition, and where: living consumers that believe to own it.
fn positions(moment: &Moment<'_>, partition: Partition) -> Vec<(String, u64)> {
    let cast = moment.world.cast();
    let mut found = Vec::new();
    for (plan, consumer) in cast.consumers.iter().zip(moment.world.consumers()) {
        for owned in consumer.kafka().into_iter().flat_map(|inbox| &inbox.owned) {
            if let Position::At(offset) = owned.position
                && owned.partition == partition
            {
                found.push((plan.name.clone(), offset.0));
            }
        }
    }
    found
}

/// What has become of a record for each group that reads it. Two groups that call their work alike are
/// counted, because nothing short would tell them apart.
fn states(moment: &Moment<'_>, record: RecordId) -> Vec<(Fate, String)> {
    let groups = moment.groups();
    let of = |group| Some((moment.fate_for(record, group)?, moment.done_by(group)));
    let all: Vec<(Fate, &str)> = groups.filter_map(of).collect();
    let is_named = |(at, (_, done)): (usize, &(Fate, &str))| {
        let mut others = all[..at].iter();
        others.all(|(_, other)| other != done)
    };
    match all[..] {
        [] => vec![(Fate::Waiting, "waiting".to_owned())],
        [(fate, done)] => vec![(fate, alone(fate, done))],
        _ if all.iter().enumerate().all(is_named) => {
            let each = all.iter().map(|&(fate, done)| (fate, among(fate, done)));
            each.collect()
        }
        [(_, done), ..] => {
            let is_done = |(fate, _): &&(Fate, &str)| matches!(fate, Fate::Done | Fate::Twice(_));
            let count = all.iter().filter(is_done).count();
            let words = format!("{done} {count} of {}", all.len());
            vec![(moment.fate(record), words)]
        }
    }
}

/// What has become of a record that one group reads.
fn alone(fate: Fate, done: &str) -> String {
    match fate {
        Fate::Waiting => "waiting".to_owned(),
        Fate::InHand => "in hand".to_owned(),
        Fate::Dropped => "unfinished".to_owned(),
        Fate::Done => format!("{done} ✓"),
        Fate::Twice(times) => format!("{done} ×{times}"),
        Fate::Lost => "lost".to_owned(),
    }
}

/// What has become of it for one group of several, known by its work.
fn among(fate: Fate, done: &str) -> String {
    match fate {
        Fate::Waiting | Fate::Dropped => format!("not {done}"),
        Fate::InHand => format!("being {done}"),
        Fate::Done | Fate::Twice(_) => alone(fate, done),
        Fate::Lost => format!("never {done}"),
    }
}
