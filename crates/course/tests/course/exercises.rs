//! Exercises: what is said of files with mistakes, and of answers.

use crate::expected;
use course::exercise::grade::Problem;
use course::exercise::prove::{Claimed, claims};
use course::exercise::{Answer, Exercise, Form, Graded, Way, Written, grade, read_exercise};
use course::lesson::scenes::Scenes;
use course::{Diagnostics, Source, read_scene};
use engine::explore::Kind;
use engine::handler::{Ask, Delivery, Handler, Next, Turn, Value, Verdict as End};
use engine::scene::Budget;
use engine::schedule::{Bound, Finding, Judged, Needed, Report, Verdict};
use engine::{Cast, Path, RecordId, ServiceId};
use std::sync::Arc;

const SCENE: &str = include_str!("fixtures/exercises/mail.scene.json");
const CODE: &str = include_str!("fixtures/exercises/code.exercise.json");
const SETTINGS: &str = include_str!("fixtures/exercises/settings.exercise.json");
const FIND: &str = include_str!("fixtures/exercises/find.exercise.json");
const PREDICT: &str = include_str!("fixtures/exercises/predict.exercise.json");
const DESIGN: &str = include_str!("fixtures/exercises/design.exercise.json");

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
        "code.twin.star" => "# the same\nmail  \n\n",
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

