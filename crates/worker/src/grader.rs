//! Grades an answer, and writes down what a learner's code did in the runs that are shown of it.

use course::exercise::{Answer, Exercise, Graded, Grading, shown};
use course::search::{Tell, ToGrade};
use engine::Cast;
use engine::handler::language::{self, Ask};
use engine::handler::{Memory, Problem, Program};
use schedule::Progress;
use std::sync::Arc;

/// An answer being graded.
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
        let compile = |text: &str, cast: &Cast| read(text, cast, language);
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
        let graded = match &self.grading {
            Some(grading) => grading.graded(),
            None => Graded::plain(false, String::new()),
        };
        let compile = |text: &str, cast: &Cast| read(text, cast, self.language);
        let shown = shown(&self.exercise, &self.answer, graded, &compile);
        Tell::Graded(Box::new(shown))
    }
}

/// A program that asks its language nothing twice.
fn read(text: &str, cast: &Cast, language: Ask) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let program = language::Program::read(text, cast, language)?;
    Ok(Arc::new(Memory::new(program)))
}
