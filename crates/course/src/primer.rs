//! Primers: the words that lessons suppose, in a few lines with a picture. They stand in one file that all
//! lessons share, `primers.json` beside the lessons' folders, so that a word means the same everywhere.

use crate::diagnostic::Diagnostics;
use crate::lesson::prose::Names;
use crate::reading::{Reading, read_shared};
use crate::schema;
use crate::shape::one_of;
use crate::source::Source;
use engine::scene::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What the file is called.
pub const FILE: &str = "primers.json";

/// How many primers, and lines of one, there may be.
const MOST: usize = 16;

/// The file as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The primers. At most 16.
    pub primers: Vec<DraftPrimer>,
}

/// A primer as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftPrimer {
    /// The name that lessons use: letters, digits, `-` and `_`.
    pub id: String,
    /// What it is called on the page, for example "Six words of a log".
    pub title: String,
    /// The picture beside the lines.
    pub picture: Picture,
    /// The lines, in the order in which they are read. At most 16.
    pub lines: Vec<DraftLine>,
}

/// A line of a primer as its author writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftLine {
    /// The word that it says the meaning of.
    pub term: String,
    /// What the word means: one paragraph of Markdown, a sentence or two.
    pub means: String,
}

/// A picture that the site draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// A topic with two partitions at a broker, and a group that reads them.
    Log,
    /// A queue with a message that is handed out, and its receipt.
    Queue,
}

/// A primer as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primer {
    /// The name that lessons use.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The picture beside the lines.
    pub picture: Picture,
    /// Words, and what each means, as HTML without a paragraph around it.
    pub lines: Vec<(String, String)>,
}

/// The primers of a course by their ids; nothing is known of those in a file with mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Primers(Option<BTreeMap<String, Primer>>);

/// Why there is no such primer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPrimer {
    /// The file has mistakes, which are told where they are.
    Mistaken,
    /// There is none of this name: what to write instead.
    Unknown(String),
}

impl Primers {
    /// Those of a course that has none.
    pub const fn of_none() -> Primers {
        Primers(Some(BTreeMap::new()))
    }

    /// A primer.
    ///
    /// # Errors
    /// Why there is none of this name.
    pub fn get(&self, id: &str) -> Result<&Primer, NoPrimer> {
        let all = self.0.as_ref().ok_or(NoPrimer::Mistaken)?;
        all.get(id).ok_or_else(|| {
            let known: Vec<_> = all.keys().collect();
            NoPrimer::Unknown(if known.is_empty() {
                format!("write the file `{FILE}` beside the lessons' folders")
            } else {
                one_of(id, &known)
            })
        })
    }
}

/// Reads the primers that stand beside the lessons' folders; their mistakes are added to those found.
/// Where there is no such file there are none.
pub fn beside(lessons: &Path, found: &mut Diagnostics) -> Primers {
    let path = lessons.join(FILE);
    if matches!(path.try_exists(), Ok(false)) {
        return Primers::of_none();
    }
    let read = Source::read(&path).and_then(|source| read_primers(&source));
    match read {
        Ok(primers) => primers,
        Err(mistakes) => {
            found.merge(mistakes);
            Primers(None)
        }
    }
}

/// Reads the file of primers.
///
/// # Errors
/// All mistakes.
pub fn read_primers(source: &Source) -> Result<Primers, Diagnostics> {
    read_shared(
        source,
        &schema::PRIMERS,
        too_long,
        |reading, draft: Draft| Primers(Some(reading.primers(&draft))),
    )
}

fn is_name(id: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    !id.is_empty() && id.chars().all(fits)
}

fn too_long(draft: &Draft) -> Vec<Mistake> {
    let lines = draft.primers.iter().enumerate().map(|(at, primer)| {
        let pointer = format!("/primers/{at}/lines");
        Mistake::of_length(&pointer, "lines", primer.lines.len(), MOST)
    });
    let primers = Mistake::of_length("/primers", "primers", draft.primers.len(), MOST);
    primers.into_iter().chain(lines.flatten()).collect()
}

impl Reading<'_> {
    fn primers(&mut self, draft: &Draft) -> BTreeMap<String, Primer> {
        let mut names = Names::default();
        let mut primers = BTreeMap::new();
        for (at, primer) in draft.primers.iter().enumerate() {
            let place = format!("/primers/{at}");
            if !is_name(&primer.id) || !names.is_new(&primer.id) {
                self.add(
                    &format!("{place}/id"),
                    format!("`{}` is no name of its own", primer.id),
                    "give each primer another name, of letters, digits, `-` and `_`",
                );
            }
            primers.insert(primer.id.clone(), self.primer(primer, &place));
        }
        primers
    }

    fn primer(&mut self, draft: &DraftPrimer, place: &str) -> Primer {
        if draft.title.trim().is_empty() {
            self.add(
                &format!("{place}/title"),
                "the title is empty",
                "write what the learner will see",
            );
        }
        if draft.lines.is_empty() {
            self.add(
                &format!("{place}/lines"),
                "the primer explains no word",
                "write a line for each word",
            );
        }
        let mut terms = Names::default();
        let mut lines = Vec::new();
        for (nth, line) in draft.lines.iter().enumerate() {
            let place = format!("{place}/lines/{nth}");
            if line.term.trim().is_empty() || !terms.is_new(&line.term) {
                self.add(
                    &format!("{place}/term"),
                    format!("`{}` is no word of its own", line.term),
                    "give each line the word that it explains",
                );
            }
            let means = self.line(&format!("{place}/means"), &line.means);
            lines.push((line.term.clone(), means));
        }
        Primer {
            id: draft.id.clone(),
            title: draft.title.clone(),
            picture: draft.picture,
            lines,
        }
    }
}
