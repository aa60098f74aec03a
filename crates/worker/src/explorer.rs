//! Tries every schedule of a scene, or of an answer's, in slices short enough for a cancellation
//! to get in.

use crate::grader::{Grader, no_language};
use crate::{Beside, Desk};
use course::exercise::Compile;
use course::search::{Ask, Tell, ToGrade};
use engine::scene::{Selection, Told};
use engine::{Cast, Mistake, json};
use schedule::{Exploration, Progress};

/// How long a slice should take, in ms: long enough that the pauses between slices cost nothing.
const SLICE_MS: f64 = 30.0;
/// The least time between two tellings of how far the search is, in ms.
const PROGRESS_MS: f64 = 100.0;
/// The first slice, in states; a phone is through with it at once.
const FIRST: usize = 256;
const MOST: usize = 1 << 20;

/// A desk that explores.
pub struct Explorer {
    compile: &'static Compile<'static>,
    job: Option<Job>,
}

impl Default for Explorer {
    fn default() -> Self {
        Explorer::with_language(&no_language)
    }
}

struct Job {
    work: Work,
    /// How many states the next slice visits.
    slice: usize,
    told_ms: f64,
}

enum Work {
    Search(Box<Exploration>),
    Grading(Box<Grader>),
}

impl Explorer {
    /// A desk that reads code too.
    pub fn with_language(compile: &'static Compile<'static>) -> Self {
        Explorer { compile, job: None }
    }

    fn begin(&mut self, ask: Ask) -> Result<Option<Work>, String> {
        match ask {
            Ask::Explore {
                scene,
                selection,
                states,
            } => match exploration(&scene, &selection, states) {
                Ok(exploration) => Ok(Some(Work::Search(Box::new(exploration)))),
                Err(mistakes) => {
                    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                    Err(told.join("; "))
                }
            },
            Ask::Grade(text) => {
                let ToGrade {
                    exercise,
                    answer,
                    once,
                } = json::from_text(&text).map_err(|error| error.to_string())?;
                let grader = Grader::new(exercise, answer, once, self.compile);
                Ok(Some(Work::Grading(Box::new(grader))))
            }
            Ask::Cancel => Ok(None),
        }
    }
}

impl Desk for Explorer {
    fn asked(&mut self, text: &str, beside: &mut Beside<'_>) {
        let begun = json::from_text(text)
            .map_err(|error| error.to_string())
            .and_then(|ask| self.begin(ask));
        match begun {
            Ok(Some(work)) => {
                self.job = Some(Job {
                    work,
                    slice: FIRST,
                    told_ms: (beside.clock)(),
                });
            }
            Ok(None) => {
                if let Some(job) = self.job.take() {
                    (beside.tell)(&job.work.result());
                }
            }
            Err(why) => (beside.tell)(&Tell::Refused(why)),
        }
    }

    fn turn(&mut self, beside: &mut Beside<'_>) -> bool {
        let Some(job) = &mut self.job else {
            return false;
        };
        let began = (beside.clock)();
        let progress = job.work.advance(job.slice);
        let now = (beside.clock)();
        if progress.ended {
            (beside.tell)(&job.work.result());
            self.job = None;
            return false;
        }
        // Towards the wanted length by at most a factor of two, so that one odd slice changes little.
        let factor = (SLICE_MS / (now - began).max(0.1)).clamp(0.5, 2.0);
        job.slice = ((job.slice as f64 * factor) as usize).clamp(FIRST, MOST);
        if now - job.told_ms >= PROGRESS_MS {
            job.told_ms = now;
            (beside.tell)(&Tell::Progress(progress));
        }
        true
    }
}

impl Work {
    fn advance(&mut self, states: usize) -> Progress {
        match self {
            Work::Search(exploration) => exploration.advance(states),
            Work::Grading(grader) => grader.advance(states),
        }
    }

    fn result(&self) -> Tell {
        match self {
            Work::Search(exploration) => Tell::Report(Box::new(exploration.report())),
            Work::Grading(grader) => grader.result(),
        }
    }
}

fn exploration(
    scene: &Told,
    selection: &Selection,
    states: Option<u32>,
) -> Result<Exploration, Vec<Mistake>> {
    let mut scene = scene.with(selection)?;
    if let Some(states) = states {
        scene.explore.states = scene.explore.states.min(states);
    }
    Ok(Exploration::new(Cast::new(&scene)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Scene;
    use std::cell::Cell;

    fn scene() -> Scene {
        serde_json::from_str(
            r#"{
            "id": "one-mail", "title": "One mail", "version": 1,
            "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
            "services": [{ "name": "mail" }],
            "consumers": [{ "name": "email-1", "group": "email-service", "topics": ["orders"],
                "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }],
                "commit": "after" }],
            "promises": [{ "name": "No order mailed twice", "that": { "done_once": "mail" } }]
        }"#,
        )
        .unwrap()
    }

    /// Asks, lets it work to the end, and returns what was told.
    fn told(asks: &[String]) -> Vec<Tell> {
        let time = Cell::new(0.0);
        // Every look at the clock is 20 ms later.
        let clock = || {
            time.set(time.get() + 20.0);
            time.get()
        };
        let mut told = Vec::new();
        let mut tell = |tell: &Tell| told.push(tell.clone());
        let mut beside = Beside {
            clock: &clock,
            tell: &mut tell,
        };
        let mut desk = Explorer::default();
        for ask in asks {
            desk.asked(ask, &mut beside);
        }
        while desk.turn(&mut beside) {}
        told
    }

    fn explore(selection: Selection) -> String {
        let ask = Ask::Explore {
            scene: Box::new(scene().into()),
            selection,
            states: Some(10_000),
        };
        serde_json::to_string(&ask).unwrap()
    }

    #[test]
    fn a_search_ends_with_one_report() {
        let told = told(&[explore(Selection::new())]);
        let reports = told.iter().filter(|tell| matches!(tell, Tell::Report(_)));
        assert_eq!(reports.count(), 1);
        assert!(matches!(told.last(), Some(Tell::Report(_))), "{told:?}");
    }

    #[test]
    fn a_cancelled_search_reports_at_once_and_is_silent_then() {
        let cancel = serde_json::to_string(&Ask::Cancel).unwrap();
        let told = told(&[explore(Selection::new()), cancel.clone(), cancel]);
        assert!(matches!(told[..], [Tell::Report(_)]), "{told:?}");
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        let wrong = Selection::from([("no".to_owned(), "such".to_owned())]);
        for ask in [explore(wrong), "{}".to_owned()] {
            let told = told(&[ask]);
            assert!(matches!(told[..], [Tell::Refused(_)]), "{told:?}");
        }
    }
}
