//! `alo explore`: tries every schedule of a scene.

use crate::findings::{self, Page, Property};
use crate::output::{Failure, print, say};
use crate::run::{chosen, mistaken, selection_of};
use course::Source;
use course::found::{Outcome, bound_word, explore_beside, extent, others};
use engine::Cast;
use schedule::{Report, Verdict};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Try every schedule of a scene within its budget, and say how its promises come out.
///
/// Exit status 0: every promise holds, and the search was complete. 1: one is broken. 3: none is
/// broken, but the search was not complete, or what should be seen sometimes never was. 2: the
/// command or the scene is mistaken.
#[derive(clap::Args)]
pub struct Explore {
    /// The scene's file, such as lessons/consumer-groups/crash-before-commit.scene.json.
    scene: PathBuf,
    /// Options of the scene's settings, such as guard=on,commit=before.
    #[arg(long, value_name = "SETTING=OPTION,…", value_delimiter = ',')]
    with: Vec<String>,
    /// Visit at most so many states, instead of what the scene's budget says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_states: Option<u32>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Whole<'a> {
    states: u64,
    complete: bool,
    bounds: Bounds,
    properties: Vec<Property<'a>>,
}

/// What was allowed, and what of it ended the search.
#[derive(Serialize)]
struct Bounds {
    crashes: u8,
    freezes: u8,
    losses: u8,
    duplicates: u8,
    early_timeouts: u8,
    slow_polls: u8,
    jitter_ms: Option<u32>,
    states: u32,
    depth: u32,
    reached: Option<&'static str>,
}

impl Bounds {
    fn of(report: &Report) -> Bounds {
        let budget = &report.budget;
        Bounds {
            crashes: budget.crashes,
            freezes: budget.freezes,
            losses: budget.losses,
            duplicates: budget.duplicates,
            early_timeouts: budget.early_timeouts,
            slow_polls: budget.slow_polls,
            jitter_ms: budget.jitter_ms,
            states: budget.states,
            depth: budget.depth,
            reached: report.reached.map(bound_word),
        }
    }
}

impl Explore {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let selection = selection_of(&self.with)?;
        let source = Source::read(&self.scene).map_err(Failure::Mistakes)?;
        let scene = course::scene::runnable(&source).map_err(Failure::Mistakes)?;
        let mut changed = chosen(&scene, &selection, &self.scene)?;
        // Laid on last: an option of the scene's may set it too.
        changed.explore.states = self.max_states.unwrap_or(changed.explore.states);
        let cast = Cast::new(&changed).map_err(|mistakes| mistaken(&self.scene, &mistakes))?;
        let parts = schedule::parts(&cast);
        if parts > schedule::MOST_PARTS {
            return Err(Failure::Hindered(format!(
                "{}: {parts} parts are too many to try every schedule of; have at most {}: two for each consumer and producer, one for each group, topic, service and table, and 4 more",
                self.scene.display(),
                schedule::MOST_PARTS
            )));
        }
        let others = others(&scene.settings, &selection, &|other| scene.with(other).ok());
        let Some(report) = explore_beside(&cast, others, &mut |_| true) else {
            return Err(Failure::Hindered("the search was stopped".to_owned()));
        };
        let outcomes: Vec<Outcome> = report
            .judged
            .iter()
            .map(|judged| Outcome::of(judged, &cast, &selection))
            .collect();
        let page = Page {
            lesson: findings::played_in(&self.scene, &scene),
            scene: &scene,
        };
        let told = if self.json {
            let whole = Whole {
                states: report.states,
                complete: report.complete,
                bounds: Bounds::of(&report),
                properties: outcomes
                    .iter()
                    .map(|outcome| Property::of(outcome, &page))
                    .collect(),
            };
            // Names and numbers always have a JSON form.
            serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
        } else {
            let promises = match outcomes.is_empty() {
                true => "the scene promises nothing\n".to_owned(),
                false => findings::text(&outcomes, Some(&cast), &page),
            };
            format!("{promises}{}\n", extent(&report))
        };
        print(&told)?;
        Ok(say(status(&report)))
    }
}

/// The exit status that a report asks for.
fn status(report: &Report) -> u8 {
    let is = |verdict| report.judged.iter().any(|one| one.verdict == verdict);
    if is(Verdict::Violated) {
        1
    } else if !report.complete || is(Verdict::Unseen) || is(Verdict::Unknown) {
        3
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::explore::Kind;
    use engine::scene::Budget;
    use schedule::Judged;

    #[test]
    fn the_exit_status_says_how_it_came_out() {
        let check = |verdicts: &[Verdict], complete, expected| {
            let judged = verdicts.iter().map(|verdict| Judged {
                name: "P".to_owned(),
                kind: Kind::Always,
                verdict: *verdict,
                finding: None,
                witness: None,
            });
            let report = Report {
                states: 1,
                steps: 1,
                depth: 1,
                schedules: None,
                complete,
                reached: None,
                budget: Budget::default(),
                judged: judged.collect(),
            };
            assert_eq!(status(&report), expected, "{verdicts:?} {complete}");
        };
        check(&[Verdict::Holds], true, 0);
        check(&[], true, 0);
        check(&[Verdict::Holds, Verdict::Violated], true, 1);
        check(&[Verdict::Unknown, Verdict::Violated], false, 1);
        check(&[Verdict::Holds, Verdict::Unseen], true, 3);
        check(&[Verdict::Unknown], false, 3);
        check(&[Verdict::Holds], false, 3);
    }
}
