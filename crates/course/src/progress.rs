//! What a learner has done, as a value that can be kept, carried elsewhere and thrown away.
//!
//! It is kept by a [`Store`]: the page's is the browser's local storage, the tests' is [`Memory`].
//! A store may refuse; the lesson then goes on without it.

use crate::quiz::Answers;
use serde::{Deserialize, Serialize};
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
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            version: VERSION,
            lessons: BTreeMap::new(),
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
    /// The last answers to each quiz.
    #[serde(default)]
    pub quizzes: BTreeMap<String, QuizProgress>,
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
        // Field values in a list would be read as well, and are no form of progress.
        if !text.trim_start().starts_with('{') {
            return Err(Unreadable::Damaged);
        }
        // A list could be read as a form whose fields have no names; nobody wrote that.
        if !text.trim_start().starts_with('{') {
            return Err(Unreadable::Damaged);
        }
        let form: Form = serde_json::from_str(text).map_err(|_| Unreadable::Damaged)?;
        match form.version {
            // There was no form before the first. When there is a second, the first is read here
            // by its own type and brought up to it.
            0 => Err(Unreadable::Damaged),
            known if known <= u64::from(VERSION) => {
                serde_json::from_str(text).map_err(|_| Unreadable::Damaged)
            }
            newer => Err(Unreadable::Newer(newer)),
        }
    }

    /// The text that [`Progress::read`] reads, for a file or a store.
    pub fn text(&self) -> String {
        // Maps with text keys and numbers always have a JSON form.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// What was done in a lesson.
    pub fn lesson(&self, id: &str) -> Option<&LessonProgress> {
        self.lessons.get(id)
    }

    /// What was done in a lesson, to be added to.
    pub fn lesson_mut(&mut self, id: &str) -> &mut LessonProgress {
        self.lessons.entry(id.to_owned()).or_default()
    }

    /// Adds what another copy knows. Nothing done is ever undone by it: tasks and visits are
    /// joined; of two answers to a quiz the newer version's count, and of the same version the
    /// better, and of equally good ones those here.
    pub fn merge(&mut self, other: &Progress) {
        for (id, theirs) in &other.lessons {
            let ours = self.lesson_mut(id);
            ours.visited |= theirs.visited;
            ours.tasks.extend(theirs.tasks.iter().cloned());
            for (quiz, answered) in &theirs.quizzes {
                let better = ours.quizzes.get(quiz).is_none_or(|known| {
                    (answered.version, answered.right) > (known.version, known.right)
                });
                if better {
                    ours.quizzes.insert(quiz.clone(), answered.clone());
                }
            }
        }
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

/// Where progress is kept.
pub trait Store {
    /// The text kept last, if any.
    ///
    /// # Errors
    /// The store cannot be used.
    fn load(&self) -> Result<Option<String>, Refused>;

    /// Keeps a text in place of the last.
    ///
    /// # Errors
    /// The store cannot be used, or is full; the last text is still there.
    fn save(&mut self, text: &str) -> Result<(), Refused>;
}

/// A store did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The browser allows no storage here.
    Denied,
    /// There is no room left.
    Full,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Refused::Denied => "This browser keeps nothing for this page, so your progress ends with this visit.",
            Refused::Full => "There is no room left in this browser's storage, so your progress ends with this visit.",
        })
    }
}

impl std::error::Error for Refused {}

/// A store in memory, which can be made to refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// What is kept.
    pub text: Option<String>,
    /// What every request is answered with, while set.
    pub refuses: Option<Refused>,
}

impl Store for Memory {
    fn load(&self) -> Result<Option<String>, Refused> {
        self.refuses.map_or_else(|| Ok(self.text.clone()), Err)
    }

    fn save(&mut self, text: &str) -> Result<(), Refused> {
        if let Some(refused) = self.refuses {
            return Err(refused);
        }
        self.text = Some(text.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(tasks: &[&str], right: u32) -> Progress {
        let mut progress = Progress::default();
        let lesson = progress.lesson_mut("consumer-groups");
        lesson.visited = true;
        lesson.tasks = tasks.iter().map(|&id| id.to_owned()).collect();
        let answers = Answers::from([("q1".to_owned(), 2)]);
        lesson.quizzes.insert(
            "check".to_owned(),
            QuizProgress {
                version: 1,
                answers,
                right,
                of: 5,
            },
        );
        progress
    }

    #[test]
    fn what_is_exported_is_imported() {
        let progress = done(&["crash-it"], 4);
        assert_eq!(Progress::read(&progress.text()), Ok(progress));
    }

    #[test]
    fn a_text_that_is_no_progress_is_told_so() {
        let check =
            |text: &str, expected| assert_eq!(Progress::read(text), Err(expected), "{text}");
        check("", Unreadable::Damaged);
        check("{}", Unreadable::Damaged);
        check("[1]", Unreadable::Damaged);
        check(r#"{"version":0}"#, Unreadable::Damaged);
        check(r#"{"version":1,"lessons":7}"#, Unreadable::Damaged);
        check(r#"{"version":1,"lessons":{"a""#, Unreadable::Damaged);
        check(r#"{"version":2}"#, Unreadable::Newer(2));
        check(
            r#"{"version":99999999999}"#,
            Unreadable::Newer(99_999_999_999),
        );
    }

    #[test]
    fn merging_never_undoes_what_was_done() {
        let mut progress = done(&["a"], 4);
        progress.merge(&done(&["b"], 3));
        assert_eq!(progress, done(&["a", "b"], 4));
        progress.merge(&done(&[], 5));
        assert_eq!(progress, done(&["a", "b"], 5));
    }

    #[test]
    fn answers_to_a_newer_quiz_replace_better_ones_to_an_older() {
        let mut newer = done(&[], 1);
        newer
            .lesson_mut("consumer-groups")
            .quizzes
            .entry("check".to_owned())
            .and_modify(|quiz| quiz.version = 2);
        let mut progress = done(&[], 5);
        progress.merge(&newer);
        assert_eq!(progress, newer);
    }

    #[test]
    fn a_reset_forgets_one_lesson_or_all() {
        let mut progress = done(&["a"], 1);
        progress.lesson_mut("other").visited = true;
        progress.reset_lesson("consumer-groups");
        assert_eq!(progress.lessons.keys().collect::<Vec<_>>(), ["other"]);
        progress.reset();
        assert_eq!(progress, Progress::default());
    }

    #[test]
    fn a_store_that_refuses_keeps_what_it_had() {
        let mut store = Memory::default();
        assert_eq!(store.save("1"), Ok(()));
        store.refuses = Some(Refused::Full);
        assert_eq!(store.save("2"), Err(Refused::Full));
        store.refuses = None;
        assert_eq!(store.load(), Ok(Some("1".to_owned())));
    }
}
