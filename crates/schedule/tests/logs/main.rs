//! Logs that are looked after: what retention and compaction do in a scene, and to whoever reads.

// The scenes here are written as text, and read as files are.
#![cfg(not(target_arch = "wasm32"))]

use engine::fact::kafka;
use engine::systems::kafka::{Offset, Partition, TopicId};
use engine::{Cast, Fact, Outcome, Run, Scene};
use schedule::{Exploration, Report, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;

const DAY: i64 = 86_400_000;

const ORDERS: Partition = Partition {
    topic: TopicId(0),
    index: 0,
};

fn scene(config: Value, records: Value, start_ms: u32, reset: &str) -> Value {
    json!({
        "id": "logs", "title": "Logs", "version": 1,
        "topics": [{ "name": "orders", "config": config, "records": records }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "consumers": [{
            "name": "email-1", "group": "mailers", "topics": ["orders"], "commit": "after",
            "start_ms": start_ms,
            "config": { "auto.offset.reset": reset, "max.poll.records": 1 },
            "handler": [{ "send": "mail" }]
        }],
        "promises": [{ "name": "No order lost", "that": "nothing_lost" }],
        "explore": { "crashes": 0 }
    })
}

/// A record of a key that is so many days old.
fn old(value: &str, key: &str, days: i64) -> Value {
    json!({ "value": value, "key": key, "timestamp_ms": -days * DAY })
}

fn cast(scene: Value) -> Arc<Cast> {
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    Cast::new(&scene).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn run(scene: Value) -> Run {
    let mut run = Run::new(cast(scene));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    run
}

/// By offset, what is left of the log.
fn left(run: &Run) -> Vec<(u64, String)> {
    let log = run.world().log(ORDERS).expect("a log");
    let records = log.batches().flat_map(|batch| batch.records().to_vec());
    let named = records.map(|(Offset(offset), record)| {
        let id = record.of.expect("records of the scene only");
        (offset, run.trace().cast().record_name(id))
    });
    named.collect()
}

fn check_left(run: &Run, expected: &[(u64, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(offset, name)| (*offset, (*name).to_owned()))
        .collect();
    assert_eq!(left(run), expected);
}

fn polled(run: &Run) -> Vec<u64> {
    let entries = run.trace().entries().iter();
    let offsets = entries.filter_map(|entry| match entry.fact {
        Fact::Kafka(kafka::Fact::Polled { first, .. }) => Some(first.0),
        _ => None,
    });
    offsets.collect()
}

fn week() -> Value {
    json!({ "retention.ms": 7 * DAY, "segment.ms": 2 * DAY })
}

fn nine_days() -> Value {
    json!([
        old("ord_1", "a", 9),
        old("ord_2", "b", 8),
        old("ord_3", "a", 6),
        old("ord_4", "b", 5),
        old("ord_5", "a", 3)
    ])
}

#[test]
fn a_segment_goes_as_a_whole_whoever_has_read_it() {
    let early = run(scene(week(), nine_days(), 0, "earliest"));
    assert_eq!(polled(&early), [0, 1, 2, 3, 4]);
    check_left(&early, &[(2, "ord_3"), (3, "ord_4"), (4, "ord_5")]);
    let late = run(scene(week(), nine_days(), 360_000, "earliest"));
    assert_eq!(polled(&late), [2, 3, 4]);
}

#[test]
fn without_settings_of_its_log_a_topic_keeps_everything() {
    let mut all = scene(week(), nine_days(), 360_000, "earliest");
    all["topics"][0]["config"] = Value::Null;
    assert_eq!(polled(&run(all)), [0, 1, 2, 3, 4]);
}

#[test]
fn one_timestamp_of_the_future_keeps_its_segment_and_the_old_records_behind_it() {
    let ahead = |at: i64| {
        let records = json!([
            old("ord_1", "a", 10),
            old("ord_2", "a", at),
            old("ord_3", "a", 9),
            old("ord_4", "a", 8)
        ]);
        let mut config = week();
        config["message.timestamp.after.max.ms"] = json!(2 * DAY);
        run(scene(config, records, 360_000, "earliest"))
    };
    check_left(&ahead(-1), &[(1, "ord_2"), (2, "ord_3"), (3, "ord_4")]);
    check_left(&ahead(9), &[]);
}

#[test]
fn size_is_counted_in_the_bytes_of_batches() {
    let sized = |bytes: i64| {
        let config = json!({ "retention.ms": -1, "retention.bytes": bytes, "segment.ms": DAY });
        run(scene(config, nine_days(), 360_000, "earliest"))
    };
    let all = sized(-1);
    let log = all.world().log(ORDERS).expect("a log");
    let of_last: u64 = log.segments().last().map_or(0, |one| one.bytes());
    check_left(&sized(of_last as i64), &[(4, "ord_5")]);
    check_left(
        &sized(of_last as i64 + 1),
        &[(2, "ord_3"), (3, "ord_4"), (4, "ord_5")],
    );
}

/// Two customers, of whom one is deleted; the last record is in the active segment.
fn customers() -> Value {
    let mut gone = old("cyd-null", "cyd", 4);
    gone["tombstone"] = json!(true);
    json!([
        old("ada-1", "ada", 6),
        old("cyd-1", "cyd", 6),
        old("ada-2", "ada", 4),
        gone,
        old("ada-3", "ada", 2)
    ])
}

fn compacted() -> Value {
    json!({
        "cleanup.policy": "compact", "segment.ms": DAY, "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": 60_000
    })
}

#[test]
fn cleaning_leaves_the_last_of_each_key_and_the_active_segment_alone() {
    let cleaned = run(scene(compacted(), customers(), 20_000, "earliest"));
    check_left(&cleaned, &[(2, "ada-2"), (3, "cyd-null"), (4, "ada-3")]);
    assert_eq!(polled(&cleaned), [2, 3, 4]);
}

#[test]
fn a_tombstone_goes_with_a_later_cleaning() {
    let later = |at: u32| {
        let mut all = scene(compacted(), customers(), 300_000, "earliest");
        all["topics"][0]["sent"] = json!([{ "value": "bob-1", "key": "bob" }]);
        let shop = json!([{ "name": "shop", "start_ms": at, "program": [{ "send": "bob-1" }] }]);
        all["producers"] = shop;
        run(all)
    };
    let after = [(4, "ada-3"), (5, "bob-1")];
    check_left(&later(100_000), &after);
    // The horizon is a minute behind the first cleaning, at 15 seconds.
    check_left(&later(30_000), &[(3, "cyd-null"), after[0], after[1]]);
}

#[test]
fn a_reader_below_the_start_goes_on_as_its_reset_says() {
    // It commits one order, and is away when the first segment goes.
    let origins = {
        let mut all = scene(week(), nine_days(), 0, "earliest");
        all["faults"] = json!([
            { "do": "crash", "to": "email-1", "when": { "after": { "step": "commit", "nth": 1 } } },
            { "do": "restart", "to": "email-1", "when": { "at_ms": 400_000 } }
        ]);
        let told = run(all);
        let entries = told.trace().entries().iter();
        let all = entries.filter_map(|entry| match entry.fact {
            Fact::Kafka(kafka::Fact::Positioned { offset, origin, .. }) => {
                Some((offset.0, origin.word()))
            }
            _ => None,
        });
        all.collect::<Vec<_>>()
    };
    let expected = [(0, "earliest"), (1, "committed"), (2, "gone_earliest")];
    assert_eq!(origins, expected);
}

/// The search, complete, with a finding that replays to a run in which something is lost.
fn explored(scene: Value) -> Report {
    let cast = cast(scene);
    let mut search = Exploration::new(Arc::clone(&cast));
    while !search.advance(100_000).ended {}
    let report = search.report();
    assert!(report.complete, "{:?}", report.reached);
    for finding in report.judged.iter().filter_map(|one| one.finding.as_ref()) {
        let path = finding.path.to_string().parse().expect("it is a path");
        let run = Run::replay(Arc::clone(&cast), &path).expect("every choice can be made");
        let read = engine::Trace::read(&run.trace().text(), Arc::clone(&cast));
        assert_eq!(read.as_ref(), Ok(run.trace()));
        assert!(!engine::anomaly::lost(run.trace()).is_empty());
    }
    report
}

#[test]
fn a_search_finds_that_a_reader_can_be_too_late() {
    let lost = |retention: i64| {
        let config = json!({ "retention.ms": retention, "segment.ms": DAY });
        let records = json!([old("ord_1", "a", 5), old("ord_2", "a", 1)]);
        let report = explored(scene(config, records, 0, "earliest"));
        report.judged[0].verdict
    };
    assert_eq!(lost(7 * DAY), Verdict::Violated);
    assert_eq!(lost(-1), Verdict::Holds);
}

#[test]
fn records_without_a_partition_stand_where_their_key_puts_them() {
    let mut all = scene(
        json!({}),
        json!([{ "value": "new_1", "key": "ord_7" }]),
        0,
        "earliest",
    );
    all["topics"][0]["partitions"] = json!(3);
    let run = run(all);
    let stored = run
        .trace()
        .entries()
        .iter()
        .find_map(|entry| match entry.fact {
            Fact::Kafka(kafka::Fact::Appended { partition, .. }) => Some(partition.index),
            _ => None,
        });
    // As lesson 10 works it out: 22405883 leaves 2.
    assert_eq!(stored, Some(2));
}
