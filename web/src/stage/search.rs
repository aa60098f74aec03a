//! A search through every schedule as the stage tells of it: what is tried, how far it is, what
//! came of it.

use crate::stage::player::Player;
use course::search::Tell;
use course::witness;
use engine::explore::Kind;
use engine::scene::{Scene, Selection};
use schedule::thousands;
use schedule::{Bound, Finding, Progress, Report, Verdict, Witness};
use std::rc::Rc;

/// How often a screen reader is told how far the search is, in tellings of the worker (ten a second).
const SAID_EVERY: u32 = 25;

/// A search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Tells it from those before.
    pub nth: u32,
    /// The settings it is for.
    pub selection: Selection,
    /// How it stands.
    pub phase: Phase,
    /// How far it is, in words that change seldom enough to be read out.
    pub said: String,
    told: u32,
}

/// How a search stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The worker is being fetched.
    Starting,
    /// It goes on.
    Running(Progress),
    /// It was told to end, and has not yet.
    Stopping(Option<Progress>),
    /// This came of it.
    Done {
        /// What was found.
        report: Rc<Report>,
        /// Whether it was told to end.
        cancelled: bool,
    },
    /// It ended without a report, and why.
    Failed(String),
}

impl Search {
    /// A search that begins.
    pub fn new(nth: u32, selection: Selection) -> Self {
        Search {
            nth,
            selection,
            phase: Phase::Starting,
            said: String::new(),
            told: 0,
        }
    }

    /// Whether a worker is at it.
    pub fn is_running(&self) -> bool {
        matches!(
            self.phase,
            Phase::Starting | Phase::Running(_) | Phase::Stopping(_)
        )
    }

    /// Takes in what the worker tells.
    pub fn hear(&mut self, tell: Tell) {
        let cancelled = matches!(self.phase, Phase::Stopping(_));
        match tell {
            _ if !self.is_running() => {}
            // Nothing was to be graded.
            Tell::Ready | Tell::Graded(_) => {}
            Tell::Progress(_) if cancelled => {}
            Tell::Progress(progress) => {
                if self.told.is_multiple_of(SAID_EVERY) {
                    self.said = format!("{} states so far", thousands(progress.states.into()));
                }
                self.told += 1;
                self.phase = Phase::Running(progress);
            }
            Tell::Report(report) => {
                self.said.clear();
                self.phase = Phase::Done {
                    report: Rc::new(*report),
                    cancelled,
                };
            }
            Tell::Refused(why) => {
                self.fail(format!("This scene cannot be searched: {why}."));
            }
        }
    }

    /// It ends without a report.
    pub fn fail(&mut self, why: String) {
        self.said.clear();
        self.phase = Phase::Failed(why);
    }

    /// It is to end with what it has.
    pub fn cancel(&mut self) {
        match self.phase {
            Phase::Starting => self.fail("Cancelled before it began.".to_owned()),
            Phase::Running(progress) => self.phase = Phase::Stopping(Some(progress)),
            _ => {}
        }
    }

    /// What came of it.
    pub fn report(&self) -> Option<&Rc<Report>> {
        match &self.phase {
            Phase::Done { report, .. } => Some(report),
            _ => None,
        }
    }

    /// One sentence about how it ended; nothing while it runs.
    pub fn verdict(&self) -> String {
        match &self.phase {
            Phase::Done { report, cancelled } => {
                let sentence = report.sentence();
                if *cancelled {
                    format!("Cancelled. So far: {sentence}")
                } else {
                    sentence
                }
            }
            Phase::Failed(why) => why.clone(),
            _ => String::new(),
        }
    }

    /// The numbers, as far as they are known.
    pub fn counts(&self) -> String {
        match &self.phase {
            Phase::Starting => "starting …".to_owned(),
            Phase::Stopping(None) => "stopping …".to_owned(),
            Phase::Running(progress) | Phase::Stopping(Some(progress)) => {
                counts(progress.states, progress.steps, progress.depth)
            }
            Phase::Done { report, .. } => {
                let mut text = counts(report.states, report.steps, report.depth);
                if let Some(schedules) = report.schedules {
                    text.push_str(&format!(", {} schedules", thousands(schedules)));
                }
                text.push_str(match (report.complete, report.reached) {
                    (true, _) => ": all there are",
                    (_, Some(Bound::States)) => ": the scene's bound on states was reached",
                    (_, Some(Bound::Depth)) => ": the scene's bound on steps was reached",
                    (_, Some(Bound::Memory)) => ": the bound on memory was reached",
                    _ => "",
                });
                text
            }
            Phase::Failed(_) => String::new(),
        }
    }
}

fn counts(states: u64, steps: u64, depth: u32) -> String {
    format!(
        "{} states, {} moves between them, at most {} moves from the start",
        thousands(states.into()),
        thousands(steps.into()),
        thousands(depth.into())
    )
}

/// How the verdict on a promise is drawn and named: colour is never alone, and what some schedule shows
/// never looks like what all of them do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The sign before it.
    pub sign: &'static str,
    /// The verdict in a word or two.
    pub word: &'static str,
    /// The class that colours it.
    pub class: &'static str,
}

