//! A lesson: front matter, prose, and what is staged in it, read from one folder.
//!
//! `lesson.md` begins with TOML between two lines of `+++` ([`Front`]), and goes on in CommonMark.
//! Directives are fenced code blocks (see [`directive`]); numbers are code spans (see [`value`]).
//! The scenes, quizzes and exercises it names are `ID.scene.json`, `ID.quiz.json` and
//! `ID.exercise.json` beside it.
//!
//! What is read is ready for the page: prose is HTML, values are computed, keys of quizzes known.

mod body;
pub mod directive;
pub mod front;
mod outcomes;
pub mod prose;
mod question;
pub mod scenes;
mod task;
pub mod value;
mod way;

pub use front::{Difficulty, Front, Link};
pub use prose::Heading;

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::exercise::{Written, read_exercise};
use crate::glossary::links::Links;
use crate::glossary::{self, Glossary, NoTerm};
use crate::plan::Plan;
use crate::primer::{self, Primer, Primers};
use crate::quiz::{Resolved, read_quiz};
use crate::scene;
use crate::source::Source;
use crate::task::Task;
use body::Body;
use engine::Scene;
use engine::scene::Selection;
use engine::screen::Screen;
use front::Head;
use prose::{Place, Prose};
use scenes::Scenes;
use std::collections::BTreeMap;
use std::path::Path;

/// A lesson without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What it says about itself.
    pub front: Front,
    /// "By the end you can …", as HTML without paragraphs around them.
    pub outcomes: Vec<String>,
    /// What to remember, as HTML without paragraphs around them.
    pub takeaways: Vec<String>,
    /// Its parts, in order.
    pub blocks: Vec<Block>,
    /// Its headings, in order.
    pub headings: Vec<Heading>,
    /// The scenes of its folder, by id.
    pub scenes: BTreeMap<String, Scene>,
    /// The exercises of its folder, by id.
    pub exercises: BTreeMap<String, Written>,
    /// How many numbers in its texts were computed.
    pub values: usize,
    /// The terms of the glossary that it uses by their ids, each with the id of the heading whose section
    /// first does; none before the first heading.
    pub terms: BTreeMap<String, String>,
}

/// What the lessons of a course share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// Words that lessons suppose.
    pub primers: Primers,
    /// The terms that prose is linked to.
    pub glossary: Glossary,
}

impl Shared {
    /// What stands beside the lessons' folders; its mistakes are added to those found.
    pub fn beside(lessons: &Path, plan: Option<&Plan>, found: &mut Diagnostics) -> Shared {
        Shared {
            primers: primer::beside(lessons, found),
            glossary: glossary::beside(lessons, plan, found),
        }
    }

    /// That of a course that has nothing of it.
    pub const fn of_none() -> Shared {
        Shared {
            primers: Primers::of_none(),
            glossary: Glossary::of_none(),
        }
    }
}

/// A part of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Prose, as HTML.
    Prose(String),
    /// The live player.
    Stage {
        /// Of which scene.
        scene: String,
        /// With which options at first.
        with: Selection,
    },
    /// Facts of a run, printed.
    Trace {
        /// Of which scene.
        scene: String,
        /// With which options.
        with: Selection,
        /// The facts.
        facts: Vec<Fact>,
    },
    /// What an operator's tool prints.
    Terminal {
        /// Of which scene.
        scene: String,
        /// With which options.
        with: Selection,
        /// After how many earliest steps.
        choices: usize,
        /// About which group, or subscription.
        group: String,
        /// The command, and what it prints.
        screen: Screen,
    },
    /// A quick check.
    Quiz(Resolved),
    /// Something that is graded over every schedule, by the id of an exercise of the lesson.
    Exercise(String),
    /// How promises come out over every schedule.
    Outcomes(Outcomes),
    /// Something to bring about in a scene.
    Task(Task),
    /// Words that the lesson supposes.
    Primer(Primer),
    /// A remark of some kind.
    Note {
        /// Of which kind.
        kind: NoteKind,
        /// The remark, as HTML.
        html: String,
    },
}

/// A table of how promises come out with some options of a scene. Its cells are computed where it
/// is shown, by trying every schedule, so that prose cannot claim what is not so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// Of which scene.
    pub scene: String,
    /// What the rows differ in: the label of the setting, or "Settings".
    pub head: String,
    /// The rows: what each is called, and with which options.
    pub rows: Vec<(String, Selection)>,
    /// The promises, one in each column, by their names.
    pub promises: Vec<String>,
}

/// A fact as a table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its number in the trace.
    pub id: u32,
    /// When, in ms with three digits.
    pub at: String,
    /// Where it happened.
    pub by: String,
    /// What.
    pub verb: String,
    /// Of what: names and values.
    pub fields: Vec<(String, String)>,
    /// The number of the fact that led to it.
    pub cause: Option<u32>,
}

