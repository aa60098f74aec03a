//! What is said of answers to exercises.

use crate::exercises::{CODE, DESIGN, FIND, PREDICT, SCENE, SETTINGS, graded, sound};
use course::exercise::{Answer, Chosen, Expected, Form, Graded, Way};
use course::read_scene;
use engine::explore::Kind;
use engine::scene::Budget;
use engine::{Cast, Path, RecordId};
use schedule::{Bound, Finding, Judged, Needed, Report, Verdict};

/// A report of a search that never took place.
fn report(verdicts: &[(Verdict, Option<&str>)]) -> Report {
    let judged = verdicts
        .iter()
        .enumerate()
        .map(|(at, (verdict, sentence))| {
            let finding = sentence.map(|sentence| Finding {
                path: "3-c0".parse().expect("a path"),
                steps: 3,
                turns: 2,
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
                witness: None,
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
        "Fails: without a fault, in the end the number of times that work was done again is 0, and at least 1 is asked for",
    );
    let known = check(
        path("3-c0"),
        false,
        "Fails: after 1 fault, in the end the number of times that work was done again is 0, and at least 1 is asked for",
    );
    assert_eq!(known.why.as_deref(), Some("Nothing was mailed yet."));
    assert_eq!(known.known, Some(0));
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
        "Fails: choice 1, `r0`, cannot be made: that cannot be done to it now",
    );
    let told = graded(&exercise, &Answer::Find(solution));
    assert!(told.passed, "{}", told.sentence);
    assert!(
        told.sentence.starts_with("Found: it comes about after "),
        "{}",
        told.sentence
    );
    assert!(
        told.sentence.ends_with(" s, after 2 faults"),
        "{}",
        told.sentence
    );
}

#[test]
fn settings_pass_when_they_were_expected_to_hold_for_the_right_reason() {
    let exercise = sound(SETTINGS);
    let told = |text: &str| {
        let answer = Answer::read(&exercise, text).unwrap_or_else(|why| panic!("{why}"));
        graded(&exercise, &answer)
    };
    let passed = told("commit=after expect:holds because:1");
    assert!(passed.passed, "{}", passed.sentence);
    assert_eq!(
        passed.why.as_deref(),
        Some("The commit comes after the mail.")
    );
    assert_eq!(
        passed.expected.as_deref(),
        Some("As you expected, every promise holds.")
    );
    let holds = passed.sentence.trim_start_matches("Correct ");
    let check = |text: &str, lacks: &str, expected: Option<&str>| {
        let graded = told(text);
        let sentence = format!("Not passed yet: every promise holds {holds}, but {lacks}");
        assert_eq!(
            (graded.passed, graded.sentence),
            (false, sentence),
            "{text}"
        );
        assert_eq!(graded.expected.as_deref(), expected, "{text}");
        // What is right is not given away before it is said.
        assert_eq!(graded.why, None, "{text}");
    };
    check("commit=after", "say first what you expect, and why", None);
    check(
        "commit=after expect:1 because:1",
        "you expected otherwise: say why they hold",
        Some("You expected “No order lost” to break, and it does not."),
    );
    check(
        "commit=after expect:holds because:2",
        "the reason you gave is not why",
        Some("As you expected, every promise holds."),
    );
    let wrong = told("commit=before expect:holds because:1");
    assert_eq!((wrong.passed, wrong.known), (false, Some(0)));
    assert_eq!(wrong.why.as_deref(), Some("The crash falls between."));
    assert_eq!(
        wrong.expected.as_deref(),
        Some("You expected every promise to hold, and “No order lost” does not.")
    );
    // One sentence for both options of a setting that makes no difference.
    let both = told("mails=off commit=before expect:2");
    assert_eq!(both.known, Some(0), "{}", both.sentence);
    assert_eq!(both.breaks(), Some("No order lost"));
    assert_eq!(
        both.expected.as_deref(),
        Some("As you expected, “Every order is mailed” breaks; “No order lost” breaks too.")
    );
    let off = told("mails=off expect:2");
    assert_eq!(off.known, Some(1), "{}", off.sentence);
    assert_eq!(
        off.expected.as_deref(),
        Some("As you expected, “Every order is mailed” breaks.")
    );
}

#[test]
fn code_is_known_by_what_happens_with_it_and_not_by_its_text() {
    let exercise = sound(CODE);
    let told = |text: &str| graded(&exercise, &Answer::Code(text.to_owned()));
    // Another text than that of the wrong answer that is listed.
    let other = told("mail done mail mail\n");
    assert_eq!(other.known, Some(0), "{}", other.sentence);
    assert_eq!(other.why.as_deref(), Some("The row comes after the mail."));
    let Form::Code { mut wrong, .. } = exercise.form.clone() else {
        panic!("it is code");
    };
    // A promise of another name, or another end of the run, is another kind.
    for change in ["breaks", "when"] {
        if change == "breaks" {
            wrong[0].breaks = "Another".to_owned();
        } else {
            wrong[0].breaks = "No mail twice".to_owned();
            wrong[0].when.push("lost = 7".to_owned());
        }
        let mut exercise = exercise.clone();
        if let Form::Code { wrong: all, .. } = &mut exercise.form {
            all.clone_from(&wrong);
        }
        let graded = graded(&exercise, &Answer::Code("mail mail".to_owned()));
        assert_eq!(graded.known, None, "{change}");
        let every =
            "No crash is needed for this: the code does it in a run in which nothing goes wrong.";
        assert_eq!(graded.why.as_deref(), Some(every), "{change}");
    }
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
    let chosen = |expected, because| {
        let options = [("commit".to_owned(), "before".to_owned())].into();
        Answer::Settings(Chosen {
            options,
            expected,
            because,
        })
    };
    check(SETTINGS, " commit=before\n", Ok(chosen(None, None)));
    check(
        SETTINGS,
        "expect:holds commit=before because:2",
        Ok(chosen(Some(Expected::Holds), Some(1))),
    );
    check(
        SETTINGS,
        "commit=before expect:2",
        Ok(chosen(Some(Expected::Breaks(1)), None)),
    );
    for thought in ["expect:3", "because:3", "because:0", "expect:1 expect:2"] {
        let why = format!(
            "`{thought}` is not understood; write expect:holds, expect:1 to 2 for the promise that breaks, and because:1 to 2, each once"
        );
        check(SETTINGS, thought, Err(&why));
    }
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
            "`k0` is no choice; write a number, or n, c, r, f, t, l or d and a number; for example 19-c0-r0",
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
