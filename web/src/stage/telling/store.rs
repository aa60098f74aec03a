//! Rows of tables, in words.

use super::{At, Shape, Telling};
use crate::stage::sentence::Tone;
use crate::stage::words::said;
use engine::Party;
use engine::fact::store::Fact;

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    let cast = at.cast();
    match fact {
        Fact::NotFound {
            consumer: _,
            table,
            record,
        } => {
            let (who, record, name) = (at.here(), at.record(*record), cast.table_name(*table));
            let phrase = format!("does not find {record} in {name}");
            let lead = format!("{who} looks {record} up in {name}, and does not find it.");
            Telling::new(who, Tone::Plain, phrase)
                .drawn(Shape::Dot, format!("no {record}"))
                .came_from(Party::Table(*table))
                .says(lead, "So it goes on with the work. What is entered after this look, it does not see.")
        }
        Fact::Skipped {
            consumer: _,
            table,
            record,
        } => {
            let (who, name) = (at.here(), at.record(*record));
            let in_table = cast.table_name(*table);
            let lead = format!("{who} passes over {name}.");
            let phrase = format!("passes over {name}: it is in {in_table}");
            Telling::new(who, Tone::Done, phrase)
                .drawn(Shape::Dot, format!("skip {name}"))
                .came_from(Party::Table(*table))
                .says(
                    lead,
                    format!("It stands in {in_table} already: no second time."),
                )
        }
        Fact::Inserted {
            consumer,
            table,
            record,
        } => {
            let (name, table) = (at.record(*record), cast.table_name(*table));
            let phrase = format!("inserts {name} into {table}");
            Telling::new(at.consumer(*consumer), Tone::Plain, phrase)
                .drawn(Shape::Dot, name.clone())
                .came_from(Party::Consumer(*consumer))
                .says(
                    format!("{name} is inserted into {table}."),
                    "The table outlives a crash of the consumer.",
                )
        }
        Fact::Wrote {
            consumer,
            table,
            key,
            value,
        } => {
            let (key, value, table) = (said(key), said(value), cast.table_name(*table));
            let phrase = format!("writes {key}: {value} to {table}");
            Telling::new(at.consumer(*consumer), Tone::Plain, phrase)
                .drawn(Shape::Dot, key)
                .came_from(Party::Consumer(*consumer))
        }
        Fact::Removed {
            consumer,
            table,
            key,
        } => {
            let (key, table) = (said(key), cast.table_name(*table));
            let phrase = format!("takes {key} out of {table}");
            Telling::new(at.consumer(*consumer), Tone::Plain, phrase)
                .drawn(Shape::Dot, key)
                .came_from(Party::Consumer(*consumer))
        }
        Fact::Read {
            consumer: _,
            table,
            key,
            value,
        } => {
            let (key, found, name) = (said(key), said(value), cast.table_name(*table));
            let phrase = format!("reads {key} in {name}: {found}");
            Telling::new(at.here(), Tone::Plain, phrase)
                .drawn(Shape::Dot, format!("read {key}"))
                .came_from(Party::Table(*table))
        }
        Fact::Undone {
            consumer: _,
            table,
            key,
        } => {
            let (who, key, table) = (at.here(), said(key), cast.table_name(*table));
            let phrase = format!("transaction undone: {key} is in {table}");
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Done, phrase)
                .drawn(Shape::Ring, "undone")
                .says(lead, "All of it, or nothing: nothing.")
        }
        Fact::Expired { table, key } => {
            let (who, key, table) = (at.here(), said(key), cast.table_name(*table));
            let phrase = format!("{key} expires in {table}");
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Cross, format!("{key} expires"))
                .says(
                    lead,
                    "Its time to live has passed. Whoever asks now does not find it.",
                )
        }
    }
}
