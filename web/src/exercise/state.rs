//! An exercise under the learner's hand: the answer, what is kept of it, what is said of it.
//! No drawing, and no browser.

use crate::worker::Heard;
use course::exercise::{Answer, Chosen, Exercise, Expected, Form, Graded, Way};
use course::found::Found;
use course::progress::ExerciseProgress;
use course::quiz::Answers;
use course::search::{Grade, Tell};
use engine::handler::Recorded;
use engine::scene::Selection;
use schedule::Progress;
use std::collections::BTreeSet;
use std::rc::Rc;
use yew::Reducible;

/// What a learner does.
#[derive(Clone, Debug)]
pub enum Act {
    /// The page has come alive, with what was kept.
    Live(Option<ExerciseProgress>),
    /// Another answer.
    Edit(String),
    /// Let the scene happen once with it.
    Run,
    /// Grade it.
    Check,
    /// End the grading.
    Cancel,
    /// What is heard of the worker of the n-th job.
    Heard(u32, Heard),
    /// The next hint.
    Hint,
    /// The answer to begin with.
    Reset,
    /// The answer to an earlier version of this exercise.
    Earlier,
    /// Show the author's answer, or hide it.
    Solution,
    /// Open this run in the player.
    Show(Found),
    /// The goal was reached, by these choices.
    Reached(String),
}

/// What a worker is at.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Tells it from those before.
    pub nth: u32,
    /// Whether it is to be graded, or only run.
    pub grades: bool,
    /// How far it is.
    pub progress: Option<Progress>,
    /// Whether it was told to end.
    pub stopping: bool,
}

/// What came of the last job.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The answer it is about.
    pub of: String,
    /// What is said of it.
    pub graded: Graded,
    /// What the learner's code did, so that the player needs none of it.
    pub recorded: Rc<Recorded>,
}

/// What the player shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Tells it from what was shown before.
    pub nth: u32,
    /// The answer it is with.
    pub of: String,
    /// What the learner's code did.
    pub recorded: Rc<Recorded>,
    /// The run to open; the scene as told, where there is none.
    pub found: Option<Found>,
}

/// The state.
#[derive(Clone, PartialEq)]
pub struct State {
    exercise: Rc<Exercise>,
    /// Whether the page has come alive.
    pub live: bool,
    /// The answer as text, as commands take it.
    pub answer: String,
    /// The answer to an earlier version, to be taken up again.
    pub earlier: Option<String>,
    /// How many hints are shown.
    pub hints: usize,
    /// Whether an answer has passed.
    pub passed: bool,
    /// Whether the author's answer is shown.
    pub solution: bool,
    /// What a worker is at.
    pub job: Option<Job>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Why nothing came of it.
    pub failure: Option<String>,
    /// What the player shows.
    pub shown: Option<Shown>,
    /// How often something was begun.
    count: u32,
}

impl State {
    /// An exercise at its start.
    pub fn new(exercise: Rc<Exercise>) -> Self {
        State {
            answer: starter(&exercise),
            exercise,
            live: false,
            earlier: None,
            hints: 0,
            passed: false,
            solution: false,
            job: None,
            outcome: None,
            failure: None,
            shown: None,
            count: 0,
        }
    }

    /// What is to be kept, if anything was done.
    pub fn kept(&self) -> Option<ExerciseProgress> {
        let is_new = self.answer == starter(&self.exercise);
        if is_new && self.hints == 0 && !self.passed && self.earlier.is_none() {
            return None;
        }
        Some(ExerciseProgress {
            version: self.exercise.version,
            answer: if is_new {
                String::new()
            } else {
                self.answer.clone()
            },
            hints: self.hints as u32,
            passed: self.passed,
            earlier: self.earlier.clone(),
        })
    }

    /// Whether what is said is about the answer as it is now.
    pub fn is_stale(&self) -> bool {
        self.outcome
            .as_ref()
            .is_some_and(|outcome| outcome.of != self.answer)
    }

