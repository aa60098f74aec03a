//! Tasks: what a learner is asked to bring about, and whether it came about.

use crate::query::{Condition, Mistake};
use engine::Run;
use serde::{Deserialize, Serialize};

/// Something to bring about in a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its name within the lesson.
    pub id: String,
    /// In which scene.
    pub scene: String,
    /// Conditions, as written; all must hold where the learner is.
    pub when: Vec<String>,
    /// What is asked, as HTML.
    pub html: String,
}

impl Task {
    /// The conditions.
    ///
    /// # Errors
    /// The first that is not understood. Tasks of a published lesson have none.
    pub fn conditions(&self) -> Result<Vec<Condition>, Mistake> {
        self.when.iter().map(|line| line.parse()).collect()
    }

    /// Whether the task is done after so many choices of the run; never when it is not understood.
    pub fn done(&self, run: &Run, choices: usize) -> bool {
        self.conditions()
            .is_ok_and(|all| !all.is_empty() && all.iter().all(|one| one.holds(run, choices)))
    }
}
