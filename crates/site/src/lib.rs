//! The site: lessons and bundle in, static pages out.
//!
//! A pipeline of values: lessons, shell, styles and bundle are read; pages are made of them; pages
//! become files. Writing is the last step, and nothing is written while there is a mistake
//! anywhere. The same input gives the same bytes.
//!
//! Every page can be read without scripts: prose, the first picture of every scene, and the worked
//! traces are in it. What comes alive stands in the page as an island, rendered here by the same
//! code that takes it over in the browser.
//!
//! # What is deliberately absent
//! No clock, no network, no server, nothing of the broker models: numbers come from `course` and
//! `conformance`, pictures from `web`.

pub mod asset;
pub mod compact;
pub mod entry;
pub mod fidelity;
pub mod files;
pub mod found;
pub mod frame;
pub mod glossary;
pub mod home;
pub mod invitation;
pub mod island;
pub mod lesson;
pub mod link;
pub mod missing;
pub mod note;
pub mod outcomes;
pub mod page;
pub mod policy;
mod primer;
pub mod review;
pub mod shell;

use std::path::PathBuf;

use conformance::Report;
use course::progress::Outline;
use course::{Block, Course, Diagnostics, Lesson};
use web::islands::Island;
use web::map::{MapLesson, MapModule, MapProps, Written};
use web::progress::{LessonOutline, ProgressProps};

use crate::asset::{Assets, Texts};
use crate::entry::Entry;
use crate::files::Files;
use crate::frame::Frame;
use crate::invitation::Invitation;
use crate::page::Page;
use crate::shell::Shell;

/// What to build from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The folder of the lessons.
    pub lessons: PathBuf,
    /// The folder of the bundle.
    pub bundle: PathBuf,
    /// The folder of the page shell, of `web/` and of `tests/conformance/`.
    pub checkout: PathBuf,
    /// Whether the pages reload when the server says so.
    pub live_reload: bool,
}

/// The whole site as a value.
///
/// # Errors
/// All mistakes of all files.
pub fn build(request: &Request) -> Result<Files, Diagnostics> {
    let mut mistakes = Diagnostics::new();
    let course = collect(course::read_course(&request.lessons), &mut mistakes);
    let frame = collect(
        Frame::read(&request.checkout, &request.bundle),
        &mut mistakes,
    );
    let shell = frame
        .as_ref()
        .and_then(|frame| collect(Shell::read(&frame.shell), &mut mistakes));
    let report = collect(fidelity::replay(&request.checkout), &mut mistakes);
    let (Some(course), Some(frame), Some(shell), Some(report)) = (course, frame, shell, report)
    else {
        return Err(mistakes);
    };
    let entries: Vec<Entry> = course.lessons.iter().map(Entry::of).collect();
    let pages = pages(&course, &entries, &report);
    let texts = Texts {
        found: found::file(&course, &entries),
        review: review::file(&course, &entries),
    };
    let files = files(pages, &texts, &frame, &shell, request.live_reload);
    link::check(&files, &request.lessons).or(files)
}

fn collect<T>(read: Result<T, Diagnostics>, mistakes: &mut Diagnostics) -> Option<T> {
    read.map_err(|found| mistakes.merge(found)).ok()
}

fn files(
    pages: Vec<Page>,
    texts: &Texts,
    frame: &Frame,
    shell: &Shell,
    is_live_reload: bool,
) -> Files {
    let mut files = Files::default();
    let assets = Assets::add(frame, texts, is_live_reload, &mut files);
    for page in pages {
        files.add(&page.path, page.html(shell, &assets));
    }
    files.add("favicon.svg", frame.favicon.clone());
    files.add("site.webmanifest", MANIFEST);
    files.add("robots.txt", "User-agent: *\nAllow: /\n");
    files.add("_headers", policy::headers());
    files
}

/// The lesson that shows most at once; the first page invites to it.
const FLAGSHIP: &str = "consumer-groups";

