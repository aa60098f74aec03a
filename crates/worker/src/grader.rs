//! Grades an answer, and writes down what a learner's code did in the runs that are shown of it.

use course::exercise::{Answer, Exercise, Form, Graded, Grading};
use course::search::{Grade, Tell, ToGrade};
use engine::handler::language::{Ask, Program};
use engine::handler::{Handler, Memory, Problem, Recorded};
use engine::{Cast, ConsumerId, Path, Run};
use schedule::Progress;
use std::sync::Arc;

/// An answer that is being graded.
pub struct Grader {
    exercise: Exercise,
    answer: Answer,
    /// The language of answers that are code.
    language: Ask,
    /// Nothing, when the scene is only to happen once.
    grading: Option<Grading>,
}

impl Grader {
    /// An answer at the start of its grading.
    pub fn new(what: ToGrade, language: Ask) -> Self {
        let ToGrade {
            exercise,
            answer,
            once,
        } = what;
        let compile = |text: &str, cast: &Cast| -> Result<Arc<dyn Handler>, Vec<Problem>> {
            Ok(read(text, cast, language)?)
        };
        let grading = (!once).then(|| Grading::new(&exercise, &answer, &compile));
        Grader {
            exercise,
            answer,
            language,
            grading,
        }
    }

    /// Goes on for about so many states.
    pub fn advance(&mut self, states: usize) -> Progress {
        match &mut self.grading {
            Some(grading) => grading.advance(states),
            None => Progress {
                states: 0,
                steps: 0,
                depth: 0,
                waiting: 0,
                ended: true,
            },
        }
    }

    /// What came of it, so far or in the end.
    pub fn result(&self) -> Tell {
        let mut graded = match &self.grading {
            Some(grading) => grading.graded(),
            None => Graded::plain(false, String::new()),
        };
        let paths: Vec<Path> = graded
            .promises
            .iter()
            .filter_map(|promise| promise.found.as_ref())
            .map(|found| found.choices())
            .collect();
        let recorded = self.record(&paths).unwrap_or_else(|problems| {
            graded = Graded::unreadable(problems);
            Recorded::default()
        });
        Tell::Graded(Box::new(Grade { graded, recorded }))
    }

    /// What the code does in the story as told, and in these runs: read anew, so that it
    /// remembers nothing of all the others.
    fn record(&self, paths: &[Path]) -> Result<Recorded, Vec<Problem>> {
        let (Form::Code { consumers, .. }, Answer::Code(text)) =
            (&self.exercise.form, &self.answer)
        else {
            return Ok(Recorded::default());
        };
        let scene = self.exercise.scene.as_ref();
        let Some(cast) = scene
            .and_then(|scene| scene.with(&self.exercise.with).ok())
            .and_then(|scene| Cast::new(&scene).ok())
        else {
            return Ok(Recorded::default());
        };
        let code = read(text, &cast, self.language)?;
        let ids: Vec<ConsumerId> = consumers
            .iter()
            .filter_map(|name| cast.find_consumer(name))
            .collect();
        let handler: Arc<dyn Handler> = Arc::clone(&code) as _;
        let cast = cast.with_handler(&ids, &handler);
        Run::new(Arc::clone(&cast)).to_rest();
        for path in paths {
            if let Ok(mut run) = Run::replay(Arc::clone(&cast), path) {
                run.to_rest();
            }
        }
        Ok(code.recorded())
    }
}

/// A program that asks its language nothing twice.
fn read(text: &str, cast: &Cast, language: Ask) -> Result<Arc<Memory<Program>>, Vec<Problem>> {
    Ok(Arc::new(Memory::new(Program::read(text, cast, language)?)))
}
