//! The invitation on the first page: one scene, with a crash at each place of its loop, computed.
//!
//! Nothing of it needs the module: every place is run here, and the page shows the one that is chosen.

use engine::fact::Fact;
use engine::fact::{process, service};
use engine::scene::{Moment, Point, Selection, Verb, When};
use engine::systems::kafka;
use engine::{Cast, Mistake, RecordId, Run, Scene};
use maud::{Markup, html};

use crate::entry::Entry;

/// The places to crash at, in both orders of work and commit: each is the moment before the next step of the
/// loop, and the last is the moment after it.
const PLACES: [(&str, &str, [When; 4]); 2] = [
    (
        "after",
        "Commit after the mails",
        [
            before(Point::Send, 3),
            before(Point::Send, 4),
            before(Point::Commit, 2),
            after(Point::Commit, 2),
        ],
    ),
    (
        "before",
        "Commit before the mails",
        [
            before(Point::Commit, 2),
            before(Point::Send, 3),
            before(Point::Send, 4),
            after(Point::Send, 4),
        ],
    ),
];

const fn before(step: Point, nth: u32) -> When {
    When::Before(Moment { step, nth })
}

const fn after(step: Point, nth: u32) -> When {
    When::After(Moment { step, nth })
}

/// What a process did, in the part of its life that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It was handed records: the first and the last offset.
    Polled(u64, u64),
    /// A service did its work for a record, the how-manieth time.
    Done(RecordId, u32),
    /// It committed this offset.
    Committed(u64),
}

/// What a crash at one place comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// What was done just before the crash, for example "the poll".
    place: String,
    /// What each of the two processes did.
    lives: [Vec<Step>; 2],
    /// The records that are shown, their names, and how often the work was done for each.
    fates: Vec<(RecordId, String, u32)>,
}

/// The places to crash at in one order of work and commit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Loop {
    /// A word for the parts of the page.
    id: &'static str,
    /// What is chosen with it.
    label: &'static str,
    /// What a crash comes to, in the order of its places in the loop.
    outcomes: Vec<Outcome>,
    /// The steps of the loop, in their order.
    steps: Vec<Step>,
}

/// A lesson, and what a crash in its scene comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    lesson: Entry,
    /// What has been done to a record, for example "mailed".
    done: String,
    loops: Vec<Loop>,
}

impl Invitation {
    /// Runs the scene with a crash at each place, in both orders of work and commit; nothing, where it is
    /// no scene of one consumer that works and commits in two rounds.
    ///
    /// # Errors
    /// The scene's mistakes.
    pub fn new(lesson: Entry, scene: &Scene) -> Result<Option<Invitation>, Vec<Mistake>> {
        let mut loops = Vec::new();
        for (id, label, places) in PLACES {
            let selection = Selection::from([("commit".to_owned(), id.to_owned())]);
            let Ok(scene) = scene.with(&selection) else {
                return Ok(None);
            };
            let mut outcomes = Vec::new();
            for when in places {
                match outcome(&scene, when)? {
                    Some(outcome) => outcomes.push(outcome),
                    None => return Ok(None),
                }
            }
            // After the last step of the loop everything has been done once.
            let steps = outcomes.last().map(|last| last.lives[0].clone());
            loops.push(Loop {
                id,
                label,
                outcomes,
                steps: steps.unwrap_or_default(),
            });
        }
        let done = scene.services.first().map(|service| service.done.clone());
        Ok(done.map(|done| Invitation {
            lesson,
            done,
            loops,
        }))
    }

    /// The card.
    pub fn html(&self) -> Markup {
        html! {
            section.aha aria-labelledby="aha" {
                div.aha-head {
                    h2 #aha { "Move the ✕. There the worker dies." }
                    p { "It is started again and goes on from its last commit. Who gets two mails, and who gets none?" }
                }
                div.orders {
                    fieldset {
                        legend.hidden-visually { "When the worker commits" }
                        @for (at, turn) in self.loops.iter().enumerate() {
                            label { input type="radio" name="order" value=(turn.id) checked[at == 0]; (turn.label) }
                        }
                    }
                    @for turn in &self.loops { (self.turn(turn)) }
                }
                p.aha-foot { a href=(self.lesson.path()) { "Every step of it: lesson " (self.lesson.number) ", " (self.lesson.title) } }
            }
        }
    }

