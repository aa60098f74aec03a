//! Cases from the field.

use crate::table::{Table, filter, kept, publish, v3, v5};
use systems::mqtt::{Connect, Qos, Reply, Settings};

/// Two workers share a subscription, `c2` with this CONNECT; it leaves at 10 and comes back at 60.
/// What each gets, and whether `c2` found its session.
fn run(c2: fn() -> Connect) -> (Vec<String>, Vec<String>, bool) {
    let mut table = Table::new(Settings::default());
    let c1 = table.connect(v3("c1"));
    table.subscribe(c1, filter("$share/g/jobs", Qos::AtLeastOnce));
    let second = table.connect(c2());
    table.subscribe(second, filter("$share/g/jobs", Qos::AtLeastOnce));
    table.pass(10_000);
    table.disconnect(second);
    table.pass(10_000);
    let p = table.connect(v3("p"));
    for number in 1..=6 {
        let job = publish("jobs", &format!("j{number}"), Qos::AtLeastOnce, number);
        table.publish(p, job);
        table.pass(1_000);
    }
    table.pass(34_000);
    let first = table.payloads(c1);
    let second = table.connect(c2());
    let replies = table.take(second);
    let is_present = matches!(&replies[0], Reply::Connack(connack) if connack.session_present);
    let jobs = replies.iter().filter_map(|reply| match reply {
        Reply::Publish(publish) => Some(publish.payload.to_string()),
        _ => None,
    });
    (first, jobs.collect(), is_present)
}

/// From the field: a worker that is gone for good still gets its share, as long as its session lives.
#[test]
fn an_offline_member_keeps_its_share() {
    let (first, second, is_present) = run(|| kept("c2"));
    assert_eq!(first, ["j1", "j3", "j5"]);
    assert_eq!(
        (second, is_present),
        (vec!["j2".into(), "j4".into(), "j6".into()], true)
    );
}

/// The remedy: workers whose sessions end with their connections.
#[test]
fn a_clean_member_leaves_its_share_to_the_others() {
    let (first, second, is_present) = run(|| v3("c2"));
    assert_eq!(first, ["j1", "j2", "j3", "j4", "j5", "j6"]);
    assert_eq!((second.len(), is_present), (0, false));
}

/// A worker whose session ends half a minute after its connection comes back too late: three jobs are
/// lost with the session.
#[test]
fn a_member_that_returns_after_its_session_loses_its_share() {
    let brief = || Connect {
        clean_start: false,
        session_expiry_interval: Some(30),
        ..v5("c2")
    };
    let (first, second, is_present) = run(brief);
    assert_eq!(first, ["j1", "j3", "j5"]);
    assert_eq!((second.len(), is_present), (0, false));
}
