//! What is said when nothing more happens by itself: which promises this run has broken, who is missing, what
//! is left undone, and what went wrong. It is green only when everybody is there, all is done, and no promise
//! is broken or open.

use super::{Sentence, Tone};
use crate::stage::moment::{Fate, Moment};
use crate::stage::search::breaks_at;
use crate::stage::telling::done_word;
use crate::stage::words::{is, list, them};
use engine::cast::process_name;
use engine::custody::Custody;
use engine::scene::Promise;
use engine::scene::promise::Condition;
use engine::{Cast, Outcome, RecordId, anomaly};
use schedule::{InRun, in_run};

/// The most names that are listed before the rest is counted.
const NAMED: usize = 4;

/// Adds how the run ended, and gives the sentence the tone of it. A promise that is broken comes first.
pub fn add(moment: &Moment<'_>, said: &mut Sentence) {
    let promises = Promises::of(moment);
    let (tone, words) = of(moment, said.tone, &promises);
    said.tone = tone;
    let parts = [promises.broken_words(moment), said.rest.clone(), words];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.rest = parts.join(" ");
}

/// What the whole run makes of the scene's promises.
struct Promises<'a> {
    /// Those that it breaks, the record each is about, and what is wrong.
    broken: Vec<(&'a Promise, Option<RecordId>, String)>,
    /// The names of those that it does not decide.
    open: Vec<String>,
}

impl<'a> Promises<'a> {
    fn of(moment: &Moment<'a>) -> Self {
        let mut promises = Promises {
            broken: Vec::new(),
            open: Vec::new(),
        };
        for (promise, came) in in_run(moment.run) {
            match came {
                InRun::Kept => {}
                InRun::Broken { record, words, .. } => {
                    promises.broken.push((promise, record, words));
                }
                InRun::Open => promises.open.push(quoted(promise)),
            }
        }
        promises
    }

    /// "“No order stored twice” is broken: ord_1 stands in orders twice." What the sentence says of a finding
    /// at this very step is not said again.
    fn broken_words(&self, moment: &Moment<'_>) -> String {
        let here = breaks_at(moment.finding) == Some(moment.position);
        let found = moment.finding.filter(|_| here);
        let is_said =
            |words: &str| found.is_some_and(|(finding, _)| finding.sentence.starts_with(words));
        let broken = self.broken.iter().filter(|(.., words)| !is_said(words));
        let broken =
            broken.map(|(promise, _, words)| format!("{} is broken: {words}.", quoted(promise)));
        broken.collect::<Vec<_>>().join(" ")
    }

    /// "“Every order stored” is not decided"; nothing where all are.
    fn open_words(&self) -> String {
        match self.open.is_empty() {
            true => String::new(),
            false => format!(" {} {} not decided.", list(&self.open), is(&self.open)),
        }
    }

    /// Whether a broken promise says all that there is to say of these records.
    fn say(&self, names: &[String], cast: &Cast, is_about: fn(&Condition) -> bool) -> bool {
        let mut broken = self.broken.iter();
        broken.any(|(promise, record, _)| {
            let name = record.map(|record| cast.record_name(record));
            is_about(&promise.that) && name.as_slice() == names
        })
    }
}

fn quoted(promise: &Promise) -> String {
    format!("“{}”", promise.name)
}

/// Whom a run waits for: who was running and is not any more.
#[derive(Default)]
struct Missing {
    down: Vec<String>,
    frozen: Vec<String>,
}

impl Missing {
    fn of(moment: &Moment<'_>) -> Missing {
        let (cast, world) = (moment.world.cast(), &moment.world);
        let consumers = cast.consumers.iter().zip(world.consumers());
        let consumers = consumers.map(|(plan, state)| {
            (
                &plan.name,
                state.life.up,
                state.life.frozen,
                state.life.number,
            )
        });
        let producers = cast.producers.iter().zip(world.producers());
        let producers = producers.map(|(plan, state)| {
            (
                &plan.name,
                state.life.up,
                state.life.frozen,
                state.life.number,
            )
        });
        let mut missing = Missing::default();
        for (name, up, frozen, process) in producers.chain(consumers) {
            let own = process_name(name.clone(), process);
            match (up, frozen) {
                (false, _) if process > 0 => missing.down.push(own),
                (true, true) => missing.frozen.push(own),
                _ => {}
            }
        }
        missing
    }

