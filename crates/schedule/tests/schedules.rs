//! Every schedule of scenes that people really write: what breaks is found, what is right passes.

use engine::handler::{Ask, Delivery, Handler, Next, TableStep, Turn, Value, Verdict as End};
use engine::{Cast, ConsumerId, Run, Scene, ServiceId, TableId, anomaly};
use schedule::{Exploration, Judged, Order, Report, Verdict};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Other values for some JSON Pointers.
type Changes = Vec<(&'static str, Json)>;

/// One group of consumers that mail orders, changed by JSON Pointers.
fn scene(changes: &[(&str, Json)]) -> Scene {
    let mut scene = json!({
        "id": "mails", "title": "Mails", "version": 1,
        "topics": [{ "name": "orders", "records": [{ "value": "ord_1", "amount": 5 }, { "value": "ord_2", "amount": 7 }] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "tables": [{ "name": "processed" }, { "name": "balance" }],
        "consumers": [{
            "name": "email-1", "group": "email", "topics": ["orders"], "commit": "after",
            "config": { "auto.offset.reset": "earliest", "max.poll.records": 1 },
            "handler": [{ "send": "mail" }]
        }],
        "explore": { "crashes": 1 },
        "promises": [
            { "name": "No order lost", "that": "nothing_lost" },
            { "name": "Nobody mailed twice", "that": { "done_once": "mail" } },
            { "name": "Every order handled in the end", "that": "all_handled" },
            { "name": "Lag returns to zero", "that": "lag_zero" },
            { "name": "A mail for everybody", "that": { "all_done": "mail" } }
        ]
    });
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match scene.pointer_mut(parent).unwrap() {
            Json::Array(list) if key == "-" => list.push(value.clone()),
            Json::Array(list) => list[key.parse::<usize>().unwrap()] = value.clone(),
            other => other[key] = value.clone(),
        }
    }
    serde_json::from_value(scene).unwrap()
}

fn cast(changes: &[(&str, Json)]) -> Arc<Cast> {
    Cast::new(&scene(changes)).unwrap()
}

fn with(changes: &[(&str, Json)], handler: impl Handler + 'static) -> Arc<Cast> {
    let cast = cast(changes);
    let all: Vec<_> = (0..cast.consumers.len() as u8).map(ConsumerId).collect();
    cast.with_handler(&all, &(Arc::new(handler) as Arc<dyn Handler>))
}

fn explored(cast: &Arc<Cast>, order: Order) -> Report {
    let mut exploration = Exploration::in_order(Arc::clone(cast), order);
    while !exploration.advance(10_000).ended {}
    exploration.report()
}

/// Explores, and holds every finding against a run that follows it.
fn explore(cast: &Arc<Cast>) -> Report {
    let report = explored(cast, Order::Breadth);
    for judged in &report.judged {
        if let Some(finding) = &judged.finding {
            let run = Run::replay(Arc::clone(cast), &finding.path).unwrap();
            assert!(finding.at <= run.len() && finding.steps <= run.len());
            assert_eq!(run.path(), finding.path);
        }
    }
    report
}

fn judged<'a>(report: &'a Report, name: &str) -> &'a Judged {
    report.judged.iter().find(|one| one.name == name).unwrap()
}

/// The verdicts on losing, doubling, handling, lag, and whether everything can be done: one letter each.
fn verdicts(report: &Report) -> String {
    let letter = |judged: &Judged| &judged.verdict.word()[..2];
    report
        .judged
        .iter()
        .map(letter)
        .collect::<Vec<_>>()
        .join(" ")
}

fn guard() -> Json {
    json!([{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }])
}

fn second() -> Json {
    let mut other = serde_json::to_value(&scene(&[]).consumers[0]).unwrap();
    other["name"] = json!("email-2");
    other
}

