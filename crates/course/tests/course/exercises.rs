//! Exercises: what is said of files with mistakes, and what sound ones claim.

use crate::expected;
use course::exercise::prove::{Claimed, claims};
use course::exercise::{Answer, Exercise, Graded, Written, grade, read_exercise};
use course::lesson::scenes::Scenes;
use course::{Diagnostics, Source, read_scene};
use engine::handler::{
    Ask, Delivery, Handler, Next, Problem, Program, Recorded, Turn, Value, Verdict as End,
};
use engine::{Cast, ServiceId};
use std::sync::Arc;

pub const SCENE: &str = include_str!("fixtures/exercises/mail/mail.scene.json");
pub const CODE: &str = include_str!("fixtures/code.exercise.json");
pub const SETTINGS: &str = include_str!("fixtures/exercises/mail/settings.exercise.json");
pub const FIND: &str = include_str!("fixtures/exercises/mail/find.exercise.json");
pub const PREDICT: &str = include_str!("fixtures/exercises/mail/predict.exercise.json");
pub const DESIGN: &str = include_str!("fixtures/exercises/mail/design.exercise.json");

fn scenes() -> Scenes {
    let mut scenes = Scenes::default();
    let scene = read_scene("mail", SCENE).unwrap_or_else(|found| panic!("{}", found.render(false)));
    scenes.add("mail", Some(scene));
    scenes
}

/// The files beside the exercises, in the tests' own language: a word for each thing done.
fn beside(name: &str) -> Result<Source, Diagnostics> {
    let text = match name {
        "code.starter.star" => "mail\n",
        "code.solution.star" => "\n# nothing is mailed at all\n",
        "code.solution2.star" => "done\n",
        "code.late.star" => "mail mail\n",
        "code.twin.star" => "# the same as the solution\ndone  \n\n",
        "code.empty.star" => " ",
        _ => {
            let source = Source::new(name, "");
            return Err(Diagnostics::one(
                &source,
                0..0,
                "there is no such file",
                "check",
            ));
        }
    };
    Ok(Source::new(name, text))
}

/// A handler in the tests' own language.
#[derive(Debug)]
struct Words(usize);

