//! Runs, with the values that a real client and broker give.

use super::{Kafka, STRATEGIES, cast, everybody, mails, strategy, told};
use engine::{ConsumerId, Outcome, Run, anomaly};
use serde_json::{Value, json};
use systems::kafka::fact::Thrown;
use systems::kafka::group::MemberId;
use systems::kafka::{Error, Offset};

fn ran(scene: Value) -> Run {
    let mut run = Run::new(cast(scene));
    assert_eq!(run.to_rest(), Outcome::AtRest);
    run
}

fn is(consumer: ConsumerId, nth: u8) -> bool {
    consumer == ConsumerId(nth)
}

fn doubled(run: &Run) -> usize {
    anomaly::duplicated(run.trace()).len()
}

/// How many generations the group has had.
fn generations(run: &Run) -> usize {
    let told = told(run);
    let formed = told.iter();
    formed
        .filter(|(_, fact)| matches!(fact, Kafka::GenerationFormed { .. }))
        .count()
}

/// Field case "handler slower than max.poll.interval.ms": one partition, four records; the first member polls
/// two and works for 8 s, with an interval of 5 s.
fn slow() -> Value {
    let mut scene = mails(2, 1);
    let record = |at: u16| json!({ "value": format!("ord_{at}") });
    scene["topics"][0]["records"] = (0..4).map(record).collect();
    let interval = json!(5_000);
    scene = everybody(scene, "/config/max.poll.interval.ms", &interval);
    scene = everybody(scene, "/config/max.poll.records", &json!(2));
    scene = everybody(scene, "/config/heartbeat.interval.ms", &json!(1_000));
    scene["consumers"][0]["handler"] = json!([{ "send": "lookup" }, { "send": "mail" }]);
    scene
}

#[test]
fn a_program_slower_than_its_poll_interval_is_doubled_without_a_crash() {
    let run = ran(slow());
    let told = told(&run);
    let at = |wanted: &dyn Fn(&Kafka) -> bool| {
        let found = told.iter().position(|(_, fact)| wanted(fact));
        found.expect("it happens")
    };
    let polled = at(
        &|fact| matches!(fact, Kafka::Polled { consumer, first: Offset(0), .. } if is(*consumer, 0)),
    );
    let passed =
        at(&|fact| matches!(fact, Kafka::PollIntervalPassed { consumer } if is(*consumer, 0)));
    assert_eq!(told[passed].0, told[polled].0 + 5_000);
    let left = at(&|fact| {
        matches!(
            fact,
            Kafka::LeftGroup {
                member: MemberId { client: 0, .. },
                ..
            }
        )
    });
    let again = at(
        &|fact| matches!(fact, Kafka::Polled { consumer, first: Offset(0), .. } if is(*consumer, 1)),
    );
    let committed = at(
        &|fact| matches!(fact, Kafka::Committed { consumer, offset: Offset(4), .. } if is(*consumer, 1)),
    );
    let failed = at(
        &|fact| matches!(fact, Kafka::CommitFailed { consumer, thrown: Thrown::CommitFailed } if is(*consumer, 0)),
    );
    let lost = at(&|fact| matches!(fact, Kafka::Lost { consumer, .. } if is(*consumer, 0)));
    let order = [polled, passed, left, again, committed, failed, lost];
    assert!(order.is_sorted(), "{order:?}");
    // Its heartbeats were fine: no session ended.
    let ended = |fact: &Kafka| matches!(fact, Kafka::SessionExpired { .. });
    assert!(!told.iter().any(|(_, fact)| ended(fact)));
    // Nothing was sent that the broker refused.
    assert!(
        !told
            .iter()
            .any(|(_, fact)| matches!(fact, Kafka::CommitRefused { .. }))
    );
    assert_eq!(doubled(&run), 2);
    assert_eq!(
        run.world()
            .committed(systems::kafka::GroupId(0), partition(0)),
        Some(4)
    );
}

fn partition(index: u16) -> systems::kafka::Partition {
    systems::kafka::Partition {
        topic: systems::kafka::TopicId(0),
        index,
    }
}