/// Scenes, what of their promises holds (`ho`) and breaks (`vi`), and how many states and steps there are.
/// The numbers change only when the meaning of a scene does.
#[test]
fn what_breaks_and_what_holds() {
    let at_most_once = ("/consumers/0/commit", json!("before"));
    let automatic = ("/consumers/0/commit", json!("automatic"));
    let background = ("/consumers/0/work", json!("background"));
    let guarded = ("/consumers/0/handler", guard());
    let crashes = |count: u8| ("/explore/crashes", json!(count));
    let rows: Vec<(&str, Changes, &str)> = vec![
        ("after, no crash", vec![crashes(0)], "ho ho ho ho ho"),
        ("after", vec![], "ho vi ho ho ho"),
        ("after, two crashes", vec![crashes(2)], "ho vi ho ho ho"),
        ("before", vec![at_most_once.clone()], "vi ho vi ho ho"),
        (
            "automatic, inline",
            vec![automatic.clone()],
            "ho vi ho ho ho",
        ),
        (
            "automatic, in the background",
            vec![automatic, background],
            "vi vi vi ho ho",
        ),
        ("guard", vec![guarded.clone()], "ho vi ho ho ho"),
        (
            "guard, two consumers, nothing goes wrong",
            vec![
                guarded.clone(),
                ("/consumers/-", second()),
                ("/consumers/1/handler", guard()),
                crashes(0),
            ],
            "ho ho ho ho ho",
        ),
        (
            "guard, two consumers, a session ends early: check then act",
            vec![
                guarded,
                ("/consumers/-", second()),
                ("/consumers/1/handler", guard()),
                crashes(0),
                ("/explore/early_timeouts", json!(1)),
                ("/topics/0/records", json!([{ "value": "ord_1" }])),
            ],
            "ho vi ho ho ho",
        ),
        (
            "a lost answer",
            vec![crashes(0), ("/explore/losses", json!(1))],
            "ho vi ho ho ho",
        ),
        (
            "a doubled request",
            vec![crashes(0), ("/explore/duplicates", json!(1))],
            "ho vi ho ho ho",
        ),
    ];
    let mut told = String::new();
    for (name, changes, expected) in rows {
        let report = explore(&cast(&changes));
        assert!(report.complete, "{name}: {}", report.sentence());
        assert_eq!(verdicts(&report), expected, "{name}: {report:#?}");
        told += &format!(
            "{name}: {} states, {} steps, {} deep\n  {}\n",
            report.states,
            report.steps,
            report.depth,
            report.sentence()
        );
    }
    expect("schedules", &told);
}

/// The text of a committed file, rewritten when `BLESS` is set.
fn expect(name: &str, told: &str) {
    let file = format!("{}/tests/schedules/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, told).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        told, expected,
        "BLESS=1 rewrites {file}; review it as a diff"
    );
}

/// Mails with the order as idempotency key: the provider drops what it knows.
#[derive(Debug)]
struct Keyed;

