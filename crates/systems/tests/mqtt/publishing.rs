//! Deliveries, windows, queues and acknowledgements.

use crate::table::{Table, filter, kept, publish, v3, v5};
use systems::mqtt::{
    Ack, Connect, Fact, Publish, Qos, ReasonCode, Release, Reply, Request, Settings,
};

fn send(table: &mut Table, from: systems::Caller, payloads: &[&str], qos: Qos) {
    for (number, payload) in payloads.iter().enumerate() {
        let packet = publish("t", payload, qos, number as u16 + 1);
        table.publish(from, packet);
    }
}

#[test]
fn nobody_subscribes() {
    let mut table = Table::new(Settings::default());
    let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
    table.take(old);
    table.take(new);
    let packet = publish("t", "x", Qos::AtLeastOnce, 5);
    let ack = Ack {
        reason: ReasonCode::NoMatchingSubscribers,
        ..Ack::of(5)
    };
    assert_eq!(table.publish(new, packet.clone()), [Reply::Puback(ack)]);
    assert_eq!(
        table.publish(old, packet.clone()),
        [Reply::Puback(Ack::of(5))]
    );
    let packet = publish("t", "x", Qos::ExactlyOnce, 6);
    assert_eq!(table.publish(new, packet), [Reply::Pubrec(Ack::of(6))]);
    let told = table.ask(new, Request::Pubrel(Ack::of(6)));
    assert_eq!(told, [Reply::Pubcomp(Ack::of(6))]);
}

#[test]
fn a_full_window_holds_messages_back() {
    let mut table = Table::new(Settings::default());
    let p = table.connect(v3("p"));
    let connect = Connect {
        receive_maximum: Some(2),
        ..v5("s")
    };
    let s = table.connect(connect);
    table.subscribe(s, filter("t", Qos::ExactlyOnce));
    send(&mut table, p, &["1", "2", "3", "4"], Qos::AtLeastOnce);
    send(&mut table, p, &["free"], Qos::AtMostOnce);
    let came = table.deliveries(s);
    let payloads: Vec<&str> = came.iter().map(|one| &*one.payload).collect();
    assert_eq!(payloads, ["1", "2", "free"]);
    table.puback(s, 77);
    assert_eq!(table.payloads(s), [""; 0]);
    // Out of order: what is freed is a place, not an order.
    table.puback(s, came[1].packet_id.expect("QoS 1"));
    assert_eq!(table.payloads(s), ["3"]);
    table.puback(s, came[0].packet_id.expect("QoS 1"));
    assert_eq!(table.payloads(s), ["4"]);
}

#[test]
fn a_place_is_free_only_after_pubcomp() {
    let mut table = Table::new(Settings {
        max_inflight_messages: 1,
        ..Settings::default()
    });
    let (p, s) = (table.connect(v3("p")), table.connect(v3("s")));
    table.subscribe(s, filter("t", Qos::ExactlyOnce));
    for (id, payload) in [(1, "1"), (2, "2")] {
        table.publish(p, publish("t", payload, Qos::ExactlyOnce, id));
        table.ask(p, Request::Pubrel(Ack::of(id)));
    }
    let id = table.deliveries(s)[0].packet_id.expect("QoS 2");
    let told = table.ask(s, Request::Pubrec(Ack::of(id)));
    assert_eq!(told, [Reply::Pubrel(Ack::of(id))]);
    table.send(s, Request::Pubcomp(Ack::of(id)));
    assert_eq!(table.payloads(s), ["2"]);
}

#[test]
fn a_full_queue_drops_the_newest() {
    let settings = Settings {
        max_inflight_messages: 2,
        max_queued_messages: 3,
        ..Settings::default()
    };
    let mut table = Table::new(settings);
    let (p, s) = (table.connect(v3("p")), table.connect(kept("s")));
    table.subscribe(s, filter("t", Qos::AtLeastOnce));
    table.disconnect(s);
    send(&mut table, p, &["1", "2", "3", "4", "5"], Qos::AtLeastOnce);
    let dropped = |table: &Table| {
        let is_full =
            |fact: &&Fact| matches!(fact, Fact::Dropped { why, .. } if &**why == "queue_full");
        table.facts.iter().filter(is_full).count()
    };
    assert_eq!(dropped(&table), 2);
    let s = table.connect(kept("s"));
    let mut came = Vec::new();
    loop {
        let new = table.deliveries(s);
        if new.is_empty() {
            break;
        }
        for one in new {
            came.push(one.payload.to_string());
            table.puback(s, one.packet_id.expect("QoS 1"));
        }
    }
    assert_eq!(came, ["1", "2", "3"]);
    // Connected, as many more may wait as the window is wide.
    send(
        &mut table,
        p,
        &["a", "b", "c", "d", "e", "f", "g", "h"],
        Qos::AtLeastOnce,
    );
    let session = table.broker.session("s").expect("a session");
    let outgoing = session.outgoing();
    assert_eq!(
        (outgoing.in_flight_count(), outgoing.queued_count()),
        (2, 5)
    );
    assert_eq!(dropped(&table), 3);
}

