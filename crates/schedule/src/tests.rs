//! Every explored way, followed by a run, ends in the same state.

use super::judge::{Finding, Judge};
use super::space::Schedules;
use super::tell::Told;
use super::{Bound, Exploration};
use engine::world::{Part, World};
use engine::{Cast, Scene, anomaly};
use explore::{Limits, Order, Search, State};
use std::sync::Arc;
use systems::broker;
use systems::kafka;
use systems::kafka::TopicId;

fn cast(explore: &str, handler: &str, more: &str) -> Arc<Cast> {
    let text = format!(
        r#"{{ "id": "mails", "title": "Mails", "version": 1,
        "topics": [{{ "name": "orders", "partitions": 2, "records": [{{ "value": "ord_1" }}, {{ "value": "ord_2", "partition": 1 }}] }}],
        "services": [{{ "name": "mail" }}], "tables": [{{ "name": "processed", "ttl_ms": 50000 }}],
        "consumers": [
            {{ "name": "email-1", "group": "email", "topics": ["orders"], "commit": "after",
               "config": {{ "auto.offset.reset": "earliest", "max.poll.records": 1 }}, "handler": {handler} }}{more}
        ],
        "faults": [{{ "do": "crash", "to": "email-1", "when": {{ "before": {{ "step": "send" }} }} }}],
        "explore": {explore},
        "promises": [{{ "name": "No order lost", "that": "nothing_lost" }}, {{ "name": "Handled", "that": "all_handled" }}] }}"#
    );
    let scene: Scene = serde_json::from_str(&text).unwrap();
    Cast::new(&scene).unwrap()
}

const SECOND: &str = r#", { "name": "email-2", "group": "email", "topics": ["orders"], "commit": "automatic",
    "work": "background", "restart_ms": 1000, "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }] }"#;
const GUARD: &str =
    r#"[{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }]"#;

/// What stands in the logs, and how far transactions are, in words and without times.
fn written(world: &World) -> Vec<String> {
    let Some(broker) = world.kafka() else {
        return Vec::new();
    };
    let topics = (0..world.cast().topics.len()).map(|at| TopicId(at as u8));
    let partitions = topics.flat_map(|topic| world.cast().partitions(topic));
    let logs = partitions.map(|partition| {
        let log = broker.log(partition).expect("it is there");
        let batches = log.batches().map(|batch| {
            let records = batch.records().iter();
            let records: Vec<_> = records.map(|(offset, one)| (*offset, one.of)).collect();
            let place = (batch.base, batch.last, batch.producer, batch.sequence);
            let state = (batch.end_marker().map(|end| end.ended), log.is_open(batch));
            (place, state, log.is_aborted(batch), records)
        });
        format!("{partition:?}: {:?}", batches.collect::<Vec<_>>())
    });
    // A search has given an id out that nobody has taken yet (`space::ids_given`).
    let taken = broker.transactions().filter(|(_, one)| one.epoch.is_some());
    let transactions = taken.map(|(id, one)| {
        let own = (one.producer, one.epoch, one.state);
        format!("{id:?}: {own:?}, {:?}", one.parts)
    });
    logs.chain(transactions).collect()
}

/// What sent a message is no part of the state.
fn without_causes(line: &str) -> String {
    let mut pieces = line.split("cause: Cause(");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_, rest) = piece
            .split_once("caller: ")
            .expect("the caller stands behind it");
        out += rest;
    }
    out
}

/// A world in words, its producer ids numbered in the order in which they appear: a search gives them out
/// beforehand (`space::ids_given`), a run in the order of asking.
fn text(world: &World) -> String {
    // Logs and transactions have the times in them at which they were written.
    let has_times = |part: &Part| {
        matches!(
            part,
            Part::Broker(broker::Part::Kafka(
                kafka::Part::Topic(_) | kafka::Part::Transactions(_)
            ))
        )
    };
    let parts = world.parts().into_iter().map(|(_, part)| part);
    let parts = parts.filter(|part| !has_times(part));
    let lines = parts.map(|part| format!("{part:?}")).chain(written(world));
    let told: String = lines.map(|line| without_causes(&line) + "\n").collect();
    let mut pieces = told.split("ProducerId(");
    let mut known: Vec<&str> = Vec::new();
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (id, rest) = piece.split_once(')').expect("it is a number in brackets");
        let nth = known.iter().position(|other| *other == id);
        let nth = nth.unwrap_or_else(|| {
            known.push(id);
            known.len() - 1
        });
        out += &format!("producer {nth}{rest}");
    }
    out
}

