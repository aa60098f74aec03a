//! CONNECT, malformed packets and what the tools print.

use crate::table::{Table, filter, kept, publish, v3, v5};
use systems::mqtt::{Connect, Qos, ReasonCode, Reply, Request, Settings, Version, tools};

fn connack(replies: &[Reply]) -> &systems::mqtt::Connack {
    match &replies[0] {
        Reply::Connack(connack) => connack,
        other => panic!("no CONNACK: {other:?}"),
    }
}

#[test]
fn connect_comes_first_and_once() {
    let mut table = Table::new(Settings::default());
    let stranger = table.dial("stranger");
    assert_eq!(table.ask(stranger, Request::Pingreq), [Reply::Closed]);
    let me = table.connect(v5("me"));
    table.take(me);
    assert_eq!(table.ask(me, Request::Pingreq), [Reply::Pingresp]);
    let again = table.ask(me, Request::Connect(Box::new(v5("me"))));
    let reason = ReasonCode::ProtocolError;
    assert_eq!(again, [Reply::Disconnect { reason }, Reply::Closed]);
    let zero = table.dial("zero");
    let connect = Connect {
        receive_maximum: Some(0),
        ..v5("zero")
    };
    let refused = table.ask(zero, Request::Connect(Box::new(connect)));
    assert_eq!(refused, [Reply::Closed]);
}

#[test]
fn the_broker_chooses_client_ids() {
    let mut table = Table::new(Settings::default());
    let (one, other, old, kept_one) = (
        table.dial("one"),
        table.dial("other"),
        table.dial("old"),
        table.dial("kept"),
    );
    let ask = |table: &mut Table, caller, connect: Connect| {
        table.ask(caller, Request::Connect(Box::new(connect)))
    };
    let first = ask(&mut table, one, v5(""));
    let second = ask(&mut table, other, v5(""));
    let first = connack(&first).assigned_client_id.clone().expect("an id");
    let second = connack(&second).assigned_client_id.clone().expect("an id");
    assert!(first.starts_with("auto-") && first.len() == 41 && first != second);
    assert!(table.broker.session(&first).is_some());
    let old = ask(&mut table, old, v3(""));
    assert_eq!((connack(&old).reason.code(), old.len()), (0, 1));
    assert_eq!(connack(&old).assigned_client_id, None);
    let refused = ask(&mut table, kept_one, kept(""));
    assert_eq!(connack(&refused).reason.return_code(), 2);
    assert_eq!(refused[1], Reply::Closed);
}

#[test]
fn a_keep_alive_has_a_maximum() {
    let mut table = Table::new(Settings {
        max_keepalive: 60,
        ..Settings::default()
    });
    let long = |connect: Connect| Connect {
        keep_alive: 100,
        ..connect
    };
    let new = table.connect(long(v5("new")));
    let replies = table.take(new);
    assert_eq!(connack(&replies).server_keep_alive, Some(60));
    table.pass(90_000);
    assert!(table.take(new).contains(&Reply::Closed));
    let old = table.connect(long(v3("old")));
    let replies = table.take(old);
    assert_eq!(connack(&replies).reason.return_code(), 2);
}

#[test]
fn a_silent_client_is_given_up() {
    let mut table = Table::new(Settings::default());
    let connect = |name, version| Connect {
        keep_alive: 10,
        version,
        ..v3(name)
    };
    let new = table.connect(connect("new", Version::V5));
    let old = table.connect(connect("old", Version::V311));
    table.pass(10_000);
    table.send(new, Request::Pingreq);
    table.take(new);
    table.take(old);
    table.pass(4_999);
    assert_eq!(table.take(old), []);
    table.pass(1);
    assert_eq!(table.take(old), [Reply::Closed]);
    table.pass(10_000);
    let reason = ReasonCode::KeepAliveTimeout;
    assert_eq!(
        table.take(new),
        [Reply::Disconnect { reason }, Reply::Closed]
    );
}