fn compile(text: &str, _: &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>> {
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

fn sound(text: &str) -> Exercise {
    let text = text.replace("code.solution.star", "code.solution2.star");
    let written = read(&text).unwrap_or_else(|found| panic!("{}", found.render(false)));
    written.exercise
}

fn graded(exercise: &Exercise, answer: &Answer) -> Graded {
    grade(exercise, answer, &compile, &mut |_| true).expect("nobody stops it")
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
        (SETTINGS, "[\"commit\", \"mails\"]", "[]"),
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
    let breaks = |name: &str| Claimed::Breaks(name.to_owned());
    check(
        CODE,
        &[
            ("/code/starter", Claimed::Fails),
            ("/code/solution", Claimed::Passes),
            ("/code/wrong/0/answer", breaks("No mail twice")),
        ],
    );
    check(
        SETTINGS,
        &[
            ("/settings/starter", Claimed::Fails),
            ("/settings/solution", Claimed::Passes),
            ("/settings/wrong/0/answer", breaks("No order lost")),
            ("/settings/wrong/1/answer", breaks("Every order is mailed")),
        ],
    );
    check(
        FIND,
        &[
            ("/find/goal", Claimed::Fails),
            ("/find/solution", Claimed::Passes),
            ("/find/wrong/0/answer", Claimed::Fails),
        ],
    );
    check(PREDICT, &[]);
    check(DESIGN, &[]);
}

/// A report of a search that never took place.
fn report(verdicts: &[(Verdict, Option<&str>)]) -> Report {
    let judged = verdicts
        .iter()
        .enumerate()
        .map(|(at, (verdict, sentence))| {
            let finding = sentence.map(|sentence| Finding {
                path: "3-c0".parse().expect("a path"),
                steps: 3,
                at: 4,
                record: Some(RecordId(1)),
                faults: vec![Needed {
                    choice: 3,
                    words: "email-1 crashes".to_owned(),
                }],
                loops_from: None,
                sentence: sentence.to_owned(),
            });
            Judged {
                name: format!("P{at}"),
                kind: Kind::Always,
                verdict: *verdict,
                finding,
            }
        });
    Report {
        states: 4_812,
        steps: 9_000,
        depth: 30,
        schedules: Some(1_204),
        complete: true,
        reached: None,
        budget: Budget {
            crashes: 2,
            ..Budget::default()
        },
        judged: judged.collect(),
    }
}

#[test]
fn a_verdict_is_one_sentence() {
    let scene = read_scene("mail", SCENE).expect("it is sound");
    let cast = Cast::new(&scene).expect("it is sound");
    let check = |report: &Report, floor: u32, passed: bool, expected: &str| {
        let graded = Graded::explored(report, &cast, &Default::default(), floor);
        assert_eq!(
            (graded.passed, graded.sentence.as_str()),
            (passed, expected)
        );
    };
    let holds = (Verdict::Holds, None);
    let good = report(&[holds, holds]);
    check(
        &good,
        0,
        true,
        "Correct on all 1,204 schedules with at most 2 crashes",
    );
    let uncounted = Report {
        schedules: None,
        ..good.clone()
    };
    check(
        &uncounted,
        0,
        true,
        "Correct on every schedule with at most 2 crashes: 4,812 states",
    );
    let one = Report {
        schedules: Some(1),
        budget: Budget {
            crashes: 0,
            ..Budget::default()
        },
        ..good.clone()
    };
    check(&one, 0, true, "Correct on the one schedule without a fault");
    check(
        &good,
        5_000,
        false,
        "Fails: too little happens for this to be an answer: 4,812 states with at most 2 crashes, where a right one has at least 5,000 states",
    );
    let violated = |what| (Verdict::Violated, Some(what));
    check(
        &report(&[
            holds,
            violated("ord_2 mailed twice"),
            violated("ord_1 lost"),
        ]),
        0,
        false,
        "Fails: ord_2 mailed twice",
    );
    check(
        &report(&[(Verdict::Unseen, None), violated("ord_1 lost")]),
        0,
        false,
        "Fails: “P0” is never seen on any schedule with at most 2 crashes",
    );
    let stopped = Report {
        complete: false,
        reached: Some(Bound::States),
        schedules: None,
        ..report(&[(Verdict::Unknown, None)])
    };
    check(
        &stopped,
        0,
        false,
        "Not decided: nothing broke in 4,812 states, and the most states came first",
    );
    // A search that was stopped has found what it has found.
    let broken = Report {
        judged: report(&[(Verdict::Unknown, None), violated("ord_1 lost")]).judged,
        ..stopped
    };
    check(&broken, 0, false, "Fails: ord_1 lost");
}

#[test]
fn what_a_finding_needs_is_handed_on() {
    let scene = read_scene("mail", SCENE).expect("it is sound");
    let cast = Cast::new(&scene).expect("it is sound");
    let report = report(&[(Verdict::Violated, Some("ord_2 mailed twice"))]);
    let with = [("commit".to_owned(), "before".to_owned())].into();
    let graded = Graded::explored(&report, &cast, &with, 0);
    let found = graded.found.as_ref().expect("a finding");
    assert_eq!(graded.breaks(), Some("P0"));
    assert_eq!(found.promise.as_deref(), Some("P0"));
    assert_eq!(found.record.as_deref(), Some("ord_2"));
    assert_eq!((found.at, found.with == with), (4, true));
    assert_eq!(found.choices(), "3-c0".parse::<Path>().expect("a path"));
    assert_eq!(found.faults, [(3, "email-1 crashes".to_owned())]);
    let text = serde_json::to_string(&graded).expect("it is plain data");
    assert_eq!(serde_json::from_str::<Graded>(&text).ok(), Some(graded));
}

#[test]
fn code_that_cannot_be_run_is_told_where() {
    let exercise = sound(CODE);
    let graded = graded(&exercise, &Answer::Code("  male".to_owned()));
    assert_eq!(
        (
            graded.passed,
            graded.sentence.as_str(),
            graded.problems.len()
        ),
        (
            false,
            "Cannot be run: line 1, column 3: nothing is called `male`; write `mail`",
            1
        )
    );
}

#[test]
fn a_run_is_found_or_not() {
    let exercise = sound(FIND);
    let Form::Find { solution, .. } = exercise.form.clone() else {
        panic!("it is to be found");
    };
    let check = |way: Way, passed: bool, expected: &str| {
        let graded = graded(&exercise, &Answer::Find(way.clone()));
        assert_eq!(
            (graded.passed, graded.sentence.as_str()),
            (passed, expected),
            "{way:?}"
        );
        graded
    };
    let path = |text: &str| Way::Path(text.to_owned());
    check(
        path(""),
        false,
        "Fails: nothing goes wrong in this run, and what is asked for never comes about",
    );
    let known = check(
        path("3-c0"),
        false,
        "Fails: 1 fault changed the run, and what is asked for never comes about",
    );
    assert_eq!(known.why.as_deref(), Some("Nothing was mailed yet."));
    check(
        path("3-c0-r0-c0"),
        false,
        "Fails: 2 crashes, and at most 1 may be used",
    );
    check(
        path("n1"),
        false,
        "Fails: a step is taken out of turn, and only faults may be used",
    );
    check(
        path("r0"),
        false,
        "Fails: choice 1, `r0`, cannot be made: that cannot be done to that consumer now",
    );
    let told = graded(&exercise, &Answer::Find(solution));
    assert!(told.passed, "{}", told.sentence);
    assert!(
        told.sentence.starts_with("Found: it comes about at "),
        "{}",
        told.sentence
    );
    assert!(
        told.sentence.ends_with(" ms, after 2 faults"),
        "{}",
        told.sentence
    );
}

#[test]
fn predictions_are_marked_and_designs_counted() {
    let predicted = |option: usize| {
        let answers = [("mails".to_owned(), option)].into();
        graded(&sound(PREDICT), &Answer::Predict(answers))
    };
    assert_eq!(predicted(1).sentence, "Correct: the run gives just that");
    assert_eq!(predicted(0).sentence, "Fails: the run gives something else");
    assert_eq!(
        predicted(0).marks[0].why.as_deref(),
        Some("There are two orders.")
    );
    let ticked = |points: &[usize]| {
        let answer = Answer::Design(points.iter().copied().collect());
        let graded = graded(&sound(DESIGN), &answer);
        (graded.passed, graded.sentence)
    };
    assert_eq!(
        ticked(&[0, 1]),
        (
            true,
            "Passed by your own count: 2 of 2 points, and 2 are enough".to_owned()
        )
    );
    assert_eq!(
        ticked(&[1, 7]),
        (
            false,
            "Not yet passed by your own count: 1 of 2 points, and 2 are enough".to_owned()
        )
    );
}

#[test]
fn answers_are_read_from_files() {
    let check = |exercise: &str, text: &str, expected: Result<Answer, &str>| {
        let read = Answer::read(&sound(exercise), text);
        assert_eq!(read, expected.map_err(str::to_owned), "{text}");
    };
    check(CODE, "mail\n", Ok(Answer::Code("mail\n".to_owned())));
    let chosen = [("commit".to_owned(), "before".to_owned())].into();
    check(SETTINGS, " commit=before\n", Ok(Answer::Settings(chosen)));
    check(
        SETTINGS,
        "commit",
        Err("`commit` chooses nothing; write SETTING=OPTION, such as guard=on"),
    );
    check(
        SETTINGS,
        "commt=after",
        Err("`commt` is not in the form; did you mean `commit`? possible: commit, mails"),
    );
    check(
        SETTINGS,
        "commit=later",
        Err("the setting `commit` has no option `later`; write one of: after, before"),
    );
    check(
        FIND,
        "3-c0\n",
        Ok(Answer::Find(Way::Path("3-c0".to_owned()))),
    );
    check(
        FIND,
        "3-k0",
        Err(
            "`k0` is no choice; write a number, or n, c, r, l or d and a number; for example 19-c0-r0",
        ),
    );
    check(
        PREDICT,
        "mails=2",
        Ok(Answer::Predict([("mails".to_owned(), 1)].into())),
    );
    check(
        PREDICT,
        "mails=3",
        Err("`mails=3` answers nothing; write QUESTION=OPTION, of mails=1 to 2"),
    );
    check(DESIGN, "1 2", Ok(Answer::Design([0, 1].into())));
    check(
        DESIGN,
        "0",
        Err("`0` is no point of the rubric; write numbers from 1 to 2"),
    );
}
