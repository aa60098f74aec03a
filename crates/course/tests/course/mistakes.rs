//! Texts with mistakes.

use crate::expected;
use course::lesson::scenes::Scenes;
use course::{Diagnostics, Source, read_course, read_scene};
use std::path::Path;

const MAIL: &str = include_str!("fixtures/sound/one-mail/mail.scene.json");
const LESSON: &str = include_str!("fixtures/sound/one-mail/lesson.md");
const QUIZ: &str = include_str!("fixtures/sound/one-mail/check.quiz.json");

fn lines(mistakes: &Diagnostics) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_of_every_file_is_told_at_once() {
    // Tests run in the folder of their crate, so the paths are the same everywhere.
    let mistakes =
        read_course(Path::new("tests/course/fixtures/mistakes")).expect_err("it has mistakes");
    expected::check(
        "tests/course/fixtures/expected/mistakes.txt",
        &mistakes.render(false),
    );
}

#[test]
fn a_folder_without_lessons_is_told_so() {
    let check = |folder: &str, expected: &str| {
        let mistakes = read_course(Path::new(folder)).expect_err("there are no lessons");
        assert_eq!(lines(&mistakes), [expected]);
    };
    check(
        "no/such/folder",
        "no/such/folder: there is no such folder; name the folder that holds the lessons' folders",
    );
    check(
        "tests/course/fixtures/sound/one-mail",
        "tests/course/fixtures/sound/one-mail: this is the folder of one lesson; name the folder around it, which holds all of them",
    );
}

#[test]
fn texts_that_are_no_json_are_told_where() {
    let check = |text: &str, expected: &str| {
        let mistakes = read_scene("s", text).expect_err("it is no scene");
        assert_eq!(lines(&mistakes), [expected], "{text:?}");
    };
    check("", "s: the file is empty; write a JSON object");
    check(" \n ", "s:1:1: the file is empty; write a JSON object");
    check(
        "\u{feff}{}",
        "s:1:1: the file begins with a byte order mark; save it as UTF-8 without one",
    );
    check(
        "{\n  // why\n}",
        "s:2:3: this is no JSON: comments are not allowed; remove the comment; a scene explains itself in its titles and labels",
    );
    check(
        "{\"id\": \"a\",}",
        "s:1:11: this is no JSON: trailing commas are not allowed; remove the comma before the closing bracket",
    );
    check(
        "{\"id\": \"a\" \"b\": 1}",
        "s:1:11: this is no JSON: expected comma; write a comma between the two",
    );
    check(
        "{id: 1}",
        "s:1:2: this is no JSON: expected string for object property; write the word in double quotes",
    );
    check(
        "{\"id\": 'a'}",
        "s:1:8: this is no JSON: single-quoted strings are not allowed; write double quotes",
    );
    check(
        "{\"id\": \"a",
        "s:1:8: this is no JSON: unterminated string literal; close the string with a double quote on the same line, and write `\\\\` for a backslash",
    );
    check(
        "{\"id\": 01}",
        "s:1:9: this is no JSON: expected comma; write a comma between the two",
    );
    check(
        "{\"id\": \"a\nb\"}",
        "s:1:10: this is no JSON: control character (\\u0000-\\u001F) found while parsing a string; correct it here",
    );
    check(
        "{} {}",
        "s:1:4: this is no JSON: text cannot contain more than one JSON value; keep one value, and remove what follows it",
    );
    check(
        "7",
        "s:1:1: this is 7, and an object is expected; write an object (A whole scene)",
    );
}

#[test]
fn a_text_that_is_too_deep_or_too_long_is_refused_and_not_followed() {
    let check = |text: &str, expected: &str| {
        let mistakes = read_scene("s", text).expect_err("it is no scene");
        let told = lines(&mistakes);
        assert!(told[0].contains(expected), "{told:?}");
    };
    check(&"[".repeat(1_000_000), "nesting depth");
    check(
        &("[".repeat(400) + &"]".repeat(400)),
        "nests deeper than 64 levels",
    );
    check(&"{\"a\":".repeat(200_000), "nesting depth");
    check(&" ".repeat(course::source::LONGEST + 1), "bytes are read");
    let many = format!(
        "{{{}}}",
        (0..20_000)
            .map(|at| format!("\"field_{at}\": {at}"))
            .collect::<Vec<_>>()
            .join(",")
    );
    check(&many, "is missing");
}

