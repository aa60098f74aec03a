//! `explore`, `grade` and the proofs of `check`, as a person meets them.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "../course/tests/course/fixtures/exercises/mail";

/// Exit status, standard output and standard error.
fn alo(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_alo"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("alo runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("alo writes UTF-8");
    (
        output.status.code().expect("alo ends by itself"),
        text(output.stdout),
        text(output.stderr),
    )
}

fn last(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

fn file(name: &str) -> String {
    format!("{FOLDER}/{name}")
}

/// An answer in a file of its own.
fn answer(name: &str, text: &str) -> String {
    let folder = std::env::temp_dir().join(format!("alo-answers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file for the test");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn exploring_ends_with_what_it_found() {
    let check = |more: &[&str], status: i32, expected: &str| {
        let scene = file("mail.scene.json");
        let arguments = [&["explore", scene.as_str()], more].concat();
        let (got, out, err) = alo(&arguments);
        assert_eq!((got, err.as_str()), (status, ""), "{more:?}\n{out}");
        assert!(out.contains(expected), "{more:?}\n{out}");
    };
    check(&[], 0, "holds     No order lost (always)\n");
    check(&[], 0, " states, complete\n");
    check(
        &["--with", "commit=before"],
        1,
        "violated  No order lost (always, 25 steps)\n  ord_2 is committed past and never mailed: ",
    );
    check(
        &["--with", "commit=before"],
        1,
        "\n  message: ord_2\n  fault: email-1 crashes ",
    );
    check(
        &["--with", "commit=before"],
        1,
        "\n    at         3079.000  email-1  crashed ",
    );
    check(
        &["--with", "mails=off"],
        3,
        "unseen    Every order is mailed (sometimes)\n",
    );
    check(
        &["--max-states", "10"],
        3,
        "not complete: the bound on states was reached\n",
    );
}

#[test]
fn what_cannot_be_explored_or_graded_is_bad_input() {
    let check = |arguments: &[&str], expected: &str| {
        let (status, out, err) = alo(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}\n{err}");
        assert!(err.contains(expected), "{arguments:?}\n{err}");
    };
    let scene = file("mail.scene.json");
    let exercise = file("settings.exercise.json");
    check(&["explore", "Cargo.toml"], "1 mistake in 1 file");
    check(&["explore", "none"], "there is no such file");
    check(
        &["explore", &scene, "--with", "commit=never"],
        "has no option `never`",
    );
    check(&["explore", &scene, "--max-states", "0"], "--max-states");
    check(&["grade", &exercise], "ANSWER");
    check(&["grade", &scene, &scene], "this is no exercise");
    check(&["grade", &exercise, "none"], "there is no such file");
    check(
        &["grade", &exercise, &answer("strange", "guard=on")],
        "`guard` is not in the form",
    );
}

/// Too many parts for a search are said, also where the scene promises nothing.
#[test]
fn a_scene_with_too_many_parts_is_not_explored() {
    let consumers: Vec<Value> = (0..31)
        .map(|at| {
            let (name, group) = (format!("c-{at}"), format!("g-{at}"));
            json!({ "name": name, "group": group, "topics": ["orders"], "handler": [] })
        })
        .collect();
    let tables: Vec<Value> = (0..31)
        .map(|at| json!({ "name": format!("t-{at}") }))
        .collect();
    let scene = json!({
        "id": "crowd", "title": "A crowd", "version": 1,
        "topics": [{ "name": "orders", "records": [{ "value": "ord_1" }] }],
        "tables": tables,
        "consumers": consumers
    });
    let file = answer("crowd.scene.json", &scene.to_string());
    let (status, out, err) = alo(&["explore", &file]);
    assert_eq!((status, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("129 parts are too many"), "{err}");
}

/// What is asked for counts, whatever the options of the scene say.
#[test]
fn the_most_states_asked_for_come_last() {
    let text = std::fs::read_to_string(file("mail.scene.json")).expect("a scene");
    let mut scene: Value = serde_json::from_str(&text).expect("JSON");
    let setting = json!({ "id": "search", "label": "Search", "options": [
        { "id": "far", "label": "far", "set": { "/explore/states": 900_000 } },
        { "id": "near", "label": "near", "set": { "/explore/states": 800_000 } }
    ] });
    match scene["settings"].as_array_mut() {
        Some(settings) => settings.push(setting),
        None => scene["settings"] = json!([setting]),
    }
    scene["explored"] = json!([]);
    let file = answer("budget.scene.json", &scene.to_string());
    let arguments = [
        "explore",
        &file,
        "--with",
        "search=near",
        "--max-states",
        "7",
    ];
    let (status, out, err) = alo(&arguments);
    assert_eq!((status, err.as_str()), (3, ""), "{out}");
    assert!(out.contains("7 states"), "{out}");
}

/// A link that no page follows is not printed: no page plays the scene, or it is not the page's scene,
/// or the run is of a learner's code.
#[test]
fn a_link_is_printed_where_a_page_plays_the_scene() {
    let scene = file("mail.scene.json");
    let alone = std::fs::read_to_string(&scene).expect("the fixture is there");
    let alone = answer("mail.scene.json", &alone);
    let check = |arguments: &[&str], printed: bool| {
        let (_, out, err) = alo(arguments);
        assert!(out.contains("path: "), "{arguments:?}\n{out}{err}");
        assert_eq!(out.contains("  open: "), printed, "{arguments:?}\n{out}");
        assert_eq!(out.contains("#run="), printed, "{arguments:?}\n{out}");
    };
    check(&["explore", &scene, "--with", "commit=before"], true);
    check(&["explore", &alone, "--with", "commit=before"], false);
    let (code, late) = (file("code.exercise.json"), file("code.late.star"));
    check(&["grade", &code, &late], false);
    let before = answer("settings.txt", "commit=before\n");
    check(&["grade", &file("settings.exercise.json"), &before], true);
}

/// A pipe is no file to be read, and is not waited for.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused() {
    let path = answer("pipe.scene.json", "");
    std::fs::remove_file(&path).expect("the file was there");
    let made = Command::new("mkfifo")
        .arg(&path)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    let (status, _, err) = alo(&["run", &path]);
    assert_eq!(status, 1, "{err}");
    assert!(err.contains("no regular file"), "{err}");
}

#[test]
fn as_json_a_search_is_one_object() {
    let scene = file("mail.scene.json");
    let (status, out, _) = alo(&["explore", &scene, "--json", "--with", "commit=before"]);
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    let rules = engine::RULES_VERSION;
    let expected = json!({
        "states": told["states"],
        "complete": true,
        "bounds": {
            "crashes": 1, "freezes": 0, "losses": 0, "duplicates": 0, "early_timeouts": 0, "slow_polls": 0, "jitter_ms": null,
            "states": 1_000_000, "depth": 1_000, "reached": null
        },
        "properties": [
            {
                "name": "No order lost", "kind": "always", "verdict": "violated", "steps": 25,
                "link": format!("lessons/mail/index.html#run=mail;mail.1.{rules};commit.before;24-c0;25")
            },
            {
                "name": "Every order is mailed", "kind": "sometimes", "verdict": "holds",
                "steps": told["properties"][1]["steps"], "link": told["properties"][1]["link"]
            }
        ]
    });
    assert_eq!((status, &told), (1, &expected));
    assert!(told["states"].as_u64().is_some_and(|states| states > 100));
    assert!(told["properties"][1]["link"].is_string());
    let (status, out, _) = alo(&["explore", &scene, "--json", "--max-states", "10"]);
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((status, &told["complete"]), (3, &json!(false)));
    assert_eq!(told["bounds"]["reached"], "states");
    assert_eq!(told["properties"][0]["verdict"], "unknown");
    assert_eq!(told["properties"][0]["link"], Value::Null);
}

#[test]
fn the_verdict_on_an_answer_stands_on_the_last_line() {
    let check = |exercise: &str, answer: &str, status: i32, verdict: &str| {
        let (got, out, err) = alo(&["grade", &file(exercise), answer]);
        assert_eq!((got, err.as_str()), (status, ""), "{answer}\n{out}");
        assert!(last(&out).contains(verdict), "{answer}\n{out}");
    };
    let code = "code.exercise.json";
    check(
        code,
        &file("code.solution.star"),
        0,
        "Correct on the one schedule without a fault",
    );
    check(
        code,
        &file("code.late.star"),
        1,
        "Fails: ord_1 is mailed twice, without any fault",
    );
    check(
        code,
        &file("code.starter.star"),
        1,
        "Fails: “Every order is mailed” is never seen on any schedule without a fault",
    );
    check(
        code,
        &file("broken.txt"),
        1,
        "Cannot be run: line 2, column 5: ",
    );
    let settings = "settings.exercise.json";
    check(
        settings,
        &answer("after", "commit=after expect:holds because:1\n"),
        0,
        "Correct on ",
    );
    check(
        settings,
        &answer("before", "commit=before\n"),
        1,
        "Fails: ord_1 is committed past and never mailed",
    );
    check(
        "find.exercise.json",
        &answer("nothing", ""),
        1,
        "Fails: without a fault, in the end the number of times that work was done again is 0",
    );
    check(
        "predict.exercise.json",
        &answer("two", "mails=2"),
        0,
        "Correct: ",
    );
    check(
        "predict.exercise.json",
        &answer("one", "mails=1"),
        1,
        "Fails: ",
    );
    check(
        "design.exercise.json",
        &answer("points", "1 2"),
        0,
        "Passed by your own count",
    );
    check(
        "design.exercise.json",
        &answer("point", "1"),
        1,
        "Not yet passed",
    );
}

#[test]
fn as_json_a_verdict_is_one_object() {
    let (status, out, _) = alo(&[
        "grade",
        &file("code.exercise.json"),
        &file("code.late.star"),
        "--json",
    ]);
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    let expected = json!({
        "exercise": "code",
        "version": 1,
        "kind": "code",
        "passed": false,
        "verdict": "Fails: ord_1 is mailed twice, without any fault",
        "expected": null,
        "why": "The handler mails twice.",
        "states": told["states"],
        "complete": true,
        "properties": told["properties"],
        "finding": {
            "property": "No mail twice",
            "sentence": "ord_1 is mailed twice, without any fault",
            "message": "ord_1",
            "steps": 20,
            "path": "20",
            "at": 20,
            "faults": [],
            "link": null
        },
        "problems": [],
        "marks": []
    });
    assert_eq!((status, &told), (1, &expected));
    assert_eq!(out.lines().count(), 1);
    let names = |pointer: &str| told.pointer(pointer).cloned();
    assert_eq!(names("/properties/0/verdict"), Some(json!("violated")));
    assert_eq!(names("/properties/1/verdict"), Some(json!("holds")));
}

#[test]
fn code_that_takes_too_long_is_ended() {
    let arguments = ["--seconds", "0", "--json"];
    let (exercise, code) = (file("code.exercise.json"), file("code.solution.star"));
    let (status, out, _) = alo(&[&["grade", exercise.as_str(), &code], &arguments[..]].concat());
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((status, &told["passed"]), (1, &json!(false)));
    let verdict = told["verdict"].as_str().unwrap_or_default();
    let expected = "Not decided: the code was graded in a process of its own, and it took longer than it may, 0 seconds";
    assert_eq!(verdict, expected);
}

/// A copy of the lesson with one change to one file.
fn changed(name: &str, from: &str, to: &str) -> PathBuf {
    let copy = std::env::temp_dir().join(format!("alo-proofs-{}-{}", std::process::id(), to.len()));
    std::fs::create_dir_all(copy.join("mail")).expect("a folder for the test");
    for entry in Path::new(FOLDER).read_dir().expect("the lesson is there") {
        let entry = entry.expect("a file of the lesson");
        let mut text = std::fs::read_to_string(entry.path()).expect("a text");
        if entry.file_name() == name {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(copy.join("mail").join(entry.file_name()), text).expect("a copy");
    }
    copy
}

#[test]
fn every_exercise_is_proved() {
    let (status, out, err) = alo(&["check", "../course/tests/course/fixtures/exercises"]);
    assert_eq!((status, err.as_str()), (0, ""));
    assert!(out.contains("5 exercises"), "{out}");
    assert!(out.ends_with("; 14 proofs over every schedule\n"), "{out}");
    let check = |name: &str, from: &str, to: &str, expected: &str| {
        let copy = changed(name, from, to);
        let (status, _, err) = alo(&["check", copy.to_str().expect("a path in UTF-8")]);
        assert_eq!(status, 1, "{to}\n{err}");
        assert!(err.contains(expected), "{to}\n{err}");
        std::fs::remove_dir_all(&copy).expect("the copy goes");
    };
    check(
        "settings.exercise.json",
        "between.\", \"breaks\": \"No order lost\"",
        "between.\", \"breaks\": \"Every order is mailed\"",
        "error: `commit=before mails=on` breaks `No order lost` first: Fails: ord_1 is committed past",
    );
    check(
        "code.starter.star",
        "pass",
        "mail.send(message) # now",
        "error: the starter passes: Correct on the one schedule",
    );
    check(
        "code.solution.star",
        "mail.send(message)",
        "mial.send(message)",
        "code.solution.star:2:",
    );
    check(
        "code.solution.star",
        "mail.send(message)",
        "return",
        "error: the solution does not pass: Fails: “Every order is mailed” is never seen",
    );
    // Code that would take all memory there is, or for ever, is stopped by what it counts.
    let bomb = "a = \"{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}\"\n    x = \"x\"\n    for n in range(12): x = a.format(x)";
    check(
        "code.solution.star",
        "mail.send(message)",
        bomb,
        "error: the solution does not pass: Not decided: line 4, column 29: stopped: a text of more than 10,000 bytes",
    );
    check(
        "code.solution.star",
        "mail.send(message)",
        &"x = min(range(1000000))\n    ".repeat(400),
        "error: the solution does not pass: Not decided: line 2, column 9: stopped after 200,000 steps",
    );
    check(
        "find.exercise.json",
        "\"duplicated >= 1\"",
        "\"total mail >= 1\"",
        "error: the undisturbed run passes: Found: it comes about after ",
    );
    check(
        "mail.scene.json",
        "{ \"promises\": { \"No order lost\": \"holds\"",
        "{ \"promises\": { \"No order lost\": \"violated\"",
        "error: expected `No order lost` to come out as violated, and every schedule together gave holds",
    );
}
