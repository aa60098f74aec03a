//! Producers in scenes: what becomes of a record when the producer, its messages or its place are lost.

// The scenes here are written as text, and read as files are.
#![cfg(not(target_arch = "wasm32"))]

use engine::fact::{kafka, process, service};
use engine::scene::Verb;
use engine::{Cast, Choice, Fact, Outcome, Run, Scene};
use schedule::{Exploration, Report, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;

fn cast(scene: Value) -> Arc<Cast> {
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    Cast::new(&scene).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// A scene with these producers, and one mailer that reads all, or what is committed.
fn scene(producers: Value, isolation: &str) -> Value {
    json!({
        "id": "producers", "title": "Producers", "version": 1,
        "topics": [{ "name": "orders", "sent": [
            { "value": "ord_10" }, { "value": "ord_11" }, { "value": "ord_12" }
        ] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "producers": producers,
        "consumers": [{
            "name": "email-1", "group": "mailers", "topics": ["orders"], "commit": "after",
            "config": { "auto.offset.reset": "earliest", "isolation.level": isolation },
            "handler": [{ "send": "mail" }]
        }],
        "explore": { "crashes": 0 },
        "promises": [
            { "name": "Stored once", "that": { "stored_once": "orders" } },
            { "name": "All stored", "that": { "all_stored": "orders" } },
            { "name": "Nothing aborted is handed out", "that": "none_aborted" },
            { "name": "No order lost", "that": "nothing_lost" }
        ]
    })
}

fn with(mut scene: Value, changes: Value) -> Value {
    let changes = changes.as_object().cloned().unwrap_or_default();
    for (name, value) in changes {
        scene[name] = value;
    }
    scene
}

fn explored(scene: Value) -> (Arc<Cast>, Report) {
    let cast = cast(scene);
    let mut search = Exploration::new(Arc::clone(&cast));
    while !search.advance(100_000).ended {}
    let report = search.report();
    assert!(report.complete, "{:?}", report.reached);
    (cast, report)
}

fn verdict(report: &Report, name: &str) -> Verdict {
    let found = report.judged.iter().find(|one| one.name == name);
    found.expect("it is promised").verdict
}

/// Every finding replays to a run whose text reads back, and whose path is followed from text.
fn replays(cast: &Arc<Cast>, report: &Report) {
    for judged in &report.judged {
        let Some(finding) = &judged.finding else {
            continue;
        };
        let path = finding.path.to_string().parse().expect("it is a path");
        let run = Run::replay(Arc::clone(cast), &path).expect("every choice can be made");
        let read = engine::Trace::read(&run.trace().text(), Arc::clone(cast));
        assert_eq!(read.as_ref(), Ok(run.trace()), "{}", judged.name);
    }
}

fn plain(config: Value) -> Value {
    json!([{ "name": "shop", "config": config, "program": [{ "send": "ord_10" }, { "send": "ord_11" }, { "send": "ord_12" }] }])
}

#[test]
fn a_lost_answer_stores_a_plain_producers_record_twice_and_an_idempotent_ones_once() {
    let losses = json!({ "explore": { "crashes": 0, "losses": 1 } });
    let config = json!({ "enable.idempotence": false });
    let (cast, report) = explored(with(
        scene(plain(config), "read_uncommitted"),
        losses.clone(),
    ));
    assert_eq!(verdict(&report, "Stored once"), Verdict::Violated);
    assert_eq!(verdict(&report, "All stored"), Verdict::Holds);
    replays(&cast, &report);
    let (_, report) = explored(with(scene(plain(json!({})), "read_uncommitted"), losses));
    assert_eq!(verdict(&report, "Stored once"), Verdict::Holds);
    assert_eq!(verdict(&report, "All stored"), Verdict::Holds);
}

#[test]
fn without_acknowledgements_a_lost_record_is_lost() {
    let config = json!({ "enable.idempotence": false, "acks": "0" });
    let losses = json!({ "explore": { "crashes": 0, "losses": 1 } });
    let (cast, report) = explored(with(scene(plain(config), "read_uncommitted"), losses));
    assert_eq!(verdict(&report, "Stored once"), Verdict::Holds);
    assert_eq!(verdict(&report, "All stored"), Verdict::Violated);
    replays(&cast, &report);
}

#[test]
fn an_idempotent_producer_that_is_started_again_is_another_one() {
    let crashes = json!({ "explore": { "crashes": 1 } });
    let (cast, report) = explored(with(scene(plain(json!({})), "read_uncommitted"), crashes));
    assert_eq!(verdict(&report, "Stored once"), Verdict::Violated);
    assert_eq!(verdict(&report, "All stored"), Verdict::Holds);
    replays(&cast, &report);
}

fn transaction(name: &str, id: &str, start_ms: u32) -> Value {
    json!({
        "name": name, "start_ms": start_ms, "config": { "transactional.id": id },
        "program": ["begin", { "send": "ord_10" }, { "send": "ord_11" }, "commit", "begin", { "send": "ord_12" }, "commit"]
    })
}

#[test]
fn a_transaction_keeps_its_promise_to_its_producer_and_not_to_the_next_one() {
    for version in [1, 2] {
        let changes = |explore: Value| {
            json!({
                "explore": explore,
                "broker": { "settings": { "transaction.version": version } },
                "consumers": []
            })
        };
        let shop = || scene(json!([transaction("shop", "shop", 0)]), "read_committed");
        let losses = changes(json!({ "crashes": 0, "losses": 2 }));
        let (_, report) = explored(with(shop(), losses));
        assert_eq!(verdict(&report, "Stored once"), Verdict::Holds, "{version}");
        assert_eq!(verdict(&report, "All stored"), Verdict::Holds, "{version}");
        assert!(report.states > 200, "{} states", report.states);
        // Who dies between the commit and its answer leaves nobody who knows that it was done.
        let crashes = changes(json!({ "crashes": 1 }));
        let (cast, report) = explored(with(shop(), crashes));
        assert_eq!(verdict(&report, "Stored once"), Verdict::Violated);
        // What the dead process had sent arrives after the new one's request, and fences it.
        assert_eq!(verdict(&report, "All stored"), Verdict::Violated);
        let found = report.judged[0].finding.as_ref().expect("it is violated");
        assert_eq!(
            found.sentence,
            "ord_10 stands in orders twice: shop crashes after the commit, before it hears the answer"
        );
        replays(&cast, &report);
    }
}

#[test]
fn only_who_reads_committed_records_is_handed_nothing_aborted() {
    let once = json!([{
        "name": "shop", "config": { "transactional.id": "shop" },
        "program": ["begin", { "send": "ord_10" }, "abort", "begin", { "send": "ord_11" }, { "send": "ord_12" }, "commit"]
    }]);
    let (cast, report) = explored(scene(once.clone(), "read_uncommitted"));
    let name = "Nothing aborted is handed out";
    assert_eq!(verdict(&report, name), Verdict::Violated);
    replays(&cast, &report);
    let (_, report) = explored(scene(once, "read_committed"));
    assert_eq!(verdict(&report, name), Verdict::Holds);
    assert_eq!(verdict(&report, "No order lost"), Verdict::Holds);
}

#[test]
fn a_producer_that_stood_still_is_fenced_by_its_successor() {
    let producers = json!([
        transaction("shop-a", "shop", 0),
        transaction("shop-b", "shop", 500)
    ]);
    let faults = json!({ "faults": [
        { "do": "freeze", "to": "shop-a", "when": { "before": { "step": "commit_transaction" } } },
        { "do": "thaw", "to": "shop-a", "when": { "after_ms": 2_000 } }
    ] });
    let mut run = Run::new(cast(with(scene(producers, "read_committed"), faults)));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    let facts: Vec<&Fact> = run.trace().entries().iter().map(|one| &one.fact).collect();
    let threw = |class: &str| {
        facts.iter().any(|fact| matches!(fact, Fact::Process(process::Fact::Threw { exception, .. }) if exception.to_string().contains(class)))
    };
    assert!(threw("ProducerFencedException"), "{}", run.trace().text());
    let mailed = |name: &str| {
        let times = facts.iter().filter(|fact| matches!(fact, Fact::Service(service::Fact::EffectDone { record, .. }) if run.trace().cast().record_name(*record) == name));
        times.count()
    };
    assert_eq!(
        [mailed("ord_10"), mailed("ord_11"), mailed("ord_12")],
        [1; 3]
    );
    let (cast, report) = explored(with(
        scene(
            json!([
                { "name": "shop-a", "config": { "transactional.id": "shop" }, "program": ["begin", { "send": "ord_10" }, "commit"] },
                { "name": "shop-b", "config": { "transactional.id": "shop" }, "program": ["begin", { "send": "ord_10" }, "commit"] }
            ]),
            "read_committed",
        ),
        json!({ "explore": { "crashes": 0, "freezes": 1 }, "consumers": [] }),
    ));
    // Both may commit, one after the other: fencing keeps nobody from doing the same work again.
    assert_eq!(verdict(&report, "Stored once"), Verdict::Violated);
    replays(&cast, &report);
}

/// A successor fences the producer, whose process dies of it; its supervisor starts the next one, and
/// that one takes the transactional id back.
#[test]
fn a_producer_that_dies_of_an_exception_is_started_again() {
    let shop = |name, start_ms, changes: Value| with(transaction(name, "shop", start_ms), changes);
    let producers = json!([
        shop("shop-a", 0, json!({ "restart_ms": 1_000 })),
        shop("shop-b", 500, json!({ "program": ["begin", "abort"] }))
    ]);
    let faults = json!({ "faults": [
        { "do": "freeze", "to": "shop-a", "when": { "before": { "step": "commit_transaction" } } },
        { "do": "thaw", "to": "shop-a", "when": { "after_ms": 2_000 } }
    ] });
    let mut run = Run::new(cast(with(scene(producers, "read_committed"), faults)));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    let text = run.trace().text();
    let told: Vec<&str> = [
        "threw",
        "producer_crashed",
        "producer_started",
        "program_over",
    ]
    .into_iter()
    .filter(|verb| text.contains(verb))
    .collect();
    assert_eq!(told.len(), 4, "{told:?}\n{text}");
    let shop = run.world().process(cast_client(&run, "shop-a"));
    assert_eq!((shop.life.number, shop.is_over()), (2, true), "{text}");
}

fn cast_client(run: &Run, name: &str) -> engine::ClientId {
    let cast = run.trace().cast();
    let mut clients = cast.clients();
    let named = clients.find(|id| cast.client_name(*id) == name);
    named.expect("somebody has this name")
}

#[test]
fn an_open_transaction_holds_readers_back_until_it_times_out() {
    let producers = json!([
        { "name": "shop", "config": { "transactional.id": "shop", "transaction.timeout.ms": 15_000 }, "program": ["begin", { "send": "ord_10" }, "commit"] },
        { "name": "till", "start_ms": 1_000, "program": [{ "send": "ord_11" }, { "send": "ord_12" }] }
    ]);
    let faults = json!({ "faults": [{ "do": "crash", "to": "shop", "when": { "before": { "step": "commit_transaction" } } }] });
    let mut run = Run::new(cast(with(scene(producers, "read_committed"), faults)));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    let cast = run.trace().cast();
    let when = |wanted: &dyn Fn(&Fact) -> bool| {
        let found = run.trace().entries().iter().find(|one| wanted(&one.fact));
        found.map(|one| one.at.ms())
    };
    // The coordinator looks every 10 s: 15 s are over at the second look.
    assert_eq!(
        when(&|fact| matches!(fact, Fact::Kafka(kafka::Fact::TransactionTimedOut { .. }))),
        Some(20_000)
    );
    let mailed = |name: &str| {
        when(
            &|fact| matches!(fact, Fact::Service(service::Fact::EffectDone { record, .. }) if cast.record_name(*record) == name),
        )
    };
    assert_eq!(mailed("ord_10"), None);
    assert!(mailed("ord_11") > Some(20_000));
}

#[test]
fn a_consumer_that_stood_still_is_no_longer_a_member() {
    let changes = json!({
        "topics": [{ "name": "orders", "records": [{ "value": "ord_10" }] }],
        "promises": []
    });
    let mut run = Run::new(cast(with(scene(json!([]), "read_uncommitted"), changes)));
    while !run
        .trace()
        .entries()
        .iter()
        .any(|one| matches!(one.fact, Fact::Service(service::Fact::EffectDone { .. })))
    {
        run.choose(Choice::Earliest).expect("the mail goes out");
    }
    let email = engine::ClientId(0);
    run.choose(Choice::Fault(Verb::Freeze, email))
        .expect("it lives");
    run.to_rest();
    let expired = |run: &Run| {
        let mut entries = run.trace().entries().iter();
        entries.any(|one| matches!(one.fact, Fact::Kafka(kafka::Fact::SessionExpired { .. })))
    };
    assert!(expired(&run));
    assert!(run.choose(Choice::Fault(Verb::Freeze, email)).is_err());
    run.choose(Choice::Fault(Verb::Thaw, email))
        .expect("it stands still");
    run.to_rest();
    let refused = run.trace().entries().iter().any(|one| matches!(&one.fact, Fact::Kafka(kafka::Fact::CommitRefused { error, .. }) if error.name() == "UNKNOWN_MEMBER_ID"));
    assert!(refused, "{}", run.trace().text());
}

#[test]
fn a_producer_that_cannot_be_is_refused_with_place_and_remedy() {
    let check = |producers: Value, pointer: &str| {
        let scene: Scene =
            serde_json::from_value(scene(producers, "read_committed")).expect("it is a scene");
        let mistakes = scene.mistakes();
        assert!(
            mistakes.iter().any(|one| one.pointer == pointer),
            "{pointer}: {mistakes:#?}"
        );
    };
    let shop = |config: Value, program: Value| json!([{ "name": "shop", "config": config, "program": program }]);
    let send = json!([{ "send": "ord_10" }]);
    check(shop(json!({}), json!([])), "/producers/0/program");
    check(
        shop(json!({}), json!([{ "send": "ord_99" }])),
        "/producers/0/program/0/send",
    );
    check(shop(json!({}), json!(["begin"])), "/producers/0/program/0");
    check(
        shop(json!({ "acks": "1" }), send.clone()),
        "/producers/0/config/acks",
    );
    check(
        shop(json!({ "retries": 0 }), send.clone()),
        "/producers/0/config/retries",
    );
    check(
        shop(json!({ "transactional.id": "a" }), send.clone()),
        "/producers/0/program/0",
    );
    check(
        shop(
            json!({ "transactional.id": "a" }),
            json!(["begin", "begin"]),
        ),
        "/producers/0/program/1",
    );
    let idempotence = json!({ "transactional.id": "a", "enable.idempotence": false });
    check(
        shop(idempotence, json!(["begin", "commit"])),
        "/producers/0/config/enable.idempotence",
    );
}
