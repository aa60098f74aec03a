//! The cases in which somebody had to decide what an anomaly is.

use super::*;
use crate::{Cast, Choice, ClientId, Run, Scene, scene::Verb};
use serde_json::{Value as Json, json};

/// One order, committed before its handler begins; the process may die at a moment, and is started again.
fn run(handler: Json, fault: Json) -> Run {
    let scene = json!({
        "id": "mails", "title": "Mails", "version": 1,
        "topics": [
            { "name": "orders", "records": [{ "value": "ord_1" }] },
            { "name": "dead", "published": "dead_letters" }
        ],
        "services": [{ "name": "mail" }, { "name": "post" }],
        "consumers": [{
            "name": "email-1", "group": "email", "topics": ["orders"], "commit": "before",
            "config": { "auto.offset.reset": "earliest" }, "handler": handler, "restart_ms": 1000
        }],
        "faults": fault
    });
    let scene: Scene = serde_json::from_value(scene).unwrap();
    Run::new(Cast::new(&scene).unwrap())
}

fn crash_before(step: &str, nth: u32) -> Json {
    json!([{ "do": "crash", "to": "email-1", "when": { "before": { "step": step, "nth": nth } } }])
}

/// How many records are lost, by state and by trace.
fn losses(run: &Run) -> usize {
    let by_trace = lost(run.trace()).len();
    let by_state = first_lost(run.world());
    assert_eq!(by_state.is_some(), by_trace > 0, "{}", run.trace().text());
    by_trace
}

#[test]
fn work_is_that_of_all_services() {
    for (nth, expected) in [(1, 1), (2, 1), (3, 0)] {
        let handler = json!([{ "send": "mail" }, { "send": "post" }]);
        let mut run = run(handler, crash_before("send", nth));
        run.to_rest();
        assert_eq!(losses(&run), expected, "before call {nth}");
    }
}

#[test]
fn a_dead_letter_is_not_lost() {
    let send = json!({ "send": "mail" });
    for (handler, expected, ends) in [
        (json!([{ "publish": "dead" }, send]), 0, Custody::SetAside),
        (json!([send]), 1, Custody::Settled),
    ] {
        let mut run = run(handler, crash_before("send", 1));
        run.to_rest();
        assert_eq!(losses(&run), expected);
        assert_eq!(run.world().custody(RecordId(0), GroupId(0)), ends);
    }
}

#[test]
fn a_lost_request_is_no_hope() {
    for (loses, expected) in [(true, 1), (false, 0)] {
        let mut run = run(json!([{ "send": "mail" }]), json!([]));
        let asks = |run: &Run| run.trace().text().contains("effect_asked");
        while !asks(&run) {
            run.choose(Choice::Earliest).unwrap();
        }
        if loses {
            let lost = (0..9).find(|nth| run.choose(Choice::Lose(*nth)).is_ok());
            assert!(lost.is_some(), "{}", run.trace().text());
        }
        run.choose(Choice::Fault(Verb::Crash, ClientId(0))).unwrap();
        assert_eq!(losses(&run), expected);
        run.to_rest();
        assert_eq!(losses(&run), expected);
    }
}

#[test]
fn what_nobody_works_on_any_more_is_stuck() {
    for (freezes, expected) in [(true, 1), (false, 0)] {
        let mut run = run(json!([{ "send": "mail" }]), json!([]));
        run.choose(Choice::Earliest).unwrap();
        if freezes {
            run.choose(Choice::Fault(Verb::Freeze, ClientId(0)))
                .unwrap();
        }
        run.to_rest();
        let (world, trace) = (run.world(), run.trace());
        let by_state = is_stuck(world, RecordId(0), GroupId(0), world.at_rest());
        let by_trace = stuck(trace, world.at_rest()).len();
        assert_eq!(
            (by_state, by_trace),
            (expected > 0, expected),
            "{}",
            trace.text()
        );
    }
}
