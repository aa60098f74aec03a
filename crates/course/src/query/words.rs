//! What a question asks, in the words of a scene's system: nobody who answers it has to know how it is written.

use super::{Measure, Moment, Query};
use engine::Cast;

impl Query {
    /// What is asked, as a noun in the singular that "is 2" can follow: "the number of lost records".
    pub fn words(&self, cast: &Cast) -> String {
        let what = self.measure.words(cast);
        match &self.at {
            Some(moment) => format!("{what}, right after {}", moment.words()),
            None => what,
        }
    }
}

impl Measure {
    fn words(&self, cast: &Cast) -> String {
        let words = cast.system().words();
        let item = words.item;
        match self {
            Measure::Committed { group, partition } => {
                format!("the committed offset of {group} in {partition}")
            }
            Measure::Position {
                consumer,
                partition,
            } => format!("the position of {consumer} in {partition}"),
            Measure::End { partition } => format!("the next offset of {partition}"),
            Measure::Lag { group, partition } => format!("the lag of {group} in {partition}"),
            Measure::Times { service, record } => {
                format!("the number of times that {service} did its work for {record}")
            }
            Measure::Total { service } => {
                format!("the number of times that {service} did its work in all")
            }
            Measure::Count { verb, fields } => {
                format!("the number of steps of the kind {}", kind(verb, fields))
            }
            Measure::Ms(moment) => format!("the time in ms of {}", moment.words()),
            Measure::GapMs(from, to) => {
                format!("the time in ms from {} to {}", from.words(), to.words())
            }
            Measure::Visible { queue } => {
                format!("the number of messages that wait in {queue}")
            }
            Measure::InFlight { queue } => {
                format!("the number of messages of {queue} that are out and not settled")
            }
            Measure::Lost => format!("the number of lost {item}s"),
            Measure::Duplicated => "the number of times that work was done again".to_owned(),
            Measure::Reordered => format!(
                "the number of {item}s that were done after a later one of the same {}",
                words.order
            ),
            Measure::Stuck => format!("the number of {item}s that wait and nobody takes"),
            Measure::Surplus { table } => format!("what {table} has too much"),
            Measure::Config { party, name } => format!("{name} of {party}"),
            Measure::Seconds(measure) => measure.words(cast).replacen("in ms", "in seconds", 1),
        }
    }
}

impl Moment {
    /// "crashed (consumer email-1)", "crashed, number 2".
    fn words(&self) -> String {
        let kind = kind(&self.verb, &self.fields);
        match self.nth {
            0 | 1 => kind,
            nth => format!("{kind}, number {nth}"),
        }
    }
}

/// A kind of fact: its verb without the strokes between words, and what its fields must be.
fn kind(verb: &str, fields: &[(String, String)]) -> String {
    let verb = verb.replace('_', " ");
    let fields = fields.iter();
    let fields: Vec<String> = fields
        .map(|(field, value)| format!("{} {value}", field.replace('_', " ")))
        .collect();
    match fields.is_empty() {
        true => format!("\u{201c}{verb}\u{201d}"),
        false => format!("\u{201c}{verb}\u{201d} with {}", fields.join(" and ")),
    }
}
