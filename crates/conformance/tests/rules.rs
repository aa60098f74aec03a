//! The rules of the models name what shows them, and it is there.

use conformance::rules::Room;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a folder, in all its folders.
fn files(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let entries = fs::read_dir(folder).expect("a folder of the project");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn every_case_and_test_that_a_rule_names_exists() {
    let cases: BTreeSet<String> = files(&root().join("tests/conformance"))
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let texts: Vec<(PathBuf, String)> = [
        "engine/src",
        "engine/tests",
        "schedule/tests",
        "systems/src",
        "systems/tests",
    ]
    .iter()
    .flat_map(|folder| files(&root().join("crates").join(folder)))
    .filter(|path| path.extension().is_some_and(|end| end == "rs"))
    .map(|path| {
        let text = fs::read_to_string(&path).expect("a source file");
        (path, text)
    })
    .collect();
    let mut named = 0;
    for (path, text) in &texts {
        for rule in Room::of("", text).rules {
            for one in &rule.shown {
                // A remark in brackets says which of a file's cases.
                let one = one.split(" (").next().unwrap_or(one);
                let exists = match one.strip_prefix("the test `") {
                    Some(test) => {
                        let function = format!("fn {}()", test.trim_end_matches('`'));
                        texts.iter().any(|(_, text)| text.contains(&function))
                    }
                    None => cases.contains(one),
                };
                assert!(exists, "{}: there is no `{one}`", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 50, "only {named} names were found");
}
