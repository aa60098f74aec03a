//! Questions about the flagship scene.

use course::query::{Condition, Query};
use engine::scene::Selection;
use engine::{Cast, Run, Scene};
use std::path::Path;

fn run(with: &[(&str, &str)]) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../lessons/consumer-groups/crash-before-commit.scene.json");
    let text = std::fs::read_to_string(path).expect("the scene is there");
    let scene: Scene = serde_json::from_str(&text).expect("it is a scene");
    let selection: Selection = with
        .iter()
        .map(|&(setting, option)| (setting.to_owned(), option.to_owned()))
        .collect();
    let cast = Cast::new(&scene.with(&selection).expect("the options exist")).expect("no mistakes");
    let mut run = Run::new(cast);
    run.to_rest();
    run
}

#[test]
fn questions_are_answered_from_the_run() {
    let run = run(&[]);
    let check = |query: &str, expected: Option<i64>| {
        let query: Query = query
            .parse()
            .unwrap_or_else(|mistake| panic!("{query}: {mistake}"));
        assert_eq!(query.check(run.trace().cast()), [], "{query:?}");
        assert_eq!(query.value(&run, run.len()), expected, "{query:?}");
    };
    check("committed email-service orders/0", Some(4));
    check("@crashed committed email-service orders/0", Some(2));
    check("@started committed email-service orders/0", None);
    check("@crashed#2 committed email-service orders/0", None);
    check("@polled#2 position email-1 orders/0", Some(4));
    check("@crashed position email-1 orders/0", None);
    check("@begins_at#2 position email-1 orders/0", Some(2));
    check("@polled#2 lag email-service orders/0", Some(2));
    check("@started lag email-service orders/0", None);
    check("end orders/0", Some(4));
    check("times mail ord_12", Some(2));
    check("@crashed times mail ord_12", Some(1));
    check("@crashed times mail ord_10", Some(1));
    check("total mail", Some(6));
    check("count effect_done", Some(6));
    check("count effect_done record=ord_12", Some(2));
    check("count effect_done record=ord_12 times=2", Some(1));
    check("@effect_done#2 record=ord_12 total mail", Some(5));
    check("count polled records=ord_12,ord_13", Some(2));
    check("count commit_refused", Some(0));
    check("gap_ms crashed started#2", Some(2000));
    check("gap_ms started#2 crashed", Some(-2000));
    check("gap_ms crashed crashed#2", None);
    check("seconds gap_ms crashed started#2", Some(2));
    check("seconds gap_ms started#2 crashed", Some(-2));
    check("seconds gap_ms crashed crashed#2", None);
    check("seconds config email-1 session.timeout.ms", Some(45));
    check("ms started", Some(0));
    check("lost", Some(0));
    check("duplicated", Some(2));
    check("@polled#3 duplicated", Some(0));
    check("config email-1 session.timeout.ms", Some(45_000));
    check("config email-1 max.poll.records", Some(2));
    check("config kafka group.initial.rebalance.delay.ms", Some(3_000));
}