/// The mark of a verdict on a promise of this kind.
pub fn mark(verdict: Verdict, kind: Kind, witnessed: Option<&Witness>) -> Mark {
    let (sign, word, class) = match (verdict, kind) {
        (Verdict::Holds, Kind::Sometimes) => ("◇", "possible", "some"),
        (Verdict::Holds, _) if witness::is_empty(verdict, witnessed) => {
            ("–", "nothing happened", "open")
        }
        (Verdict::Holds, _) => ("✓", "holds", "yes"),
        (Verdict::Violated, _) => ("✕", "broken", "no"),
        (Verdict::Unseen, _) => ("✕", "not possible", "no"),
        (Verdict::Unknown, _) => ("?", "not decided", "open"),
    };
    Mark { sign, word, class }
}

/// Of how many schedules a promise of this kind speaks, in words that stand before its name.
pub const fn quantity(kind: Kind) -> &'static str {
    match kind {
        Kind::Always => "on every schedule",
        Kind::Eventually => "in the end of every schedule",
        Kind::Sometimes => "on at least one schedule",
    }
}

/// "1 step", "20 steps".
pub fn steps(steps: usize) -> String {
    course::budget::counted(steps as u128, "step", "steps")
}

/// The places of a finding that are worth going to, in the order of the run, with their names.
pub fn places(finding: &Finding, kind: Kind, len: usize) -> Vec<(usize, &'static str)> {
    let mut places = vec![(finding.at.saturating_sub(1), "before")];
    if let Some(from) = finding.loops_from {
        places.push((from, "the loop begins"));
    }
    places.push((
        finding.at,
        match kind {
            Kind::Sometimes => "it is seen",
            _ => "it breaks",
        },
    ));
    places.push((len, "after"));
    tiny_sort::stable::sort_by_key(&mut places, |(at, _)| *at);
    places
}

/// The position at which a promise breaks; nothing where the finding shows what can be.
pub fn breaks_at(finding: Option<&(Finding, Kind)>) -> Option<usize> {
    let (finding, kind) = finding?;
    (*kind != Kind::Sometimes).then_some(finding.at)
}

/// What a search with the chosen settings allows and what it rules out.
pub fn allowed(player: &Player) -> String {
    let cast = player.run().world().cast();
    course::budget::allowed(&cast.budget, cast.system())
}

/// Settings in words: "Guard: off, Commit: after the work".
pub fn settings(scene: &Scene, selection: &Selection) -> String {
    let chosen = scene.settings.iter().filter_map(|setting| {
        let id = selection.get(&setting.id);
        let option = id.map_or(setting.options.first(), |id| {
            setting.options.iter().find(|option| option.id == *id)
        })?;
        Some(format!("{}: {}", setting.label, option.label))
    });
    chosen.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::scene::Budget;

    fn progress(states: u64) -> Progress {
        Progress {
            states,
            steps: 2 * states,
            depth: 9,
            waiting: 1,
            ended: false,
        }
    }

    fn report() -> Box<Report> {
        Box::new(Report {
            states: 4_812,
            steps: 9_624,
            depth: 41,
            schedules: Some(1_204),
            complete: true,
            reached: None,
            budget: Budget::default(),
            judged: Vec::new(),
        })
    }

    #[test]
    fn a_search_tells_its_numbers_and_says_them_seldom() {
        let mut search = Search::new(1, Selection::new());
        assert!(search.is_running());
        search.hear(Tell::Ready);
        let mut said = std::collections::BTreeSet::new();
        for nth in 1..=100 {
            search.hear(Tell::Progress(progress(nth * 1_000)));
            said.insert(search.said.clone());
        }
        assert_eq!(said.len(), 4, "{said:?}");
        assert_eq!(
            search.counts(),
            "100,000 states, 200,000 moves between them, at most 9 moves from the start"
        );
        search.hear(Tell::Report(report()));
        assert_eq!(
            search.counts(),
            "4,812 states, 9,624 moves between them, at most 41 moves from the start, 1,204 schedules: all there are"
        );
        assert!(!search.is_running());
    }

    #[test]
    fn what_some_schedule_shows_is_not_drawn_like_what_all_do() {
        let witness = |came_true| Witness {
            premise: "a record is committed past".to_owned(),
            came_true,
            ends: Some(4),
        };
        let check = |verdict, kind, came_true: Option<u64>, sign: &str, word: &str| {
            let witness = came_true.map(witness);
            let mark = mark(verdict, kind, witness.as_ref());
            assert_eq!((mark.sign, mark.word), (sign, word));
            mark.class
        };
        let always = check(Verdict::Holds, Kind::Always, Some(4), "✓", "holds");
        let some = check(Verdict::Holds, Kind::Sometimes, None, "◇", "possible");
        let empty = check(
            Verdict::Holds,
            Kind::Always,
            Some(0),
            "–",
            "nothing happened",
        );
        assert!(always != some && always != empty && some != empty);
        check(Verdict::Holds, Kind::Eventually, Some(1), "✓", "holds");
        check(Verdict::Unseen, Kind::Sometimes, None, "✕", "not possible");
        check(Verdict::Violated, Kind::Always, Some(1), "✕", "broken");
    }

    #[test]
    fn a_cancelled_search_tells_what_it_has() {
        let mut search = Search::new(1, Selection::new());
        search.hear(Tell::Progress(progress(10)));
        search.cancel();
        assert!(search.is_running());
        search.hear(Tell::Progress(progress(20)));
        assert!(matches!(search.phase, Phase::Stopping(_)));
        search.hear(Tell::Report(report()));
        assert!(search.verdict().starts_with("Cancelled. So far: "));
        search.hear(Tell::Progress(progress(30)));
        assert!(!search.is_running());
    }
}
