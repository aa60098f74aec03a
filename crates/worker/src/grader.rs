//! Grades an answer, and writes down what a learner's code did in the runs that are shown of it.

use course::exercise::{Answer, Compile, Exercise, Graded, Grading, shown};
use course::search::{Tell, text};
use engine::Cast;
use engine::handler::{Problem, Program};
use schedule::Progress;
use std::sync::Arc;

/// An answer that is being graded.
pub struct Grader {
    exercise: Exercise,
    answer: Answer,
    compile: &'static Compile<'static>,
    /// Nothing, when the scene is only to happen once.
    grading: Option<Grading>,
}

impl Grader {
    /// An answer at the start of its grading.
    pub fn new(
        exercise: Exercise,
        answer: Answer,
        once: bool,
        compile: &'static Compile<'static>,
    ) -> Self {
        let grading = (!once).then(|| Grading::new(&exercise, &answer, compile));
        Grader {
            exercise,
            answer,
            compile,
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
        let shown = shown(&self.exercise, &self.answer, graded, self.compile);
        Tell::Graded(text(&shown))
    }
}

/// Reads nothing: the search without a language.
pub fn no_language(_: &str, _: &Cast) -> Result<Arc<dyn Program>, Vec<Problem>> {
    Err(vec![Problem {
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        message: "code cannot be read here".to_owned(),
        help: "load the page again".to_owned(),
    }])
}
