//! Every schedule.

use super::{cast, orders, with};
use engine::{Cast, Run, Trace};
use schedule::{Exploration, Report, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;

pub fn explored(told: Value) -> (Arc<Cast>, Report) {
    let cast = cast(told);
    let mut search = Exploration::new(Arc::clone(&cast));
    while !search.advance(100_000).ended {}
    let report = search.report();
    assert!(report.complete, "{:?}", report.reached);
    (cast, report)
}

pub fn verdicts(report: &Report) -> Vec<Verdict> {
    report.judged.iter().map(|judged| judged.verdict).collect()
}

/// Every finding replays to a run whose text reads back.
pub fn replays(cast: &Arc<Cast>, report: &Report) {
    for finding in report.judged.iter().filter_map(|one| one.finding.as_ref()) {
        let path = finding.path.to_string().parse().expect("it is a path");
        let run = Run::replay(Arc::clone(cast), &path).expect("every choice can be made");
        let read = Trace::read(&run.trace().text(), Arc::clone(cast));
        assert_eq!(read.as_ref(), Ok(run.trace()), "{}", finding.sentence);
    }
}

#[test]
fn without_a_fault_everything_holds() {
    let (_, report) = explored(with(orders("sqs"), json!({ "explore": { "crashes": 0 } })));
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Holds]);
}

#[test]
fn one_crash_mails_twice_and_loses_nothing() {
    let told = with(orders("sqs"), json!({ "explore": { "crashes": 1 } }));
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    let finding = report.judged[1].finding.as_ref().expect("it is found");
    assert!(
        finding
            .sentence
            .contains("crashes after the mail for ord_1"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}

#[test]
fn a_delete_before_the_work_loses_and_never_doubles() {
    let mut told = with(orders("sqs"), json!({ "explore": { "crashes": 1 } }));
    told["consumers"][0]["commit"] = json!("before");
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Violated, Verdict::Holds]);
    let finding = report.judged[0].finding.as_ref().expect("it is found");
    assert!(
        finding.sentence.contains("is deleted and never mailed"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}

/// Nobody crashes; but a worker may be slower than its messages are hidden.
#[test]
fn a_slow_worker_mails_twice_without_a_crash() {
    let mut told = with(orders("sqs"), json!({ "explore": { "early_timeouts": 1 } }));
    let mut second = told["consumers"][0].clone();
    second["name"] = json!("email-2");
    told["consumers"] = json!([told["consumers"][0], second]);
    told["topics"][0]["records"] = json!([{ "value": "ord_1" }]);
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    let finding = report.judged[1].finding.as_ref().expect("it is found");
    assert!(
        finding
            .sentence
            .contains("the visibility time-out of ord_1 ends while"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}

#[test]
fn a_table_that_remembers_makes_it_once_again() {
    let mut told = with(
        orders("sqs"),
        json!({ "tables": [{ "name": "sent" }], "explore": { "crashes": 1 } }),
    );
    told["topics"][0]["records"] = json!([{ "value": "ord_1" }, { "value": "ord_2" }]);
    told["consumers"][0]["handler"] =
        json!([{ "skip_if_in": "sent" }, { "send": "mail" }, { "insert_into": "sent" }]);
    let (_, report) = explored(told);
    // Between the mail and its row a crash still mails twice, on a queue as on a log.
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
}

/// With times a lease of 30 seconds ends in the middle of 40 seconds of work. A heartbeat keeps it, if it
/// comes before that.
#[test]
fn with_times_a_heartbeat_keeps_the_lease_if_it_comes_in_time() {
    let once = |heartbeat: u32| {
        let worker = json!({ "MaxNumberOfMessages": 1, "heartbeat.seconds": heartbeat });
        let redrive = json!({
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 3
        });
        let mut told = with(
            orders("sqs"),
            json!({
                "on": { "sqs": {
                    "queues": { "email": { "RedrivePolicy": redrive }, "dead": {} },
                    "workers": { "email-1": worker, "email-2": worker }
                } },
                "services": [{ "name": "mail", "noun": "mail", "done": "mailed", "latency_ms": 40_000 }],
                "explore": { "crashes": 0, "jitter_ms": 1_000 }
            }),
        );
        let mut second = told["consumers"][0].clone();
        second["name"] = json!("email-2");
        told["consumers"] = json!([told["consumers"][0], second]);
        told["topics"][0]["records"] = json!([{ "value": "ord_1" }]);
        let (cast, report) = explored(told);
        replays(&cast, &report);
        verdicts(&report)[1]
    };
    assert_eq!(
        [0, 20, 35].map(once),
        [Verdict::Violated, Verdict::Holds, Verdict::Violated]
    );
}