    fn turn(&self, turn: &Loop) -> Markup {
        let said = turn.said();
        html! {
            div.turn data-turn=(turn.id) {
                fieldset.rail {
                    legend { "The worker dies after" }
                    @for (at, outcome) in turn.outcomes.iter().enumerate() {
                        label {
                            input type="radio" name={ "place-" (turn.id) } checked[at == SHOWN];
                            span { (outcome.place) }
                        }
                    }
                }
                @for outcome in &turn.outcomes {
                    div.outcome {
                        (outcome.lives(turn, &self.done))
                        p.comes-to.bad[!outcome.is_well()] { (outcome.said(&self.done)) }
                    }
                }
                div.tried {
                    table {
                        caption { "What each place comes to" }
                        thead { tr { th scope="col" { "dies after" } th scope="col" { "twice" } th scope="col" { "never" } } }
                        tbody {
                            @for outcome in &turn.outcomes {
                                tr {
                                    th scope="row" { (outcome.place) }
                                    @for names in [outcome.doubled(), outcome.lost()] {
                                        td.bad[!names.is_empty()] { span { (nobody_or(&names)) } }
                                    }
                                }
                            }
                        }
                    }
                    @if let Some(said) = said { p.sum-up { (said) } }
                }
                p.hidden-visually role="status" {}
            }
        }
    }
}

/// Which place is shown at first: there the fault is plain to see.
const SHOWN: usize = 1;

impl Loop {
    /// What all its places have in common.
    fn said(&self) -> Option<Markup> {
        let is_never = |names: fn(&Outcome) -> Vec<String>| {
            self.outcomes
                .iter()
                .all(|outcome| names(outcome).is_empty())
        };
        match (is_never(Outcome::lost), is_never(Outcome::doubled)) {
            (true, false) => Some(html! {
                "Wherever the worker dies, no customer is left without a mail: that is " em { "at least once" } "."
            }),
            (false, true) => Some(html! {
                "Wherever the worker dies, no customer gets two mails: that is " em { "at most once" } "."
            }),
            _ => None,
        }
    }
}

impl Outcome {
    fn doubled(&self) -> Vec<String> {
        self.named(|times| times > 1)
    }

    fn lost(&self) -> Vec<String> {
        self.named(|times| times == 0)
    }

    fn named(&self, which: fn(u32) -> bool) -> Vec<String> {
        let fates = self.fates.iter().filter(|(_, _, times)| which(*times));
        fates.map(|(_, name, _)| name.clone()).collect()
    }

    fn is_well(&self) -> bool {
        self.doubled().is_empty() && self.lost().is_empty()
    }

    fn said(&self, done: &str) -> Markup {
        let (doubled, lost) = (self.doubled(), self.lost());
        let is = |names: &[String]| if names.len() == 1 { "is" } else { "are" };
        html! {
            @if !doubled.is_empty() {
                b { (listed(&doubled)) " " (is(&doubled)) " " (done) " twice. " }
                "The mail was sent; that it was, nobody wrote down."
            }
            @if !lost.is_empty() {
                b { (listed(&lost)) " " (is(&lost)) " never " (done) ". " }
                "It was written down as done before it was."
            }
            @if self.is_well() { b { "Every customer gets one mail. " } "Here a crash does no harm." }
        }
    }

    /// Both lives, in the same columns, and what the customers got.
    fn lives(&self, turn: &Loop, done: &str) -> Markup {
        let [first, second] = &self.lives;
        let from = |life: &[Step]| match life.first() {
            Some(Step::Polled(first, _)) => format!("from offset {first}"),
            _ => "nothing left to read".to_owned(),
        };
        html! {
            div.lives role="table" aria-label={ "The worker dies after " (self.place) } {
                div role="row" {
                    span role="rowheader" { b { "first life" } " " small { (from(first)) } }
                    @for (at, step) in turn.steps.iter().enumerate() {
                        (self.cell(step, first, false, done, at + 1 == first.len()))
                    }
                }
                div role="row" {
                    span role="rowheader" { b { "second life" } " " small { (from(second)) } }
                    @for step in &turn.steps { (self.cell(step, second, true, done, false)) }
                }
                div.customers role="row" {
                    span role="rowheader" { b { "customers" } }
                    @for step in &turn.steps {
                        span role="cell" {
                            @if let Step::Done(record, _) = step { (self.got(*record)) }
                        }
                    }
                }
            }
        }
    }

