//! Two copies of what a learner has done, made one.

use super::{LessonProgress, Progress};

impl Progress {
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
}
