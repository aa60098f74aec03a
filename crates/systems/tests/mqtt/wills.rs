//! Wills.

use crate::table::{Table, filter, v3, v5};
use systems::mqtt::{Connect, Qos, Settings, Will};

fn connect(session: u32, delay: u32) -> Connect {
    Connect {
        will: Some(Will {
            topic: "will".into(),
            payload: "gone".into(),
            qos: Qos::AtLeastOnce,
            retain: false,
            delay_interval: delay,
            message_expiry_interval: None,
            properties: Default::default(),
            record: None,
        }),
        session_expiry_interval: Some(session),
        clean_start: false,
        ..v5("a")
    }
}

fn watched() -> (Table, systems::Caller) {
    let mut table = Table::new(Settings::default());
    let watcher = table.connect(v3("watcher"));
    table.subscribe(watcher, filter("will", Qos::AtMostOnce));
    (table, watcher)
}

#[test]
fn a_delayed_will_waits_for_the_client() {
    let (mut table, watcher) = watched();
    let a = table.connect(connect(100, 5));
    table.lose(a);
    table.pass(4_999);
    let a = table.connect(connect(100, 5));
    table.pass(60_000);
    assert_eq!(table.payloads(watcher), [""; 0]);
    table.lose(a);
    table.pass(4_999);
    assert_eq!(table.payloads(watcher), [""; 0]);
    table.pass(1);
    assert_eq!(table.payloads(watcher), ["gone"]);
    // The session ends before the delay is over.
    let a = table.connect(connect(3, 50));
    table.lose(a);
    table.pass(3_000);
    assert_eq!(table.payloads(watcher), ["gone"]);
    table.pass(60_000);
    assert_eq!(table.payloads(watcher), [""; 0]);
}

#[test]
fn a_delayed_will_outlives_a_session_that_ends() {
    let (mut table, watcher) = watched();
    let a = table.connect(connect(0, 5));
    table.lose(a);
    table.pass(4_999);
    assert_eq!(table.payloads(watcher), [""; 0]);
    table.pass(1);
    assert_eq!(table.payloads(watcher), ["gone"]);
    assert!(table.broker.session("a").is_none());
    let a = table.connect(connect(0, 5));
    table.lose(a);
    table.connect(connect(0, 5));
    table.pass(60_000);
    assert_eq!(table.payloads(watcher), [""; 0]);
}

#[test]
fn a_farewell_discards_the_will() {
    let (mut table, watcher) = watched();
    let a = table.connect(connect(0, 0));
    table.disconnect(a);
    assert_eq!(table.payloads(watcher), [""; 0]);
    let a = table.connect(connect(0, 0));
    table.lose(a);
    assert_eq!(table.payloads(watcher), ["gone"]);
}
