//! What a learner has done, as a value that can be kept, carried elsewhere and thrown away.
//!
//! It is kept by a [`Store`]: the page's is the browser's local storage, the tests' is [`Memory`].
//! A store may refuse; the lesson then goes on without it.

mod reader;

pub use reader::Reader;

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

    /// Adds what another copy knows. Nothing done is ever undone by it: tasks and visits are
    /// joined; an answer to a task's question is added where there is none; of two answers to a quiz the newer version's count, and of the same version the
    /// better, and of equally good ones those here; of two answers to an exercise likewise, and
    /// an answer that makes way for one to a newer version is kept beside it.
    pub fn merge(&mut self, other: &Progress) {
        self.reader.merge(&other.reader);
        for (id, theirs) in &other.lessons {
            let ours = self.lesson_mut(id);
            ours.visited |= theirs.visited;
            ours.tasks.extend(theirs.tasks.iter().cloned());
            ours.reached.extend(theirs.reached.iter().cloned());
            for (task, answer) in &theirs.answered {
                let known = ours.answered.entry(task.clone());
                known.or_insert_with(|| answer.clone());
            }
            for (quiz, answered) in &theirs.quizzes {
                let better = ours.quizzes.get(quiz).is_none_or(|known| {
                    (answered.version, answered.right) > (known.version, known.right)
                });
                if better {
                    ours.quizzes.insert(quiz.clone(), answered.clone());
                }
            }
            for (exercise, theirs) in &theirs.exercises {
                let known = ours.exercises.entry(exercise.clone()).or_default();
                if (theirs.version, theirs.passed) > (known.version, known.passed) {
                    let beside = std::mem::take(known).at_version(theirs.version).earlier;
                    *known = theirs.clone();
                    known.earlier = known.earlier.take().or(beside);
                }
            }
        }
    }

    /// Joins what was done here with what another page has written meanwhile, entry by entry; both began
    /// with `base`. An entry that only one of them has changed is as that one left it, forgotten
    /// lessons included. Of an entry that both have changed this one stays, an answer to an exercise
    /// with the other's kept beside it; visits and tasks are joined, and a quiz is as [`Progress::merge`]
    /// has it.
    pub fn join(&mut self, base: &Progress, theirs: &Progress) {
        for id in base.lessons.keys() {
            let is_forgotten = !theirs.lessons.contains_key(id);
            if is_forgotten && self.lessons.get(id) == base.lessons.get(id) {
                self.lessons.remove(id);
            }
        }
        self.reader.join(&base.reader, &theirs.reader);
        let nothing = LessonProgress::default();
        for (id, theirs) in &theirs.lessons {
            let before = base.lessons.get(id);
            if before == Some(theirs) || before.is_some() && !self.lessons.contains_key(id) {
                continue;
            }
            let before = before.unwrap_or(&nothing);
            let ours = self.lesson_mut(id);
            ours.visited |= theirs.visited;
            ours.tasks.extend(theirs.tasks.iter().cloned());
            ours.reached.extend(theirs.reached.iter().cloned());
            for (task, answer) in &theirs.answered {
                if ours.answered.get(task) == before.answered.get(task) {
                    ours.answered.insert(task.clone(), answer.clone());
                }
            }
            for (quiz, answered) in &theirs.quizzes {
                let is_theirs = match ours.quizzes.get(quiz) {
                    known if known == before.quizzes.get(quiz) => true,
                    Some(known) => {
                        (answered.version, answered.right) > (known.version, known.right)
                    }
                    None => true,
                };
                if is_theirs {
                    ours.quizzes.insert(quiz.clone(), answered.clone());
                }
            }
            for (exercise, theirs) in &theirs.exercises {
                let began = before.exercises.get(exercise);
                match ours.exercises.get_mut(exercise) {
                    Some(known) if Some(&*known) != began => {
                        let is_changed = began != Some(theirs) && theirs.answer != known.answer;
                        if is_changed && !theirs.answer.is_empty() {
                            known.earlier = Some(theirs.answer.clone());
                        }
                        known.passed |= theirs.passed && theirs.version == known.version;
                    }
                    _ => {
                        ours.exercises.insert(exercise.clone(), theirs.clone());
                    }
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
    use crate::task::{Form, Question};

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
    fn a_task_that_asks_is_done_when_it_is_reached_and_rightly_answered() {
        let question = Question {
            form: Form::Number { key: 2 },
            right: String::new(),
            wrong: String::new(),
            known: Vec::new(),
        };
        let task = Task {
            id: "second-mail".to_owned(),
            scene: "crash".to_owned(),
            when: vec!["lost >= 1".to_owned()],
            html: String::new(),
            question: Some(question),
        };
        let check = |steps: &[Option<&str>], expected: bool| {
            let mut lesson = LessonProgress::default();
            for step in steps {
                match step {
                    Some(answer) => lesson.answer(&task, (*answer).to_owned()),
                    None => lesson.reach(&task),
                }
            }
            assert_eq!(lesson.tasks.contains("second-mail"), expected, "{steps:?}");
        };
        check(&[None], false);
        check(&[Some("2")], false);
        check(&[Some("4"), None], false);
        check(&[None, Some("2")], true);
        check(&[Some("2"), None], true);
        // Whoever has done it may try other answers.
        check(&[Some("2"), None, Some("4")], true);
        let asks_nothing = Task {
            question: None,
            ..task.clone()
        };
        let mut lesson = LessonProgress::default();
        lesson.reach(&asks_nothing);
        assert!(lesson.tasks.contains("second-mail") && lesson.reached.is_empty());
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
    fn nobody_has_more_right_answers_than_there_are_questions() {
        let mut text = done(&[], 4_294_967_295).text();
        let read = Progress::read(&text).expect("progress");
        let quiz = |progress: &Progress| {
            let quiz = &progress.lessons["consumer-groups"].quizzes["check"];
            (quiz.right, quiz.of)
        };
        assert_eq!(quiz(&read), (5, 5));
        text = done(&[], 3).text();
        assert_eq!(quiz(&Progress::read(&text).expect("progress")), (3, 5));
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
    fn an_answer_to_another_version_is_kept_beside() {
        let old = ExerciseProgress {
            version: 1,
            answer: "mine".to_owned(),
            hints: 2,
            passed: true,
            earlier: None,
        };
        assert_eq!(old.clone().at_version(1), old);
        let new = old.clone().at_version(2);
        assert_eq!(
            (new.answer.as_str(), new.passed, new.earlier.as_deref()),
            ("", false, Some("mine"))
        );
        // It stays when the next version comes too, and when another copy is at that already.
        assert_eq!(new.clone().at_version(3).earlier, Some("mine".to_owned()));
        let mut progress = Progress::default();
        let exercises = |progress: &mut Progress, kept| {
            let lesson = progress.lesson_mut("consumer-groups");
            lesson.exercises.insert("guard".to_owned(), kept);
        };
        exercises(&mut progress, old);
        let mut other = Progress::default();
        let theirs = ExerciseProgress {
            version: 2,
            answer: "theirs".to_owned(),
            ..ExerciseProgress::default()
        };
        exercises(&mut other, theirs);
        progress.merge(&other);
        let merged = &progress.lesson("consumer-groups").unwrap().exercises["guard"];
        assert_eq!(
            (merged.answer.as_str(), merged.earlier.as_deref()),
            ("theirs", Some("mine"))
        );
    }

    #[test]
    fn two_pages_that_write_lose_nothing_of_each_other() {
        let typed = |answers: &[(&str, &str)]| {
            let mut progress = Progress::default();
            let exercises = &mut progress.lesson_mut("consumer-groups").exercises;
            for (exercise, answer) in answers {
                let kept = ExerciseProgress {
                    version: 1,
                    answer: (*answer).to_owned(),
                    ..ExerciseProgress::default()
                };
                exercises.insert((*exercise).to_owned(), kept);
            }
            progress
        };
        let joined = |base: &Progress, mut here: Progress, there: &Progress| {
            here.join(base, there);
            here
        };
        let base = typed(&[("a", "1"), ("b", "1")]);
        // Each typed in another exercise.
        let (here, there) = (
            typed(&[("a", "2"), ("b", "1")]),
            typed(&[("a", "1"), ("b", "2")]),
        );
        assert_eq!(
            joined(&base, here, &there),
            typed(&[("a", "2"), ("b", "2")])
        );
        // Both typed in the same one: the other's text is kept beside.
        let (here, there) = (
            typed(&[("a", "2"), ("b", "1")]),
            typed(&[("a", "3"), ("b", "1")]),
        );
        let both = joined(&base, here, &there);
        let kept = &both.lessons["consumer-groups"].exercises["a"];
        assert_eq!(
            (kept.answer.as_str(), kept.earlier.as_deref()),
            ("2", Some("3"))
        );
        // What one of them has forgotten stays forgotten, unless the other went on with it.
        assert_eq!(
            joined(&base, Progress::default(), &base),
            Progress::default()
        );
        assert_eq!(
            joined(&base, base.clone(), &Progress::default()),
            Progress::default()
        );
        let here = typed(&[("a", "2"), ("b", "1")]);
        assert_eq!(joined(&base, here.clone(), &Progress::default()), here);
        // Tasks and quizzes are joined.
        let both = joined(&Progress::default(), done(&["a"], 4), &done(&["b"], 3));
        assert_eq!(both, done(&["a", "b"], 4));
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
