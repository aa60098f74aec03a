//! What came of a replay: per file, per case, and in all. As data for pages, as text for people.

pub mod text;

use crate::known::Known;
use crate::mistake::Mistake;
use crate::system::Version;
use serde::Serialize;
use serde_json::Value;

/// What came of every file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The files that were played, ordered by path.
    pub files: Vec<FileReport>,
    /// Families and kinds that are not modelled, in the order of their files.
    pub not_yet: Vec<NotYet>,
    /// JSON files that are neither recordings nor vector files.
    pub skipped: Vec<String>,
}

/// What came of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FileReport {
    /// Its name, without folder and ending.
    pub name: String,
    /// The family or kind that answered it.
    pub model: String,
    /// What a recording was recorded from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
    /// How many of its cases agree.
    pub passed: usize,
    /// What keeps it from being read; then it counts as one case, which failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Mistake>,
    /// The cases that do not agree.
    pub failures: Vec<Failure>,
}

/// A case that does not agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failure {
    /// Its id.
    pub case: String,
    /// What differs, in the order of the steps.
    pub what: Vec<What>,
    /// The reason, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

/// A step of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// From 0.
    pub step: usize,
    /// What it does.
    pub op: String,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum What {
    /// Another answer than was expected; both as they were compared.
    Differs {
        /// At which step of a recording.
        #[serde(flatten)]
        place: Option<Place>,
        /// What was expected.
        expected: Value,
        /// What came.
        got: Value,
        /// What does not hold, where not equality was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        broken: Option<String>,
    },
    /// The model does not know a word.
    Refused {
        /// At which step of a recording.
        #[serde(flatten)]
        place: Option<Place>,
        /// Which, and what it knows.
        cause: String,
        /// What to do next.
        remedy: String,
    },
    /// The model panicked.
    Panicked {
        /// At which step of a recording.
        #[serde(flatten)]
        place: Option<Place>,
        /// Its last words.
        message: String,
    },
}

/// A family or a kind that is not modelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotYet {
    /// Its name.
    pub name: String,
    /// How many files there are of it.
    pub files: usize,
    /// How many cases.
    pub cases: usize,
    /// What recordings were recorded from, in the order of the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
}

impl What {
    /// The step of a recording it is at.
    pub fn place(&self) -> Option<&Place> {
        match self {
            What::Differs { place, .. }
            | What::Refused { place, .. }
            | What::Panicked { place, .. } => place.as_ref(),
        }
    }
}

impl FileReport {
    /// How many of its cases do not agree.
    pub fn failed(&self) -> usize {
        self.failures.len() + usize::from(!self.mistakes.is_empty())
    }
}

impl Report {
    /// How many cases agree.
    pub fn passed(&self) -> usize {
        self.files.iter().map(|file| file.passed).sum()
    }

    /// How many cases do not.
    pub fn failed(&self) -> usize {
        self.files.iter().map(FileReport::failed).sum()
    }

    /// The failures of cases, each with its file.
    pub fn failures(&self) -> impl Iterator<Item = (&FileReport, &Failure)> {
        self.files
            .iter()
            .flat_map(|file| file.failures.iter().map(move |failure| (file, failure)))
    }

    /// Known differences that no failure is: their cases agree now, or were not played.
    pub fn outdated<'a>(&self, known: &'a [Known]) -> Vec<&'a Known> {
        let is_met = |known: &&Known| {
            self.failures()
                .any(|(file, failure)| known.is_of(&file.name, &failure.case))
        };
        known.iter().filter(|known| !is_met(known)).collect()
    }

    pub(crate) fn add_not_yet(&mut self, more: NotYet) {
        match self.not_yet.iter_mut().find(|one| one.name == more.name) {
            Some(one) => {
                one.files += more.files;
                one.cases += more.cases;
                for version in more.versions {
                    if !one.versions.contains(&version) {
                        one.versions.push(version);
                    }
                }
            }
            None => self.not_yet.push(more),
        }
    }
}