#[test]
fn a_bad_publish_closes_the_connection() {
    let settings = Settings {
        max_qos: 1,
        retain_available: false,
        ..Settings::default()
    };
    let mut retained = publish("t", "x", Qos::AtMostOnce, 0);
    retained.retain = true;
    let mut dup = publish("t", "x", Qos::AtMostOnce, 0);
    dup.dup = true;
    let mut nameless = publish("t", "x", Qos::AtLeastOnce, 1);
    nameless.packet_id = None;
    let bad = [
        (
            publish("a/+", "x", Qos::AtMostOnce, 0),
            ReasonCode::MalformedPacket,
        ),
        (
            publish("", "x", Qos::AtMostOnce, 0),
            ReasonCode::MalformedPacket,
        ),
        (
            publish("t", "x", Qos::ExactlyOnce, 1),
            ReasonCode::QosNotSupported,
        ),
        (
            publish("t", "x", Qos::AtLeastOnce, 0),
            ReasonCode::ProtocolError,
        ),
        (nameless, ReasonCode::ProtocolError),
        (retained, ReasonCode::RetainNotSupported),
        (dup, ReasonCode::MalformedPacket),
    ];
    for (packet, reason) in bad {
        let mut table = Table::new(settings.clone());
        let (new, old) = (table.connect(v5("new")), table.connect(v3("old")));
        table.take(new);
        table.take(old);
        let told = table.publish(new, packet.clone());
        assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
        assert_eq!(table.publish(old, packet), [Reply::Closed]);
        assert!(table.broker.sessions().is_empty());
    }
}

#[test]
fn a_topic_with_too_many_levels_closes_the_connection() {
    let mut table = Table::new(Settings::default());
    let me = table.connect(v3("me"));
    table.take(me);
    let deep = "/".repeat(200);
    assert_eq!(
        table.publish(me, publish(&deep, "x", Qos::AtMostOnce, 0)),
        []
    );
    let deeper = "/".repeat(201);
    let told = table.publish(me, publish(&deeper, "x", Qos::AtMostOnce, 0));
    assert_eq!(told, [Reply::Closed]);
}

#[test]
fn a_topic_alias_stands_for_its_topic() {
    let mut table = Table::new(Settings::default());
    let (me, sub) = (table.connect(v5("me")), table.connect(v3("sub")));
    table.subscribe(sub, filter("#", Qos::AtMostOnce));
    let aliased = |topic: &str, payload: &str, alias| {
        let mut packet = publish(topic, payload, Qos::AtMostOnce, 0);
        packet.topic_alias = Some(alias);
        packet
    };
    table.send(me, Request::Publish(aliased("a", "1", 3)));
    table.send(me, Request::Publish(aliased("", "2", 3)));
    table.send(me, Request::Publish(aliased("b", "3", 3)));
    table.send(me, Request::Publish(aliased("", "4", 3)));
    let came = table.deliveries(sub);
    let topics: Vec<&str> = came.iter().map(|one| &*one.topic).collect();
    assert_eq!(topics, ["a", "a", "b", "b"]);
    assert!(came.iter().all(|one| one.topic_alias.is_none()));
    for (packet, reason) in [
        (aliased("", "x", 4), ReasonCode::ProtocolError),
        (aliased("a", "x", 0), ReasonCode::TopicAliasInvalid),
        (aliased("a", "x", 11), ReasonCode::TopicAliasInvalid),
    ] {
        let me = table.connect(v5("me"));
        table.take(me);
        let told = table.publish(me, packet);
        assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
    }
}

#[test]
fn mosquitto_sub_prints_topic_and_payload() {
    let line = tools::mosquitto_sub(&publish("a/b", "21 °C", Qos::AtMostOnce, 0));
    assert_eq!(line, "a/b 21 °C");
    let line = tools::mosquitto_sub(&publish("a/b", "", Qos::AtMostOnce, 0));
    assert_eq!(line, "a/b (null)");
}

#[test]
fn sys_topics_count_what_is_there() {
    let mut table = Table::new(Settings::default());
    let (a, b) = (table.connect(v3("a")), table.connect(kept("b")));
    table.subscribe(a, filter("t", Qos::AtLeastOnce));
    table.subscribe(b, filter("$share/g/t", Qos::AtLeastOnce));
    let mut kept = publish("t", "x", Qos::AtLeastOnce, 1);
    kept.retain = true;
    table.publish(a, kept);
    table.disconnect(b);
    assert_eq!(
        tools::sys(&table.broker),
        "$SYS/broker/clients/total 2\n$SYS/broker/clients/connected 1\n\
         $SYS/broker/clients/disconnected 1\n$SYS/broker/clients/inactive 1\n\
         $SYS/broker/clients/active 1\n$SYS/broker/messages/inflight 2\n\
         $SYS/broker/subscriptions/count 2\n$SYS/broker/retained messages/count 1\n"
    );
}
