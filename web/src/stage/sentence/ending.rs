//! What is said when nothing more happens by itself.

use super::{Sentence, Tone};
use crate::stage::moment::Moment;
use crate::stage::telling::done_word;
use crate::stage::words::list;
use engine::{Cast, Outcome, RecordId, anomaly};

/// Adds how the run ended, and gives the sentence the tone of it.
pub fn add(moment: &Moment<'_>, said: &mut Sentence) {
    let (tone, words) = of(moment);
    said.tone = tone.unwrap_or(said.tone);
    if !said.rest.is_empty() {
        said.rest.push(' ');
    }
    said.rest.push_str(&words);
}

fn of(moment: &Moment<'_>) -> (Option<Tone>, String) {
    let cast = moment.world.cast();
    let down: Vec<_> = cast
        .consumers
        .iter()
        .zip(moment.world.consumers())
        .filter(|(_, consumer)| !consumer.life.up && consumer.life.number > 0)
        .map(|(plan, _)| plan.name.clone())
        .collect();
    if !down.is_empty() {
        let (is, it) = if down.len() == 1 {
            ("is", "it")
        } else {
            ("are", "one")
        };
        let down = list(&down);
        let words =
            format!("{down} {is} down, and nothing more happens by itself. Restart {it} to go on.");
        return (None, words);
    }
    match moment.run.outcome() {
        Outcome::AtRest => at_rest(moment),
        stopped => (None, format!("The run {}.", stopped.word())),
    }
}

/// The names of records, each once.
fn names(records: impl Iterator<Item = RecordId>, cast: &Cast) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in records.map(|record| cast.record_name(record)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn at_rest(moment: &Moment<'_>) -> (Option<Tone>, String) {
    let cast = moment.world.cast();
    let again = anomaly::duplicated(&moment.past);
    let late = anomaly::reordered(&moment.past);
    let lost = anomaly::lost(&moment.past);
    let stuck = anomaly::stuck(&moment.past, true);
    let twice = names(again.iter().map(|again| again.record), cast);
    let late_names = names(late.iter().map(|late| late.record), cast);
    let lost = names(lost.iter().map(|lost| lost.record), cast);
    let stuck = names(stuck.iter().map(|(record, _)| *record), cast);
    let were = |names: &[String]| if names.len() == 1 { "was" } else { "were" };
    let word = match again.first() {
        Some(first) => done_word(cast, first.service),
        None => cast
            .services
            .first()
            .map_or_else(|| "handled".to_owned(), |plan| plan.done.clone()),
    };
    let mut sums = Vec::new();
    if !twice.is_empty() {
        sums.push(format!(
            "{} {} {word} more than once",
            list(&twice),
            were(&twice)
        ));
    }
    if let Some(first) = late.first() {
        sums.push(format!(
            "{} {} {} after a later one of the same key",
            list(&late_names),
            were(&late_names),
            done_word(cast, first.service)
        ));
    }
    if !lost.is_empty() {
        sums.push(format!("{} {} never {word}", list(&lost), were(&lost)));
    }
    if !stuck.is_empty() {
        let waits = if stuck.len() == 1 { "waits" } else { "wait" };
        let stuck = list(&stuck);
        sums.push(format!("{stuck} still {waits}"));
    }
    let tone = match (lost.is_empty(), twice.is_empty() && late.is_empty()) {
        (false, _) => Some(Tone::Lost),
        (true, false) => Some(Tone::Twice),
        (true, true) if stuck.is_empty() => Some(Tone::Done),
        (true, true) => None,
    };
    if sums.is_empty() {
        let words = "That is the end. Nothing was lost, and nothing was done twice.";
        return (tone, words.to_owned());
    }
    (tone, format!("That is the end: {}.", sums.join(", and ")))
}