#[test]
fn a_file_on_one_line_is_told_its_mistakes_in_time() {
    let one = format!("{{ \"value\": \"no name\" }},{}", " ".repeat(200));
    let text = MAIL
        .replacen(
            "\"records\": [",
            &format!("\"records\": [{}", one.repeat(4_000)),
            1,
        )
        .replace('\n', " ");
    let mistakes = read_scene("s", &text).expect_err("these are no names");
    assert_eq!(mistakes.len(), course::diagnostic::MOST);
    let shown = mistakes.render(false);
    let place = lines(&mistakes)[7]
        .split(": ")
        .next()
        .unwrap_or_default()
        .to_owned();
    assert!(shown.contains(&format!("--> {place}\n")), "{place}");
    assert!(shown.len() < 500_000, "{}", shown.len());
}

/// Reads the sound lesson after one change to one of its files, and compares what is said.
pub(crate) fn changed(file: &str, from: &str, to: &str, expected: &[&str]) {
    let text = |name: &str, text: &str| {
        assert!(
            name != file || text.contains(from),
            "{name} has no {from:?}"
        );
        if name == file {
            text.replacen(from, to, 1)
        } else {
            text.to_owned()
        }
    };
    let mut told = Vec::new();
    let mut scenes = Scenes::default();
    let scene = read_scene("mail", &text("mail", MAIL));
    scenes.add(
        "mail",
        scene.map_err(|mistakes| told.extend(lines(&mistakes))).ok(),
    );
    let quiz = course::quiz::read_quiz(&Source::new("check", &text("check", QUIZ)), &scenes);
    let quiz = quiz
        .map(|(quiz, _)| quiz)
        .map_err(|mistakes| told.extend(lines(&mistakes)))
        .ok();
    // A second one, of the same title.
    let again = quiz.clone().map(|quiz| course::quiz::Resolved {
        id: "again".to_owned(),
        ..quiz
    });
    let quizzes = [("check".to_owned(), quiz), ("again".to_owned(), again)].into();
    let lesson = course::lesson::read_text(
        &Source::new("lesson", &text("lesson", LESSON)),
        "one-mail",
        &scenes,
        course::lesson::Known {
            quizzes: &quizzes,
            exercises: &Default::default(),
            shared: &course::lesson::Shared::of_none(),
        },
    );
    told.extend(lesson.err().iter().flat_map(lines));
    assert_eq!(told, expected, "{file}: {from:?} → {to:?}");
}

#[test]
fn the_sound_lesson_is_sound() {
    changed("lesson", "", "", &[]);
}

#[test]
fn a_lesson_lacks_nothing_it_must_have() {
    let check = |from: &str, to: &str, expected: &str| changed("lesson", from, to, &[expected]);
    check(
        "+++\n",
        "",
        "lesson:1:1: the lesson does not begin with its front matter; begin with a line `+++`, then `id = \"…\"` and so on, then a line `+++`",
    );
    check(
        "sent twice.\"\n+++",
        "sent twice.\"\n",
        "lesson:1:1: the front matter that begins here does not end; end it with a line `+++`",
    );
    check(
        "summary = \"A mail is sent twice.\"\n",
        "",
        "lesson:2:1: the field `summary` is missing; write `summary` too (`summary`: One or two sentences for search engines and previews)",
    );
    check(
        "minutes = 5",
        "minutes = \"5\"",
        "lesson:6:11: this is the text \"5\", and a whole number is expected; write a whole number (`minutes`: How long it takes, in minutes)",
    );
    check(
        "number = 1",
        "number 1",
        "lesson:3:8: this is no TOML: key with no value, expected `=`; write lines such as `title = \"A title\"` and `outcomes = [\"…\", \"…\"]`",
    );
    check(
        "takeaways = [\"A crash repeats `one =mail: duplicated` mail.\"]",
        "takeaways = []",
        "lesson:9:1: the lesson has no takeaways; write takeaways = [\"…\"]: what to remember",
    );
    check(
        "repeats `one =",
        "repeats `two =",
        "lesson:9:14: the text says two, and the run gives 1; write 1, or correct the scene",
    );
    check(
        "```quiz check\n```\n",
        "",
        "lesson:2:1: the lesson has no quiz of three questions or more; add a `quiz` directive",
    );
    changed(
        "lesson",
        "```stage mail\n\n```",
        "",
        &[
            "lesson:2:1: the lesson has no stage; add a `stage` directive",
            "lesson:41:1: no stage shows `mail`, in which the task is to be done; add a `stage mail`",
        ],
    );
    check(
        "```quiz check\n```\n",
        "```quiz check\n```\n\n```quiz check\n```\n",
        "lesson:58:1: there are two of quiz `check`; give each its own name, and show each once",
    );
    check(
        "```quiz check\n```\n",
        "```quiz check\n```\n\n```quiz again\n```\n",
        "lesson:58:1: there are two quizzes called “Check”; give each a title of its own",
    );
    check(
        "```quiz check\n```\n",
        "```quiz check\nnow: please\n```\n",
        "lesson:56:1: a quiz has no `now`; remove it",
    );
}