/// What a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// A common trap.
    Trap,
    /// Do this, not that.
    DoThis,
    /// Asked in interviews.
    Interview,
    /// How to see it in a real system.
    RealSystem,
    /// What breaks.
    Break,
}

impl NoteKind {
    /// All of them.
    pub const ALL: [NoteKind; 5] = [
        NoteKind::Trap,
        NoteKind::DoThis,
        NoteKind::Interview,
        NoteKind::RealSystem,
        NoteKind::Break,
    ];

    /// The word lessons use.
    pub const fn word(self) -> &'static str {
        match self {
            NoteKind::Trap => "trap",
            NoteKind::DoThis => "do-this",
            NoteKind::Interview => "interview",
            NoteKind::RealSystem => "real-system",
            NoteKind::Break => "break",
        }
    }
}

/// Reads the lesson in a folder, with its scenes and quizzes, and the primers beside the folder.
///
/// # Errors
/// All mistakes of all its files, and of the primers.
pub fn read_lesson(folder: &Path) -> Result<Lesson, Diagnostics> {
    let mut found = Diagnostics::new();
    let shared = Shared::beside(folder.parent().unwrap_or(Path::new(".")), None, &mut found);
    match read_lesson_with(folder, &shared) {
        Ok(lesson) => found.or(lesson),
        Err(mistakes) => {
            found.merge(mistakes);
            Err(found)
        }
    }
}

/// As [`read_lesson`], with what lessons share read before.
///
/// # Errors
/// All mistakes of the lesson's files.
pub(crate) fn read_lesson_with(folder: &Path, shared: &Shared) -> Result<Lesson, Diagnostics> {
    let mut found = Diagnostics::new();
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let scenes = scenes_of(folder, &mut found);
    let mut quizzes = BTreeMap::new();
    let mut values = 0;
    for (id, path) in files(folder, ".quiz.json", &mut found) {
        let read = Source::read(&path).and_then(|source| {
            let (quiz, computed) = named(&source, &id, read_quiz(&source, &scenes))?;
            values += computed;
            Ok(quiz)
        });
        quizzes.insert(id, read.map_err(|mistakes| found.merge(mistakes)).ok());
    }
    let mut exercises = BTreeMap::new();
    for (id, path) in files(folder, ".exercise.json", &mut found) {
        let beside = |name: &str| Source::read(&folder.join(name));
        let read = Source::read(&path)
            .and_then(|source| named(&source, &id, read_exercise(&source, &scenes, &beside)));
        exercises.insert(id, read.map_err(|mistakes| found.merge(mistakes)).ok());
    }
    let path = folder.join("lesson.md");
    let text = if !matches!(path.try_exists(), Ok(false)) {
        Source::read(&path)
    } else {
        Err(Diagnostics::one(
            &Source::new(&path.display().to_string(), ""),
            0..0,
            "there is no such file, and each folder here is a lesson",
            "write it, or move the folder elsewhere",
        ))
    };
    let text = text.and_then(|source| {
        let known = Known {
            quizzes: &quizzes,
            exercises: &exercises,
            shared,
        };
        let text = read_text(&source, &name, &scenes, known)?;
        Ok((text, source))
    });
    match text {
        Ok((text, _)) if found.is_empty() => Ok(Lesson {
            front: text.front,
            outcomes: text.outcomes,
            takeaways: text.takeaways,
            blocks: text.blocks,
            headings: text.headings,
            values: values + text.values + computed(&exercises),
            scenes: scenes.sound(),
            terms: text.terms,
            exercises: exercises
                .into_iter()
                .filter_map(|(id, exercise)| Some((id, exercise?)))
                .collect(),
        }),
        Ok(_) => Err(found),
        Err(mistakes) => {
            found.merge(mistakes);
            Err(found)
        }
    }
}

/// How many numbers were computed for exercises.
fn computed(exercises: &BTreeMap<String, Option<Written>>) -> usize {
    exercises.values().flatten().map(|one| one.values).sum()
}

/// The scenes of a lesson's folder; their mistakes are added to those found.
pub(crate) fn scenes_of(folder: &Path, found: &mut Diagnostics) -> Scenes {
    let mut scenes = Scenes::default();
    for (id, path) in files(folder, ".scene.json", found) {
        let read = Source::read(&path).and_then(|source| named(&source, &id, scene::read(&source)));
        scenes.add(&id, read.map_err(|mistakes| found.merge(mistakes)).ok());
    }
    scenes
}

/// The files of a folder with this ending, by what stands before it.
fn files(
    folder: &Path,
    ending: &str,
    found: &mut Diagnostics,
) -> BTreeMap<String, std::path::PathBuf> {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            let source = Source::new(&folder.display().to_string(), "");
            found.add(
                &source,
                0..0,
                format!("the folder cannot be read: {error}"),
                "name the folder of a lesson",
            );
            return BTreeMap::new();
        }
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths
        .filter_map(|path| {
            let name = path.file_name()?;
            let Some(known) = name.to_str() else {
                if name.to_string_lossy().ends_with(ending) {
                    let source = Source::new(&path.display().to_string(), "");
                    let what = "the name of this file is not UTF-8, so nothing can name it";
                    let help =
                        format!("call it by its id: letters, digits, `-` and `_`, then `{ending}`");
                    found.add(&source, 0..0, what, help);
                }
                return None;
            };
            Some((known.strip_suffix(ending)?.to_owned(), path))
        })
        .collect()
}