/// A subscriber with a window of 2 that acknowledges nothing, and eight messages for it.
fn behind_a_window(release: u8) -> (Table, systems::Caller) {
    let mut table = Table::new(Settings {
        release: Release(release),
        max_inflight_messages: 2,
        max_queued_messages: 3,
        ..Settings::default()
    });
    let (p, s) = (table.connect(v3("p")), table.connect(kept("s")));
    table.subscribe(s, filter("t", Qos::AtLeastOnce));
    let payloads = ["a", "b", "c", "d", "e", "f", "g", "h"];
    send(&mut table, p, &payloads, Qos::AtLeastOnce);
    (table, s)
}

#[test]
fn before_2_0_13_the_queue_counts_what_is_in_flight() {
    let waiting = |table: &Table| {
        let session = table.broker.session("s").expect("a session");
        session.outgoing().queued_count()
    };
    for (release, online, offline) in [(11, 3, 1), (13, 5, 3)] {
        let (table, _) = behind_a_window(release);
        assert_eq!(waiting(&table), online, "2.0.{release}");
        // Two are in flight when the client goes.
        let mut table = Table::new(table.broker.settings().clone());
        let (p, s) = (table.connect(v3("p")), table.connect(kept("s")));
        table.subscribe(s, filter("t", Qos::AtLeastOnce));
        send(&mut table, p, &["1", "2"], Qos::AtLeastOnce);
        table.lose(s);
        send(&mut table, p, &["3", "4", "5", "6"], Qos::AtLeastOnce);
        assert_eq!(waiting(&table), offline, "2.0.{release}");
    }
}

#[test]
fn before_2_0_13_an_acknowledgement_can_pass_the_window() {
    for (release, after_first, after_second) in [(11, ["c", "d"].as_slice(), 3), (13, &["c"], 2)] {
        let (mut table, s) = behind_a_window(release);
        let came = table.deliveries(s);
        table.puback(s, came[0].packet_id.expect("QoS 1"));
        assert_eq!(table.payloads(s), after_first, "2.0.{release}");
        table.puback(s, came[1].packet_id.expect("QoS 1"));
        let session = table.broker.session("s").expect("a session");
        assert_eq!(
            session.outgoing().in_flight_count(),
            after_second,
            "2.0.{release}"
        );
    }
}

#[test]
fn after_pubrec_only_the_release_is_repeated() {
    let mut table = Table::new(Settings::default());
    let (p, s) = (table.connect(v3("p")), table.connect(kept("s")));
    table.subscribe(s, filter("t", Qos::ExactlyOnce));
    for (id, payload) in [(1, "1"), (2, "2")] {
        table.publish(p, publish("t", payload, Qos::ExactlyOnce, id));
        table.ask(p, Request::Pubrel(Ack::of(id)));
    }
    let ids: Vec<u16> = table
        .deliveries(s)
        .iter()
        .filter_map(|one| one.packet_id)
        .collect();
    table.send(s, Request::Pubrec(Ack::of(ids[0])));
    table.lose(s);
    let s = table.connect(kept("s"));
    let came = table.take(s);
    let expected = Publish {
        dup: true,
        ..publish("t", "2", Qos::ExactlyOnce, ids[1])
    };
    assert_eq!(
        came[1..],
        [Reply::Pubrel(Ack::of(ids[0])), Reply::Publish(expected)]
    );
}

#[test]
fn a_wrong_acknowledgement_closes_the_connection() {
    for wrong in [Request::Puback as fn(Ack) -> Request, Request::Pubcomp] {
        let mut table = Table::new(Settings::default());
        let s = table.connect(v5("s"));
        table.subscribe(s, filter("t", Qos::ExactlyOnce));
        table.publish(s, publish("t", "x", Qos::ExactlyOnce, 1));
        table.send(s, Request::Pubrel(Ack::of(1)));
        let id = table.deliveries(s)[0].packet_id.expect("QoS 2");
        let reason = ReasonCode::ProtocolError;
        let told = table.ask(s, wrong(Ack::of(id)));
        assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
    }
    let mut table = Table::new(Settings::default());
    let s = table.connect(v5("s"));
    table.take(s);
    assert_eq!(table.ask(s, Request::Puback(Ack::of(4))), []);
    assert_eq!(table.ask(s, Request::Pubcomp(Ack::of(4))), []);
    let told = table.ask(s, Request::Pubrec(Ack::of(4)));
    assert_eq!(told, [Reply::Pubrel(Ack::of(4))]);
}