/// One key in two partitions, and a process that dies with the last record in hand.
#[test]
fn what_came_out_of_order_and_what_is_stuck_is_counted() {
    let text = r#"{ "id": "books", "title": "Books", "version": 1,
        "topics": [{ "name": "payments", "partitions": 2, "records": [
            { "value": "paid", "key": "ada", "partition": 1 },
            { "value": "refunded", "key": "ada", "partition": 0 },
            { "value": "closed", "key": "ada", "partition": 1 }
        ] }],
        "services": [{ "name": "book" }],
        "consumers": [{ "name": "books-1", "group": "books", "topics": ["payments"], "commit": "after",
            "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "book" }] }],
        "faults": [{ "do": "crash", "to": "books-1", "when": { "before": { "step": "send", "nth": 3 } } }]
    }"#;
    let scene: Scene = serde_json::from_str(text).expect("it is a scene");
    let mut run = Run::new(Cast::new(&scene).expect("no mistakes"));
    run.to_rest();
    for (query, expected) in [
        ("reordered", 1),
        ("@effect_done reordered", 0),
        ("stuck", 1),
        ("@effect_done stuck", 0),
        ("lost", 0),
    ] {
        let query: Query = query.parse().expect("a question");
        assert_eq!(query.check(run.trace().cast()), [], "{query:?}");
        assert_eq!(query.value(&run, run.len()), Some(expected), "{query:?}");
    }
}

#[test]
fn settings_change_the_answers() {
    let check = |with: &[(&str, &str)], query: &str, expected: i64| {
        let run = run(with);
        let query: Query = query.parse().expect("a question");
        assert_eq!(
            query.value(&run, run.len()),
            Some(expected),
            "{with:?} {query:?}"
        );
    };
    check(&[("guard", "on")], "duplicated", 0);
    check(&[("guard", "on")], "count skipped", 2);
    check(&[("commit", "before")], "lost", 2);
    check(&[("commit", "before")], "total mail", 2);
}

#[test]
fn what_is_not_understood_is_named() {
    let check = |query: &str, at: std::ops::Range<usize>, expected: &str| {
        let mistake = query.parse::<Query>().expect_err(query);
        assert_eq!(
            (mistake.at, mistake.what.as_str()),
            (at, expected),
            "{query}"
        );
    };
    check("", 0..0, "the question is missing");
    check("comitted g t/0", 0..8, "`comitted` is no question");
    check("committed g", 11..11, "the partition is missing");
    check("committed g t/0 now", 16..19, "`now` is one word too many");
    check("@ lost", 1..1, "a verb is missing");
    check("@polled#0 lost", 1..9, "`0` does not say the how-manieth");
    check("@polled#x lost", 1..9, "`x` does not say the how-manieth");
    check("ms", 2..2, "a verb is missing");
    check("lost ord_12", 5..11, "`ord_12` is one word too many");
}

#[test]
fn what_the_scene_does_not_have_is_named() {
    let run = run(&[]);
    let check = |query: &str, expected: &[&str]| {
        let query: Query = query.parse().expect("a question");
        let told: Vec<_> = query
            .check(run.trace().cast())
            .into_iter()
            .map(|mistake| mistake.what)
            .collect();
        assert_eq!(told, expected, "{query:?}");
    };
    check(
        "committed mail-service orders/1",
        &[
            "there is no group `mail-service`",
            "there is no partition `orders/1`",
        ],
    );
    check(
        "times post ord_99",
        &["there is no service `post`", "there is no record `ord_99`"],
    );
    check(
        "position email-2 orders/0",
        &["there is no consumer `email-2`"],
    );
    check("count exploded", &["there is no fact `exploded`"]);
    check(
        "count polled colour=red",
        &["`polled` has no field `colour`"],
    );
    check(
        "count polled records=ord_12,ord_99",
        &["there is no record `ord_99`"],
    );
    check("count polled first=two", &["`first` cannot be `two`"]);
    check(
        "count commit_refused error=OOPS",
        &["there is no error `OOPS`"],
    );
    check("count asked request=commit", &[]);
    check(
        "count asked request=comit",
        &["there is no request `comit`"],
    );
    check("count begins_at origin=latest", &[]);
    check(
        "count begins_at origin=middle",
        &["there is no origin `middle`"],
    );
    check(
        "@exploded gap_ms polled boomed",
        &["there is no fact `exploded`", "there is no fact `boomed`"],
    );
    check(
        "config email-1 retries",
        &["`email-1` has no setting `retries` that is a number"],
    );
    check(
        "config email-2 retries",
        &["there is no consumer or producer `email-2`"],
    );
    check(
        "count producer_message_lost request=fetch",
        &["there is no request `fetch`"],
    );
}

#[test]
fn settings_are_those_of_the_system_the_scene_runs_on() {
    let scene: Scene = serde_json::from_value(serde_json::json!({
        "id": "s", "title": "S", "version": 1,
        "topics": [{ "name": "orders", "sent": [{ "value": "a" }] }],
        "consumers": [{ "name": "one", "group": "g", "topics": ["orders"], "commit": "after" }],
        "producers": [{ "name": "shop", "config": { "retries": 3 }, "program": [{ "send": "a" }] }],
        "on": { "sqs": { "workers": { "one": { "WaitTimeSeconds": 5 } } } }
    }))
    .expect("a scene");
    let check = |scene: &Scene, query: &str, expected: Option<i64>, told: &[&str]| {
        let run = Run::new(Cast::of_checked(scene));
        let query: Query = query.parse().expect("a question");
        let mistakes = query.check(run.trace().cast()).into_iter();
        let mistakes: Vec<String> = mistakes.map(|mistake| mistake.to_string()).collect();
        assert_eq!(mistakes, told, "{query:?}");
        assert_eq!(query.value(&run, 0), expected, "{query:?}");
    };
    check(&scene, "config shop retries", Some(3), &[]);
    check(&scene, "config orders partitions", Some(1), &[]);
    check(&scene, "config kafka transaction.version", Some(2), &[]);
    check(
        &scene,
        "config shop acks",
        None,
        &[
            "`shop` has no setting `acks` that is a number; write one of: retries, request.timeout.ms, transaction.timeout.ms",
        ],
    );
    let mut scene = scene.on(engine::systems::SystemName::Sqs);
    scene.producers.clear();
    check(&scene, "config one WaitTimeSeconds", Some(5), &[]);
    check(&scene, "config one MaxNumberOfMessages", Some(10), &[]);
    check(
        &scene,
        "config one max.poll.records",
        None,
        &[
            "`one` has no setting `max.poll.records` that is a number; write one of: MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout, heartbeat.seconds",
        ],
    );
}

/// A queue that has two messages, and a dead-letter queue without any.
#[test]
fn the_depth_of_queues_is_counted_where_there_are_some() {
    let scene: Scene = serde_json::from_value(serde_json::json!({
        "id": "s", "title": "S", "version": 1,
        "topics": [{ "name": "orders", "records": [{ "value": "a" }, { "value": "b" }] }],
        "consumers": [{ "name": "one", "group": "g", "topics": ["orders"], "commit": "after",
            "handler": [{ "fail_for": ["a"] }] }],
        "on": {
            "sqs": {
                "queues": { "dead": {}, "g": { "VisibilityTimeout": 30, "RedrivePolicy":
                    "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":1}" } },
                "workers": { "one": { "failure": "leave" } }
            },
            "rabbitmq": {
                "queues": { "dead": {}, "g": { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead" } },
                "consumers": { "one": { "failure": "reject" } }
            }
        }
    }))
    .expect("a scene");
    let ask = |run: &Run, query: &str, choices: usize| {
        let query: Query = query.parse().expect("a question");
        let told = query.check(run.trace().cast()).into_iter();
        let told: Vec<String> = told.map(|mistake| mistake.to_string()).collect();
        (query.value(run, choices), told)
    };
    for system in [
        engine::systems::SystemName::Sqs,
        engine::systems::SystemName::Rabbitmq,
    ] {
        let mut run = Run::new(Cast::new(&scene.on(system)).expect("no mistakes"));
        run.to_rest();
        let at = |query: &str, choices: usize| ask(&run, query, choices).0;
        let end = run.len();
        let both = |choices: usize| at("visible g", choices).zip(at("in_flight g", choices));
        assert_eq!(both(0), Some((2, 0)), "{system:?}");
        assert_eq!(
            (both(end), at("visible dead", end)),
            (Some((0, 0)), Some(1)),
            "{system:?}"
        );
        let held = (0..end).any(|choices| at("in_flight g", choices) > Some(0));
        assert!(held, "{system:?}");
        assert_eq!(
            ask(&run, "visible nowhere", 0),
            (
                None,
                vec!["there is no queue `nowhere`; write one of: dead, g".to_owned()]
            )
        );
    }
    let run = Run::new(Cast::new(&scene).expect("no mistakes"));
    assert_eq!(
        ask(&run, "in_flight g", 0),
        (
            None,
            vec!["there is no queue `g`; ask it on a system that has queues".to_owned()]
        )
    );
}

#[test]
fn conditions_compare_and_never_hold_without_an_answer() {
    let run = run(&[]);
    let check = |condition: &str, expected: bool| {
        let condition: Condition = condition
            .parse()
            .unwrap_or_else(|mistake| panic!("{condition}: {mistake}"));
        assert_eq!(condition.holds(&run, run.len()), expected, "{condition:?}");
    };
    check("duplicated = 2", true);
    check("duplicated >= 2", true);
    check("duplicated <= 2", true);
    check("duplicated > 2", false);
    check("duplicated < 2", false);
    check("gap_ms started#2 crashed < -1999", true);
    check("@crashed#2 lost = 0", false);
    check("@crashed#2 lost < 1", false);
    for (text, expected) in [
        ("lost", "a comparison is missing"),
        ("lost == 1", "`==` is no comparison"),
        ("lost =", "the number is missing"),
        ("lost = 1.5", "`1.5` is no whole number"),
    ] {
        assert_eq!(
            text.parse::<Condition>().expect_err(text).what,
            expected,
            "{text}"
        );
    }
}