/// Follows every so-manieth state's way in a run, and compares the ends.
fn check(cast: &Arc<Cast>, every: usize) -> usize {
    let schedules = Schedules::new(Arc::clone(cast));
    let limits = Limits {
        states: 30_000,
        ..Limits::NONE
    };
    let mut search = Search::new(schedules, limits, Order::Breadth);
    search.finish();
    let schedules = Schedules::new(Arc::clone(cast));
    let mut followed = 0;
    for state in search.visited().step_by(every) {
        let walk = search.walk(state);
        let told = Told::follow(&schedules, &walk).unwrap();
        let end = walk.states.last().unwrap();
        let mut there = schedules.world(end).canonical();
        let mut here = told.run.world().canonical();
        schedules.forget(&mut here);
        schedules.forget(&mut there);
        assert_eq!(text(&here), text(&there), "after {:?}", walk.steps);
        let by_state = Judge::NothingLost.look(told.run.world()) != Finding::True;
        let lost = anomaly::lost(told.run.trace());
        assert_eq!(
            by_state,
            !lost.is_empty(),
            "{lost:?}\n{}",
            told.run.trace().text()
        );
        followed += 1;
    }
    assert_eq!(State::START.index(), 0);
    followed
}

#[test]
fn every_explored_way_ends_the_same_in_a_run() {
    for (explore, handler, more, every) in [
        (r#"{ "crashes": 2 }"#, GUARD, "", 23),
        (
            r#"{ "crashes": 1, "losses": 1, "duplicates": 1 }"#,
            GUARD,
            "",
            29,
        ),
        (
            r#"{ "crashes": 1, "early_timeouts": 1 }"#,
            r#"[{ "send": "mail" }]"#,
            SECOND,
            31,
        ),
        (r#"{ "crashes": 1, "jitter_ms": 0 }"#, GUARD, SECOND, 3),
        (
            r#"{ "crashes": 1, "early_timeouts": 1, "jitter_ms": 40 }"#,
            GUARD,
            "",
            7,
        ),
        (
            r#"{ "crashes": 0, "interchangeable": [["email-1", "email-2"]] }"#,
            GUARD,
            r#", { "name": "email-2", "group": "email", "topics": ["orders"], "commit": "after",
               "config": { "auto.offset.reset": "earliest", "max.poll.records": 1 },
               "handler": [{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }] }"#,
            17,
        ),
    ] {
        let followed = check(&cast(explore, handler, more), every);
        assert!(
            followed > 30,
            "only {followed} ways were followed: {explore}"
        );
    }
}

#[test]
fn every_explored_way_of_producers_ends_the_same_in_a_run() {
    let alone = r#""producers": [
        { "name": "shop", "config": { "transactional.id": "shop" },
          "program": ["begin", { "send": "ord_1" }, "commit"] },
        { "name": "stall", "program": [{ "send": "ord_2" }] }
    ]"#;
    let within = r#""consumers": [
        { "name": "ship-1", "group": "ship", "topics": ["orders"], "commit": "in_transaction",
          "config": { "auto.offset.reset": "earliest", "isolation.level": "read_committed" },
          "producer": { "transactional.id": "ship-1" }, "handler": [{ "publish": "shipped" }] }
    ]"#;
    for (who, list, explore, every) in [
        (alone, "sent", r#"{ "crashes": 1, "losses": 1 }"#, 37),
        (
            alone,
            "sent",
            r#"{ "crashes": 0, "freezes": 1, "early_timeouts": 1 }"#,
            37,
        ),
        (within, "records", r#"{ "crashes": 1 }"#, 19),
        (
            within,
            "records",
            r#"{ "crashes": 0, "freezes": 1, "losses": 1 }"#,
            19,
        ),
    ] {
        let text = format!(
            r#"{{ "id": "shipping", "title": "Shipping", "version": 1,
            "topics": [
                {{ "name": "orders", "{list}": [{{ "value": "ord_1" }}, {{ "value": "ord_2" }}] }},
                {{ "name": "shipped", "published": "events" }}
            ], {who}, "explore": {explore},
            "promises": [{{ "name": "Stored once", "that": {{ "stored_once": "orders" }} }}] }}"#
        );
        let scene: Scene = serde_json::from_str(&text).unwrap();
        let followed = check(&Cast::new(&scene).unwrap(), every);
        assert!(
            followed > 30,
            "only {followed} ways were followed: {explore}"
        );
    }
}

