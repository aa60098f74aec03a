//! The command as a person meets it: what it prints, where, and with which exit status.

use engine::{Cast, Run, Scene, Trace};
use serde_json::Value;
use std::process::{Command, Output, Stdio};

const SCENE: &str = "../../lessons/consumer-groups/crash-before-commit.scene.json";

fn alo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alo"));
    command
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("alo runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("alo writes UTF-8")
}

fn out(arguments: &[&str]) -> String {
    let output = alo(arguments);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new()),
        "{arguments:?}"
    );
    text(&output.stdout)
}

fn scene() -> Scene {
    let text = std::fs::read_to_string(SCENE).expect("the scene is there");
    serde_json::from_str(&text).expect("it is a scene")
}

#[test]
fn what_is_asked_wrongly_is_told_in_a_sentence() {
    let check = |arguments: &[&str], status: i32, expected: &str| {
        let output = alo(arguments);
        let told = text(&output.stderr);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(status), 0),
            "{arguments:?}\n{told}"
        );
        assert!(told.contains(expected), "{arguments:?}\n{told}");
    };
    check(
        &["run", SCENE, "--with", "guard=maybe"],
        2,
        "alo: the setting `guard` has no option `maybe`; write one of: off, on\n",
    );
    check(
        &["run", SCENE, "--with", "gaurd=on"],
        2,
        "alo: `crash-before-commit` has no setting `gaurd`; did you mean `guard`?",
    );
    check(
        &["run", SCENE, "--with", "guard"],
        2,
        "alo: `guard` chooses nothing; write --with SETTING=OPTION",
    );
    check(&["run", SCENE, "--path", "3-x"], 2, "alo: `x` is no choice");
    check(
        &["run", SCENE, "--path", "3-r0"],
        2,
        "alo: choice 4 of the path, `r0`, cannot be made",
    );
    check(
        &["run", SCENE, "--path", "999999999999999999999"],
        2,
        "alo: ",
    );
    check(&["run", SCENE, "--seed", "many"], 2, "--seed");
    check(&["run"], 2, "SCENE");
    check(
        &["run", SCENE, "--text", "--json"],
        2,
        "cannot be used with",
    );
    check(&["explode"], 2, "unrecognized subcommand");
    check(&["run", "Cargo.toml"], 1, "1 mistake in 1 file\n");
    check(
        &["check", "../course/tests/course/fixtures/mistakes"],
        1,
        " mistakes in 9 files\n",
    );
}

#[test]
fn what_is_no_scene_is_told_with_its_file_and_what_to_do() {
    let folder = std::env::temp_dir().join(format!("alo-no-scene-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("course/empty")).expect("a folder for the test");
    let check = |command: &str, file: &str, content: Option<&[u8]>, expected: [&str; 3]| {
        let path = folder.join(file);
        if let Some(content) = content {
            std::fs::write(&path, content).expect("a file for the test");
        }
        let path = path.to_str().expect("a path in UTF-8");
        let output = alo(&[command, path]);
        let told = text(&output.stderr);
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(1), 0),
            "{file}\n{told}"
        );
        let [what, place, help] = expected;
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], format!("error: {what}"), "{file}");
        assert!(
            lines[1].ends_with(&format!("--> {path}{place}")),
            "{file}\n{told}"
        );
        assert!(
            told.contains(&format!("= help: {help}\n")),
            "{file}\n{told}"
        );
        assert!(
            !told.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{file}\n{told:?}"
        );
        assert_eq!(lines.last(), Some(&"1 mistake in 1 file"), "{file}");
    };
    let run = |file: &str, content: Option<&[u8]>, expected| check("run", file, content, expected);
    let scenes = "name a file that ends in `.scene.json`; `alo check` reads whole lessons";
    run(
        "nope.json",
        None,
        ["there is no such file", "", "check the path"],
    );
    run(
        "course",
        None,
        ["this is a folder, not a file", "", "name a file in it"],
    );
    run(
        "empty",
        Some(b""),
        ["the file is empty", "", "write a JSON object"],
    );
    run(
        "binary",
        Some(b"\x7fELF\x02\x01\x1b[31m\0\n\0\xff"),
        [
            "the text is not UTF-8 from here on",
            ":2:2",
            "save the file as UTF-8",
        ],
    );
    run(
        "lesson.md",
        Some(b"+++\nid = \"a\"\n+++\nText.\n"),
        ["this is a lesson, not a scene", ":1:1", scenes],
    );
    run(
        "check.quiz.json",
        Some(b"{ \"id\": \"check\",\n  \"questions\": [] }"),
        ["this is a quiz, not a scene", ":2:3", scenes],
    );
    run(
        "binary/inside",
        None,
        [
            "the file cannot be read: Not a directory (os error 20)",
            "",
            "see who may read it, and whether the disk is well",
        ],
    );
    run(
        "long",
        Some(&vec![b' '; (1 << 20) + 1]),
        [
            "the file has 1048577 bytes",
            "",
            "files of up to 1048576 bytes are read; split it",
        ],
    );
    let folders = "name the folder that holds the lessons' folders";
    check(
        "check",
        "nope",
        None,
        ["there is no such folder", "", folders],
    );
    check(
        "check",
        "binary",
        None,
        ["this is a file, not a folder", "", folders],
    );
    check(
        "check",
        "course/empty",
        None,
        ["there is no lesson here", "", folders],
    );
    check(
        "check",
        "course",
        None,
        [
            "there is no such file, and each folder here is a lesson",
            "/empty/lesson.md",
            "write it, or move the folder elsewhere",
        ],
    );
    check(
        "check",
        "",
        None,
        [
            "this is the folder of one lesson",
            "",
            "name the folder around it, which holds all of them",
        ],
    );
    std::fs::remove_dir_all(&folder).expect("the test's folder goes");
}