    /// Whether the player shows what another answer than the present one did.
    pub fn is_shown_stale(&self) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| match self.exercise.form {
                // What somebody thinks of settings changes no run.
                Form::Settings { .. } => settings(&shown.of) != settings(&self.answer),
                _ => shown.of != self.answer,
            })
    }

    /// What is still to be said before an answer is run, or before it is graded.
    fn lacks(&self, grades: bool) -> Option<&'static str> {
        let Form::Settings { .. } = self.exercise.form else {
            return None;
        };
        let chosen = Chosen::of_text(&self.answer);
        match (chosen.expected, chosen.because) {
            (None, _) => Some("First say what you expect with these settings."),
            (Some(Expected::Holds), None) if grades => {
                Some("First say why you expect every promise to hold.")
            }
            _ => None,
        }
    }

    fn begin(&mut self, grades: bool) {
        self.count += 1;
        self.failure = None;
        self.job = Some(Job {
            nth: self.count,
            grades,
            progress: None,
            stopping: false,
        });
    }

    fn show(&mut self, found: Option<Found>, recorded: &Rc<Recorded>, of: &str) {
        self.count += 1;
        self.shown = Some(Shown {
            nth: self.count,
            of: of.to_owned(),
            recorded: Rc::clone(recorded),
            found,
        });
    }

    fn hear(&mut self, tell: Tell) {
        let Some(job) = &mut self.job else { return };
        match tell {
            Tell::Ready | Tell::Report(_) => {}
            Tell::Progress(progress) => job.progress = Some(progress),
            Tell::Graded(grade) => {
                let grades = job.grades;
                self.job = None;
                let Grade { graded, recorded } = *grade;
                let recorded = Rc::new(recorded);
                let of = self.answer.clone();
                // Beside a verdict on this answer, a run of another one would contradict it.
                if self.is_shown_stale() {
                    self.shown = None;
                }
                if grades {
                    self.passed |= graded.passed;
                } else if graded.problems.is_empty() {
                    self.show(None, &recorded, &of);
                    return;
                }
                self.outcome = Some(Outcome {
                    of,
                    graded,
                    recorded,
                });
            }
            Tell::Refused(why) => {
                self.job = None;
                self.failure = Some(why);
            }
        }
    }

    /// What the learner's own answer is called with: nothing of the page, all of the exercise.
    pub fn exercise(&self) -> &Rc<Exercise> {
        &self.exercise
    }
}

impl Reducible for State {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = (*self).clone();
        let lacks = match &act {
            Act::Run => next.lacks(false),
            Act::Check => next.lacks(true),
            _ => None,
        };
        match act {
            Act::Live(kept) => {
                next.live = true;
                if let Some(kept) = kept.map(|kept| kept.at_version(next.exercise.version)) {
                    if !kept.answer.is_empty() {
                        next.answer = kept.answer;
                    }
                    next.hints = (kept.hints as usize).min(next.exercise.hints.len());
                    next.passed = kept.passed;
                    next.earlier = kept.earlier;
                }
            }
            Act::Edit(answer) => {
                next.answer = answer;
                next.failure = None;
                // What is being graded is no longer what stands there.
                next.job = None;
            }
            Act::Run | Act::Check if lacks.is_some() => next.failure = lacks.map(str::to_owned),
            Act::Run if matches!(next.exercise.form, Form::Code { .. }) => next.begin(false),
            Act::Run => {
                let of = next.answer.clone();
                next.show(None, &Rc::default(), &of);
            }
            Act::Check => next.begin(true),
            Act::Cancel => {
                if next.job.take().is_some() {
                    next.failure = Some("Cancelled: your answer was not checked.".to_owned());
                }
            }
            Act::Heard(nth, heard) => {
                if next.job.as_ref().is_some_and(|job| job.nth == nth) {
                    match heard {
                        Heard::Told(tell) => next.hear(tell),
                        Heard::Lost(why) => {
                            next.job = None;
                            next.failure = Some(why.to_owned());
                        }
                    }
                }
            }
            Act::Hint => next.hints = (next.hints + 1).min(next.exercise.hints.len()),
            Act::Reset => {
                next.answer = starter(&next.exercise);
                next.job = None;
                next.outcome = None;
                next.failure = None;
                next.shown = None;
            }
            Act::Earlier => {
                if let Some(earlier) = next.earlier.take() {
                    let present = std::mem::replace(&mut next.answer, earlier);
                    next.job = None;
                    if present != starter(&next.exercise) {
                        next.earlier = Some(present);
                    }
                }
            }
            Act::Solution => next.solution = next.passed && !next.solution,
            Act::Show(found) => {
                if let Some(outcome) = next.outcome.clone() {
                    next.show(Some(found), &outcome.recorded, &outcome.of);
                }
            }
            Act::Reached(path) => {
                next.answer = path;
                next.passed = true;
            }
        }
        Rc::new(next)
    }
}