impl Handler for Keyed {
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        let next = match answers {
            [Value::Truth(true)] => Next::End(End::Done),
            [] => Next::Ask(Ask::Call {
                service: ServiceId(0),
                record: delivery.record,
                key: Some(cast.text(delivery.record)),
            }),
            _ => Next::End(End::Again(engine::Span::from_ms(100))),
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

#[test]
fn an_idempotency_key_holds_on_every_schedule() {
    let faults = |crashes: u8, early: u8| {
        vec![
            ("/topics/0/records", json!([{ "value": "ord_1" }])),
            ("/explore/crashes", json!(crashes)),
            ("/explore/losses", json!(1)),
            ("/explore/duplicates", json!(1)),
            ("/explore/early_timeouts", json!(early)),
        ]
    };
    let mut zombies = faults(0, 1);
    zombies.push(("/consumers/-", second()));
    for (changes, floor) in [(faults(2, 0), 20_000), (zombies, 20_000)] {
        let report = explore(&with(&changes, Keyed));
        assert!(report.complete, "{}", report.sentence());
        assert_eq!(verdicts(&report), "ho ho ho ho ho", "{}", report.sentence());
        let states = report.states;
        assert!(
            states > floor,
            "{states} states are too few to mean anything"
        );
    }
}

/// Adds the amount to a balance, in one transaction with the row that says so.
#[derive(Debug)]
struct Booked;

impl Handler for Booked {
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        let next = match answers {
            [] => Next::Ask(Ask::Tables(vec![
                TableStep::Insert(TableId(0), cast.text(delivery.record), Value::Truth(true)),
                TableStep::Add(
                    TableId(1),
                    Value::Text("all".into()),
                    cast.records[delivery.record.at()].amount,
                ),
            ])),
            _ => Next::End(End::Done),
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

/// The dedup row lives for a while; the record comes back when the dead member's session has ended.
#[test]
fn a_dedup_row_must_outlive_the_latest_redelivery() {
    let sum = json!([{ "name": "Money adds up", "that": { "adds_up": "balance" } }]);
    let holds = |ttl: Json| {
        let changes = [
            ("/promises", sum.clone()),
            ("/services", json!([])),
            ("/consumers/0/handler", json!([])),
            ("/consumers/0/restart_ms", json!(2_000)),
            ("/tables/0/ttl_ms", ttl),
            ("/explore/jitter_ms", json!(0)),
        ];
        let report = explore(&with(&changes, Booked));
        assert!(report.complete, "{}", report.sentence());
        judged(&report, "Money adds up").verdict
    };
    assert_eq!(holds(json!(10_000)), Verdict::Violated);
    assert_eq!(holds(json!(60_000)), Verdict::Holds);
    assert_eq!(holds(json!(null)), Verdict::Holds);
}

/// A refund is a negative amount: money goes back, and the sum still has to come out right.
#[test]
fn money_may_go_back() {
    let sum = json!([{ "name": "Money adds up", "that": { "adds_up": "balance" } }]);
    let comes_out = |guarded: bool| {
        let changes = [
            ("/promises", sum.clone()),
            ("/services", json!([])),
            ("/consumers/0/handler", json!([])),
            ("/consumers/0/restart_ms", json!(2_000)),
            ("/topics/0/records/1/amount", json!(-7)),
            // Without it, the row that says a record is booked is gone before the record comes again.
            (
                "/tables/0/ttl_ms",
                if guarded { json!(null) } else { json!(10_000) },
            ),
            ("/explore/jitter_ms", json!(0)),
        ];
        let report = explore(&with(&changes, Booked));
        assert!(report.complete, "{}", report.sentence());
        judged(&report, "Money adds up").verdict
    };
    assert_eq!(comes_out(true), Verdict::Holds);
    assert_eq!(comes_out(false), Verdict::Violated);
}

/// Adds the amount to what a customer owes, and nothing says that it was done.
#[derive(Debug)]
struct Owed;

impl Handler for Owed {
    fn next(&self, cast: &Cast, delivery: &Delivery, answers: &[Value]) -> Turn {
        let plan = &cast.records[delivery.record.at()];
        let customer = plan.key.as_deref().unwrap_or("nobody");
        let next = match answers {
            [] => Next::Ask(Ask::Tables(vec![TableStep::Add(
                TableId(1),
                Value::Text(customer.into()),
                plan.amount,
            )])),
            _ => Next::End(End::Done),
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

#[test]
fn a_sum_that_is_off_says_by_how_much_and_for_whom() {
    let told = |records: Json, expected: &str| {
        let changes = [
            (
                "/promises",
                json!([{ "name": "Money adds up", "that": { "adds_up": "balance" } }]),
            ),
            ("/topics/0/records", records),
            ("/services", json!([])),
            ("/consumers/0/handler", json!([])),
        ];
        let report = explore(&with(&changes, Owed));
        let finding = judged(&report, "Money adds up").finding.as_ref();
        let sentence = &finding.expect("a crash doubles it").sentence;
        assert!(sentence.starts_with(expected), "{sentence}");
    };
    let order = |key: &str, amount: i64| json!({ "value": format!("ord_{key}"), "key": key, "amount": amount });
    told(
        json!([order("ada", 4_000), order("bob", 2_500)]),
        "balance has 8,000 instead of 4,000, 4,000 too much for ada: ",
    );
    // What goes back and comes again is missing in the end.
    told(
        json!([order("ada", -4_000)]),
        "balance has -8,000 instead of -4,000, 4,000 too little for ada: ",
    );
    // Where the rows are nobody's of the records, only the sum can be told.
    told(
        json!([{ "value": "ord_1", "amount": 5 }]),
        "balance comes to 10 instead of 5, 5 too much: ",
    );
}

/// Fails with one order, always.
#[derive(Debug)]
struct Poisoned;

impl Handler for Poisoned {
    fn next(&self, cast: &Cast, delivery: &Delivery, _: &[Value]) -> Turn {
        let next = if cast.record_name(delivery.record) == "ord_1" {
            Next::End(End::Failed(engine::handler::Failure {
                line: 3,
                column: 5,
                message: "no such address".into(),
            }))
        } else {
            Next::End(End::Done)
        };
        Turn {
            log: Vec::new(),
            next,
        }
    }
}

#[test]
fn a_consumer_that_dies_of_the_same_record_for_ever_is_a_circle() {
    let changes = [
        ("/explore/crashes", json!(0)),
        ("/services", json!([])),
        ("/consumers/0/handler", json!([])),
        (
            "/promises",
            json!([
                { "name": "Every order handled in the end", "that": "all_handled" },
                { "name": "Something comes again", "that": "redelivered" },
            ]),
        ),
    ];
    let report = explore(&with(&changes, Poisoned));
    assert!(report.complete, "{}", report.sentence());
    let judged = judged(&report, "Every order handled in the end");
    assert_eq!(judged.verdict, Verdict::Violated);
    let finding = judged.finding.as_ref().unwrap();
    let from = finding.loops_from.expect("it goes on for ever");
    assert!(from < finding.path.0.len());
    let why = "the handler fails in line 3: no such address";
    assert!(finding.sentence.contains(why), "{}", finding.sentence);
    assert_eq!(report.judged[1].verdict, Verdict::Holds);
    assert_eq!(report.schedules, None, "a circle has no number of ways");
}

#[test]
fn what_the_finding_says_is_what_its_trace_shows() {
    let cast = cast(&[]);
    let report = explore(&cast);
    let finding = judged(&report, "Nobody mailed twice")
        .finding
        .as_ref()
        .unwrap();
    let run = Run::replay(Arc::clone(&cast), &finding.path).unwrap();
    let doubled = anomaly::duplicated(run.trace());
    assert_eq!(doubled.len(), 1);
    assert_eq!(Some(doubled[0].record), finding.record);
    let before = run.until(finding.at - 1);
    assert_eq!(
        anomaly::duplicated(before.trace()).len(),
        0,
        "before, it was not broken"
    );
    assert_eq!(finding.faults.len(), 1);
    assert!(
        finding.sentence.contains("ord_1 is mailed twice"),
        "{}",
        finding.sentence
    );
}

#[test]
fn depth_first_visits_the_same_states() {
    for changes in [
        vec![],
        vec![("/explore/crashes", json!(2))],
        vec![("/consumers/0/handler", guard())],
    ] {
        let cast = cast(&changes);
        let (breadth, depth) = (
            explored(&cast, Order::Breadth),
            explored(&cast, Order::Depth),
        );
        assert_eq!((breadth.states, breadth.steps), (depth.states, depth.steps));
        assert_eq!(verdicts(&breadth), verdicts(&depth));
    }
}

#[test]
fn interchangeable_consumers_are_folded_without_changing_what_holds() {
    let both = |fold: Json| {
        let changes = [
            ("/consumers/-", second()),
            ("/explore/interchangeable", fold),
            (
                "/promises",
                json!([
                    { "name": "No order lost", "that": "nothing_lost" },
                    { "name": "Nobody mailed twice", "that": { "done_once": "mail" } },
                ]),
            ),
            ("/topics/0/records", json!([{ "value": "ord_1" }])),
        ];
        explore(&cast(&changes))
    };
    let (apart, folded) = (both(json!([])), both(json!([["email-1", "email-2"]])));
    assert_eq!(verdicts(&apart), verdicts(&folded));
    let steps = |report: &Report| -> Vec<Option<usize>> {
        let findings = report.judged.iter().map(|judged| judged.finding.as_ref());
        findings
            .map(|finding| finding.map(|finding| finding.steps))
            .collect()
    };
    assert_eq!(steps(&apart), steps(&folded));
    assert!(
        folded.states * 10 < apart.states * 6,
        "{} of {}",
        folded.states,
        apart.states
    );
}

#[test]
fn a_bound_that_is_reached_is_said() {
    let report = explore(&cast(&[("/explore/states", json!(50))]));
    assert!(!report.complete);
    assert_eq!(report.states, 50);
    assert!(
        report.sentence().contains("incomplete"),
        "{}",
        report.sentence()
    );
    let report = explore(&cast(&[("/explore/depth", json!(10))]));
    assert!(!report.complete && report.depth == 10);
}

#[test]
fn a_scene_that_does_nothing_is_seen_through() {
    let report = explore(&cast(&[
        ("/consumers/0/start_ms", json!(0)),
        ("/consumers/0/handler", json!([])),
    ]));
    assert_eq!(
        judged(&report, "A mail for everybody").verdict,
        Verdict::Unseen
    );
    assert!(
        report.sentence().contains("no schedule shows"),
        "{}",
        report.sentence()
    );
}
