//! What a search found, as plain data and in words: for the page, for tables in lessons, for
//! commands. A finding names its promise, the step that breaks it, the record concerned and the
//! faults used; a link opens it in the player.

use crate::budget::{counted, words};
use crate::link::{self, Link};
use crate::witness;
use engine::explore::Kind;
use engine::scene::{Selection, Setting};
use engine::{Cast, Entry, Path, Run, Scene, Weight};
use schedule::{Bound, Exploration, Judged, Progress, Report, Verdict, Witness};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// About how many states are visited between two looks at whether to go on.
pub const SLICE: usize = 2_000;

/// Explores to the end, unless `go_on` says no: then there is no report.
pub fn explore(cast: &Arc<Cast>, go_on: &mut dyn FnMut(&Progress) -> bool) -> Option<Report> {
    explore_beside(cast, Vec::new(), go_on)
}

/// The same beside the scene with other options ([`others`]): of the ways that break a promise one is
/// shown that shows the difference.
pub fn explore_beside(
    cast: &Arc<Cast>,
    others: Vec<Arc<Cast>>,
    go_on: &mut dyn FnMut(&Progress) -> bool,
) -> Option<Report> {
    let mut exploration = Exploration::new(Arc::clone(cast)).beside(others);
    loop {
        let progress = exploration.advance(SLICE);
        if progress.ended {
            return Some(exploration.report());
        }
        if !go_on(&progress) {
            return None;
        }
    }
}

/// The casts of a scene with one of its settings changed from what is chosen, each to each of its other
/// options: what a finding is compared with, to show how the chosen options differ. `with` is the scene
/// with some options.
pub fn others(
    settings: &[Setting],
    chosen: &Selection,
    with: &dyn Fn(&Selection) -> Option<Scene>,
) -> Vec<Arc<Cast>> {
    let mut casts = Vec::new();
    for setting in settings {
        let first = setting.options.first().map(|option| &option.id);
        let now = chosen.get(&setting.id).or(first);
        for option in setting.options.iter().filter(|one| Some(&one.id) != now) {
            let mut other = chosen.clone();
            other.insert(setting.id.clone(), option.id.clone());
            casts.extend(with(&other).and_then(|scene| Cast::new(&scene).ok()));
        }
    }
    casts
}

/// How one promise came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// "always", "sometimes" or "eventually".
    pub kind: String,
    /// How it came out.
    pub verdict: Verdict,
    /// The shortest way that shows it.
    pub found: Option<Found>,
    /// How often its premise came true.
    #[serde(default)]
    pub witness: Option<Witness>,
}

/// A run that shows something, with all that a page needs to open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Of which promise.
    pub promise: Option<String>,
    /// What it shows, in one sentence.
    pub sentence: String,
    /// Which record it is about.
    pub record: Option<String>,
    /// With which options of the scene.
    pub with: Selection,
    /// The choices, as links write them.
    pub path: String,
    /// After how many choices it is so.
    pub at: usize,
    /// How many steps were explored on the way.
    pub steps: usize,
    /// How many steps a player makes to it: turns of the story.
    pub turns: usize,
    /// The faults it takes, in order: after how many choices, and what.
    pub faults: Vec<(usize, String)>,
    /// After how many choices the part begins that goes on for ever.
    pub loops_from: Option<usize>,
}

impl Outcome {
    /// How a promise came out in a search of this cast with these options.
    pub fn of(judged: &Judged, cast: &Cast, with: &Selection) -> Outcome {
        let found = judged.finding.as_ref().map(|finding| Found {
            promise: Some(judged.name.clone()),
            sentence: finding.sentence.clone(),
            record: finding.record.map(|record| cast.record_name(record)),
            with: with.clone(),
            path: finding.path.to_string(),
            at: finding.at,
            steps: finding.steps,
            turns: finding.turns,
            faults: finding
                .faults
                .iter()
                .map(|fault| (fault.choice, fault.words.clone()))
                .collect(),
            loops_from: finding.loops_from,
        });
        Outcome {
            name: judged.name.clone(),
            kind: kind_word(judged.kind).to_owned(),
            verdict: judged.verdict,
            found,
            witness: judged.witness.clone(),
        }
    }

    /// Whether it holds because what it is about never came about: then it says nothing.
    pub fn is_empty(&self) -> bool {
        witness::is_empty(self.verdict, self.witness.as_ref())
    }
}

impl Found {
    /// The choices.
    pub fn choices(&self) -> Path {
        // It was written by the same rules.
        self.path.parse().unwrap_or_default()
    }
}

/// The word for how a promise is judged.
pub const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Always => "always",
        Kind::Sometimes => "sometimes",
        Kind::Eventually => "eventually",
    }
}

/// How a promise is judged, from its word; an unknown word is one of the strictest kind.
pub fn kind(word: &str) -> Kind {
    [Kind::Sometimes, Kind::Eventually]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)
        .unwrap_or(Kind::Always)
}

/// The word for what ended a search.
pub const fn bound_word(bound: Bound) -> &'static str {
    match bound {
        Bound::States => "states",
        Bound::Depth => "depth",
        Bound::Memory => "memory",
    }
}

