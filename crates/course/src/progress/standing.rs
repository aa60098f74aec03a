//! How far somebody is in a lesson.

use super::LessonProgress;
use serde::{Deserialize, Serialize};

/// What a lesson has to do, by ids; questions and exercises with their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Its tasks.
    pub tasks: Vec<String>,
    /// Its quizzes.
    pub quizzes: Vec<(String, u32)>,
    /// Its exercises.
    pub exercises: Vec<(String, u32)>,
}

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The page was never opened.
    NotBegun,
    /// So many of so many things to do are done.
    Begun {
        /// Done.
        done: usize,
        /// To do in all.
        of: usize,
    },
    /// Every task is done, every question rightly answered, every exercise passed.
    Done,
}

/// What is done of a lesson, as far as it is done for the versions that there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// How many of its tasks.
    pub tasks: usize,
    /// How many of its quizzes with every answer right.
    pub quizzes: usize,
    /// How many answers were right, of how many given.
    pub answers: (u32, u32),
    /// How many of its exercises.
    pub exercises: usize,
}

impl Outline {
    /// What is done of it.
    pub fn done(&self, known: &LessonProgress) -> Done {
        let tasks = self.tasks.iter().filter(|id| known.tasks.contains(*id));
        let exercises = self.exercises.iter().filter(|(id, version)| {
            let kept = known.exercises.get(id);
            kept.is_some_and(|kept| kept.version == *version && kept.passed)
        });
        let mut done = Done {
            tasks: tasks.count(),
            exercises: exercises.count(),
            ..Done::default()
        };
        for (id, version) in &self.quizzes {
            let kept = known.quizzes.get(id);
            if let Some(kept) = kept.filter(|kept| kept.version == *version) {
                let (right, of) = done.answers;
                // What was imported can be any number.
                done.answers = (right.saturating_add(kept.right), of.saturating_add(kept.of));
                done.quizzes += usize::from(kept.of > 0 && kept.right == kept.of);
            }
        }
        done
    }

    /// How far somebody is who has done this. A lesson that has nothing to do is done when it was opened.
    pub fn standing(&self, known: Option<&LessonProgress>) -> Standing {
        let Some(known) = known else {
            return Standing::NotBegun;
        };
        let parts = self.done(known);
        let done = parts.tasks + parts.quizzes + parts.exercises;
        let of = self.tasks.len() + self.quizzes.len() + self.exercises.len();
        match (done, known.visited) {
            (0, false) => Standing::NotBegun,
            _ if done == of => Standing::Done,
            _ => Standing::Begun { done, of },
        }
    }
}
