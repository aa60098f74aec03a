//! Every lesson's scene runs in the engine as pages have it: without the feature `models` of `systems`, which
//! leaves out what no scene's client asks for. A request that only the whole models answer stops here.
//!
//! In a browser nothing turns that feature on, and natively not in `cargo test -p schedule`.

use engine::scene::Selection;
use engine::{Cast, Fact, Run, Scene};
use include_dir::{Dir, include_dir};
use std::path::Path;
#[cfg(not(target_arch = "wasm32"))]
use std::{collections::BTreeSet, path::PathBuf};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// All lessons, as they were when this was compiled: a browser cannot read files.
static LESSONS: Dir = include_dir!("$CARGO_MANIFEST_DIR/../../lessons");

/// The scenes of all lessons, by their files below `lessons`.
fn scenes() -> Vec<(&'static Path, &'static str)> {
    let files = LESSONS.dirs().flat_map(Dir::files);
    let is_scene = |path: &Path| {
        path.to_str()
            .is_some_and(|path| path.ends_with(".scene.json"))
    };
    let scenes = files.filter(|file| is_scene(file.path()));
    scenes
        .map(|file| (file.path(), file.contents_utf8().expect("a text")))
        .collect()
}

/// The options of a scene as it is shown, and for each setting each other option with the first of the rest.
fn selections(scene: &Scene) -> Vec<Selection> {
    let mut all = vec![Selection::new()];
    for setting in &scene.settings {
        let others = setting.options.iter().skip(1);
        all.extend(others.map(|one| Selection::from([(setting.id.clone(), one.id.clone())])));
    }
    all
}

/// Whether a fact says that a server does not know what it was asked for.
fn is_unknown(fact: &Fact) -> bool {
    use engine::fact::{rabbitmq, sqs};
    const NOT_IMPLEMENTED: u16 = 540;
    match fact {
        Fact::Sqs(sqs::Fact::Refused { code, .. }) => code.contains("UnsupportedOperation"),
        Fact::Rabbitmq(rabbitmq::Fact::ChannelClosed { code, .. }) => *code == NOT_IMPLEMENTED,
        Fact::Rabbitmq(rabbitmq::Fact::ConnectionClosed { code, .. }) => {
            *code == Some(NOT_IMPLEMENTED)
        }
        _ => false,
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_lessons_scene_runs_as_in_a_page() {
    let scenes = scenes();
    assert!(scenes.len() > 60, "{scenes:?}");
    for (file, text) in scenes {
        let file = file.display();
        let scene: Scene = serde_json::from_str(text).expect("a scene");
        for selection in selections(&scene) {
            let with = scene.with(&selection).expect("the options exist");
            let cast = Cast::new(&with)
                .unwrap_or_else(|mistakes| panic!("{file} with {selection:?}: {mistakes:?}"));
            let mut run = Run::new(cast);
            run.to_rest();
            let trace = run.trace();
            assert!(!trace.entries().is_empty(), "{file} with {selection:?}");
            let unknown = trace.entries().iter().find(|entry| is_unknown(&entry.fact));
            assert_eq!(unknown, None, "{file} with {selection:?}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn no_lessons_scene_is_left_out() {
    let lessons = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let mut found = BTreeSet::new();
    for lesson in lessons.read_dir().expect("the lessons are there").flatten() {
        for file in lesson.path().read_dir().into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".scene.json") {
                found.insert(Path::new(&lesson.file_name()).join(name));
            }
        }
    }
    let compiled: BTreeSet<PathBuf> = scenes().iter().map(|(file, _)| (*file).into()).collect();
    assert_eq!(
        compiled, found,
        "a scene was added or removed since this was compiled: touch this file"
    );
}
