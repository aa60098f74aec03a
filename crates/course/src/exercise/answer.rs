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
    /// Options of the settings in the form, and what is thought of them.
    Settings(Chosen),
    /// What is done in the run.
    Find(Way),
    /// Which option of each question.
    Predict(Answers),
    /// Which points of the rubric, from 0, the learner finds in their own design.
    Design(BTreeSet<usize>),
}

/// Settings as they are chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// The options.
    pub options: Selection,
    /// What the search is expected to find with them.
    pub expected: Option<Expected>,
    /// Why they are right: an option of the exercise's question, from 0.
    pub because: Option<usize>,
}

/// What a search is expected to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Every promise holds.
    Holds,
    /// This promise breaks, from 0.
    Breaks(usize),
}

/// What stands before what is expected, and before the reason. No name of a setting has such a sign.
const EXPECT: &str = "expect:";
const BECAUSE: &str = "because:";

impl Chosen {
    /// Settings from their text: `guard=on commit=after expect:holds because:2`. A promise that is
    /// expected to break is a number from 1, as the reason is. What is not understood is left out.
    pub fn of_text(text: &str) -> Chosen {
        let mut chosen = Chosen::default();
        for word in text.split_whitespace() {
            if let Some((setting, option)) = word.split_once('=') {
                chosen.options.insert(setting.to_owned(), option.to_owned());
            } else if let Some(expected) = word.strip_prefix(EXPECT) {
                chosen.expected = match expected {
                    "holds" => Some(Expected::Holds),
                    number => from_1(number).map(Expected::Breaks),
                };
            } else if let Some(reason) = word.strip_prefix(BECAUSE) {
                chosen.because = from_1(reason);
            }
        }
        chosen
    }
}

impl std::fmt::Display for Chosen {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = self.options.iter();
        let mut words: Vec<String> = options
            .map(|(setting, option)| format!("{setting}={option}"))
            .collect();
        words.extend(self.expected.map(|expected| match expected {
            Expected::Holds => format!("{EXPECT}holds"),
            Expected::Breaks(promise) => format!("{EXPECT}{}", promise + 1),
        }));
        words.extend(self.because.map(|nth| format!("{BECAUSE}{}", nth + 1)));
        out.write_str(&words.join(" "))
    }
}

/// A number from 1 as a place from 0.
fn from_1(number: &str) -> Option<usize> {
    number.parse::<usize>().ok()?.checked_sub(1)
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
    /// Reads the answer from a file: code as it is; settings as `guard=on commit=after`, with
    /// `expect:holds because:2` behind them ([`Chosen::of_text`]); a way as choices, `19-c0-r0`; predictions as `QUESTION=OPTION …` with options from 1; the points of
    /// a design as their numbers from 1.
    ///
    /// # Errors
    /// What is wrong with it and what to write, in a sentence.
    pub fn read(exercise: &Exercise, text: &str) -> Result<Answer, String> {
        let words = text.split_whitespace();
        match &exercise.form {
            Form::Code { .. } => Ok(Answer::Code(text.to_owned())),
            Form::Settings { form, reason, .. } => {
                let help = "write SETTING=OPTION, such as guard=on";
                let chosen = Chosen::of_text(text);
                let (thought, options): (Vec<&str>, Vec<&str>) =
                    words.partition(|word| word.starts_with(EXPECT) || word.starts_with(BECAUSE));
                crate::lesson::scenes::selection(options)
                    .map_err(|why| format!("{why}; {help}"))?;
                let scene = exercise.scene.as_deref();
                if let Some(why) = refused(&chosen.options, form, scene) {
                    return Err(why);
                }
                let promises = scene.map_or(0, |scene| scene.promises.len());
                let reasons = reason.options.len();
                let known = match (chosen.expected, chosen.because) {
                    (Some(Expected::Breaks(promise)), _) if promise >= promises => false,
                    (_, Some(reason)) if reason >= reasons => false,
                    (expected, because) => {
                        let understood =
                            usize::from(expected.is_some()) + usize::from(because.is_some());
                        understood == thought.len()
                    }
                };
                if !known {
                    return Err(format!(
                        "`{}` is not understood; write {EXPECT}holds, {EXPECT}1 to {promises} for the promise that breaks, and {BECAUSE}1 to {reasons}, each once",
                        thought.join(" ")
                    ));
                }
                Ok(Answer::Settings(chosen))
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
