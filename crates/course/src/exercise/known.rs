//! Known kinds of wrong answers: recognised by what happened in a run, and told in a sentence each.
//!
//! An author names kinds by conditions on the run that breaks a promise, played to its end. What no
//! author names may still be of a kind that every exercise knows.

use super::{WrongCode, WrongWay};
use crate::query::{Comparison, Condition};
use engine::{Run, World};

/// Conditions from their text: none if one is not understood, which the exercise's reader tells.
fn conditions(lines: &[String]) -> Option<Vec<Condition>> {
    lines.iter().map(|line| line.parse().ok()).collect()
}

/// Whether all of these conditions hold at the end of the run. Of no condition nothing is known.
fn fits(lines: &[String], run: &Run) -> bool {
    !lines.is_empty()
        && conditions(lines).is_some_and(|all| all.iter().all(|one| one.holds(run, run.len())))
}

/// Which of the wrong answers this run is like, in which this promise breaks.
pub fn code(wrong: &[WrongCode], breaks: &str, run: &Run) -> Option<usize> {
    wrong
        .iter()
        .position(|one| one.breaks == breaks && fits(&one.when, run))
}

/// Which of the wrong ways ends as this run does.
pub fn way(wrong: &[WrongWay], run: &Run) -> Option<usize> {
    wrong.iter().position(|one| fits(&one.when, run))
}

/// What is said of code that no author has a sentence for, by the run that breaks a promise. `faults` are
/// those that the run takes.
pub fn of_every_exercise(run: &Run, faults: usize) -> Option<&'static str> {
    if leaves_nothing(run.world()) {
        return Some(
            "To the end of this run the code leaves nothing behind: no service did anything, no row was written, and nothing was published.",
        );
    }
    (faults == 0).then_some(
        "No crash is needed for this: the code does it in a run in which nothing goes wrong.",
    )
}

/// Whether nothing outside the processes shows that a handler ran.
fn leaves_nothing(world: &World) -> bool {
    let cast = world.cast();
    let mut published = cast
        .all_records()
        .filter(|record| cast.records[record.at()].of.is_some());
    world.services().iter().all(|service| service.total() == 0)
        && world.tables().iter().all(|table| table.rows().is_empty())
        && published.all(|event| world.copies(event, false) == 0)
}

/// What there is in the end in place of what a goal asks for: one part for each condition that does not
/// hold, for example "the number of lost records is 2, and 1 is asked for".
pub fn instead(goal: &[String], run: &Run) -> Vec<String> {
    goal.iter()
        .filter_map(|line| {
            let condition: Condition = line.parse().ok()?;
            if condition.holds(run, run.len()) {
                return None;
            }
            let asked = match condition.comparison {
                Comparison::Equal => format!("{} is", condition.number),
                Comparison::AtLeast => format!("at least {} is", condition.number),
                Comparison::AtMost => format!("at most {} is", condition.number),
                Comparison::Above => format!("more than {} is", condition.number),
                Comparison::Below => format!("less than {} is", condition.number),
            };
            let there = condition.query.value(run, run.len());
            let there = there.map_or_else(|| "nothing yet".to_owned(), |there| there.to_string());
            let query = condition.query.words(run.world().cast());
            Some(format!("{query} is {there}, and {asked} asked for"))
        })
        .collect()
}