#[test]
fn front_matter_is_told_all_its_mistakes_at_once() {
    changed(
        "lesson",
        "number = 1\n",
        "number = 0\nminuets = 5\n",
        &[
            "lesson:3:10: 0 is too small; write a number from 1",
            "lesson:4:1: `minuets` is no field here; did you mean `minutes`? possible: after, difficulty, id, minutes, module, number, outcomes, sources, summary, takeaways, terms, title",
        ],
    );
    changed(
        "lesson",
        "repeats `one =mail: duplicated` mail.\"]",
        "repeats `two =mail: duplicated` mail.\", 7]",
        &[
            "lesson:9:14: the text says two, and the run gives 1; write 1, or correct the scene",
            "lesson:9:63: this is 7, and a text in quotes is expected; write a text in quotes",
        ],
    );
}

#[test]
fn numbers_in_prose_cannot_lie() {
    let check =
        |to: &str, expected: &[&str]| changed("lesson", "`=mail: total mail`", to, expected);
    check("`three =mail: total mail`", &[]);
    check("`3 =mail: total mail`", &[]);
    check("`twice =mail: times mail ord_2`", &[]);
    check(
        "`ten =mail: total mail`",
        &["lesson:14:40: the text says ten, and the run gives 3; write 3, or correct the scene"],
    );
    check(
        "`=mail: committed email-service orders/1`",
        &["lesson:14:46: there is no partition `orders/1`; write one of: orders/0"],
    );
    check(
        "`=mail @started: committed email-service orders/0`",
        &["lesson:14:40: the run gives nothing here; ask at another moment, or something else"],
    );
    check(
        "`=mail commit=before commit=after: lost`",
        &["lesson:14:40: `commit` is chosen twice; write SETTING=OPTION, such as guard=on"],
    );
    check("`retries=3`", &[]);
}

#[test]
fn a_task_can_be_done_and_is_not_done_from_the_start() {
    let check =
        |to: &str, expected: &[&str]| changed("lesson", "when: duplicated >= 1\n", to, expected);
    let help =
        "correct the conditions, or show how it can be done, such as `way: guard=on 19-c0-r0`";
    let none = format!("lesson:45:7: no way was found in which this comes about; {help}");
    let wrong = format!("lesson:46:6: this way does not lead to where the task is done; {help}");
    let refused =
        format!("lesson:46:6: choice 1 cannot be made: that cannot be done to it now; {help}");
    let unknown = format!("lesson:46:6: `mail` has no such options; {help}");
    check(
        "",
        &[
            "lesson:45:7: the task is done before the learner has done anything; add a condition that does not hold at the start",
        ],
    );
    check("when: duplicated >= 3\n", &[&none]);
    check("when: count session_expired >= 2\n", &[]);
    check("when: count started process=4 = 1\n", &[&none]);
    check(
        "when: count started process=4 = 1\nway: 5-c0-r0-c0-r0-c0-r0\n",
        &[],
    );
    check(
        "when: count started process=4 = 1\nway: 5-c0-r0-c0-r0\n",
        &[&wrong],
    );
    check("when: count started process=4 = 1\nway: r0\n", &[&refused]);
    check(
        "when: count started process=4 = 1\nway: guard=on 5\n",
        &[&unknown],
    );
}

