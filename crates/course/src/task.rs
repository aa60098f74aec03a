//! Tasks: what a learner is asked to bring about, what is asked about it, and whether it came about.

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
    /// The question that it ends with, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
}

impl Task {
    /// The conditions.
    ///
    /// # Errors
    /// The first that is not understood. Tasks of a published lesson have none.
    pub fn conditions(&self) -> Result<Vec<Condition>, Mistake> {
        self.when.iter().map(|line| line.parse()).collect()
    }

    /// Whether what is asked for has come about after so many choices of the run; never when it is not
    /// understood.
    pub fn done(&self, run: &Run, choices: usize) -> bool {
        self.conditions()
            .is_ok_and(|all| !all.is_empty() && all.iter().all(|one| one.holds(run, choices)))
    }

    /// Whether the learner's last answer leaves nothing open.
    pub fn is_answered(&self, answer: Option<&str>) -> bool {
        self.question.as_ref().is_none_or(|question| {
            answer.is_some_and(|answer| matches!(question.judge(answer), Some(Judged::Right(_))))
        })
    }
}

/// The question of a task, with the key that a run gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What kind of answer it takes, and which is right.
    pub form: Form,
    /// What is said of the right answer, as HTML without a paragraph around it.
    pub right: String,
    /// What is said of any other, likewise.
    pub wrong: String,
    /// What is said of wrong answers that people give, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<(String, String)>,
}

/// A kind of answer, with the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A number, which is typed.
    Number {
        /// The right one.
        key: i64,
    },
    /// Some of the names of a scene, which are ticked.
    Names {
        /// All that can be ticked.
        all: Vec<String>,
        /// The right ones, in the same order.
        key: Vec<String>,
    },
    /// One of some options.
    Choice {
        /// The number that each stands for, and what it says, as HTML without a paragraph around it.
        options: Vec<(i64, String)>,
        /// The number of the right one.
        key: i64,
    },
}

/// What became of an answer, with what is said of it, as HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged<'a> {
    /// It is the run's.
    Right(&'a str),
    /// It is another.
    Wrong(&'a str),
}

impl Question {
    /// An answer in the one way in which it is kept and compared; none for a text that answers nothing.
    pub fn read(&self, text: &str) -> Option<String> {
        match &self.form {
            Form::Number { .. } => {
                let digits: String = text.split_whitespace().collect();
                digits.parse::<i64>().ok().map(|number| number.to_string())
            }
            Form::Names { all, .. } => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let is_known = |word: &&str| all.iter().any(|name| name == *word);
                let ticked = all.iter().filter(|name| words.contains(&name.as_str()));
                let ticked: Vec<&str> = ticked.map(String::as_str).collect();
                let answers = !ticked.is_empty() && words.iter().all(is_known);
                answers.then(|| ticked.join(" "))
            }
            Form::Choice { options, .. } => {
                let number: i64 = text.trim().parse().ok()?;
                let is_there = options.iter().any(|(value, _)| *value == number);
                is_there.then(|| number.to_string())
            }
        }
    }

    /// The right answer, as it is kept.
    pub fn key(&self) -> String {
        match &self.form {
            Form::Number { key } | Form::Choice { key, .. } => key.to_string(),
            Form::Names { key, .. } => key.join(" "),
        }
    }

    /// What becomes of an answer; nothing of a text that is none.
    pub fn judge(&self, text: &str) -> Option<Judged<'_>> {
        let answer = self.read(text)?;
        if answer == self.key() {
            return Some(Judged::Right(&self.right));
        }
        let known = self.known.iter().find(|(wrong, _)| *wrong == answer);
        Some(Judged::Wrong(
            known.map_or(&self.wrong, |(_, sentence)| sentence),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(form: Form) -> Question {
        Question {
            form,
            right: "yes".to_owned(),
            wrong: "no".to_owned(),
            known: vec![("4".to_owned(), "four is the end".to_owned())],
        }
    }

    #[test]
    fn an_answer_is_right_wrong_or_none() {
        let check = |form: &Form, text: &str, expected| {
            assert_eq!(asking(form.clone()).judge(text), expected, "{text:?}");
        };
        let right = Some(Judged::Right("yes"));
        let wrong = Some(Judged::Wrong("no"));
        let number = Form::Number { key: 45_000 };
        check(&number, "45 000 ", right);
        check(&number, "45000", right);
        check(&number, "-1", wrong);
        check(&number, "4", Some(Judged::Wrong("four is the end")));
        check(&number, "", None);
        check(&number, "two", None);
        check(&number, "99999999999999999999", None);
        let all = ["a", "b", "c"].map(str::to_owned).to_vec();
        let names = Form::Names {
            all,
            key: vec!["a".to_owned(), "c".to_owned()],
        };
        check(&names, "c a", right);
        check(&names, "a c a", right);
        check(&names, "a", wrong);
        check(&names, "a b c", wrong);
        check(&names, "a d", None);
        check(&names, "", None);
        let choice = Form::Choice {
            options: vec![(1, "one".to_owned()), (4, "four".to_owned())],
            key: 1,
        };
        check(&choice, "1", right);
        check(&choice, "4", Some(Judged::Wrong("four is the end")));
        check(&choice, "2", None);
    }
}
