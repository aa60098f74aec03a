//! Sessions: found again, taken over, ended.

use crate::table::{Table, filter, kept, publish, v3, v5};
use systems::mqtt::{Connect, Qos, ReasonCode, Reply, Request, Settings, Will};

fn present(replies: &[Reply]) -> bool {
    let is = |reply: &Reply| matches!(reply, Reply::Connack(connack) if connack.session_present);
    replies.iter().any(is)
}

fn will(payload: &str) -> Option<Will> {
    Some(Will {
        topic: "will".into(),
        payload: payload.into(),
        qos: Qos::AtMostOnce,
        retain: false,
        delay_interval: 0,
        message_expiry_interval: None,
        properties: Default::default(),
        record: None,
    })
}

#[test]
fn a_takeover_closes_the_older_connection() {
    let mut table = Table::new(Settings::default());
    let watcher = table.connect(v3("watcher"));
    table.subscribe(watcher, filter("will", Qos::AtMostOnce));
    for connect in [v3("a"), v5("b")] {
        let connect = Connect {
            will: will(&connect.client_id),
            ..connect
        };
        let is_v5 = &*connect.client_id == "b";
        let old = table.connect(connect.clone());
        table.take(old);
        let new = table.connect(connect.clone());
        let reason = ReasonCode::SessionTakenOver;
        let told = table.take(old);
        match is_v5 {
            true => assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]),
            false => assert_eq!(told, [Reply::Closed]),
        }
        assert_eq!(table.payloads(watcher), [&*connect.client_id]);
        // The old connection is nobody's now.
        table.lose(old);
        assert!(table.broker.session(&connect.client_id).is_some());
        assert!(!present(&table.take(new)));
    }
    // The session goes on, so nobody is gone.
    let connect = || Connect {
        will: will("c"),
        ..kept("c")
    };
    table.connect(connect());
    let new = table.connect(connect());
    assert!(present(&table.take(new)));
    assert_eq!(table.payloads(watcher), [""; 0]);
}

#[test]
fn a_session_that_ends_cannot_be_prolonged() {
    let mut table = Table::new(Settings::default());
    let leave = |interval| Request::Disconnect {
        reason: ReasonCode::Success,
        session_expiry_interval: Some(interval),
    };
    let s = table.connect(v5("s"));
    table.take(s);
    let reason = ReasonCode::ProtocolError;
    let told = table.ask(s, leave(5));
    assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
    let connect = || Connect {
        session_expiry_interval: Some(100),
        clean_start: false,
        ..v5("s")
    };
    let s = table.connect(connect());
    table.send(s, leave(5));
    table.pass(4_999);
    let s = table.connect(connect());
    assert!(present(&table.take(s)));
    table.send(s, leave(5));
    table.pass(5_000);
    let s = table.connect(connect());
    assert!(!present(&table.take(s)));
    table.send(s, leave(0));
    assert!(table.broker.sessions().is_empty());
}

#[test]
fn a_setting_ends_persistent_sessions() {
    let settings = Settings {
        persistent_client_expiration: Some(60),
        ..Settings::default()
    };
    let mut table = Table::new(settings);
    let s = table.connect(kept("s"));
    table.subscribe(s, filter("t", Qos::AtLeastOnce));
    table.disconnect(s);
    table.pass(59_999);
    assert!(table.broker.session("s").is_some());
    table.pass(1);
    assert!(table.broker.session("s").is_none());
    assert_eq!(table.broker.subscriptions().count(), 0);
}

#[test]
fn versions_share_a_session() {
    let mut table = Table::new(Settings::default());
    let s = table.connect(kept("s"));
    table.subscribe(s, filter("t", Qos::AtLeastOnce));
    table.disconnect(s);
    let p = table.connect(v3("p"));
    table.publish(p, publish("t", "x", Qos::AtLeastOnce, 1));
    let connect = Connect {
        clean_start: false,
        ..v5("s")
    };
    let s = table.connect(connect);
    let replies = table.take(s);
    assert!(present(&replies) && replies.len() == 2);
    // MQTT 5 without an interval: this connection is the session's last.
    table.lose(s);
    assert!(table.broker.session("s").is_none());
}