impl Handler for Words {
    fn next(&self, _: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        let next = if answers.len() < self.0 {
            Next::Ask(Ask::Call {
                service: ServiceId(0),
                record: delivery.record,
                key: None,
            })
        } else {
            Next::End(End::Done)
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

impl Program for Words {
    fn recorded(&self) -> Recorded {
        Recorded::default()
    }

    fn stopped(&self) -> Option<String> {
        (self.0 > 100).then(|| "it has done too much".to_owned())
    }
}

fn compile(text: &str, _: &Cast) -> Result<Arc<dyn Program>, Vec<Problem>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let unknown = words.iter().find(|word| !["mail", "done"].contains(word));
    if let Some(unknown) = unknown {
        return Err(vec![Problem {
            line: 1,
            column: 3,
            end_line: 1,
            end_column: 5,
            message: format!("nothing is called `{unknown}`"),
            help: "write `mail`".to_owned(),
        }]);
    }
    let mails = words.iter().filter(|word| **word == "mail").count();
    Ok(Arc::new(Words(mails)))
}

fn read(text: &str) -> Result<Written, Diagnostics> {
    read_exercise(&Source::new("e", text), &scenes(), &beside)
}

pub fn sound(text: &str) -> Exercise {
    let text = text.replace("code.solution.star", "code.solution2.star");
    let written = read(&text).unwrap_or_else(|found| panic!("{}", found.render(false)));
    written.exercise
}

pub fn graded(exercise: &Exercise, answer: &Answer) -> Graded {
    grade(exercise, answer, &compile, &mut |_| true).expect("nobody stops it")
}

#[test]
fn code_that_is_stopped_has_no_verdict() {
    let answer = Answer::Code("mail ".repeat(101));
    let graded = graded(&sound(CODE), &answer);
    assert_eq!(graded.sentence, "Not decided: it has done too much");
    assert!(!graded.passed && !graded.complete && graded.promises.is_empty());
}

#[test]
fn every_mistake_of_an_exercise_is_told_with_place_and_help() {
    let cases: &[(&str, &str, &str)] = &[
        (CODE, "\"id\": \"code\"", "\"id\": \"no name\""),
        (
            CODE,
            "No mail twice\",\n  \"version\": 1",
            " \",\n  \"version\": 0",
        ),
        (CODE, "[\"Write", "[\"\", \"# Write"),
        (
            CODE,
            "\"task\": [\"Write a handler that sends *no* mail twice.\", \"A mail cannot be taken back.\"]",
            "\"task\": []",
        ),
        (CODE, "\"kind\": \"code\"", "\"kind\": \"coed\""),
        (CODE, "\"kind\": \"code\"", "\"kind\": \"design\""),
        (CODE, "  \"scene\": \"mail\",\n", ""),
        (CODE, "\"scene\": \"mail\"", "\"scene\": \"mial\""),
        (
            CODE,
            "\"scene\": \"mail\"",
            "\"scene\": \"mail\", \"with\": { \"commit\": \"never\" }",
        ),
        (CODE, "\"done_once\": \"mail\"", "\"done_once\": \"post\""),
        (
            CODE,
            "[{ \"name\": \"No mail twice\", \"that\": { \"done_once\": \"mail\" } }]",
            "[]",
        ),
        (
            CODE,
            "{ \"crashes\": 1 }",
            "{ \"states\": 0, \"crash\": 1 }",
        ),
        (CODE, "\"floor\": 20", "\"floor\": 20000000"),
        (
            CODE,
            "[\"When can it crash?\", \"Ask for the row `first`.\"]",
            "[]",
        ),
        (CODE, "Ask for the row `first`.", "Ask: `=mail: totl mail`"),
        (
            CODE,
            "[\"email-1\"]",
            "[\"email-1\", \"email-2\", \"email-1\"]",
        ),
        (CODE, "[\"email-1\"]", "[]"),
        (CODE, "\"code.starter.star\"", "\"../code.star\""),
        (CODE, "\"code.starter.star\"", "\"code.none.star\""),
        (CODE, "\"code.starter.star\"", "\"code.empty.star\""),
        (CODE, "\"code.starter.star\"", "7"),
        (CODE, "\"code.late.star\"", "\"code.twin.star\""),
        (
            CODE,
            "\"breaks\": \"No mail twice\"",
            "\"breaks\": \"No mail\"",
        ),
        (
            CODE,
            "\"why\": \"The row comes after the mail.\"",
            "\"wyh\": \"\"",
        ),
        (
            CODE,
            "  \"why\": \"A mail that has left is looked for *first*.\",\n",
            "",
        ),
        (CODE, "[\"duplicated >= 1\"]", "[]"),
        (
            CODE,
            "[\"duplicated >= 1\"]",
            "[\"duplicate >= 1\", \"times post ord_1 = 2\", \"surplus sums >= 1\"]",
        ),
        (SETTINGS, "[\"commit\", \"mails\"]", "[]"),
        (SETTINGS, "\"kind\": \"choice\"", "\"kind\": \"predict\""),
        (SETTINGS, ", \"correct\": true", ""),
        (SETTINGS, "\"any\": [\"mails\"], ", ""),
        (SETTINGS, "\"any\": [\"mails\"]", "\"any\": [\"mials\"]"),
        (
            SETTINGS,
            "\"any\": [\"mails\"]",
            "\"any\": [\"commit\", \"mails\"]",
        ),
        (
            SETTINGS,
            "\"solution\": { \"commit\": \"after\" },",
            "\"solution\": { \"commit\": \"after\" }, \"right\": [{}, { \"mails\": \"off\" }],",
        ),
        (FIND, "[\"duplicated = 0\"]", "[\"duplicated = none\"]"),
        (
            PREDICT,
            "\"kind\": \"predict\"",
            "\"kind\": \"predict\", \"why\": \"So it is.\"",
        ),
        (
            SETTINGS,
            "[\"commit\", \"mails\"]",
            "[\"commit\", \"mials\", \"commit\"]",
        ),
        (
            SETTINGS,
            "\"hints\"",
            "\"with\": { \"mails\": \"off\" }, \"hints\"",
        ),
        (
            SETTINGS,
            "\"solution\": { \"commit\": \"after\" }",
            "\"solution\": { \"commit\": \"later\" }",
        ),
        (
            SETTINGS,
            "\"solution\": { \"commit\": \"after\" }",
            "\"solution\": { \"commit\": \"before\" }",
        ),
        (SETTINGS, "{ \"mails\": \"off\" }", "{ \"mails\": \"on\" }"),
        (
            SETTINGS,
            "\"scene\": \"mail\"",
            "\"scene\": \"mail\", \"promises\": []",
        ),
        (
            FIND,
            "\"duplicated >= 1\"",
            "\"duplicate >= 1\", \"times post ord_1 = 2\"",
        ),
        (FIND, "[\"duplicated >= 1\"]", "[]"),
        (
            FIND,
            "{ \"crashes\": 1, \"restarts\": 1 }",
            "{ \"crashes\": 0, \"restarts\": 0 }",
        ),
        (
            FIND,
            "\"to\": \"email-1\", \"when\": { \"before\": { \"step\": \"commit\", \"nth\": 2 } }",
            "\"to\": \"email-2\", \"when\": { \"before\": { \"step\": \"commit\", \"nth\": 0 } }",
        ),
        (FIND, "\"3-c0\"", "\"3-k0\""),
        (
            FIND,
            "\"hints\"",
            "\"floor\": 3, \"promises\": [], \"hints\"",
        ),
        (
            PREDICT,
            "\"kind\": \"predict\",\n        \"predict\"",
            "\"kind\": \"choice\",\n        \"predict\"",
        ),
        (PREDICT, "\"value\": 2", "\"value\": 3"),
        (
            PREDICT,
            "\"query\": \"total mail\"",
            "\"query\": \"total post\"",
        ),
        (DESIGN, "\"pass\": 2", "\"pass\": 3"),
        (DESIGN, "[\"The order is the key.\"]", "[]"),
        (
            DESIGN,
            "\"strong\": \"Says what lies between the mail and the commit.\"",
            "\"strong\": \"\"",
        ),
        (
            DESIGN,
            "\"design\": {",
            "\"find\": { \"goal\": [], \"solution\": { \"path\": \"\" } },\n  \"design\": {",
        ),
    ];
    let mut text = String::new();
    for (exercise, from, to) in cases {
        assert!(exercise.contains(from), "{from:?}");
        let changed = exercise
            .replace("code.solution.star", "code.solution2.star")
            .replacen(from, to, 1);
        let found = read(&changed).expect_err(to);
        text.push_str(&format!("{from}\n→ {to}\n"));
        for one in found.iter() {
            text.push_str(&format!("    {one}\n"));
        }
        text.push('\n');
    }
    expected::check(
        "tests/course/fixtures/expected/exercise-mistakes.txt",
        &text,
    );
}

#[test]
fn exercises_of_every_kind_are_sound_and_claim_what_their_authors_say() {
    let check = |text: &str, expected: &[(&str, Claimed)]| {
        let claimed: Vec<_> = claims(&sound(text))
            .into_iter()
            .map(|claim| (claim.pointer, claim.claimed))
            .collect();
        let claimed: Vec<_> = claimed
            .iter()
            .map(|(pointer, claimed)| (pointer.as_str(), claimed.clone()))
            .collect();
        assert_eq!(claimed, expected);
    };
    let breaks = |name: &str, nth: usize| Claimed::Breaks(name.to_owned(), nth);
    check(
        CODE,
        &[
            ("/code/starter", Claimed::Fails),
            ("/code/solution", Claimed::Passes),
            ("/code/wrong/0/answer", breaks("No mail twice", 0)),
        ],
    );
    check(
        SETTINGS,
        &[
            ("/settings/starter", Claimed::Fails),
            ("/settings/solution", Claimed::Passes),
            // Every choice that is not right, in the order of the options.
            (
                "/settings/wrong/1/answer",
                breaks("Every order is mailed", 1),
            ),
            ("/settings/wrong/0/answer", breaks("No order lost", 0)),
            ("/settings/wrong/0/answer", breaks("No order lost", 0)),
        ],
    );
    check(
        FIND,
        &[
            ("/find/goal", Claimed::Fails),
            ("/find/solution", Claimed::Passes),
            ("/find/wrong/0/answer", Claimed::Told(0)),
        ],
    );
    check(PREDICT, &[]);
    check(DESIGN, &[]);
}

/// Whoever answers makes their own faults, also where an option moves those of the scene.
#[test]
fn a_run_is_found_where_an_option_changes_the_scenes_own_faults() {
    let told = r#""settings": ["#;
    let crash =
        r#""faults": [{ "do": "crash", "to": "email-1", "when": { "at_ms": 1 } }], "settings": ["#;
    let set = r#"{ "/consumers/0/commit": "before" }"#;
    let moved = r#"{ "/consumers/0/commit": "before", "/faults/0/when": { "before": { "step": "poll" } } }"#;
    let text = SCENE.replace(told, crash).replace(set, moved);
    assert!(text.contains(crash) && text.contains(moved));
    let scene = read_scene("mail", &text).unwrap_or_else(|found| panic!("{}", found.render(false)));
    let mut scenes = Scenes::default();
    scenes.add("mail", Some(scene));
    let find = FIND
        .replace(
            "\"scene\": \"mail\"",
            "\"scene\": \"mail\", \"with\": { \"commit\": \"before\" }",
        )
        .replace("duplicated >= 1", "lost >= 1")
        .replace("\"commit\", \"nth\": 2", "\"send\", \"nth\": 2");
    let written = read_exercise(&Source::new("e", &find), &scenes, &beside)
        .unwrap_or_else(|found| panic!("{}", found.render(false)));
    for claim in claims(&written.exercise) {
        let graded = graded(&written.exercise, &claim.answer);
        let expected = claim.claimed == Claimed::Passes;
        assert_eq!(
            graded.passed, expected,
            "{}: {}",
            claim.name, graded.sentence
        );
    }
}

/// What is told of a file in which one list, or one object, is made this long by what it holds already.
fn told_of_long(text: &str, pointer: &str, length: usize) -> Vec<String> {
    let mut value: serde_json::Value = serde_json::from_str(text).expect("the file is JSON");
    match value.pointer_mut(pointer) {
        Some(serde_json::Value::Array(all)) => {
            let first = all.first().cloned().expect("the list is not empty");
            all.resize(length, first);
        }
        Some(serde_json::Value::Object(all)) => {
            for nth in all.len()..length {
                all.insert(format!("n-{nth}"), "off".into());
            }
        }
        _ => panic!("{pointer} is no list"),
    }
    let found = read(&value.to_string()).expect_err("it is too long");
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_list_of_an_exercise_has_a_bound() {
    for (text, pointer, what) in [
        (CODE, "/task", "paragraphs"),
        (CODE, "/hints", "hints"),
        (CODE, "/promises", "promises"),
        (CODE, "/code/consumers", "consumers"),
        (CODE, "/code/wrong", "wrong answers"),
        (CODE, "/code/wrong/0/when", "conditions"),
        (SETTINGS, "/settings/form", "settings"),
        (SETTINGS, "/settings/starter", "settings"),
        (SETTINGS, "/settings/solution", "settings"),
        (SETTINGS, "/settings/wrong", "wrong answers"),
        (SETTINGS, "/settings/wrong/0/answer", "settings"),
        (SETTINGS, "/settings/wrong/0/any", "settings"),
        (SETTINGS, "/settings/reason/options", "options"),
        (FIND, "/find/goal", "conditions"),
        (FIND, "/find/solution/faults", "faults"),
        (FIND, "/find/wrong", "wrong answers"),
        (FIND, "/find/wrong/0/when", "conditions"),
        (PREDICT, "/predict/questions", "questions"),
        (PREDICT, "/predict/questions/0/options", "options"),
        (DESIGN, "/design/rubric", "points"),
        (DESIGN, "/design/model", "paragraphs"),
    ] {
        let told = told_of_long(text, pointer, 65);
        let expected = format!(": 65 {what} are too many; have at most 64");
        assert!(
            matches!(&told[..], [one] if one.starts_with("e:1:") && one.ends_with(&expected)),
            "{pointer}: {told:?}"
        );
    }
}

/// As long as a file may be: what it holds is not compared with each other, one by one.
#[test]
fn a_list_of_any_length_is_told_at_once() {
    let told = told_of_long(FIND, "/find/wrong", 10_000);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].ends_with(": 10000 wrong answers are too many; have at most 64"),
        "{}",
        told[0]
    );
}
