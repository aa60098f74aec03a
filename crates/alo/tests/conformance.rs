//! `conformance`, as a person meets it.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const PROJECT: &str = "../../tests/conformance";

/// Exit status, standard output and standard error.
fn alo(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_alo"))
        .arg("conformance")
        .args(arguments)
        .output()
        .expect("alo runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("alo writes UTF-8");
    (
        output.status.code().expect("alo ends by itself"),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A folder with these files, by path.
fn folder(name: &str, files: &[(&str, String)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may be there from an earlier run.
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    for (path, text) in files {
        let path = folder.join(path);
        let parent = path.parent().expect("it lies in the folder");
        std::fs::create_dir_all(parent).expect("a folder for the test");
        std::fs::write(&path, text).expect("a file for the test");
    }
    folder
}

fn path(folder: &Path) -> &str {
    folder.to_str().expect("a path in UTF-8")
}

/// Two cases of murmur2; the second one asks for `hash`.
fn murmur2(hash: i64) -> String {
    json!({"source": "s", "about": "a", "cases": [
        {"id": "one", "in": {"key_utf8": "21"}, "out": {"murmur2": -973_932_308}},
        {"id": "two", "in": {"key_utf8": "foobar"}, "out": {"murmur2": hash}}]})
    .to_string()
}

#[test]
fn the_projects_own_folder_fails_only_in_known_cases() {
    let (status, out, err) = alo(&[PROJECT, "--json"]);
    let data: Value = serde_json::from_str(&out).expect("one JSON object");
    let failed = data["failed"].as_u64().expect("a number");
    assert_eq!((status, err.as_str()), (i32::from(failed > 0), ""));
    assert!(data["passed"].as_u64() > Some(0), "{out}");
    let (_, text, _) = alo(&[PROJECT]);
    assert_eq!(text.matches("    known: ").count() as u64, failed, "{text}");
    let sum = format!("{} passed, {failed} failed", data["passed"]);
    assert_eq!(text.lines().last(), Some(sum.as_str()));
}

#[test]
fn a_failed_case_is_told_and_is_status_1() {
    let folder = folder(
        "failed",
        &[
            ("deep/er/kafka_murmur2.json", murmur2(5)),
            ("notes.json", "{}".to_owned()),
            ("notes.txt", "no JSON".to_owned()),
            (
                "pulsar-a.json",
                json!({"id": "pulsar-a", "steps": []}).to_string(),
            ),
        ],
    );
    let (status, out, err) = alo(&[path(&folder)]);
    let notes = folder.join("notes.json");
    let expected = format!(
        "kafka_murmur2: 1 passed, 1 failed\n  two:\n    expected {{\"murmur2\":5}}\n    got      {{\"murmur2\":-790332482}}\n\
         skipped: {}, which is neither a recording nor a vector file\nnot yet: pulsar, 1 file\n1 passed, 1 failed\n",
        notes.display()
    );
    assert_eq!((status, out, err), (1, expected, String::new()));
}

#[test]
fn a_damaged_file_is_a_failed_case() {
    let folder = folder("damaged", &[("redis-a.json", "{".to_owned())]);
    let (status, out, _) = alo(&[path(&folder)]);
    assert_eq!(status, 1, "{out}");
    assert!(out.starts_with("redis-a: 0 passed, 1 failed\n  "), "{out}");
    assert!(out.contains("redis-a.json: this is no JSON: EOF"), "{out}");
    assert!(out.ends_with("\n0 passed, 1 failed\n"), "{out}");
}

#[test]
fn all_passed_is_status_0_and_also_when_nothing_is_modelled() {
    let passed = folder("passed", &[("kafka_murmur2.json", murmur2(-790_332_482))]);
    let (status, out, err) = alo(&[path(&passed)]);
    let expected = "kafka_murmur2: 2 passed, 0 failed\n2 passed, 0 failed\n";
    assert_eq!((status, out.as_str(), err.as_str()), (0, expected, ""));
    let unknown = folder(
        "unknown",
        &[("pulsar_x.json", json!({"cases": []}).to_string())],
    );
    let (status, out, _) = alo(&[path(&unknown)]);
    let expected = "not yet: pulsar_x, 1 file\n0 passed, 0 failed\n";
    assert_eq!((status, out.as_str()), (0, expected));
}

#[test]
fn a_folder_that_cannot_be_replayed_is_status_2() {
    let empty = folder("empty", &[("notes.txt", String::new())]);
    let check = |dir: &str, told: &str| {
        let (status, out, err) = alo(&[dir]);
        assert_eq!((status, out.as_str()), (2, ""), "{dir}");
        assert!(err.starts_with(told) && err.ends_with('\n'), "{err}");
    };
    check(
        "no/such/folder",
        "alo: there is no folder no/such/folder; name one",
    );
    check(
        path(&empty),
        "alo: there is no recording and no vector file below ",
    );
    check("Cargo.toml", "alo: there is no folder Cargo.toml; name one");
}