fn pages(course: &Course, entries: &[Entry], report: &Report) -> Vec<Page> {
    let mut pages = vec![
        home(course, entries),
        fidelity::page(report),
        missing::page(),
        review::page(),
    ];
    pages.extend(glossary::page(course, entries));
    for (at, lesson) in course.lessons.iter().enumerate() {
        let terms = glossary::taught(course, &lesson.front.terms);
        let place = lesson::Place { all: entries, at };
        pages.push(lesson::page(lesson, &place, &terms));
    }
    pages
}

fn home(course: &Course, entries: &[Entry]) -> Page {
    let flagship = course
        .lessons
        .iter()
        .find(|lesson| lesson.front.id == FLAGSHIP)
        .or(course.lessons.first());
    let invitation = flagship.and_then(|lesson| {
        let scene = lesson.blocks.iter().find_map(|block| match block {
            Block::Stage { scene, .. } => lesson.scenes.get(scene),
            _ => None,
        })?;
        Invitation::new(Entry::of(lesson), scene).expect("the course has checked the scene")
    });
    let progress = Island::Progress(ProgressProps {
        lessons: course
            .lessons
            .iter()
            .map(|lesson| LessonOutline {
                id: lesson.front.id.clone(),
                title: lesson.front.title.clone(),
                outline: outline(lesson),
            })
            .collect(),
    });
    let without = "Scripts are off, so your progress is not kept.";
    home::page(
        island::island(&Island::Map(map(course, entries)), None),
        invitation.as_ref(),
        island::island(&progress, Some(without)),
    )
}

/// The map: where nobody has planned the course, what is written is all there is.
fn map(course: &Course, entries: &[Entry]) -> MapProps {
    let written = |number: u32| {
        let at = entries.iter().position(|entry| entry.number == number)?;
        let (entry, lesson) = (&entries[at], &course.lessons[at]);
        Some(Written {
            id: entry.id.clone(),
            path: entry.path(),
            minutes: entry.minutes,
            outline: outline(lesson),
        })
    };
    let lesson = |number: u32, title: &str| MapLesson {
        number,
        title: title.to_owned(),
        written: written(number),
    };
    let module = |module: &course::plan::Module| MapModule {
        letter: module.letter.clone(),
        name: module.name.clone(),
        question: module.question.clone(),
        lessons: module
            .lessons
            .iter()
            .map(|planned| lesson(planned.number, &planned.title))
            .collect(),
    };
    let of_entries = |entries: &[Entry]| {
        let (letter, name) = entries[0]
            .module
            .split_once(". ")
            .unwrap_or(("", &entries[0].module));
        MapModule {
            letter: letter.to_owned(),
            name: name.to_owned(),
            question: String::new(),
            lessons: entries
                .iter()
                .map(|entry| lesson(entry.number, &entry.title))
                .collect(),
        }
    };
    MapProps {
        modules: match &course.plan {
            Some(plan) => plan.modules.iter().map(module).collect(),
            None => entries
                .chunk_by(|one, next| one.module == next.module)
                .map(of_entries)
                .collect(),
        },
    }
}

fn outline(lesson: &Lesson) -> Outline {
    let mut outline = Outline::default();
    for block in &lesson.blocks {
        match block {
            Block::Task(task) => outline.tasks.push(task.id.clone()),
            Block::Quiz(quiz) => outline.quizzes.push((quiz.id.clone(), quiz.version)),
            Block::Exercise(id) => {
                let written = lesson.exercises.get(id);
                let version = written.map(|written| (id.clone(), written.exercise.version));
                outline.exercises.extend(version);
            }
            _ => {}
        }
    }
    outline
}

const MANIFEST: &str = r##"{
  "name": "At Least Once",
  "short_name": "At Least Once",
  "description": "A course on messaging systems whose examples run in the page.",
  "start_url": "./index.html",
  "scope": "./",
  "display": "minimal-ui",
  "background_color": "#fbfaf6",
  "theme_color": "#fbfaf6",
  "icons": [{ "src": "favicon.svg", "sizes": "any", "type": "image/svg+xml" }]
}
"##;