    /// "email-1 is down, and email-2 stands still"; nothing where nobody is missing.
    fn words(&self) -> Option<String> {
        let down = (!self.down.is_empty())
            .then(|| format!("{} {} down", list(&self.down), is(&self.down)));
        let frozen = (!self.frozen.is_empty()).then(|| {
            let stands = if self.frozen.len() == 1 {
                "stands"
            } else {
                "stand"
            };
            format!("{} {stands} still", list(&self.frozen))
        });
        match (down, frozen) {
            (Some(down), Some(frozen)) => Some(format!("{down}, and {frozen}")),
            (one, other) => one.or(other),
        }
    }

    /// How the run goes on.
    fn advice(&self) -> String {
        match (self.down.is_empty(), self.frozen.is_empty()) {
            (false, true) => format!("Restart {} to go on.", them(&self.down)),
            (true, false) => format!("Thaw {} to go on.", them(&self.frozen)),
            _ => "Restart who is down and thaw who stands still to go on.".to_owned(),
        }
    }
}

fn of(moment: &Moment<'_>, before: Tone, promises: &Promises<'_>) -> (Tone, String) {
    let (wrong, wrong_tone) = gone_wrong(moment, promises);
    let (open, is_broken) = (promises.open_words(), !promises.broken.is_empty());
    let undone = undone(moment);
    let missing = Missing::of(moment);
    // Whatever happened last, a run that is not through is no success.
    let unfinished = match (wrong_tone, before) {
        _ if is_broken => Tone::Broken,
        (Some(tone), _) => tone,
        (None, Tone::Done) => Tone::Plain,
        (None, before) => before,
    };
    let so_far: Vec<String> = undone.into_iter().chain(wrong).collect();
    let sums = so_far.join(", and ");
    if let Some(who) = missing.words() {
        let left = match so_far.is_empty() {
            true => String::new(),
            false => format!(" So far {sums}."),
        };
        let words = format!(
            "{who}, and nothing more happens by itself.{left} {}{open}",
            missing.advice()
        );
        return (unfinished, words);
    }
    let sums = match so_far.is_empty() {
        true => String::new(),
        false => format!(": {sums}"),
    };
    match moment.run.outcome() {
        Outcome::AtRest if sums.is_empty() && open.is_empty() && !is_broken => (
            Tone::Done,
            format!(
                "That is the end. Nothing was lost, and nothing was done twice.{}",
                stored_twice(moment)
            ),
        ),
        Outcome::AtRest => (unfinished, format!("That is the end{sums}.{open}")),
        stopped => (
            unfinished,
            format!("The run {}{sums}.{open}", stopped.word()),
        ),
    }
}

/// What a log holds twice although nothing was done twice; nothing where it holds all once.
fn stored_twice(moment: &Moment<'_>) -> String {
    let cast = moment.world.cast();
    let copied = cast.all_records();
    let copied = copied.filter(|&record| moment.world.copies(record, false) > 1);
    let copied = each_once(copied, cast);
    match copied.is_empty() {
        true => String::new(),
        false => format!(" {} {} stored more than once.", names(&copied), is(&copied)),
    }
}

/// What was done more than once or is lost, each as a clause where no broken promise says it, and the tone of it.
fn gone_wrong(moment: &Moment<'_>, promises: &Promises<'_>) -> (Vec<String>, Option<Tone>) {
    let cast = moment.world.cast();
    let again = anomaly::duplicated(&moment.past);
    let late = anomaly::reordered(&moment.past);
    let twice = each_once(again.iter().map(|again| again.record), cast);
    let overtaken = each_once(late.iter().map(|late| late.record), cast);
    let lost = anomaly::lost(&moment.past);
    let lost = each_once(lost.iter().map(|lost| lost.record), cast);
    let word = match again.first() {
        Some(first) => done_word(cast, first.service),
        None => done(moment),
    };
    let mut clauses = Vec::new();
    let is_said = |names: &[String], is_about| promises.say(names, cast, is_about);
    if !twice.is_empty() && !is_said(&twice, |that| matches!(that, Condition::DoneOnce(_))) {
        clauses.push(format!(
            "{} {} {word} more than once",
            names(&twice),
            were(&twice)
        ));
    }
    if let Some(first) = late.first()
        && !is_said(&overtaken, |that| matches!(that, Condition::InOrder(_)))
    {
        clauses.push(format!(
            "{} {} {} after a later one of the same {}",
            names(&overtaken),
            were(&overtaken),
            done_word(cast, first.service),
            cast.system().words().order
        ));
    }
    if !lost.is_empty() && !is_said(&lost, |that| matches!(that, Condition::NothingLost)) {
        clauses.push(format!("{} {} never {word}", names(&lost), were(&lost)));
    }
    let tone = match (lost.is_empty(), twice.is_empty() && late.is_empty()) {
        (false, _) => Some(Tone::Lost),
        (true, false) => Some(Tone::Twice),
        (true, true) => None,
    };
    (clauses, tone)
}