    /// What became of a step of the loop in one life.
    fn cell(
        &self,
        step: &Step,
        life: &[Step],
        is_second: bool,
        done: &str,
        is_last: bool,
    ) -> Markup {
        let same = |one: &&Step| std::mem::discriminant(*one) == std::mem::discriminant(step);
        let did = life.iter().find(|one| match (one, step) {
            (Step::Done(one, _), Step::Done(other, _)) => one == other,
            _ => same(one),
        });
        let name = match step {
            Step::Polled(..) => "poll".to_owned(),
            Step::Done(record, _) => self.name(*record).to_owned(),
            Step::Committed(_) => "commit".to_owned(),
        };
        let (class, said) = match did {
            None => (
                "wait",
                if is_second {
                    "–".to_owned()
                } else {
                    "never".to_owned()
                },
            ),
            Some(Step::Polled(first, last)) => {
                let again = self.lives[0].contains(&Step::Polled(*first, *last)) && is_second;
                (
                    "hand",
                    format!("{first}..{last}{}", if again { " again" } else { "" }),
                )
            }
            Some(Step::Done(_, 1)) => ("done", format!("{done} ✓")),
            Some(Step::Done(_, times)) => ("twice", format!("{done} ×{times}")),
            Some(Step::Committed(offset)) => ("wrote", offset.to_string()),
        };
        html! {
            span role="cell" class={ "rec " (class) (if is_last { " cut" } else { "" }) } { (name) " " small { (said) } }
        }
    }

    fn got(&self, record: RecordId) -> Markup {
        let fate = self.fates.iter().find(|(known, _, _)| *known == record);
        match fate.map_or(0, |(_, _, times)| *times) {
            0 => html! { span.bad { "no mail" } },
            1 => html! { b aria-hidden="true" { "✉" } " one mail" },
            times => html! {
                span.bad { b aria-hidden="true" { @for _ in 0..times { "✉" } } " " (in_words(times)) " mails" }
            },
        }
    }

    fn name(&self, record: RecordId) -> &str {
        let fate = self.fates.iter().find(|(known, _, _)| *known == record);
        fate.map_or("", |(_, name, _)| name)
    }
}

/// What a crash at this moment comes to; nothing, where the scene has no crash or shows no work.
fn outcome(scene: &Scene, when: When) -> Result<Option<Outcome>, Vec<Mistake>> {
    let mut scene = scene.clone();
    let crash = scene
        .faults
        .iter_mut()
        .find(|fault| fault.verb == Verb::Crash);
    let Some(crash) = crash else {
        return Ok(None);
    };
    crash.when = when;
    let cast = Cast::new(&scene)?;
    let mut run = Run::new(cast.clone());
    run.to_rest();
    let mut lives = [Vec::new(), Vec::new()];
    let mut life = 0;
    let mut shown = Vec::new();
    for entry in run.trace().entries() {
        match &entry.fact {
            Fact::Process(process::Fact::Crashed { .. }) => life = 1,
            Fact::Kafka(kafka::Fact::Polled {
                first,
                last,
                records,
                ..
            }) => {
                // The first round is not shown: the loop begins with the second poll.
                if life == 0 {
                    lives[0].clear();
                    shown.clone_from(records);
                }
                lives[life].push(Step::Polled(first.0, last.0));
            }
            Fact::Service(service::Fact::EffectDone { record, times, .. }) => {
                lives[life].push(Step::Done(*record, *times));
            }
            Fact::Kafka(kafka::Fact::Committed { offset, .. }) => {
                lives[life].push(Step::Committed(offset.0));
            }
            _ => {}
        }
    }
    let Some(service) = run.world().services().first() else {
        return Ok(None);
    };
    let fates: Vec<_> = shown
        .into_iter()
        .map(|record| {
            let name = cast.record_name(record).to_owned();
            (record, name, service.times(record))
        })
        .collect();
    let noun = cast.services.first().map_or("", |plan| plan.noun.as_str());
    let place = match lives[0].last() {
        Some(Step::Done(record, _)) => {
            let fate = fates.iter().find(|(known, _, _)| known == record);
            format!("{}’s {noun}", fate.map_or("", |(_, name, _)| name))
        }
        Some(Step::Committed(_)) => "the commit".to_owned(),
        Some(Step::Polled(..)) => "the poll".to_owned(),
        None => return Ok(None),
    };
    Ok(Some(Outcome {
        place,
        lives,
        fates,
    }))
}

/// Names in a sentence.
fn listed(names: &[String]) -> String {
    names.join(" and ")
}

fn nobody_or(names: &[String]) -> String {
    if names.is_empty() {
        "nobody".to_owned()
    } else {
        names.join(", ")
    }
}

/// Small numbers as words, as in running text.
fn in_words(number: u32) -> String {
    const WORDS: [&str; 4] = ["no", "one", "two", "three"];
    let word = WORDS.get(number as usize);
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}
