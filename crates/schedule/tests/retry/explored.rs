//! Every schedule of each.

use super::{cast, dead_letters, pictures, retrying};
use engine::{Run, Trace};
use schedule::{Exploration, Report, Verdict};
use serde_json::{Value, json};
use std::sync::Arc;

/// What every schedule comes to.
fn explored(told: Value) -> Report {
    let report = searched(told);
    assert!(report.complete, "{:?}", report.reached);
    report
}

/// Two pictures are enough: the poison, and one behind it.
fn searched(mut told: Value) -> Report {
    told["channels"][0]["records"] = json!([{ "value": "img_2" }, { "value": "img_3" }]);
    let cast = cast(told);
    let mut search = Exploration::new(Arc::clone(&cast));
    while !search.advance(100_000).ended {}
    let report = search.report();
    for finding in report.judged.iter().filter_map(|one| one.finding.as_ref()) {
        let path = finding.path.to_string().parse().expect("it is a path");
        let run = Run::replay(Arc::clone(&cast), &path).expect("every choice can be made");
        let read = Trace::read(&run.trace().text(), Arc::clone(&cast));
        assert_eq!(read.as_ref(), Ok(run.trace()), "{}", finding.sentence);
    }
    report
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.judged.iter().map(|judged| judged.verdict).collect()
}

/// One crash at any place: nothing is lost, and every picture is handled or set aside in the end.
#[test]
fn what_is_set_aside_keeps_both_promises() {
    for system in ["kafka", "sqs", "rabbitmq"] {
        let retry = json!({ "attempts": 3, "delay_ms": 1000 });
        let mut told = retrying(pictures(system, dead_letters()), retry);
        told["consumers"][0]["restart_ms"] = json!(1000);
        told["explore"] = json!({ "crashes": 1 });
        let report = explored(told);
        assert_eq!(
            verdicts(&report),
            [Verdict::Holds; 2],
            "{system}: {report:#?}"
        );
    }
}

/// Without an end of attempts nothing is lost, and the poison is never handled, nor what is behind it.
#[test]
fn a_retry_without_an_end_keeps_one() {
    let mut told = retrying(pictures("kafka", json!({})), json!({}));
    told["explore"] = json!({ "crashes": 0 });
    let expected = [Verdict::Holds, Verdict::Violated];
    assert_eq!(verdicts(&explored(told)), expected);
}

/// Queues count without an end how often a message was handed out, where no limit ends it, and no state comes
/// again: a search ends at its bound and says so.
#[test]
fn deliveries_without_an_end_are_not_explored_to_one() {
    for system in ["sqs", "rabbitmq"] {
        let mut told = retrying(pictures(system, json!({})), json!({}));
        told["explore"] = json!({ "crashes": 0 });
        let report = searched(told);
        assert!(!report.complete, "{system}: {report:#?}");
        assert_eq!(verdicts(&report), [Verdict::Unknown; 2], "{system}");
    }
}

#[test]
fn a_program_that_skips_breaks_both() {
    let on = json!({ "kafka": { "consumers": { "worker-1": { "failure": "skip" } } } });
    let mut told = pictures("kafka", on);
    told["explore"] = json!({ "crashes": 0 });
    assert_eq!(verdicts(&explored(told)), [Verdict::Violated; 2]);
}