#[cfg(unix)]
#[test]
fn a_device_is_not_read() {
    let output = alo(&["run", "/dev/zero"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("this is no regular file"), "{told}");
}

#[test]
fn the_lines_without_a_hash_are_the_trace() {
    let told = out(&["run", SCENE]);
    let facts: Vec<&str> = told.lines().filter(|line| !line.starts_with('#')).collect();
    let cast = Cast::new(&scene()).expect("no mistakes");
    let mut run = Run::new(cast.clone());
    run.to_rest();
    assert_eq!(
        Trace::read(&facts.join("\n"), cast).as_ref(),
        Ok(run.trace())
    );
    assert_eq!(told, out(&["run", SCENE, "--text"]));
    let summary: Vec<&str> = told.lines().skip(facts.len()).collect();
    assert_eq!(
        summary[3],
        "# mail did its work for: ord_10 1, ord_11 1, ord_12 2, ord_13 2"
    );
    assert_eq!(summary[4], "# email-service has committed: orders/0 4");
    assert!(
        summary[5].starts_with("# duplicated: mail did its work for ord_12 again"),
        "{summary:?}"
    );
}

#[test]
fn as_json_the_run_is_one_object() {
    let read = |arguments: &[&str]| -> Value {
        serde_json::from_str(&out(arguments)).expect("it is JSON")
    };
    let told = read(&[
        "run",
        SCENE,
        "--json",
        "--with",
        "guard=on, commit=before",
        "--seed",
        "3",
    ]);
    let check = |pointer: &str, expected: Value| {
        assert_eq!(told.pointer(pointer), Some(&expected), "{pointer}")
    };
    check("/scene", "crash-before-commit".into());
    check("/seed", 3.into());
    check(
        "/with",
        serde_json::json!({ "guard": "on", "commit": "before" }),
    );
    check("/outcome", "at rest".into());
    check(
        "/facts/0",
        serde_json::json!({
            "id": 0, "at_us": 0, "by": "kafka", "fact": "appended", "weight": "detail",
            "fields": { "partition": "orders/0", "offset": 0, "record": "ord_10" }, "cause": null
        }),
    );
    check("/effects/mail/ord_10", 1.into());
    check("/committed/email-service/orders~10", 4.into());
    check("/lost/0/record", "ord_12".into());
    check("/duplicated", serde_json::json!([]));
    let crashed = told["facts"]
        .as_array()
        .expect("facts")
        .iter()
        .find(|fact| fact["fact"] == "crashed")
        .expect("it crashes");
    assert_eq!(
        crashed["fields"]["in_hand"],
        serde_json::json!(["ord_12", "ord_13"])
    );
}

#[test]
fn a_path_is_followed_to_its_end_and_no_further() {
    let at_rest = out(&["run", SCENE]);
    let path = at_rest
        .lines()
        .find_map(|line| line.strip_prefix("# path "))
        .expect("the path is told");
    assert_eq!(out(&["run", SCENE, "--path", path]), at_rest);
    let there = out(&["run", SCENE, "--path", "20-c0-r0"]);
    assert!(
        there.contains("\n# path 20-c0-r0\n# going after 22 choices"),
        "{there}"
    );
    let on = out(&["run", SCENE, "--path", "20-c0-r0", "--to-rest"]);
    assert!(on.contains("\n# at rest after "), "{on}");
    assert_eq!(
        out(&["run", SCENE, "--path", "0"])
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count(),
        4
    );
}

#[test]
fn the_lessons_are_checked_and_counted() {
    let told = out(&["check", "../course/tests/course/fixtures/sound"]);
    assert!(
        told.starts_with("no mistakes in 1 lesson, 1 scene, 2 combinations of settings"),
        "{told}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alo"));
    let mut child = command
        .args(["run", SCENE, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("alo runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("alo ends");
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
}