impl Outcome {
    /// How it came out, in a few words: "holds", "breaks after 23 steps".
    pub fn words(&self) -> String {
        let after = match &self.found {
            Some(found) => format!(" after {}", counted(found.turns as u128, "step", "steps")),
            None => String::new(),
        };
        match (self.verdict, self.kind.as_str()) {
            (Verdict::Holds, "sometimes") => format!("is possible{after}"),
            (Verdict::Holds, _) if self.is_empty() => "nothing happened".to_owned(),
            (Verdict::Holds, _) => "holds".to_owned(),
            (Verdict::Violated, _) => format!("breaks{after}"),
            (Verdict::Unseen, _) => "is not possible".to_owned(),
            (Verdict::Unknown, _) => "is not decided".to_owned(),
        }
    }
}

/// How far a search went: "every schedule with at most 1 crash, 4,812 states, complete".
pub fn extent(report: &Report) -> String {
    let states = counted(report.states.into(), "state", "states");
    let budget = words(&report.budget);
    match report.reached {
        None if report.complete => format!("every schedule {budget}, {states}, complete"),
        None => format!("schedules {budget}, {states}, not complete"),
        Some(bound) => {
            let bound = bound_word(bound);
            format!("schedules {budget}, {states}, not complete: the bound on {bound} was reached")
        }
    }
}

/// Where a fact stands, seen from the step that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Before it.
    Before,
    /// It is what this step did.
    At,
    /// After it.
    After,
}

impl Mark {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Mark::Before => "before",
            Mark::At => "at",
            Mark::After => "after",
        }
    }
}

impl Found {
    /// The run, in the cast that was searched.
    ///
    /// # Errors
    /// A sentence: it is another cast, in which the choices cannot be made.
    pub fn run(&self, cast: &Arc<Cast>) -> Result<Run, String> {
        Run::replay(Arc::clone(cast), &self.choices())
            .map_err(|(at, refusal)| format!("choice {} cannot be made: {refusal}", at + 1))
    }

    /// The facts the story turns on, each before, at or after the step that breaks the promise.
    pub fn story<'a>(&self, run: &'a Run) -> Vec<(Mark, &'a Entry)> {
        let entries = run.trace().entries().iter().enumerate();
        let (start, end) = (
            run.facts_after(self.at.saturating_sub(1)),
            run.facts_after(self.at),
        );
        entries
            .map(|(fact, entry)| {
                let mark = match fact {
                    _ if fact < start => Mark::Before,
                    _ if fact < end => Mark::At,
                    _ => Mark::After,
                };
                (mark, entry)
            })
            // The step that matters is told whole, however small.
            .filter(|(mark, entry)| *mark == Mark::At || entry.fact.weight() == Weight::Headline)
            .collect()
    }

    /// The part of an address that opens it in a player of a page.
    pub fn hash(&self, scene: &Scene, anchor: &str) -> String {
        let link = Link {
            anchor: anchor.to_owned(),
            selection: self.with.clone(),
            path: self.choices(),
            position: self.at,
        };
        link::write(scene, &link)
    }

    /// The address of it from the site's root.
    pub fn link(&self, lesson: &str, scene: &Scene, anchor: &str) -> String {
        format!("lessons/{lesson}/index.html{}", self.hash(scene, anchor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::scene::Budget;

    #[test]
    fn an_outcome_is_a_few_words() {
        let check = |verdict, kind: Kind, steps: Option<usize>, expected: &str| {
            let found = steps.map(|steps| Found {
                promise: None,
                sentence: String::new(),
                record: None,
                with: Selection::new(),
                path: String::new(),
                at: 0,
                steps: 2 * steps,
                turns: steps,
                faults: Vec::new(),
                loops_from: None,
            });
            let outcome = Outcome {
                name: "P".to_owned(),
                kind: kind_word(kind).to_owned(),
                verdict,
                found,
                witness: None,
            };
            assert_eq!(outcome.words(), expected);
        };
        check(Verdict::Holds, Kind::Always, None, "holds");
        check(Verdict::Holds, Kind::Eventually, None, "holds");
        check(
            Verdict::Holds,
            Kind::Sometimes,
            Some(1),
            "is possible after 1 step",
        );
        check(
            Verdict::Violated,
            Kind::Always,
            Some(23),
            "breaks after 23 steps",
        );
        check(Verdict::Unseen, Kind::Sometimes, None, "is not possible");
        check(Verdict::Unknown, Kind::Always, None, "is not decided");
    }

    #[test]
    fn the_extent_says_what_was_allowed_and_what_was_reached() {
        let check = |complete, reached, expected: &str| {
            let report = Report {
                states: 4_812,
                steps: 0,
                depth: 0,
                schedules: None,
                complete,
                reached,
                budget: Budget::default(),
                judged: Vec::new(),
            };
            assert_eq!(extent(&report), expected);
        };
        check(
            true,
            None,
            "every schedule with at most 1 crash, 4,812 states, complete",
        );
        check(
            false,
            Some(Bound::Depth),
            "schedules with at most 1 crash, 4,812 states, not complete: the bound on depth was reached",
        );
    }
}