/// A file is called after what is in it, whatever else was read of it.
fn named<T>(source: &Source, stem: &str, read: Result<T, Diagnostics>) -> Result<T, Diagnostics> {
    let document = Document::json(source);
    let id = document
        .as_ref()
        .ok()
        .and_then(|document| Some((document, document.value.get("id")?.as_str()?)));
    match id {
        Some((document, id)) if id != stem => {
            let mut found = Diagnostics::one(
                source,
                document.place("/id"),
                format!("the file is called `{stem}` and its id is `{id}`"),
                format!("write \"id\": \"{stem}\", or rename the file"),
            );
            if let Err(mistakes) = read {
                found.merge(mistakes);
            }
            Err(found)
        }
        _ => read,
    }
}

/// What stands in `lesson.md`.
#[derive(Clone, Debug)]
pub struct Text {
    /// The front matter.
    pub front: Front,
    /// As in [`Lesson`].
    pub outcomes: Vec<String>,
    /// As in [`Lesson`].
    pub takeaways: Vec<String>,
    /// As in [`Lesson`].
    pub blocks: Vec<Block>,
    /// As in [`Lesson`].
    pub headings: Vec<Heading>,
    /// As in [`Lesson`].
    pub values: usize,
    /// As in [`Lesson`].
    pub terms: BTreeMap<String, String>,
}

/// What was read before the text: by id, and none for what has mistakes.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The quizzes.
    pub quizzes: &'a BTreeMap<String, Option<Resolved>>,
    /// The exercises.
    pub exercises: &'a BTreeMap<String, Option<Written>>,
    /// What the lessons share.
    pub shared: &'a Shared,
}

/// Reads the text of a lesson, whose scenes, quizzes and exercises were read before.
///
/// # Errors
/// All mistakes of the text.
pub fn read_text(
    source: &Source,
    folder: &str,
    scenes: &Scenes,
    known: Known<'_>,
) -> Result<Text, Diagnostics> {
    let (front, body) = front::split(source)?;
    let mut prose = Prose::new(source, scenes);
    prose.links = Some(Links::to(&known.shared.glossary));
    let head = front::read(source, front.clone(), folder);
    let body = Body::read(body, &mut prose, known);
    let (outcomes, takeaways) = match &head {
        Ok(head) => {
            let mut lines = |name: &str, texts: &[String]| -> Vec<String> {
                let places = (0..texts.len()).map(|at| format!("/{name}/{at}"));
                let written = places.zip(texts).filter(|(at, _)| !head.mended.touches(at));
                written
                    .map(|(at, text)| prose.line(text, &Place::Within(head.document.place(&at))))
                    .collect()
            };
            (
                lines("outcomes", &head.front.outcomes),
                lines("takeaways", &head.front.takeaways),
            )
        }
        Err(_) => Default::default(),
    };
    if let Ok(head) = &head {
        terms(head, &known.shared.glossary, &mut prose);
    }
    prose.finish();
    body.missing(front, &mut prose);
    let Prose {
        mut found,
        headings,
        values,
        links,
        ..
    } = prose;
    let terms = links.map(Links::used).unwrap_or_default();
    match head {
        Ok(head) => {
            found.merge(head.found);
            let blocks = body.into_blocks();
            found.or(Text {
                front: head.front,
                outcomes,
                takeaways,
                blocks,
                headings,
                values,
                terms,
            })
        }
        Err(mistakes) => {
            found.merge(mistakes);
            Err(found)
        }
    }
}

/// Holds the terms that a lesson says it teaches against the glossary.
fn terms(head: &Head, glossary: &Glossary, prose: &mut Prose<'_>) {
    for (at, term) in head.front.terms.iter().enumerate() {
        let pointer = format!("/terms/{at}");
        if head.mended.touches(&pointer) {
            continue;
        }
        let (what, help) = match glossary.get(term) {
            Err(NoTerm::Mistaken) => continue,
            Err(NoTerm::Unknown(help)) => (format!("the glossary has no term `{term}`"), help),
            Ok(_) if head.front.terms[..at].contains(term) => {
                (format!("`{term}` is here twice"), "remove it".to_owned())
            }
            Ok(known) if known.lesson != head.front.number && !head.mended.touches("/number") => (
                format!("`{term}` is taught by lesson {}", known.lesson),
                format!("remove it, or write another lesson in `{}`", glossary::FILE),
            ),
            Ok(_) => continue,
        };
        let place = head.document.place(&pointer);
        prose.found.add(prose.source, place, what, help);
    }
}
