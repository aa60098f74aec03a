//! Grading: over every schedule within the budget, in slices, so that a page stays awake and can
//! say how far it is.

mod find;

use super::{Answer, Exercise, Form, Graded};
use crate::budget::counted;
use crate::found::SLICE;
use crate::quiz;
use engine::handler::{Handler, Problem};
use engine::scene::{Mistake, Selection};
use engine::{Cast, ConsumerId};
use schedule::{Exploration, Progress};
use std::sync::Arc;

/// Makes a handler of a text, for this cast. Which language that is, is not known here.
pub type Compile<'a> = dyn Fn(&str, &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>> + 'a;

/// Nothing more to do.
const ENDED: Progress = Progress {
    states: 0,
    steps: 0,
    depth: 0,
    waiting: 0,
    ended: true,
};

/// An answer that is being graded.
pub struct Grading {
    stage: Stage,
}

enum Stage {
    Searching(Box<Search>),
    Ended(Box<Graded>),
}

struct Search {
    exploration: Exploration,
    cast: Arc<Cast>,
    with: Selection,
    floor: u32,
    /// What is said of just this answer, should it fail.
    why: Option<String>,
}

impl Grading {
    /// An answer at the start of its grading. What takes no search is graded at once.
    pub fn new(exercise: &Exercise, answer: &Answer, compile: &Compile<'_>) -> Grading {
        let stage = match begin(exercise, answer, compile) {
            Ok(search) => Stage::Searching(Box::new(search)),
            Err(graded) => Stage::Ended(graded),
        };
        Grading { stage }
    }

    /// Goes on for about so many states.
    pub fn advance(&mut self, states: usize) -> Progress {
        match &mut self.stage {
            Stage::Searching(search) => search.exploration.advance(states),
            Stage::Ended(_) => ENDED,
        }
    }

    /// What became of it, so far or in the end.
    pub fn graded(&self) -> Graded {
        match &self.stage {
            Stage::Ended(graded) => (**graded).clone(),
            Stage::Searching(search) => {
                let report = search.exploration.report();
                let graded = Graded::explored(&report, &search.cast, &search.with, search.floor);
                Graded {
                    why: search.why.clone().filter(|_| !graded.passed),
                    ..graded
                }
            }
        }
    }

    /// The cast that is searched: what a finding is replayed in. None when nothing is.
    pub fn cast(&self) -> Option<&Arc<Cast>> {
        match &self.stage {
            Stage::Searching(search) => Some(&search.cast),
            Stage::Ended(_) => None,
        }
    }
}

/// Grades an answer to the end, unless `go_on` says no: then there is no verdict.
pub fn grade(
    exercise: &Exercise,
    answer: &Answer,
    compile: &Compile<'_>,
    go_on: &mut dyn FnMut(&Progress) -> bool,
) -> Option<Graded> {
    let mut grading = Grading::new(exercise, answer, compile);
    loop {
        let progress = grading.advance(SLICE);
        if progress.ended {
            return Some(grading.graded());
        }
        if !go_on(&progress) {
            return None;
        }
    }
}

fn plain(passed: bool, sentence: impl Into<String>) -> Box<Graded> {
    Box::new(Graded::plain(passed, sentence.into()))
}

/// The scene's mistakes, should it have any: its reader has told them, so this is for answers that
/// were not checked.
fn mistaken(mistakes: &[Mistake]) -> Box<Graded> {
    let first = mistakes.first();
    let why = first.map_or_else(
        || "there is no scene".to_owned(),
        |one| format!("{}; {}", one.what, one.help),
    );
    plain(false, format!("Cannot be run: {why}"))
}