/// What a learner begins with.
pub fn starter(exercise: &Exercise) -> String {
    match &exercise.form {
        Form::Code { starter, .. } => starter.clone(),
        Form::Settings { starter, .. } => settings_text(starter),
        Form::Find { .. } | Form::Predict { .. } | Form::Design { .. } => String::new(),
    }
}

/// The author's answer.
pub fn solution(exercise: &Exercise) -> String {
    match &exercise.form {
        Form::Code { solution, .. } => solution.clone(),
        Form::Settings { solution, .. } => settings_text(solution),
        Form::Find { .. } | Form::Predict { .. } | Form::Design { .. } => String::new(),
    }
}

/// The answer as it is graded.
pub fn answer(exercise: &Exercise, text: &str) -> Answer {
    match &exercise.form {
        Form::Code { .. } => Answer::Code(text.to_owned()),
        Form::Settings { .. } => Answer::Settings(Chosen::of_text(text)),
        Form::Find { .. } => Answer::Find(Way::Path(text.to_owned())),
        Form::Predict { .. } => Answer::Predict(predictions(text)),
        Form::Design { .. } => Answer::Design(design(text).0.unwrap_or_default()),
    }
}

/// Predictions from their text: `QUESTION=OPTION …`, options from 1.
pub fn predictions(text: &str) -> Answers {
    let mut answers = Answers::new();
    answers.extend(settings(text).into_iter().filter_map(|(question, option)| {
        let option = option.parse::<usize>().ok()?.checked_sub(1)?;
        Some((question, option))
    }));
    answers
}

/// Predictions as text.
pub fn predictions_text(answers: &Answers) -> String {
    let words: Vec<String> = answers
        .iter()
        .map(|(question, option)| format!("{question}={}", option + 1))
        .collect();
    words.join(" ")
}

/// What stands before the points of a design that was compared with the rubric.
const POINTS: &str = "points:";

/// A design from its text: the points that its author found in it, from 0, once it was compared
/// with the rubric; and the design itself.
pub fn design(text: &str) -> (Option<BTreeSet<usize>>, &str) {
    let Some(rest) = text.strip_prefix(POINTS) else {
        return (None, text);
    };
    let (points, design) = rest.split_once('\n').unwrap_or((rest, ""));
    let numbers = points.split_whitespace();
    let mut points = BTreeSet::new();
    points.extend(numbers.filter_map(|word| word.parse::<usize>().ok()?.checked_sub(1)));
    (Some(points), design)
}

/// A design as text.
pub fn design_text(points: Option<&BTreeSet<usize>>, design: &str) -> String {
    match points {
        None => design.to_owned(),
        Some(points) => {
            let numbers: String = points
                .iter()
                .map(|point| format!(" {}", point + 1))
                .collect();
            format!("{POINTS}{numbers}\n{design}")
        }
    }
}

/// Settings from their text, without what is thought of them.
pub fn settings(text: &str) -> Selection {
    Chosen::of_text(text).options
}

/// Settings as text.
fn settings_text(selection: &Selection) -> String {
    let chosen = Chosen {
        options: selection.clone(),
        ..Chosen::default()
    };
    chosen.to_string()
}