#[test]
fn alone_and_too_slow_it_reads_the_same_records_for_ever() {
    let mut scene = slow();
    scene["consumers"].as_array_mut().expect("a list").pop();
    scene["bounds"] = json!({ "time_ms": 60_000 });
    let mut run = Run::new(cast(scene));
    assert_ne!(run.to_rest(), Outcome::AtRest);
    let told = told(&run);
    let begins = |fact: &Kafka| {
        matches!(
            fact,
            Kafka::Polled {
                first: Offset(0),
                ..
            }
        )
    };
    let rounds = told.iter().filter(|(_, fact)| begins(fact)).count();
    assert!(rounds >= 4, "{rounds}");
    let commits = |fact: &Kafka| matches!(fact, Kafka::Committed { .. });
    assert!(!told.iter().any(|(_, fact)| commits(fact)));
}

#[test]
fn a_program_that_is_fast_enough_stays() {
    let run = ran(everybody(
        slow(),
        "/config/max.poll.interval.ms",
        &json!(9_000),
    ));
    let told = told(&run);
    let passed = |fact: &Kafka| matches!(fact, Kafka::PollIntervalPassed { .. });
    assert!(!told.iter().any(|(_, fact)| passed(fact)));
    assert_eq!(doubled(&run), 0);
}

#[test]
fn a_wait_before_another_attempt_counts_too() {
    let mut scene = slow();
    scene["consumers"][0]["handler"] =
        json!([{ "fail_first": { "records": ["ord_0"], "tries": 1 } }, { "send": "mail" }]);
    scene["consumers"][0]["retry"] = json!({ "attempts": 3, "delay_ms": 6_000 });
    let run = ran(scene);
    let told = told(&run);
    let passed = |fact: &Kafka| matches!(fact, Kafka::PollIntervalPassed { .. });
    assert_eq!(told.iter().filter(|(_, fact)| passed(fact)).count(), 1);
    assert_eq!(doubled(&run), 2);
}

#[test]
fn a_static_member_that_is_too_slow_stops_its_heartbeats_and_does_not_leave() {
    let mut scene = slow();
    for at in 0..2 {
        scene["consumers"][at]["config"]["group.instance.id"] = json!(format!("mailer-{at}"));
        scene["consumers"][at]["config"]["session.timeout.ms"] = json!(6_000);
    }
    // It is at work for longer than its session lasts from then on.
    scene["services"][1]["latency_ms"] = json!(10_000);
    let run = ran(scene);
    let told = told(&run);
    let when = |wanted: &dyn Fn(&Kafka) -> bool| {
        let mut all = told.iter();
        all.find(|(_, fact)| wanted(fact)).map(|(at, _)| *at)
    };
    let passed = when(&|fact| matches!(fact, Kafka::PollIntervalPassed { .. }));
    let ended = when(&|fact| matches!(fact, Kafka::SessionExpired { .. }));
    assert_eq!(when(&|fact| matches!(fact, Kafka::LeftGroup { .. })), None);
    let (passed, ended) = (passed.expect("it passes"), ended.expect("it ends"));
    assert!(
        ended > passed && ended <= passed + 6_000,
        "{passed} {ended}"
    );
    assert!(doubled(&run) >= 2);
}

#[test]
fn a_frozen_member_is_a_zombie_when_it_thaws_and_is_told_so() {
    let mut scene = mails(2, 1);
    scene["faults"] = json!([
        { "do": "freeze", "to": "email-1", "when": { "before": { "step": "commit", "nth": 1 } } },
        { "do": "thaw", "to": "email-1", "when": { "after_ms": 60_000 } }
    ]);
    let run = ran(scene);
    let told = told(&run);
    let refused = Error::UnknownMemberId;
    let is_it = |fact: &Kafka| matches!(fact, Kafka::CommitRefused { consumer, error, .. } if is(*consumer, 0) && *error == refused);
    let refused = told
        .iter()
        .position(|(_, fact)| is_it(fact))
        .expect("it is refused");
    let lost = told[refused..].iter();
    let mut lost =
        lost.filter(|(_, fact)| matches!(fact, Kafka::Lost { consumer, .. } if is(*consumer, 0)));
    assert!(lost.next().is_some(), "its partition was taken away");
    assert_eq!(doubled(&run), 1);
    assert_eq!(
        run.world()
            .group(systems::kafka::GroupId(0))
            .expect("a group")
            .members()
            .len(),
        2
    );
}

/// A third member joins two that have read everything and committed nothing.
fn late(strategy_is: &str) -> Run {
    let mut scene = strategy(mails(3, 3), strategy_is);
    scene = everybody(scene, "/commit", &json!("handler"));
    scene["consumers"][2]["start_ms"] = json!(20_000);
    ran(scene)
}

