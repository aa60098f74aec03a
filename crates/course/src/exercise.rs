//! Exercises: what authors write, what the page shows, and how answers are graded.
//!
//! An exercise is graded over *every* schedule within a budget, not over one run. Its author proves
//! it: the starter fails, the solution passes, and each listed wrong answer breaks the promise that
//! it is listed with and is told its own sentence ([`prove`]). Five kinds:
//!
//! | kind | the answer | what passes |
//! |---|---|---|
//! | code | a handler | every promise on every schedule |
//! | settings | options of the scene, what is expected of them, and why they are right | every promise on every schedule, which was expected, for the right reason |
//! | find | choices, or faults at their moments | a run in which the goal comes about |
//! | predict | an option of each question | what the run gives |
//! | design | the points a learner finds in their own answer | enough of them |
//!
//! A wrong answer is known by what happens with it, never by its text: code and runs by conditions on
//! a run ([`known`]), settings by their options.
//!
//! The points of a design are ticked by the learner after the model answer was shown. Nothing here
//! reads the design itself, and the verdict says whose count it is.

pub mod answer;
pub mod grade;
pub mod graded;
pub mod known;
#[cfg(feature = "host")]
pub mod prove;
#[cfg(feature = "host")]
mod read;

pub use answer::{Answer, Chosen, Expected};
pub use grade::{Compile, Grading, grade, shown, shown_cast};
pub use graded::Graded;
#[cfg(feature = "host")]
pub use read::{Written, read_exercise, read_file};

use crate::quiz::{Question, ResolvedQuestion};
use engine::scene::{Budget, Fault, Promise, Selection, Told};
use serde::{Deserialize, Serialize};

/// An exercise as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The name lessons and links use, and the file's: `ID.exercise.json`.
    pub id: String,
    /// The heading above the exercise, for example "No mail twice".
    pub title: String,
    /// Raised by the author whenever old answers no longer mean the same. Begins at 1.
    pub version: u32,
    /// What is asked: paragraphs, each of Markdown. At most 64.
    pub task: Vec<String>,
    /// How it is answered and graded. The field of the same name says more.
    pub kind: Kind,
    /// In which scene of the lesson, by its id. Predict and design exercises may do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<String>,
    /// With which options of the scene; left out: as told. At most 64.
    #[serde(default, skip_serializing_if = "Selection::is_empty")]
    pub with: Selection,
    /// What must be true on every schedule. Left out: what the scene promises. At most 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promises: Option<Vec<Promise>>,
    /// How far every schedule is tried: in place of the scene's whole budget. Left out: as the scene says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explore: Option<Budget>,
    /// The fewest states a right answer visits, so that one that does nothing cannot pass.
    #[serde(default)]
    pub floor: u32,
    /// Hints, from the slightest to the plainest: each one paragraph of Markdown. At most 64.
    #[serde(default)]
    pub hints: Vec<String>,
    /// Why a right answer is right, for those who have just given one: one paragraph of Markdown. Code, settings and find exercises need it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// A handler to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeDraft>,
    /// Settings to be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsDraft>,
    /// A run to be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<FindDraft>,
    /// What a run gives, to be predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predict: Option<PredictDraft>,
    /// A design to be thought through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<DesignDraft>,
}

/// How an exercise is answered and graded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A handler is written, and every schedule is tried with it.
    Code,
    /// Settings are chosen, and every schedule is tried with them.
    Settings,
    /// A run is found in which something happens.
    Find,
    /// Questions about runs are answered.
    Predict,
    /// A design is compared with a rubric, by the learner.
    Design,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [
        Kind::Code,
        Kind::Settings,
        Kind::Find,
        Kind::Predict,
        Kind::Design,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Settings => "settings",
            Kind::Find => "find",
            Kind::Predict => "predict",
            Kind::Design => "design",
        }
    }
}

/// A handler to be written. Every file stands beside the exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeDraft {
    /// Which consumers handle their records with it. At most 64.
    pub consumers: Vec<String>,
    /// The file a learner begins with, for example "no-mail-twice.starter.star".
    pub starter: String,
    /// The file of a right answer.
    pub solution: String,
    /// Wrong answers that learners give. At most 64.
    #[serde(default)]
    pub wrong: Vec<WrongCode>,
}

/// Code that is known to be wrong, and by what its kind is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrongCode {
    /// The file of an example: its own sentence must be this one.
    pub answer: String,
    /// The promise it breaks, by its name: the first of those that it breaks.
    pub breaks: String,
    /// What is so in the run that breaks the promise, once that run has come to its end: conditions, for example "count crashed >= 1". Whatever code breaks the same promise in such a run is told the same. At least 1, at most 64.
    pub when: Vec<String>,
    /// What whoever gives such an answer reads: one paragraph of Markdown.
    pub why: String,
}

/// Settings to be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsDraft {
    /// Which of the scene's settings may be changed. At most 64.
    pub form: Vec<String>,
    /// What is chosen at first, of at most 64 settings; a setting left out has its first option.
    #[serde(default)]
    pub starter: Selection,
    /// A right answer, of at most 64 settings.
    pub solution: Selection,
    /// Further right answers, each of at most 64 settings. At most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub right: Vec<Selection>,
    /// Wrong answers: together they say something of every choice that is not right. At most 64.
    #[serde(default)]
    pub wrong: Vec<WrongSettings>,
    /// Why a right answer is right: a question of kind "choice". Only with its right option an answer passes, so settings cannot be tried out one after the other without thinking.
    pub reason: Question,
}

