//! The rules of the models name what shows them, and it is there.

use conformance::rules::{Room, Rule};
use conformance::{known, model};
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

/// What a rule of a numbered model lacks: a source, or something that shows it. A recording that is
/// a known difference shows none: the model does not pass it, and its test does not ask whether the
/// step that is about the rule agrees.
fn lacks(rule: &Rule, differs: impl Fn(&str) -> bool) -> Option<&'static str> {
    let is_shown = |one: &String| {
        let name = one.split(" (").next().unwrap_or(one);
        name.starts_with("the test `") || !differs(name)
    };
    match () {
        () if !rule.text.contains("Source:") => Some("has no source"),
        () if rule.shown.is_empty() => Some("is shown by nothing"),
        () if !rule.shown.iter().any(is_shown) => Some("is shown by known differences only"),
        () => None,
    }
}

#[test]
fn every_rule_has_a_source_and_something_that_shows_it() {
    let known = known::list().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let differs = |name: &str| known.iter().any(|one| one.case == *name);
    let mut lacking = Vec::new();
    let mut rules = 0;
    for model in model::MODELS {
        for room in (model.rooms)() {
            // Kafka's rules, which are numbered room by room, do not all name their sources yet.
            let numbered = room.rules.iter().filter(|rule| !rule.prefix.is_empty());
            for rule in numbered {
                rules += 1;
                let Rule { prefix, number, .. } = rule;
                let what = lacks(rule, differs);
                lacking
                    .extend(what.map(|what| format!("{}: {prefix}{number} {what}", model.title)));
            }
        }
    }
    assert_eq!(lacking, Vec::<String>::new());
    assert!(rules > 200, "only {rules} rules were looked at");
}

#[test]
fn a_known_difference_shows_no_rule() {
    let read = |text: &str| {
        let room = Room::of("", &format!("//! Q1. One thing. {text}\n"));
        lacks(&room.rules[0], |name| name == "differs")
    };
    assert_eq!(read("Shown by: a."), Some("has no source"));
    assert_eq!(read("Source: S."), Some("is shown by nothing"));
    let differs = Some("is shown by known differences only");
    assert_eq!(read("Source: S. Shown by: differs."), differs);
    assert_eq!(read("Source: S. Shown by: differs (step 2)."), differs);
    assert_eq!(read("Source: S. Shown by: differs, the test `t`."), None);
    assert_eq!(read("Source: S. Shown by: differs, a-case."), None);
}
