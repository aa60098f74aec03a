//! Every explored way, followed by a run, ends in the same state.

use super::space::Schedules;
use super::tell::Told;
use crate::explore::{Limits, Order, Search, State};
use crate::{Cast, Scene};
use std::sync::Arc;

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
        for (one, other) in here.parts().iter().zip(there.parts()) {
            assert_eq!(one.1, other.1, "after {:?}", walk.steps);
        }
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