/// The search that an answer needs, or the verdict when it needs none.
fn begin(
    exercise: &Exercise,
    answer: &Answer,
    compile: &Compile<'_>,
) -> Result<Search, Box<Graded>> {
    match (&exercise.form, answer) {
        (
            Form::Code {
                consumers, wrong, ..
            },
            Answer::Code(text),
        ) => {
            let cast = cast(exercise, &exercise.with)?;
            let code = compile(text, &cast).map_err(|all| Box::new(Graded::unreadable(all)))?;
            let ids: Vec<ConsumerId> = consumers
                .iter()
                .filter_map(|name| cast.find_consumer(name))
                .collect();
            let known = wrong
                .iter()
                .find(|wrong| Answer::Code(wrong.answer.clone()).same(answer));
            let why = known.map(|wrong| wrong.why.clone());
            let cast = cast.with_handler(&ids, &code);
            Ok(search(exercise, cast, exercise.with.clone(), why))
        }
        (Form::Settings { form, wrong, .. }, Answer::Settings(chosen)) => {
            if let Some(other) = chosen.keys().find(|setting| !form.contains(setting)) {
                return Err(plain(
                    false,
                    format!("Cannot be run: `{other}` is not in the form"),
                ));
            }
            let full = |chosen: &Selection| {
                let mut all = exercise.with.clone();
                all.extend(chosen.clone());
                complete(exercise, all)
            };
            let with = full(chosen);
            let known = wrong.iter().find(|wrong| full(&wrong.answer) == with);
            let why = known.map(|wrong| wrong.why.clone());
            let cast = cast(exercise, &with)?;
            Ok(search(exercise, cast, with, why))
        }
        (
            Form::Find {
                goal,
                allowed,
                wrong,
                ..
            },
            Answer::Find(way),
        ) => {
            let mut graded = find::graded(exercise, goal, allowed, way);
            if !graded.passed {
                let known = wrong.iter().find(|wrong| wrong.answer == *way);
                graded.why = known.map(|wrong| wrong.why.clone());
            }
            Err(Box::new(graded))
        }
        (Form::Predict { questions }, Answer::Predict(answers)) => {
            Err(Box::new(predicted(questions, answers)))
        }
        (Form::Design { rubric, pass, .. }, Answer::Design(points)) => {
            let ticked = points.iter().filter(|&&point| point < rubric.len()).count();
            let passed = ticked >= *pass as usize;
            let sentence = format!(
                "{} by your own count: {ticked} of {}, and {pass} {} enough",
                if passed { "Passed" } else { "Not yet passed" },
                counted(rubric.len() as u128, "point", "points"),
                if *pass == 1 { "is" } else { "are" },
            );
            Err(plain(passed, sentence))
        }
        _ => Err(plain(
            false,
            format!(
                "Cannot be graded: this is no answer to a {} exercise",
                exercise.kind().word()
            ),
        )),
    }
}

/// The options with those that are not named: the first of each setting.
fn complete(exercise: &Exercise, mut with: Selection) -> Selection {
    for setting in exercise.scene.iter().flat_map(|scene| &scene.settings) {
        if let Some(first) = setting.options.first() {
            with.entry(setting.id.clone())
                .or_insert_with(|| first.id.clone());
        }
    }
    with
}

fn cast(exercise: &Exercise, with: &Selection) -> Result<Arc<Cast>, Box<Graded>> {
    let Some(scene) = &exercise.scene else {
        return Err(mistaken(&[]));
    };
    scene
        .with(with)
        .and_then(|scene| Cast::new(&scene))
        .map_err(|mistakes| mistaken(&mistakes))
}

fn search(exercise: &Exercise, cast: Arc<Cast>, with: Selection, why: Option<String>) -> Search {
    Search {
        exploration: Exploration::new(Arc::clone(&cast)),
        cast,
        with,
        floor: exercise.floor,
        why,
    }
}

fn predicted(questions: &[quiz::ResolvedQuestion], answers: &quiz::Answers) -> Graded {
    let marks = quiz::marks(questions, answers);
    let (right, all) = (quiz::right(&marks), marks.len());
    let passed = right == all;
    let sentence = match (passed, all) {
        (true, 1) => "Correct: the run gives just that".to_owned(),
        (true, _) => format!("Correct: all {all} predictions are what the runs give"),
        (false, 1) => "Fails: the run gives something else".to_owned(),
        (false, _) => format!("Fails: {right} of {all} predictions are what the runs give"),
    };
    Graded {
        marks,
        ..Graded::plain(passed, sentence)
    }
}
