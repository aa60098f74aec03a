//! What a learner has done, as a value that can be kept, carried elsewhere and thrown away.
//!
//! It is kept by a [`Store`]: the page's is the browser's local storage, the tests' is [`Memory`].
//! A store may refuse; the lesson then goes on without it.

mod merge;
mod reader;
mod standing;
mod store;
#[cfg(test)]
mod tests;

pub use reader::Reader;
pub use standing::{Done, Outline, Standing};
pub use store::{Memory, Refused, Store};

use crate::quiz::Answers;
use crate::task::Task;
use engine::text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the form below. A text of an older one is brought up to it, step by step.
pub const VERSION: u32 = 1;

/// Everything a learner has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The version of this form.
    pub version: u32,
    /// By the lesson's id.
    #[serde(default)]
    pub lessons: BTreeMap<String, LessonProgress>,
    /// How the reader wants the pages.
    #[serde(default, skip_serializing_if = "Reader::is_default")]
    pub reader: Reader,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            version: VERSION,
            lessons: BTreeMap::new(),
            reader: Reader::default(),
        }
    }
}

/// What was done in one lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonProgress {
    /// Whether the page was opened.
    #[serde(default)]
    pub visited: bool,
    /// The tasks that are done.
    #[serde(default)]
    pub tasks: BTreeSet<String>,
    /// The tasks whose conditions came about, where that is not all: their question is still open.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reached: BTreeSet<String>,
    /// The last answer to the question of each task that asks one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answered: BTreeMap<String, String>,
    /// The last answers to each quiz.
    #[serde(default)]
    pub quizzes: BTreeMap<String, QuizProgress>,
    /// The last answer to each exercise.
    #[serde(default)]
    pub exercises: BTreeMap<String, ExerciseProgress>,
}

impl LessonProgress {
    /// What a task asks for has come about.
    pub fn reach(&mut self, task: &Task) {
        if task.question.is_some() {
            self.reached.insert(task.id.clone());
        }
        self.settle(task, true);
    }

    /// The question of a task is answered so.
    pub fn answer(&mut self, task: &Task, answer: String) {
        self.answered.insert(task.id.clone(), answer);
        self.settle(task, self.reached.contains(&task.id));
    }

    /// A task is done when it has been reached and its question is rightly answered; once it was, it stays so.
    fn settle(&mut self, task: &Task, reached: bool) {
        let answer = self.answered.get(&task.id).map(String::as_str);
        if reached && task.is_answered(answer) {
            self.tasks.insert(task.id.clone());
        }
    }
}

/// The last answer to an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExerciseProgress {
    /// The exercise's version; an answer to another one is kept beside.
    pub version: u32,
    /// The answer as text; empty while it is the one the exercise begins with.
    #[serde(default)]
    pub answer: String,
    /// How many hints were asked for.
    #[serde(default)]
    pub hints: u32,
    /// Whether an answer has passed.
    #[serde(default)]
    pub passed: bool,
    /// The last answer to another version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<String>,
}

impl ExerciseProgress {
    /// The same as it stands for this version of the exercise: an answer to another one is kept
    /// beside, never in place of the author's new text.
    #[must_use]
    pub fn at_version(self, version: u32) -> ExerciseProgress {
        if self.version == version {
            return self;
        }
        let answer = Some(self.answer).filter(|answer| !answer.is_empty());
        ExerciseProgress {
            version,
            earlier: answer.or(self.earlier),
            ..ExerciseProgress::default()
        }
    }
}

/// The last answers to a quiz.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuizProgress {
    /// The quiz's version; answers to another one count no longer.
    pub version: u32,
    /// Which option was chosen for each question.
    pub answers: Answers,
    /// How many were right.
    pub right: u32,
    /// Of how many.
    pub of: u32,
}

/// Why a text is no progress. What was there before is untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no progress at all, or was cut short.
    Damaged,
    /// It was written by a later form of this course.
    Newer(u64),
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unreadable::Damaged => out.write_str(
                "This is not a file of progress, or it is damaged. Nothing was changed.",
            ),
            Unreadable::Newer(version) => {
                write!(
                    out,
                    "This progress is of form {version}, and this page knows form {VERSION}: reload the page to get the newest. Nothing was changed."
                )
            }
        }
    }
}

impl std::error::Error for Unreadable {}

impl Progress {
    /// Reads exported or stored text, of this form or an older one.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(text: &str) -> Result<Progress, Unreadable> {
        let value: Value = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        let form: Form = text::read_value(&value).map_err(|_| Unreadable::Damaged)?;
        match form.version {
            // There was no form before the first. When there is a second, the first is read here
            // by its own type and brought up to it.
            0 => Err(Unreadable::Damaged),
            known if known <= u64::from(VERSION) => {
                let read: Progress = text::read_value(&value).map_err(|_| Unreadable::Damaged)?;
                Ok(read.held_to_what_can_be())
            }
            newer => Err(Unreadable::Newer(newer)),
        }
    }

    /// The same, where nobody has more right answers than there are questions.
    fn held_to_what_can_be(mut self) -> Progress {
        for lesson in self.lessons.values_mut() {
            for quiz in lesson.quizzes.values_mut() {
                quiz.right = quiz.right.min(quiz.of);
            }
        }
        self
    }

    /// The text that [`Progress::read`] reads, for a file or a store.
    pub fn text(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        format!("{value:#}")
    }

    /// What was done in a lesson.
    pub fn lesson(&self, id: &str) -> Option<&LessonProgress> {
        self.lessons.get(id)
    }

    /// What was done in a lesson, to be added to.
    pub fn lesson_mut(&mut self, id: &str) -> &mut LessonProgress {
        self.lessons.entry(id.to_owned()).or_default()
    }

    /// Forgets one lesson.
    pub fn reset_lesson(&mut self, id: &str) {
        self.lessons.remove(id);
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        *self = Progress::default();
    }
}

/// The one thing all forms have.
#[derive(Deserialize)]
struct Form {
    version: u64,
}
