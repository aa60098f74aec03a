//! Quick checks: what authors write, what the page shows, and how answers are graded.
//!
//! Every option says why it is right or wrong, and learners see it whichever they choose. The key
//! of a *predict* question is not written anywhere: it is the option whose number the run gives.

#[cfg(feature = "host")]
mod read;
#[cfg(feature = "host")]
pub use read::read_quiz;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A quiz as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The name lessons use, and the file's: `ID.quiz.json`.
    pub id: String,
    /// The heading above the questions, for example "Quick check".
    pub title: String,
    /// Raised by the author whenever old answers no longer mean the same. Begins at 1.
    pub version: u32,
    /// The questions. At most 64.
    pub questions: Vec<Question>,
}

/// A question with options, of which one is right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name within the quiz.
    pub id: String,
    /// What is asked: one paragraph of Markdown.
    pub prompt: String,
    /// Who says which option is right.
    pub kind: Kind,
    /// What can be answered. At most 64.
    pub options: Vec<QuestionOption>,
    /// For predict questions: what is asked of which run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<Predict>,
}

/// Who says which option is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The author, by `correct`.
    Choice,
    /// The run of a scene: the option with its number is right.
    Predict,
}

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuestionOption {
    /// What it says: one paragraph of Markdown.
    pub text: String,
    /// Why it is right or wrong: one paragraph of Markdown.
    pub why: String,
    /// In choice questions: true at the one that is right.
    #[serde(default, skip_serializing_if = "is_false")]
    pub correct: bool,
    /// In predict questions: the number it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

fn is_false(truth: &bool) -> bool {
    !truth
}

/// What a predict question asks of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// Which scene of the lesson, by its id.
    pub scene: String,
    /// With which options; left out: as told. At most 64.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// The question, for example "@crashed committed email-service orders/0".
    pub query: String,
}

/// A quiz as the page shows it: nothing is left to be read, run or rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Its name.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Answers to another version mean nothing.
    pub version: u32,
    /// The questions.
    pub questions: Vec<ResolvedQuestion>,
}

/// A question as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedQuestion {
    /// Its name within the quiz.
    pub id: String,
    /// Whether the run gave the key.
    pub kind: Kind,
    /// What is asked, as HTML without a paragraph around it.
    pub prompt: String,
    /// What can be answered.
    pub options: Vec<ResolvedOption>,
    /// Which option is right, from 0.
    pub key: usize,
}

/// An option as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedOption {
    /// What it says, as HTML without a paragraph around it.
    pub text: String,
    /// Why it is right or wrong, as HTML without a paragraph around it.
    pub why: String,
}

/// Which option was chosen, from 0, by the question's name.
pub type Answers = BTreeMap<String, usize>;

/// What became of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The question's name.
    pub question: String,
    /// Right, wrong or unanswered.
    pub verdict: Verdict,
    /// Why the chosen option is right or wrong, as HTML; nothing when unanswered.
    pub why: Option<String>,
}

/// Right, wrong or unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The right option was chosen.
    Right,
    /// Another was.
    Wrong,
    /// None was, or one that does not exist.
    Unanswered,
}

impl Verdict {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Wrong => "wrong",
            Verdict::Unanswered => "unanswered",
        }
    }
}

/// Grades answers: one mark for each question, in order.
pub fn grade(quiz: &Resolved, answers: &Answers) -> Vec<Mark> {
    marks(&quiz.questions, answers)
}

/// As [`grade`], for questions that stand in no quiz.
pub fn marks(questions: &[ResolvedQuestion], answers: &Answers) -> Vec<Mark> {
    let mark = |question: &ResolvedQuestion| {
        let chosen = answers
            .get(&question.id)
            .and_then(|&at| Some((at, question.options.get(at)?)));
        let verdict = match chosen {
            None => Verdict::Unanswered,
            Some((at, _)) if at == question.key => Verdict::Right,
            Some(_) => Verdict::Wrong,
        };
        Mark {
            question: question.id.clone(),
            verdict,
            why: chosen.map(|(_, option)| option.why.clone()),
        }
    };
    questions.iter().map(mark).collect()
}

/// How many of the marks are right.
pub fn right(marks: &[Mark]) -> usize {
    marks
        .iter()
        .filter(|mark| mark.verdict == Verdict::Right)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_wrong_or_missing_and_says_why() {
        let option = |text: &str| ResolvedOption {
            text: text.to_owned(),
            why: format!("because {text}"),
        };
        let question = ResolvedQuestion {
            id: "q".to_owned(),
            kind: Kind::Choice,
            prompt: "?".to_owned(),
            options: vec![option("a"), option("b")],
            key: 1,
        };
        let quiz = Resolved {
            id: "z".to_owned(),
            title: "Z".to_owned(),
            version: 1,
            questions: vec![question],
        };
        let check = |answer: &[(&str, usize)], verdict, why: Option<&str>| {
            let answers = answer.iter().map(|&(id, at)| (id.to_owned(), at)).collect();
            let expected = Mark {
                question: "q".to_owned(),
                verdict,
                why: why.map(str::to_owned),
            };
            assert_eq!(grade(&quiz, &answers), [expected]);
        };
        check(&[("q", 1)], Verdict::Right, Some("because b"));
        check(&[("q", 0)], Verdict::Wrong, Some("because a"));
        check(&[], Verdict::Unanswered, None);
        check(&[("q", 7), ("other", 1)], Verdict::Unanswered, None);
    }
}