#[test]
fn a_scene_with_mistakes_is_told_once_and_not_where_it_is_used() {
    let told = "mail:11:18: there is no topic `other`; write one of: orders";
    changed(
        "mail",
        "\"topics\": [\"orders\"]",
        "\"topics\": [\"other\"]",
        &[told],
    );
}

#[test]
fn a_key_that_the_run_does_not_give_is_no_key() {
    let told =
        "check:20:7: the run gives 3, and no option has that value; add one with \"value\": 3";
    changed("check", "\"value\": 3", "\"value\": 4", &[told]);
}

#[test]
fn the_lists_of_a_quiz_have_bounds() {
    for (pointer, what) in [
        ("/questions", "questions"),
        ("/questions/0/options", "options"),
    ] {
        let mut quiz: serde_json::Value = serde_json::from_str(QUIZ).expect("the quiz is JSON");
        let list = quiz
            .pointer_mut(pointer)
            .and_then(|list| list.as_array_mut());
        let list = list.expect("a list");
        list.resize(65, list[0].clone());
        let source = Source::new("check", &quiz.to_string());
        let told =
            lines(&course::quiz::read_quiz(&source, &Scenes::default()).expect_err("too long"));
        let expected = format!(": 65 {what} are too many; have at most 64");
        assert!(
            matches!(&told[..], [one] if one.starts_with("check:1:") && one.ends_with(&expected)),
            "{pointer}: {told:?}"
        );
    }
}

/// Late names, each there a second time: no more is told, or looked up, than anybody reads.
#[test]
fn many_names_that_stand_twice_are_told_up_to_a_bound() {
    let name = |nth: usize| format!("\"n{nth}\": 1");
    let names: Vec<String> = (0..4_000).chain(0..4_000).map(name).collect();
    let text = format!("{{{}}}", names.join(",\n"));
    let told = course::read_scene("s", &text).expect_err("no name may stand twice");
    assert_eq!(told.len(), course::diagnostic::MOST);
    let first = told.iter().next().map(ToString::to_string);
    let expected = "s:4001:1: `n0` stands here a second time; keep one of the two; the first stands in line 1, column 2";
    assert_eq!(first.as_deref(), Some(expected));
}

/// A file whose name nothing can say is not passed over in silence. Other systems than Linux may have no
/// such names.
#[cfg(target_os = "linux")]
#[test]
fn a_scene_whose_name_is_not_utf_8_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let folder = std::env::temp_dir().join(format!("alo-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.scene.json");
    std::fs::write(folder.join(name), "{}").expect("a file for the test");
    let told = course::read_lesson(&folder).expect_err("the lesson is no lesson");
    std::fs::remove_dir_all(&folder).expect("the folder is there");
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|one| one.contains("the name of this file is not UTF-8")),
        "{told:?}"
    );
}

/// A part of another shape is mended so that the rest can be judged: what stands in for it is nobody's word.
#[test]
fn what_stands_in_for_a_mistake_is_never_named() {
    let scene = r##"{
        "id": "s", "title": "S", "version": 1,
        "broker": { "system": "rabbitmq" },
        "channels": [{ "name": "orders", "records": [{ "value": "a" }] }],
        "consumers": [{ "name": "one", "subscription": "email", "channels": ["orders"], "settle": "after" }],
        "on": { "rabbitmq": {
            "exchanges": { "orders": { "kind": "topic", "bindings": { "email": ["#"] } } },
            "queues": { "email": { "x-dead-letter-exchange": "dead" } }
        } }
    }"##;
    let mistakes = read_scene("s", scene).expect_err("it has a mistake");
    let told = lines(&mistakes);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("`kind`") && told[0].contains("type"),
        "{told:#?}"
    );
    for wrong in [
        "\"type\": 1",
        "\"type\": \"topics\"",
        "\"alternate-exchange\": {}",
    ] {
        let scene = scene.replace("\"kind\": \"topic\"", wrong);
        let told = lines(&read_scene("s", &scene).expect_err("it has a mistake"));
        assert_eq!(told.len(), 1, "{wrong}: {told:#?}");
        assert!(
            told.iter().all(|line| !line.contains("stand-in")),
            "{told:#?}"
        );
    }
}
