//! How the broker looks after a log, in words.

use super::{At, Shape, Telling};
use crate::stage::sentence::Tone;
use engine::RecordId;
use engine::fact::Retired;
use engine::systems::kafka::{Offset, Partition};

/// A segment was deleted; the offsets are where it began, and where the log starts now.
pub fn segment_deleted(
    at: &At<'_>,
    partition: Partition,
    (base, start): (Offset, Offset),
    why: Retired,
    records: &[RecordId],
) -> Telling {
    let name = at.cast().partition_name(partition);
    let phrase = format!(
        "deletes the segment {} of {name}: the log starts at {}",
        base.0, start.0
    );
    let lead = match records {
        [] => format!("The broker deletes a segment of {name}."),
        _ => format!(
            "The broker deletes {} with their segment.",
            at.records(records)
        ),
    };
    let rest = match why {
        Retired::Time => {
            "Its latest timestamp is older than retention.ms. Nobody asked whether a group has read it."
        }
        Retired::Size => {
            "What is left is still retention.bytes. Nobody asked whether a group has read it."
        }
        Retired::Start => "It lies below the start of the log, as a whole.",
    };
    Telling::new(at.here(), Tone::Mark, phrase)
        .drawn(Shape::Cross, "deleted")
        .says(lead, rest)
}

/// A log was cleaned below an offset, and these records went.
pub fn cleaned(at: &At<'_>, partition: Partition, below: Offset, records: &[RecordId]) -> Telling {
    let name = at.cast().partition_name(partition);
    let phrase = match records {
        [] => format!("cleans {name} below {}: nothing goes", below.0),
        _ => format!(
            "cleans {name} below {}: {} goes",
            below.0,
            at.records(records)
        ),
    };
    let lead = format!(
        "The log cleaner goes over {name}, up to offset {}.",
        below.0
    );
    let rest = match records {
        [] => {
            "There is nothing to take yet: each key has one value, and no tombstone is old enough."
        }
        _ => {
            "Of each key the last record stays, at its offset. The active segment is never cleaned."
        }
    };
    Telling::new(at.here(), Tone::Mark, phrase)
        .drawn(Shape::Ring, "cleaned")
        .says(lead, rest)
}
