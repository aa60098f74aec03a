//! Every schedule of groups: a crash, a freeze and a slow poll, at any place, under each assignor.

use super::{STRATEGIES, cast, mails, strategy};
use engine::{Run, Trace};
use schedule::{Exploration, Report};
use serde_json::{Value, json};
use std::sync::Arc;

/// What every schedule comes to; every finding is followed by a run.
fn explored(told: Value) -> Report {
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

fn verdicts(report: &Report) -> String {
    let all = report.judged.iter().map(|one| &one.verdict.word()[..2]);
    all.collect::<Vec<_>>().join(" ")
}

/// Groups, what of their promises holds (`ho`) and breaks (`vi`), and how many states and steps there are.
#[test]
fn groups_over_all_schedules() {
    let faults = [
        ("no fault", json!({ "crashes": 0 }), "ho ho ho ho"),
        ("a crash", json!({ "crashes": 1 }), "ho vi ho ho"),
        (
            "a freeze",
            json!({ "crashes": 0, "freezes": 1 }),
            "ho vi ho ho",
        ),
        (
            "a slow poll",
            json!({ "crashes": 0, "slow_polls": 1 }),
            "ho vi ho ho",
        ),
    ];
    let mut told = String::new();
    let mut tell = |name: &str, scene: Value, expected: &str| {
        let report = explored(scene);
        assert!(report.complete, "{name}: {}", report.sentence());
        told += &format!(
            "{name}: {} states, {} steps, {} deep\n  {}\n",
            report.states,
            report.steps,
            report.depth,
            report.sentence()
        );
        assert_eq!(verdicts(&report), expected, "{name}: {report:#?}");
    };
    for assignor in STRATEGIES {
        for (fault, budget, expected) in &faults {
            let mut scene = strategy(mails(2, 1), assignor);
            scene["explore"] = budget.clone();
            tell(
                &format!("two members, {assignor}, {fault}"),
                scene,
                expected,
            );
        }
    }
    let file = format!("{}/tests/groups/groups.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &told).expect("it can be written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        told, expected,
        "BLESS=1 rewrites {file}; review it as a diff"
    );
}
