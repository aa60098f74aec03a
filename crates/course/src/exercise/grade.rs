//! Grading: over every schedule within the budget, in slices, so that a page stays awake and can
//! say how far it is.

mod find;

use super::{Answer, Chosen, Exercise, Expected, Form, Graded, WrongCode, WrongSettings, known};
use crate::budget::counted;
use crate::found::SLICE;
use crate::quiz;
use crate::search::Grade;
use engine::handler::{Handler, Problem, Program, Recorded};
use engine::scene::{Mistake, Selection};
use engine::{Cast, ConsumerId, Path, Run};
use schedule::{Exploration, Progress};
use std::sync::Arc;

/// Makes a program of a text, for this cast. Which language that is, is not known here.
pub type Compile<'a> = dyn Fn(&str, &Cast) -> Result<Arc<dyn Program>, Vec<Problem>> + 'a;

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
    /// The code that is graded, if it is code.
    program: Option<Arc<dyn Program>>,
    with: Selection,
    floor: u32,
    /// What else is known of the answer.
    about: About,
    /// Why an answer is right that passes.
    why: String,
}

/// What is known of an answer besides what the search finds.
enum About {
    /// Kinds of code that fails.
    Code(Vec<WrongCode>),
    /// What is said of settings, should they fail; and what somebody thinks of them.
    Settings {
        known: Option<(usize, String)>,
        chosen: Chosen,
        reason: quiz::ResolvedQuestion,
    },
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
            Stage::Searching(search) => {
                let mut progress = search.exploration.advance(states);
                progress.ended |= search.stopped().is_some();
                progress
            }
            Stage::Ended(_) => ENDED,
        }
    }

    /// What became of it, so far or in the end.
    pub fn graded(&self) -> Graded {
        match &self.stage {
            Stage::Ended(graded) => (**graded).clone(),
            Stage::Searching(search) => {
                let report = search.exploration.report();
                if let Some(why) = search.stopped() {
                    return Graded::stopped(report.states, &why);
                }
                let graded = Graded::explored(&report, &search.cast, &search.with, search.floor);
                search.told(graded)
            }
        }
    }
}

impl Search {
    /// Why it is not known what the code does. What was searched since means nothing, and what was
    /// found before depends on how many states are visited at a time.
    fn stopped(&self) -> Option<String> {
        self.program.as_ref().and_then(|program| program.stopped())
    }

    /// The verdict with what is said of an answer of its kind.
    fn told(&self, mut graded: Graded) -> Graded {
        match &self.about {
            About::Code(wrong) if !graded.passed => self.recognised(wrong, &mut graded),
            About::Code(_) => {}
            About::Settings {
                known,
                chosen,
                reason,
            } => {
                if let Some((nth, why)) = known.as_ref().filter(|_| !graded.passed) {
                    (graded.known, graded.why) = (Some(*nth), Some(why.clone()));
                }
                graded.expected = chosen.expected.map(|one| expected(one, &graded));
                if graded.passed {
                    thought(chosen, reason, &mut graded);
                }
            }
        }
        if graded.passed && !self.why.is_empty() {
            graded.why = Some(self.why.clone());
        }
        graded
    }

    /// Says of which kind the code is, by the run that breaks a promise, or by the undisturbed one where
    /// no run shows that something never comes about.
    fn recognised(&self, wrong: &[WrongCode], graded: &mut Graded) {
        let Some(breaks) = graded.breaks().map(str::to_owned) else {
            return;
        };
        let mut run = match &graded.found {
            Some(found) => match found.run(&self.cast) {
                Ok(run) => run,
                Err(_) => return,
            },
            None => Run::new(Arc::clone(&self.cast)),
        };
        run.to_rest();
        graded.known = known::code(wrong, &breaks, &run);
        graded.why = match graded.known {
            Some(nth) => Some(wrong[nth].why.clone()),
            None => {
                let faults = graded.found.as_ref().map_or(0, |found| found.faults.len());
                known::of_every_exercise(&run, faults).map(str::to_owned)
            }
        };
    }
}

/// What became of what was expected.
fn expected(expected: Expected, graded: &Graded) -> String {
    let first = graded.breaks();
    let name = |nth: usize| graded.promises.get(nth).map_or("", |one| one.name.as_str());
    match (expected, first) {
        (Expected::Holds, None) if graded.passed => {
            "As you expected, every promise holds.".to_owned()
        }
        (Expected::Holds, None) => "You expected every promise to hold.".to_owned(),
        (Expected::Holds, Some(first)) => {
            format!("You expected every promise to hold, and “{first}” does not.")
        }
        (Expected::Breaks(nth), first) if graded.is_broken(nth) => match first {
            Some(first) if first != name(nth) => {
                format!(
                    "As you expected, “{}” breaks; “{first}” breaks too.",
                    name(nth)
                )
            }
            _ => format!("As you expected, “{}” breaks.", name(nth)),
        },
        (Expected::Breaks(nth), Some(first)) => {
            format!("You expected “{}” to break, and “{first}” does.", name(nth))
        }
        (Expected::Breaks(nth), None) if graded.passed => {
            format!("You expected “{}” to break, and it does not.", name(nth))
        }
        // Nothing is decided.
        (Expected::Breaks(nth), None) => format!("You expected “{}” to break.", name(nth)),
    }
}

