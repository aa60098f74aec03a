//! Answers: as the page keeps them, and as files for commands.

use super::Way;
#[cfg(feature = "host")]
use super::{Exercise, Form, Kind};
use crate::quiz::Answers;
use engine::scene::Selection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An answer to an exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The text of a handler.
    Code(String),
    /// Options of the settings in the form.
    Settings(Selection),
    /// What is done in the run.
    Find(Way),
    /// Which option of each question.
    Predict(Answers),
    /// Which points of the rubric, from 0, the learner finds in their own design.
    Design(BTreeSet<usize>),
}

impl Answer {
    /// Whether two answers are the same: code but for comments, empty lines and spaces at the ends
    /// of lines.
    pub fn same(&self, other: &Answer) -> bool {
        match (self, other) {
            (Answer::Code(one), Answer::Code(other)) => normal(one).eq(normal(other)),
            _ => self == other,
        }
    }
}

/// The lines of a program that say something, without comments of their own lines and spaces at
/// the ends. What follows code on its line stays: whether it is a comment takes a parser.
fn normal(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty() && !line.trim_start().starts_with('#'))
}

#[cfg(feature = "host")]
impl Answer {
    /// Reads the answer from a file: code as it is; settings as `guard=on commit=after`; a way as
    /// choices, `19-c0-r0`; predictions as `QUESTION=OPTION …` with options from 1; the points of
    /// a design as their numbers from 1.
    ///
    /// # Errors
    /// What is wrong with it and what to write, in a sentence.
    pub fn read(exercise: &Exercise, text: &str) -> Result<Answer, String> {
        let words = text.split_whitespace();
        match &exercise.form {
            Form::Code { .. } => Ok(Answer::Code(text.to_owned())),
            Form::Settings { form, .. } => {
                let help = "write SETTING=OPTION, such as guard=on";
                let chosen = crate::lesson::scenes::selection(words)
                    .map_err(|why| format!("{why}; {help}"))?;
                let scene = exercise.scene.as_ref();
                refused(&chosen, form, scene).map_or(Ok(Answer::Settings(chosen)), Err)
            }
            Form::Find { .. } => {
                let text = text.trim();
                match text.parse::<engine::Path>() {
                    Ok(_) => Ok(Answer::Find(Way::Path(text.to_owned()))),
                    Err(why) => Err(format!("{why}; for example 19-c0-r0")),
                }
            }
            Form::Predict { questions } => {
                let mut answers = Answers::new();
                for word in words {
                    let chosen = word.split_once('=').and_then(|(id, option)| {
                        let question = questions.iter().find(|question| question.id == id)?;
                        let option = option.parse::<usize>().ok()?.checked_sub(1)?;
                        (option < question.options.len()).then(|| (id.to_owned(), option))
                    });
                    let Some((id, option)) = chosen else {
                        let known: Vec<_> = questions
                            .iter()
                            .map(|one| format!("{}=1 to {}", one.id, one.options.len()))
                            .collect();
                        return Err(format!(
                            "`{word}` answers nothing; write QUESTION=OPTION, of {}",
                            known.join(", ")
                        ));
                    };
                    answers.insert(id, option);
                }
                Ok(Answer::Predict(answers))
            }
            Form::Design { rubric, .. } => {
                let mut points = BTreeSet::new();
                for word in words {
                    let point = word
                        .parse::<usize>()
                        .ok()
                        .and_then(|nth| nth.checked_sub(1));
                    match point.filter(|&point| point < rubric.len()) {
                        Some(point) => points.insert(point),
                        None => {
                            return Err(format!(
                                "`{word}` is no point of the rubric; write numbers from 1 to {}",
                                rubric.len()
                            ));
                        }
                    };
                }
                Ok(Answer::Design(points))
            }
        }
    }

    /// Of which kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Answer::Code(_) => Kind::Code,
            Answer::Settings(_) => Kind::Settings,
            Answer::Find(_) => Kind::Find,
            Answer::Predict(_) => Kind::Predict,
            Answer::Design(_) => Kind::Design,
        }
    }
}

/// Why this cannot be chosen in the form, if it cannot.
#[cfg(feature = "host")]
fn refused(chosen: &Selection, form: &[String], scene: Option<&engine::Scene>) -> Option<String> {
    use crate::lesson::scenes::{NoRun, unknown_option};
    use crate::shape::one_of;
    if let Some(other) = chosen.keys().find(|setting| !form.contains(setting)) {
        return Some(format!(
            "`{other}` is not in the form; {}",
            one_of(other, form)
        ));
    }
    match unknown_option(scene?, chosen) {
        Err(NoRun::Unknown(what, help)) => Some(format!("{what}; {help}")),
        _ => None,
    }
}
