//! What is said of an answer, as plain data: the page's worker hands it on, commands print it.

use crate::budget::{counted, words};
use crate::found::{Found, Outcome};
use crate::quiz::Mark;
use engine::Cast;
use engine::handler::Problem;
use engine::scene::Selection;
use schedule::{Bound, Report, Verdict};
use serde::{Deserialize, Serialize};

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graded {
    /// Whether it passes.
    pub passed: bool,
    /// The verdict, in one sentence.
    pub sentence: String,
    /// Why it is so, as HTML: of an answer that passes, in its author's words; of one that does not, when
    /// it is of a kind that its author or the language of grading knows ([`known`](super::known)).
    pub why: Option<String>,
    /// Which of the wrong answers that its author knows it is like, from 0: `why` is said of that one.
    pub known: Option<usize>,
    /// What became of what was expected, in a sentence.
    pub expected: Option<String>,
    /// The promises, in the scene's order.
    pub promises: Vec<Outcome>,
    /// The run that decides: a counterexample, or the run that was to be found.
    pub found: Option<Found>,
    /// How many states were visited.
    pub states: u64,
    /// Whether every schedule within the budget was.
    pub complete: bool,
    /// What keeps code from being run.
    pub problems: Vec<Problem>,
    /// What became of each prediction.
    pub marks: Vec<Mark>,
}

/// More schedules than this are not a number that tells anything.
const MOST_COUNTED: u128 = 1_000_000_000;

impl Graded {
    /// A verdict without a search.
    pub fn plain(passed: bool, sentence: String) -> Graded {
        Graded {
            passed,
            sentence,
            why: None,
            known: None,
            expected: None,
            promises: Vec::new(),
            found: None,
            states: 0,
            complete: true,
            problems: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// The verdict on code that cannot be run.
    pub fn unreadable(problems: Vec<Problem>) -> Graded {
        let first = problems.first().map_or_else(
            || "it cannot be read".to_owned(),
            |first| {
                let (message, help) = (&first.message, &first.help);
                let help = if help.is_empty() {
                    String::new()
                } else {
                    format!("; {help}")
                };
                format!(
                    "line {}, column {}: {message}{help}",
                    first.line, first.column
                )
            },
        );
        let more = match problems.len().saturating_sub(1) {
            0 => String::new(),
            1 => " (and 1 more problem)".to_owned(),
            more => format!(" (and {more} more problems)"),
        };
        Graded {
            problems,
            ..Graded::plain(false, format!("Cannot be run: {first}{more}"))
        }
    }

    /// No verdict, because it is not known what the code does.
    pub fn stopped(states: u64, why: &str) -> Graded {
        Graded {
            states,
            complete: false,
            ..Graded::plain(false, format!("Not decided: {why}"))
        }
    }

    /// The verdict on a search that has ended.
    pub fn explored(report: &Report, cast: &Cast, with: &Selection, floor: u32) -> Graded {
        let promises: Vec<Outcome> = report
            .judged
            .iter()
            .map(|judged| Outcome::of(judged, cast, with))
            .collect();
        let with_verdict = |wanted: &[Verdict]| {
            promises
                .iter()
                .find(|promise| wanted.contains(&promise.verdict))
        };
        let budget = words(&report.budget);
        let states = counted(report.states.into(), "state", "states");
        let mut found = None;
        let (passed, sentence) = if let Some(broken) =
            with_verdict(&[Verdict::Violated, Verdict::Unseen])
        {
            found.clone_from(&broken.found);
            let why = match (&broken.found, broken.verdict) {
                (Some(found), _) => found.sentence.clone(),
                (None, Verdict::Unseen) => {
                    format!("“{}” is never seen on any schedule {budget}", broken.name)
                }
                (None, _) => format!("“{}” does not hold", broken.name),
            };
            (false, format!("Fails: {why}"))
        } else if !report.complete || with_verdict(&[Verdict::Unknown]).is_some() {
            let bound = report.reached.map_or("its end", Bound::words);
            let sentence =
                format!("Not decided: nothing broke in {states}, and {bound} came first");
            (false, sentence)
        } else if report.states < u64::from(floor) {
            let least = counted(floor.into(), "state", "states");
            let sentence = format!(
                "Fails: too little happens for this to be an answer: {states} {budget}, where a right one has at least {least}"
            );
            (false, sentence)
        } else {
            let counted = report.schedules.filter(|&all| all <= MOST_COUNTED);
            let sentence = match (counted, report.schedules_words()) {
                (Some(1), _) => format!("Correct on the one schedule {budget}"),
                (Some(_), Some(all)) => format!("Correct on all {all} {budget}"),
                _ => format!("Correct on every schedule {budget}: {states}"),
            };
            (true, sentence)
        };
        Graded {
            found,
            promises,
            states: report.states,
            complete: report.complete,
            ..Graded::plain(passed, sentence)
        }
    }

    /// The first promise that does not hold, by its name.
    pub fn breaks(&self) -> Option<&str> {
        let nth = (0..self.promises.len()).find(|&nth| self.is_broken(nth))?;
        Some(self.promises[nth].name.as_str())
    }

    /// Whether this promise, counted from 0, does not hold.
    pub fn is_broken(&self, nth: usize) -> bool {
        let promise = self.promises.get(nth);
        promise.is_some_and(|one| matches!(one.verdict, Verdict::Violated | Verdict::Unseen))
    }
}