/// Settings with which every promise holds pass when that was expected, for the right reason.
fn thought(chosen: &Chosen, reason: &quiz::ResolvedQuestion, graded: &mut Graded) {
    let answers = chosen.because.map(|nth| (reason.id.clone(), nth));
    let marks = quiz::marks(std::slice::from_ref(reason), &answers.into_iter().collect());
    let lacks = match (chosen.expected, marks.first().map(|mark| mark.verdict)) {
        (Some(Expected::Holds), Some(quiz::Verdict::Right)) => None,
        (None, _) => Some("say first what you expect, and why"),
        (Some(Expected::Breaks(_)), _) => Some("you expected otherwise: say why they hold"),
        (_, Some(quiz::Verdict::Wrong)) => Some("the reason you gave is not why"),
        _ => Some("say why"),
    };
    if let Some(lacks) = lacks {
        graded.passed = false;
        let found = graded.sentence.trim_start_matches("Correct ");
        graded.sentence = format!("Not passed yet: every promise holds {found}, but {lacks}");
    }
    graded.marks = marks;
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

/// The verdict with what the code does in the runs that are shown of it: in the scene as told, and
/// in what was found. The code is read anew, so that it remembers nothing of all other runs. Whoever
/// shows them needs no language.
pub fn shown(
    exercise: &Exercise,
    answer: &Answer,
    mut graded: Graded,
    compile: &Compile<'_>,
) -> Grade {
    let promises = graded.promises.iter();
    let found = promises.filter_map(|promise| promise.found.as_ref());
    let paths: Vec<Path> = found.map(|found| found.choices()).collect();
    let recorded = record(exercise, answer, &paths, compile).unwrap_or_else(|problems| {
        graded = Graded::unreadable(problems);
        Recorded::default()
    });
    Grade { graded, recorded }
}

fn record(
    exercise: &Exercise,
    answer: &Answer,
    paths: &[Path],
    compile: &Compile<'_>,
) -> Result<Recorded, Vec<Problem>> {
    let (Form::Code { consumers, .. }, Answer::Code(text)) = (&exercise.form, answer) else {
        return Ok(Recorded::default());
    };
    let Ok(cast) = cast(exercise, &exercise.with) else {
        return Ok(Recorded::default());
    };
    let program = compile(text, &cast)?;
    let cast = with_program(&cast, consumers, &program);
    Run::new(Arc::clone(&cast)).to_rest();
    for path in paths {
        if let Ok(mut run) = Run::replay(Arc::clone(&cast), path) {
            run.to_rest();
        }
    }
    Ok(program.recorded())
}

/// The cast in which runs of an exercise are shown: with these options, and for code with what was
/// recorded of it. None when the exercise has no scene.
pub fn shown_cast(exercise: &Exercise, with: &Selection, recorded: &Recorded) -> Option<Arc<Cast>> {
    let cast = cast(exercise, with).ok()?;
    Some(match &exercise.form {
        Form::Code { consumers, .. } => {
            let recorded: Arc<dyn Handler> = Arc::new(recorded.clone());
            with_handler(&cast, consumers, &recorded)
        }
        _ => cast,
    })
}

/// The cast in which these consumers handle their records with a program.
fn with_program(cast: &Cast, consumers: &[String], program: &Arc<dyn Program>) -> Arc<Cast> {
    let handler: Arc<dyn Handler> = Arc::clone(program) as _;
    with_handler(cast, consumers, &handler)
}

fn with_handler(cast: &Cast, consumers: &[String], handler: &Arc<dyn Handler>) -> Arc<Cast> {
    let found = consumers.iter().filter_map(|name| cast.find_consumer(name));
    let ids: Vec<ConsumerId> = found.collect();
    cast.with_handler(&ids, handler)
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
            let program = compile(text, &cast).map_err(|all| Box::new(Graded::unreadable(all)))?;
            let cast = with_program(&cast, consumers, &program);
            let about = About::Code(wrong.clone());
            Ok(Search {
                program: Some(program),
                ..search(exercise, cast, exercise.with.clone(), about)
            })
        }
        (
            Form::Settings {
                form,
                wrong,
                reason,
                ..
            },
            Answer::Settings(chosen),
        ) => {
            let options = &chosen.options;
            if let Some(other) = options.keys().find(|setting| !form.contains(setting)) {
                return Err(plain(
                    false,
                    format!("Cannot be run: `{other}` is not in the form"),
                ));
            }
            let mut with = exercise.with.clone();
            with.extend(options.clone());
            let with = complete(exercise, with);
            let cast = cast(exercise, &with)?;
            let known = known_settings(exercise, wrong, options);
            let about = About::Settings {
                known: known.map(|nth| (nth, wrong[nth].why.clone())),
                chosen: chosen.clone(),
                reason: reason.clone(),
            };
            Ok(search(exercise, cast, with, about))
        }
        (
            Form::Find {
                goal,
                allowed,
                wrong,
                ..
            },
            Answer::Find(way),
        ) => Err(Box::new(find::graded(exercise, goal, allowed, wrong, way))),
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

/// Which of the wrong answers says something of these options: the first that agrees in every setting
/// that makes a difference to it.
pub(super) fn known_settings(
    exercise: &Exercise,
    wrong: &[WrongSettings],
    options: &Selection,
) -> Option<usize> {
    let chosen = complete(exercise, options.clone());
    wrong.iter().position(|one| {
        let answer = complete(exercise, one.answer.clone());
        let differs = |(setting, option)| chosen.get(setting) != Some(option);
        let mut matters = answer
            .iter()
            .filter(|(setting, _)| !one.any.contains(setting));
        !matters.any(differs)
    })
}

/// The options with those that are not named: the first of each setting.
pub(super) fn complete(exercise: &Exercise, mut with: Selection) -> Selection {
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

fn search(exercise: &Exercise, cast: Arc<Cast>, with: Selection, about: About) -> Search {
    Search {
        exploration: Exploration::new(Arc::clone(&cast)),
        cast,
        program: None,
        with,
        floor: exercise.floor,
        about,
        why: exercise.why.clone(),
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