/// Settings that are known to be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrongSettings {
    /// The options, of at most 64 settings; a setting left out has its first option.
    pub answer: Selection,
    /// Settings that make no difference here: the sentence is for all of their options. At most 64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// The promise that all of these choices break, by its name: the first of those that they break.
    pub breaks: String,
    /// What whoever chooses so reads: one paragraph of Markdown. The first that fits is told.
    pub why: String,
}

/// A run to be found. The scene's own faults are left out: those who answer make their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FindDraft {
    /// Conditions that must hold together somewhere in the run, for example "duplicated >= 1". At most 64.
    pub goal: Vec<String>,
    /// What whoever answers may do.
    #[serde(default)]
    pub allowed: Allowed,
    /// A right answer.
    pub solution: Way,
    /// Wrong answers that learners give. At most 64.
    #[serde(default)]
    pub wrong: Vec<WrongWay>,
}

/// A way that is known not to reach the goal, and by what its kind is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WrongWay {
    /// An example: its own sentence must be this one.
    pub answer: Way,
    /// What is so at the end of such a run: conditions, for example "lost = 2". Whoever ends there is told the same. At least 1, at most 64.
    pub when: Vec<String>,
    /// What whoever has such a run reads: one paragraph of Markdown. The first that fits is told.
    pub why: String,
}

/// What may be done in a run. What comes after it happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Choices, as links write them: for example "19-c0-r0".
    Path(String),
    /// Faults at their moments, as scenes write them. At most 64.
    Faults(Vec<Fault>),
}

/// How often what may be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Allowed {
    /// The most crashes of consumers.
    pub crashes: u32,
    /// The most restarts of consumers.
    pub restarts: u32,
    /// The most times a process is made to stand still. It may be made to go on as often.
    pub freezes: u32,
    /// The most messages to or from services and tables that get lost.
    pub losses: u32,
    /// The most requests to services and tables that arrive twice.
    pub duplicates: u32,
    /// Whether another than the earliest step may come next.
    pub any_order: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        Allowed {
            crashes: 1,
            restarts: 1,
            freezes: 0,
            losses: 0,
            duplicates: 0,
            any_order: false,
        }
    }
}

/// What runs give, to be predicted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictDraft {
    /// Questions as quizzes ask them, all of kind "predict". At most 64.
    pub questions: Vec<Question>,
}

/// A design to be thought through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DesignDraft {
    /// The points a good answer makes. At most 64.
    pub rubric: Vec<Point>,
    /// An answer that makes them all, shown after the learner's own: paragraphs, each of Markdown. At most 64.
    pub model: Vec<String>,
    /// How many points are enough.
    pub pass: u32,
}

/// A point of a rubric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "host", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What it is about: one paragraph of Markdown.
    pub point: String,
    /// What a strong answer says about it: one paragraph of Markdown.
    pub strong: String,
}

/// An exercise as the page shows it: nothing is left to be read or rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exercise {
    /// Its name.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Answers to another version mean nothing.
    pub version: u32,
    /// What is asked: paragraphs as HTML, without the element around them.
    pub task: Vec<String>,
    /// Hints as HTML, without an element around them; to be shown one by one.
    pub hints: Vec<String>,
    /// Why a right answer is right, as HTML without an element around it; empty where nothing is said.
    #[serde(default)]
    pub why: String,
    /// The scene with its promises and its budget as they are graded here.
    pub scene: Option<Told>,
    /// With which options it is graded.
    pub with: Selection,
    /// The fewest states a right answer visits.
    pub floor: u32,
    /// How it is answered and graded.
    pub form: Form,
}

/// How an exercise is answered and graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A handler.
    Code {
        /// Whose.
        consumers: Vec<String>,
        /// What a learner begins with.
        starter: String,
        /// A right answer, for when the learner asks for it.
        solution: String,
        /// Wrong answers that are known.
        wrong: Vec<WrongCode>,
    },
    /// Settings.
    Settings {
        /// Which may be changed.
        form: Vec<String>,
        /// What is chosen at first.
        starter: Selection,
        /// A right answer.
        solution: Selection,
        /// Further right answers.
        right: Vec<Selection>,
        /// Wrong answers that are known.
        wrong: Vec<WrongSettings>,
        /// Why a right answer is right, with the key.
        reason: ResolvedQuestion,
    },
    /// A run.
    Find {
        /// Conditions, as written; all must hold at one place of the run.
        goal: Vec<String>,
        /// What may be done.
        allowed: Allowed,
        /// A right answer.
        solution: Way,
        /// Wrong answers that are known.
        wrong: Vec<WrongWay>,
    },
    /// Predictions.
    Predict {
        /// The questions with their keys.
        questions: Vec<ResolvedQuestion>,
    },
    /// A design.
    Design {
        /// The points, as HTML.
        rubric: Vec<Point>,
        /// The model answer: paragraphs as HTML.
        model: Vec<String>,
        /// How many points are enough.
        pass: u32,
    },
}

impl Exercise {
    /// How it is answered.
    pub const fn kind(&self) -> Kind {
        match self.form {
            Form::Code { .. } => Kind::Code,
            Form::Settings { .. } => Kind::Settings,
            Form::Find { .. } => Kind::Find,
            Form::Predict { .. } => Kind::Predict,
            Form::Design { .. } => Kind::Design,
        }
    }
}