/// With an eager assignor everybody gives everything back, and what is not committed is read again, by whoever gets
/// it. With the cooperative one that is so only for the partition that moves.
#[test]
fn a_member_that_joins_late_doubles_what_is_not_committed() {
    let mut all = Vec::new();
    for name in STRATEGIES {
        let run = late(name);
        let told = told(&run);
        let revoked = told.iter().filter_map(|(_, fact)| match fact {
            Kafka::Revoked { partitions, .. } => Some(partitions.len()),
            _ => None,
        });
        let owners = run
            .world()
            .group(systems::kafka::GroupId(0))
            .expect("a group");
        let owned: Vec<usize> = owners
            .members()
            .iter()
            .map(|one| one.assignment.len())
            .collect();
        assert_eq!(owned, [1, 1, 1], "{name}");
        all.push((
            name,
            doubled(&run),
            revoked.sum::<usize>(),
            generations(&run),
        ));
    }
    let expected = [
        ("range", 3, 3, 2),
        ("roundrobin", 3, 3, 2),
        ("sticky", 3, 3, 2),
        ("cooperative-sticky", 1, 1, 3),
    ];
    assert_eq!(all, expected, "doubled, given back, generations");
}

/// Who keeps its partition reads it again under the eager sticky assignor, and not under the cooperative one.
#[test]
fn who_keeps_its_partition_is_unaffected_only_in_a_cooperative_rebalance() {
    let reads = |name: &str| {
        let run = late(name);
        // Of two members with three partitions, the second has one, and keeps it.
        let own = run
            .world()
            .group(systems::kafka::GroupId(0))
            .expect("a group");
        let own = own.members()[1].assignment[0];
        let told = told(&run);
        let reads = told.iter().filter(|(_, fact)| {
            matches!(fact, Kafka::Polled { consumer, partition, .. } if is(*consumer, 1) && *partition == own)
        });
        reads.count()
    };
    assert_eq!(reads("sticky"), 2);
    assert_eq!(reads("cooperative-sticky"), 1);
}

#[test]
fn who_finds_no_partition_is_idle_until_somebody_dies() {
    for name in STRATEGIES {
        let mut scene = strategy(mails(3, 2), name);
        scene["faults"] =
            json!([{ "do": "crash", "to": "email-1", "when": { "after_ms": 20_000 } }]);
        let run = ran(scene);
        let told = told(&run);
        let given = told.iter().filter_map(|(_, fact)| match fact {
            Kafka::Assigned {
                consumer,
                partitions,
                ..
            } if is(*consumer, 2) => Some(partitions.len()),
            _ => None,
        });
        let given: Vec<usize> = given.collect();
        assert_eq!(given.first(), Some(&0), "{name}: {given:?}");
        assert_eq!(given.last(), Some(&1), "{name}: {given:?}");
        assert_eq!(doubled(&run), 0, "{name}");
    }
}

/// A member crashes at rest and is started again after 2 s.
fn restarted(instances: bool, name: &str) -> Run {
    let mut scene = strategy(mails(2, 2), name);
    if instances {
        for at in 0..2 {
            scene["consumers"][at]["config"]["group.instance.id"] = json!(format!("mailer-{at}"));
        }
    }
    scene["consumers"][0]["restart_ms"] = json!(2_000);
    scene["faults"] = json!([{ "do": "crash", "to": "email-1", "when": { "after_ms": 20_000 } }]);
    ran(scene)
}

#[test]
fn a_restart_of_a_static_member_moves_nothing() {
    for name in STRATEGIES {
        let run = restarted(true, name);
        assert_eq!(generations(&run), 1, "{name}");
        let told = told(&run);
        let revoked = told
            .iter()
            .any(|(_, fact)| matches!(fact, Kafka::Revoked { .. }));
        assert!(!revoked, "{name}");
        let given = told.iter().filter_map(|(at, fact)| match fact {
            Kafka::Assigned {
                consumer,
                partitions,
                ..
            } if is(*consumer, 0) => Some((*at, partitions.clone())),
            _ => None,
        });
        let given: Vec<_> = given.collect();
        assert_eq!(given.len(), 2, "{name}");
        assert_eq!(given[0].1, given[1].1, "{name}");
        assert!(given[1].0 < 23_000, "{name}: it waits for no session");
        // Without an instance, the others rebalance, and it waits until the old session ends.
        assert!(generations(&restarted(false, name)) > 1, "{name}");
    }
}
