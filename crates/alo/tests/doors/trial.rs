//! What comes in from outside, door by door: whatever the bytes are, it is read or refused, and
//! what was read can be used.

use crate::common::{self, Tables};
use conformance::collection::{Collection, File, Form};
use conformance::recording::Recording;
use conformance::replay::Models;
use conformance::report::What;
use conformance::vectors::Vectors;
use course::progress::Progress;
use course::{Diagnostics, Source, link};
use engine::{Cast, Run, Scene};
use schedule::Exploration;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// What goes through a door.
type Door = fn(&[u8]);

/// The doors, by the names of their folders of inputs.
pub const DOORS: [(&str, Door); 6] = [
    ("scene", scene),
    ("lesson", lesson),
    ("progress", progress),
    ("link", link),
    ("code", code),
    ("recording", recording),
];

/// What stands between the files of a lesson's folder, before the next one's name.
const NEXT_FILE: &str = "\n=== ";
/// What stands between two pages' progress.
const NEXT_PAGE: &str = "\n===\n";

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Mistakes are some, and can be shown.
fn shown<T>(read: Result<T, Diagnostics>) -> Option<T> {
    read.map_err(|mistakes| {
        assert!(!mistakes.is_empty());
        assert!(mistakes.render(true).contains(&mistakes.closing_line()));
    })
    .ok()
}

/// A scene's text. What is sound is run, and some of its schedules are tried.
pub fn scene(bytes: &[u8]) {
    let source = Source::new("a.scene.json", text(bytes));
    drop(shown(course::scene::read(&source)));
    if let Some(scene) = shown(course::scene::runnable(&source)) {
        let cast = Cast::new(&scene).expect("a sound scene has a cast");
        if schedule::parts(&cast) <= schedule::MOST_PARTS {
            let mut exploration = Exploration::new(Arc::clone(&cast));
            exploration.advance(200);
            drop(exploration.report());
        }
        let mut run = Run::new(cast);
        run.to_rest();
        let path = run.path();
        let cast = Arc::clone(run.trace().cast());
        let again = Run::replay(cast, &path).expect("a run can be had again");
        assert_eq!(again.trace().entries(), run.trace().entries());
    }
}

/// The files of a lesson's folder, one after the other.
pub fn lesson(bytes: &[u8]) {
    let folder = folder();
    for part in text(bytes).split(NEXT_FILE) {
        let (name, content) = part.split_once('\n').unwrap_or((part, ""));
        let is_name = !name.starts_with('.')
            && name.len() < 60
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if is_name && !name.is_empty() {
            std::fs::write(folder.join(name), content).expect("a file of the lesson");
        }
    }
    drop(shown(course::read_lesson(&folder)));
}

/// An empty folder; each process has its own.
fn folder() -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let name = format!("alo-doors-{}", std::process::id());
        std::env::temp_dir().join(name).join("one-mail")
    });
    // It may be there from an earlier input.
    drop(std::fs::remove_dir_all(&*FOLDER));
    std::fs::create_dir_all(&*FOLDER).expect("a folder for a lesson");
    FOLDER.clone()
}

/// What a page has stored, or a file that is imported, and what another page has stored meanwhile.
pub fn progress(bytes: &[u8]) {
    let (here, there) = text(bytes)
        .split_once(NEXT_PAGE)
        .unwrap_or((text(bytes), ""));
    let Ok(here) = Progress::read(here) else {
        return;
    };
    assert_eq!(Progress::read(&here.text()).as_ref(), Ok(&here));
    let there = Progress::read(there).unwrap_or_default();
    let mut merged = here.clone();
    merged.merge(&there);
    let mut joined = here.clone();
    joined.join(&Progress::default(), &there);
    for both in [&merged, &joined] {
        assert_eq!(Progress::read(&both.text()).as_ref(), Ok(both));
        for (id, lesson) in &here.lessons {
            let known = both.lesson(id).expect("no lesson is lost");
            assert!(known.tasks.is_superset(&lesson.tasks));
        }
    }
}

/// The scene that links are to.
static LINKED: LazyLock<(Scene, Arc<Cast>)> = LazyLock::new(|| {
    let text = include_str!("../../../../lessons/consumer-groups/crash-before-commit.scene.json");
    let scene = course::read_scene("linked", text).expect("it is sound");
    let cast = Cast::new(&scene).expect("it has a cast");
    (scene, cast)
});

/// The part of an address after `#`.
pub fn link(bytes: &[u8]) {
    let (scene, cast) = &*LINKED;
    let _ = link::anchor(text(bytes));
    if let Ok(read) = link::read(scene, text(bytes)) {
        let written = link::write(scene, &read);
        assert_eq!(link::read(scene, &written).as_ref(), Ok(&read), "{written}");
        if let Ok(mut run) = Run::replay(Arc::clone(cast), &read.path) {
            run.to_rest();
        }
        if let Ok(scene) = scene.with(&read.selection) {
            drop(Run::replay(
                Cast::new(&scene).expect("it has a cast"),
                &read.path,
            ));
        }
    }
}

/// A learner's code: read, and run twice over one message.
pub fn code(bytes: &[u8]) {
    if let Ok(code) = handler::Code::parse(text(bytes), &common::cast()) {
        let once = common::story(&code, &mut Tables::default());
        assert_eq!(once, common::story(&code, &mut Tables::default()));
    }
}

/// A recording or a file of vectors, played against the models; its name stands in the first line.
pub fn recording(bytes: &[u8]) {
    let Some((name, content)) = text(bytes).split_once('\n') else {
        return;
    };
    let Ok(value) = serde_json::from_str::<serde_json::Value>(content) else {
        return;
    };
    let form = if Vectors::is_meant(&value) {
        Form::Vectors(value)
    } else if Recording::is_meant(&value) {
        Form::Recording(value)
    } else {
        return;
    };
    let name = name.to_owned();
    let place = name.clone();
    let collection = Collection {
        files: vec![File { place, name, form }],
        others: Vec::new(),
    };
    let report = Models::ALL.replay(&collection, &[]);
    for failure in report.files.iter().flat_map(|file| &file.failures) {
        for what in &failure.what {
            assert!(!matches!(what, What::Panicked { .. }), "{what:?}");
        }
    }
}
