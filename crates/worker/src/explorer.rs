//! Tries every schedule of a scene, or of an answer's, in slices short enough for a cancellation
//! to get in.

use crate::grader::Grader;
use crate::{Beside, Desk};
use course::found::others;
use course::search::{Ask, Tell};
use engine::handler::language;
use engine::scene::{Selection, Told};
use engine::{Cast, Mistake};
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
    /// The language that learners write code in.
    language: language::Ask,
    job: Option<Job>,
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
    /// A desk that has nothing to do yet.
    pub fn new(language: language::Ask) -> Self {
        Explorer {
            language,
            job: None,
        }
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
            Ask::Grade(what) => {
                let grader = Grader::new(*what, self.language);
                Ok(Some(Work::Grading(Box::new(grader))))
            }
            Ask::Cancel => Ok(None),
        }
    }
}

impl Desk for Explorer {
    fn asked(&mut self, text: &str, beside: &mut Beside<'_>) {
        let begun = Ask::read(text)
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
    let others = others(&scene.settings, selection, &|other| scene.with(other).ok());
    let mut scene = scene.with(selection)?;
    if let Some(states) = states {
        scene.explore.states = scene.explore.states.min(states);
    }
    Ok(Exploration::new(Cast::new(&scene)?).beside(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::exercise::{Answer, Exercise, Form};
    use course::search::ToGrade;
    use engine::Scene;
    use std::cell::Cell;
    use std::sync::Mutex;

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
        told_with(|_| None, asks)
    }

    /// As [`told`], with a language.
    fn told_with(language: language::Ask, asks: &[String]) -> Vec<Tell> {
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
        let mut desk = Explorer::new(language);
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

    /// What was asked of the language below, in words.
    static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

    fn starlark(request: &str) -> Option<String> {
        static LANGUAGE: Mutex<Option<handler::language::Language>> = Mutex::new(None);
        ASKED.lock().unwrap().push(request.to_owned());
        let mut language = LANGUAGE.lock().unwrap();
        Some(language.get_or_insert_default().answer(request))
    }

    fn grade(code: &str) -> String {
        let exercise = Exercise {
            id: "mail".to_owned(),
            title: "Mail".to_owned(),
            version: 1,
            task: Vec::new(),
            hints: Vec::new(),
            why: String::new(),
            scene: Some(scene().into()),
            with: Selection::new(),
            floor: 0,
            form: Form::Code {
                consumers: vec!["email-1".to_owned()],
                starter: String::new(),
                solution: String::new(),
                wrong: Vec::new(),
            },
        };
        let what = ToGrade {
            exercise,
            answer: Answer::Code(code.to_owned()),
            once: false,
        };
        serde_json::to_string(&Ask::Grade(Box::new(what))).unwrap()
    }

    #[test]
    fn code_is_graded_by_a_language_that_is_asked_for_each_turn_once() {
        let code = "def handle(message, mail):\n    mail.send(message)\n";
        let told = told_with(starlark, &[grade(code)]);
        let Some(Tell::Graded(grade)) = told.last() else {
            panic!("{told:?}");
        };
        // A crash between the mail and the commit mails it twice.
        assert!(
            !grade.graded.passed && grade.graded.problems.is_empty(),
            "{grade:?}"
        );
        assert_ne!(grade.recorded, engine::handler::Recorded::default());
        // Once for all schedules, and once more for the runs that are shown.
        let mut asked = ASKED.lock().unwrap().clone();
        let all = asked.len();
        asked.sort();
        asked.dedup();
        assert!(all <= 2 * asked.len(), "{all} of {}", asked.len());
        assert!(all < 20, "{asked:?}");
    }

    #[test]
    fn code_without_a_language_is_said_to_be_unread() {
        let told = told(&[grade("def handle(message):\n    return\n")]);
        let Some(Tell::Graded(grade)) = told.last() else {
            panic!("{told:?}");
        };
        let problem = &grade.graded.problems[0];
        assert!(problem.message.contains("no language"), "{problem}");
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