/// The names of records, each once.
fn each_once(records: impl Iterator<Item = RecordId>, cast: &Cast) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in records.map(|record| cast.record_name(record)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What is left undone, each as a clause: records whose work was not done, records that were set aside,
/// and records that are done and will come again, because nobody has settled them.
fn undone(moment: &Moment<'_>) -> Vec<String> {
    let cast = moment.world.cast();
    let (mut not_done, mut unsettled, mut aside) = (Vec::new(), Vec::new(), Vec::new());
    for record in cast.told() {
        let fate = moment.fate(record);
        let is_done = matches!(fate, Fate::Done | Fate::Twice(_));
        let is_unsent = cast.records[record.at()].sent
            && moment
                .groups()
                .all(|group| moment.world.custody(record, group) == Custody::Nowhere);
        let is_at = |wanted: fn(&Custody) -> bool| {
            let mut all = moment
                .groups()
                .map(|group| moment.world.custody(record, group));
            all.any(|custody| wanted(&custody))
        };
        let waits = is_at(|custody| matches!(custody, Custody::Waiting | Custody::Out(_)));
        let name = cast.record_name(record);
        if is_at(|custody| *custody == Custody::SetAside) {
            aside.push(name);
        } else if fate != Fate::Lost
            && !is_done
            && (waits || is_unsent && is_awaited(moment, record))
        {
            not_done.push(name);
        } else if is_done && waits {
            unsettled.push(name);
        }
    }
    let mut clauses = Vec::new();
    if !not_done.is_empty() {
        let word = done(moment);
        clauses.push(format!("{} {} not {word}", names(&not_done), is(&not_done)));
    }
    if !unsettled.is_empty() {
        let settled = cast.system().words().settled;
        clauses.push(format!(
            "{} {} {} but not {settled}, so {} will come again",
            names(&unsettled),
            is(&unsettled),
            done(moment),
            if unsettled.len() == 1 { "it" } else { "they" }
        ));
    }
    if !aside.is_empty() {
        clauses.push(format!("{} {} set aside", names(&aside), is(&aside)));
    }
    clauses
}

/// Whether somebody would read a record once its producer has sent it.
fn is_awaited(moment: &Moment<'_>, record: engine::RecordId) -> bool {
    let cast = moment.world.cast();
    let topic = cast.records[record.at()].partition.topic;
    cast.consumers
        .iter()
        .any(|plan| plan.topics.contains(&topic))
}

/// What the scene calls a record whose work is done: "mailed"; where several groups have each their own
/// work, "handled".
fn done(moment: &Moment<'_>) -> String {
    let services = &moment.world.cast().services;
    match (services.first(), moment.groups().count()) {
        (Some(plan), 0 | 1) => plan.done.clone(),
        (Some(plan), _) if services.len() == 1 => plan.done.clone(),
        (Some(_) | None, _) => "handled".to_owned(),
    }
}

/// Names, as many as can be read at a glance: "ord_1, ord_2, ord_3 and 5 more".
fn names(all: &[String]) -> String {
    if all.len() <= NAMED {
        return list(all);
    }
    let shown = NAMED - 1;
    format!("{} and {} more", all[..shown].join(", "), all.len() - shown)
}

fn were(names: &[String]) -> &'static str {
    if names.len() == 1 { "was" } else { "were" }
}
