//! Read, process, write: what is published and what is committed happen together, or not at all.

use super::{cast, explored, replays, with};
use engine::fact::{kafka, process};
use engine::{Fact, Outcome, Run, Scene};
use schedule::{Report, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;
use systems::kafka::Error;
use systems::kafka::log::record::Ended;

/// A consumer that publishes an event for every order, and commits in the transaction or after the batch.
fn consumer(name: &str, in_transaction: bool) -> Value {
    let mut one = json!({
        "name": name, "group": "shippers", "topics": ["orders"], "commit": "after",
        "config": { "auto.offset.reset": "earliest", "max.poll.records": 1, "isolation.level": "read_committed" },
        "handler": [{ "publish": "shipped" }]
    });
    if in_transaction {
        one["commit"] = "in_transaction".into();
        one["producer"] = json!({ "transactional.id": name });
    }
    one
}

fn scene(consumers: &[Value], explore: &Value) -> Value {
    json!({
        "id": "shipping", "title": "Shipping", "version": 1,
        "topics": [
            { "name": "orders", "records": [{ "value": "ord_10" }, { "value": "ord_11" }] },
            { "name": "shipped", "published": "events" }
        ],
        "consumers": consumers,
        "explore": explore,
        "promises": [
            { "name": "Stored once", "that": { "stored_once": "shipped" } },
            { "name": "All stored", "that": { "all_stored": "shipped" } },
            { "name": "No order lost", "that": "nothing_lost" }
        ]
    })
}

fn check(report: &Report, expected: [Verdict; 3], what: &str) {
    let found: Vec<Verdict> = report.judged.iter().map(|one| one.verdict).collect();
    let told: Vec<_> = report
        .judged
        .iter()
        .filter_map(|one| Some((&one.name, &one.finding.as_ref()?.sentence)))
        .collect();
    assert_eq!(found, expected, "{what}: {told:#?}");
}

fn facts(run: &Run) -> Vec<&Fact> {
    run.trace().entries().iter().map(|one| &one.fact).collect()
}

#[test]
fn each_order_is_shipped_once_and_committed_with_it() {
    for version in [1, 2] {
        let scene = scene(&[consumer("ship-1", true)], &json!({}));
        let settings = json!({ "settings": { "transaction.version": version } });
        let mut run = Run::new(cast(with(scene, json!({ "broker": settings }))));
        assert_eq!(run.to_rest(), Outcome::AtRest);
        let all = facts(&run);
        let count = |is: fn(&Fact) -> bool| all.iter().filter(|fact| is(fact)).count();
        assert_eq!(
            count(|fact| matches!(fact, Fact::Kafka(kafka::Fact::Published { .. }))),
            2
        );
        assert_eq!(
            count(|fact| matches!(fact, Fact::Kafka(kafka::Fact::OffsetWritten { .. }))),
            2
        );
        let counts = |fact: &Fact| {
            let committed = Ended::Commit;
            matches!(fact, Fact::Kafka(kafka::Fact::OffsetsEnded { ended, .. }) if *ended == committed)
        };
        assert_eq!(count(counts), 2, "{}", run.trace().text());
        let group = run.world().group(systems::kafka::GroupId(0));
        let offsets = group.expect("it has a group").offsets().all().to_vec();
        assert_eq!(offsets.len(), 1);
        assert_eq!(offsets[0].1.0, 2);
        let read = engine::Trace::read(&run.trace().text(), Arc::clone(run.world().cast()));
        assert_eq!(read.as_ref(), Ok(run.trace()));
    }
}

/// The same program with a plain producer, and commits of its own, ships twice when it dies between the two.
#[test]
fn a_crash_ships_twice_without_a_transaction_and_once_with_it() {
    let explore = json!({ "crashes": 1 });
    let (cast, report) = explored(scene(&[consumer("ship-1", false)], &explore));
    replays(&cast, &report);
    check(
        &report,
        [Verdict::Violated, Verdict::Holds, Verdict::Holds],
        "plain",
    );
    for version in [1, 2] {
        let settings = json!({ "settings": { "transaction.version": version } });
        let scene = scene(&[consumer("ship-1", true)], &explore);
        let (_, report) = explored(with(scene, json!({ "broker": settings })));
        check(&report, [Verdict::Holds; 3], "in a transaction");
        assert!(report.states > 500, "{} states", report.states);
    }
}

#[test]
fn lost_messages_ship_nothing_twice() {
    let explore = json!({ "crashes": 0, "losses": 2 });
    let (_, report) = explored(scene(&[consumer("ship-1", true)], &explore));
    check(&report, [Verdict::Holds; 3], "losses");
}

/// Whoever has lost its partitions while it stood still is refused, and what it wrote is aborted.
#[test]
fn who_stood_still_too_long_ships_nothing_twice() {
    let both = [consumer("ship-1", true), consumer("ship-2", true)];
    let explore = json!({ "crashes": 0, "freezes": 1 });
    let one_order = |scene: Value| {
        let topics = json!([
            { "name": "orders", "records": [{ "value": "ord_10" }] },
            { "name": "shipped", "published": "events" }
        ]);
        with(scene, json!({ "topics": topics }))
    };
    let (_, report) = explored(one_order(scene(&both, &explore)));
    check(&report, [Verdict::Holds; 3], "frozen");
    let plain = [consumer("ship-1", false), consumer("ship-2", false)];
    let (_, report) = explored(one_order(scene(&plain, &explore)));
    assert_eq!(report.judged[0].verdict, Verdict::Violated);
}

#[test]
fn the_next_owner_waits_until_an_open_transaction_has_let_go_of_the_offsets() {
    let both = [consumer("ship-1", true), consumer("ship-2", true)];
    let faults = json!([
        { "do": "freeze", "to": "ship-1", "when": { "before": { "step": "commit_transaction" } } },
        { "do": "thaw", "to": "ship-1", "when": { "after_ms": 200_000 } }
    ]);
    let mut run = Run::new(cast(with(
        scene(&both, &json!({})),
        json!({ "faults": faults }),
    )));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    let all = facts(&run);
    let place = |is: &dyn Fn(&Fact) -> bool| {
        let found = all.iter().position(|fact| is(fact));
        found.unwrap_or_else(|| panic!("it does not happen:\n{}", run.trace().text()))
    };
    let unstable = place(
        &|fact| matches!(fact, Fact::Kafka(kafka::Fact::Told { error, .. }) if *error == Error::UnstableOffsetCommit),
    );
    let timed_out =
        place(&|fact| matches!(fact, Fact::Kafka(kafka::Fact::TransactionTimedOut { .. })));
    let thrown = place(&|fact| matches!(fact, Fact::Process(process::Fact::Threw { .. })));
    assert!(unstable < timed_out && timed_out < thrown);
    let shipped = all
        .iter()
        .filter(|fact| matches!(fact, Fact::Kafka(kafka::Fact::Published { .. })))
        .count();
    assert_eq!(shipped, 3, "one of them is aborted: {}", run.trace().text());
}

#[test]
fn what_goes_together_is_checked() {
    let mistakes = |change: &dyn Fn(&mut Value)| {
        let mut one = consumer("ship-1", true);
        change(&mut one);
        let scene: Scene = serde_json::from_value(scene(&[one], &json!({}))).expect("it is read");
        let found = scene.mistakes();
        found.into_iter().map(|one| one.pointer).collect::<Vec<_>>()
    };
    assert_eq!(mistakes(&|_| ()), [""; 0]);
    let producer = |one: &mut Value| {
        one.as_object_mut().expect("it is one").remove("producer");
    };
    assert_eq!(mistakes(&producer), ["/consumers/0/commit"]);
    assert_eq!(
        mistakes(&|one| one["commit"] = "after".into()),
        ["/consumers/0/commit"]
    );
    assert_eq!(
        mistakes(&|one| one["producer"] = json!({})),
        ["/consumers/0/producer"]
    );
    assert_eq!(
        mistakes(&|one| one["work"] = "background".into()),
        ["/consumers/0/work"]
    );
    assert_eq!(
        mistakes(&|one| one["handler"] = json!([{ "publish": "orders" }])),
        ["/consumers/0/handler/0/publish"]
    );
}
