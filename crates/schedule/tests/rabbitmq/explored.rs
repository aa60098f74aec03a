//! Every schedule.

use super::{cast, consuming, orders, with};
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
    let told = with(orders(), json!({ "explore": { "crashes": 0 } }));
    let (_, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Holds]);
}

#[test]
fn one_crash_mails_twice_and_loses_nothing() {
    let told = with(orders(), json!({ "explore": { "crashes": 1 } }));
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    let finding = report.judged[1].finding.as_ref().expect("it is found");
    assert!(
        finding.sentence.contains("crashes after the mail for ord_"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}

#[test]
fn without_acknowledgements_a_crash_loses_and_never_doubles() {
    let mut told = with(orders(), json!({ "explore": { "crashes": 1 } }));
    told["consumers"][0]["commit"] = json!("automatic");
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Violated, Verdict::Holds]);
    let finding = report.judged[0].finding.as_ref().expect("it is found");
    assert!(
        finding
            .sentence
            .contains("is acknowledged and never mailed"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}

/// Nobody crashes; but a consumer may be slower than the broker waits.
#[test]
fn a_slow_consumer_mails_twice_without_a_crash() {
    let told = consuming(orders(), json!({ "prefetch_count": 1 }));
    let mut told = with(
        told,
        json!({ "explore": { "crashes": 0, "early_timeouts": 1 } }),
    );
    told["topics"][0]["records"] = json!([{ "value": "ord_1" }]);
    let (cast, report) = explored(told);
    assert_eq!(verdicts(&report), [Verdict::Holds, Verdict::Violated]);
    let finding = report.judged[1].finding.as_ref().expect("it is found");
    assert!(
        finding
            .sentence
            .contains("consumer_timeout passes while email-1 still works"),
        "{}",
        finding.sentence
    );
    replays(&cast, &report);
}