#[test]
fn a_refused_pubrec_ends_the_delivery() {
    let mut table = Table::new(Settings::default());
    let s = table.connect(v5("s"));
    table.subscribe(s, filter("t", Qos::ExactlyOnce));
    table.publish(s, publish("t", "x", Qos::ExactlyOnce, 1));
    table.send(s, Request::Pubrel(Ack::of(1)));
    let id = table.deliveries(s)[0].packet_id.expect("QoS 2");
    let refused = Ack {
        reason: ReasonCode::UnspecifiedError,
        ..Ack::of(id)
    };
    assert_eq!(table.ask(s, Request::Pubrec(refused)), []);
    let session = table.broker.session("s").expect("a session");
    assert_eq!(session.outgoing().in_flight_count(), 0);
}

#[test]
fn a_message_that_waited_too_long_is_not_sent() {
    let mut table = Table::new(Settings::default());
    let p = table.connect(v5("p"));
    let connect = || Connect {
        session_expiry_interval: Some(100),
        clean_start: false,
        ..v5("s")
    };
    let s = table.connect(connect());
    table.subscribe(s, filter("t", Qos::AtLeastOnce));
    table.disconnect(s);
    for (payload, interval) in [("short", Some(2)), ("long", Some(9)), ("ever", None)] {
        let mut packet = publish("t", payload, Qos::AtLeastOnce, 1);
        packet.message_expiry_interval = interval;
        table.publish(p, packet);
    }
    table.pass(4_000);
    let s = table.connect(connect());
    let came = table.deliveries(s);
    let told: Vec<(&str, Option<u32>)> = came
        .iter()
        .map(|one| (&*one.payload, one.message_expiry_interval))
        .collect();
    assert_eq!(told, [("long", Some(5)), ("ever", None)]);
}

#[test]
fn a_reused_packet_identifier_is_another_message() {
    let mut table = Table::new(Settings::default());
    let (p, s) = (table.connect(kept("p")), table.connect(v3("s")));
    table.subscribe(s, filter("t", Qos::ExactlyOnce));
    table.publish(p, publish("t", "1", Qos::ExactlyOnce, 5));
    table.lose(p);
    // The session holds the message; the client goes on where it stopped.
    let p = table.connect(kept("p"));
    table.take(p);
    let told = table.publish(p, publish("t", "2", Qos::ExactlyOnce, 5));
    assert_eq!(told, [Reply::Pubrec(Ack::of(5))]);
    table.send(p, Request::Pubrel(Ack::of(5)));
    assert_eq!(table.payloads(s), ["2"]);
}

#[test]
fn a_publisher_beyond_the_receive_maximum_is_thrown_out() {
    let settings = Settings {
        max_inflight_messages: 2,
        ..Settings::default()
    };
    let mut table = Table::new(settings);
    let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
    table.take(old);
    table.take(new);
    for id in [1, 2] {
        let packet = publish("t", "x", Qos::ExactlyOnce, id);
        assert_eq!(
            table.publish(new, packet.clone()),
            [Reply::Pubrec(Ack::of(id))]
        );
        assert_eq!(table.publish(old, packet), [Reply::Pubrec(Ack::of(id))]);
    }
    let packet = publish("t", "x", Qos::ExactlyOnce, 3);
    let reason = ReasonCode::ReceiveMaximumExceeded;
    let told = table.publish(new, packet.clone());
    assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
    assert_eq!(table.publish(old, packet), []);
    let told = table.ask(old, Request::Pubrel(Ack::of(1)));
    assert_eq!(
        told,
        [Reply::Pubrec(Ack::of(3)), Reply::Pubcomp(Ack::of(1))]
    );
}

#[test]
fn the_subscription_can_raise_the_qos() {
    let settings = Settings {
        upgrade_outgoing_qos: true,
        ..Settings::default()
    };
    let mut table = Table::new(settings);
    let me = table.connect(v3("me"));
    table.subscribe(me, filter("t", Qos::ExactlyOnce));
    send(&mut table, me, &["x"], Qos::AtMostOnce);
    let session = table.broker.session("me").expect("a session");
    assert_eq!(session.outgoing().packet_ids(), [1]);
}
