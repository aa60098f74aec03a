//! Grades an answer, and writes down what a learner's code did in the runs that are shown of it.

use course::exercise::{Answer, Exercise, Form, Graded, Grading};
use course::search::{Grade, Tell, text};
use engine::handler::{Handler, Problem, Recorded};
use engine::{Cast, ConsumerId, Path, Run};
use schedule::Progress;
use std::sync::Arc;

/// Reads one text as a program, and remembers every turn it took.
pub trait Reader {
    /// The program.
    ///
    /// # Errors
    /// What keeps it from being run.
    fn read(&self, text: &str, cast: &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>>;

    /// What the program last read has done since.
    fn recorded(&self) -> Recorded;
}

/// An answer that is being graded.
pub struct Grader {
    exercise: Exercise,
    answer: Answer,
    reader: Option<Box<dyn Reader>>,
    /// Nothing, when the scene is only to happen once.
    grading: Option<Grading>,
}

impl Grader {
    /// An answer at the start of its grading.
    pub fn new(
        exercise: Exercise,
        answer: Answer,
        once: bool,
        reader: Option<Box<dyn Reader>>,
    ) -> Self {
        let grading = (!once)
            .then(|| Grading::new(&exercise, &answer, &|text, cast| read(&reader, text, cast)));
        Grader {
            exercise,
            answer,
            reader,
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
        Tell::Graded(text(&Grade { graded, recorded }))
    }

    /// What the code does in the story as told, and in these runs: read anew, so that it
    /// remembers nothing of all the others.
    fn record(&self, paths: &[Path]) -> Result<Recorded, Vec<Problem>> {
        let (Form::Code { consumers, .. }, Answer::Code(text), Some(reader)) =
            (&self.exercise.form, &self.answer, &self.reader)
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
        let code = reader.read(text, &cast)?;
        let ids: Vec<ConsumerId> = consumers
            .iter()
            .filter_map(|name| cast.find_consumer(name))
            .collect();
        let cast = cast.with_handler(&ids, &code);
        Run::new(Arc::clone(&cast)).to_rest();
        for path in paths {
            if let Ok(mut run) = Run::replay(Arc::clone(&cast), path) {
                run.to_rest();
            }
        }
        Ok(reader.recorded())
    }
}

/// Reads with what there is.
fn read(
    reader: &Option<Box<dyn Reader>>,
    text: &str,
    cast: &Cast,
) -> Result<Arc<dyn Handler>, Vec<Problem>> {
    match reader {
        Some(reader) => reader.read(text, cast),
        None => Err(vec![Problem {
            line: 1,
            column: 1,
            end_line: 1,
            end_column: 1,
            message: "code cannot be read here".to_owned(),
            help: "load the page again".to_owned(),
        }]),
    }
}
