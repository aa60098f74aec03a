//! The whole trace of the flagship scene, with every combination of its settings, as committed text.
//!
//! Rewritten by `BLESS=1 cargo test -p engine --test golden`, and read as a difference.

// Reads files; `wasm.rs` holds the same traces in a browser.
#![cfg(not(target_arch = "wasm32"))]

use engine::{Cast, Outcome, Run, Scene, Trace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/crash-before-commit")
}

fn scene() -> Scene {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lessons/consumer-groups/crash-before-commit.scene.json");
    let text = std::fs::read_to_string(path).expect("the flagship scene is there");
    serde_json::from_str(&text).expect("it is a scene")
}

#[test]
fn the_flagship_scene_happens_as_it_was_reviewed() {
    let scene = scene();
    let mut names = BTreeSet::new();
    for selection in scene.selections() {
        let cast =
            Cast::new(&scene.with(&selection).expect("the options exist")).expect("no mistakes");
        let mut run = Run::new(cast.clone());
        assert_eq!(run.to_rest(), Outcome::AtRest, "{selection:?}");
        let text = run.trace().text();
        assert_eq!(
            Trace::read(&text, cast).as_ref(),
            Ok(run.trace()),
            "{selection:?}"
        );
        let words: Vec<String> = selection
            .iter()
            .map(|(setting, option)| format!("{setting}-{option}"))
            .collect();
        let name = format!("{}.txt", words.join(","));
        compare(&folder().join(&name), &text);
        names.insert(name);
    }
    let files = folder().read_dir().expect("the folder is there").flatten();
    let files: BTreeSet<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, names, "one file for each combination, and no other");
}

fn compare(path: &Path, text: &str) {
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(folder()).expect("the folder can be made");
        std::fs::write(path, text).expect("the trace can be written");
        return;
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if let Some(at) = (0..expected.lines().count().max(text.lines().count()))
        .find(|&at| expected.lines().nth(at) != text.lines().nth(at))
    {
        panic!(
            "{} differs in line {}\nexpected: {}\ngot:      {}\nrewrite it with BLESS=1, and read the difference",
            path.display(),
            at + 1,
            expected.lines().nth(at).unwrap_or("nothing"),
            text.lines().nth(at).unwrap_or("nothing"),
        );
    }
}