#[test]
fn every_explored_way_of_queues_ends_the_same_in_a_run() {
    let worker = |name: &str, commit: &str| {
        format!(
            r#"{{ "name": "{name}", "group": "email", "topics": ["orders"], "commit": "{commit}",
                "handler": [{{ "send": "mail" }}] }}"#
        )
    };
    let one = worker("email-1", "after");
    let two = format!("{one}, {}", worker("email-2", "before"));
    let fifo = r#"{ "queues": { "email": { "FifoQueue": true } } }"#;
    let dead = r#"{ "queues": { "dead": {}, "email": { "RedrivePolicy": {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 1 } } } }"#;
    for (consumers, sqs, explore, every) in [
        (&one, "{}", r#"{ "crashes": 2 }"#, 3),
        (&two, "{}", r#"{ "crashes": 1 }"#, 29),
        (
            &one,
            "{}",
            r#"{ "crashes": 1, "losses": 1, "duplicates": 1 }"#,
            17,
        ),
        (&two, fifo, r#"{ "crashes": 1, "early_timeouts": 1 }"#, 23),
        (&two, dead, r#"{ "crashes": 1 }"#, 29),
        (&one, "{}", r#"{ "crashes": 0, "freezes": 1 }"#, 1),
    ] {
        let text = format!(
            r#"{{ "id": "mails", "title": "Mails", "version": 1,
            "broker": {{ "system": "sqs" }}, "on": {{ "sqs": {sqs} }},
            "topics": [{{ "name": "orders", "records": [{{ "value": "ord_1" }}, {{ "value": "ord_2" }}] }}],
            "services": [{{ "name": "mail", "noun": "mail", "done": "mailed" }}],
            "consumers": [{consumers}], "explore": {explore},
            "promises": [{{ "name": "No order lost", "that": "nothing_lost" }}] }}"#
        );
        let scene: Scene = serde_json::from_str(&text).unwrap();
        let followed = check(&Cast::new(&scene).unwrap(), every);
        assert!(
            followed > 10,
            "only {followed} ways were followed: {explore}"
        );
    }
}

/// Values that own much beside themselves: the many records a consumer holds, the rows of many tables.
#[test]
fn what_values_own_counts_against_the_memory_a_search_may_take() {
    use serde_json::{Value, json};
    let config = json!({ "auto.offset.reset": "earliest", "max.poll.records": 500 });
    let records = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|nth| json!({ "value": format!("ord_{nth}") }))
            .collect()
    };
    let tables: Vec<Value> = (0..7)
        .map(|nth| json!({ "name": format!("t{nth}") }))
        .collect();
    let inserts: Vec<Value> = (0..7)
        .map(|nth| json!({ "insert_into": format!("t{nth}") }))
        .collect();
    let held = json!({
        "id": "held", "title": "Held", "version": 1,
        "topics": [{ "name": "orders", "records": records(600) }],
        "services": [{ "name": "mail" }],
        "consumers": [{ "name": "one", "group": "g", "topics": ["orders"], "commit": "automatic",
            "work": "background", "config": config, "handler": [{ "send": "mail" }] }],
        "promises": [{ "name": "No order lost", "that": "nothing_lost" }]
    });
    let inserted = json!({
        "id": "inserted", "title": "Inserted", "version": 1,
        "topics": [{ "name": "orders", "partitions": 2, "records": records(7) }],
        "tables": tables,
        "consumers": [
            { "name": "one", "group": "g", "topics": ["orders"], "config": config, "handler": inserts },
            { "name": "two", "group": "g", "topics": ["orders"], "config": config, "handler": inserts }
        ],
        "explore": { "crashes": 2 },
        "promises": [{ "name": "No order lost", "that": "nothing_lost" }]
    });
    for scene in [held, inserted] {
        let scene: Scene = serde_json::from_value(scene).unwrap();
        let (id, most) = (scene.id.clone(), 8 << 20);
        let mut search = Exploration::within(Cast::new(&scene).unwrap(), Order::Breadth, most);
        while !search.advance(1_000).ended {}
        assert_eq!(search.report().reached, Some(Bound::Memory), "{id}");
        let taken = search.memory_bytes();
        assert!(
            most * 9 / 10 < taken && taken < most * 11 / 10,
            "{id}: {taken}"
        );
    }
}
