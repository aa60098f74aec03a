//! Subscriptions and retained messages.

use crate::table::{Table, filter, kept, publish, v3, v5};
use systems::mqtt::{
    Publish, Qos, ReasonCode, Release, Reply, Request, RetainHandling, Settings, Subscription,
};

fn retained(topic: &str, payload: &str) -> Publish {
    Publish {
        retain: true,
        ..publish(topic, payload, Qos::AtMostOnce, 0)
    }
}

#[test]
fn an_invalid_filter_closes_the_connection() {
    for bad in ["a/#/b", "a+", "", "$share/g", "$share/g/", "$share"] {
        let mut table = Table::new(Settings::default());
        let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
        table.take(old);
        table.take(new);
        assert_eq!(
            table.subscribe(old, filter(bad, Qos::AtMostOnce)),
            [Reply::Closed]
        );
        let told = table.subscribe(new, filter(bad, Qos::AtMostOnce));
        let is_told = matches!(told[..], [Reply::Disconnect { reason }, Reply::Closed]
            if reason.is_failure());
        assert!(is_told, "{bad}: {told:?}");
        assert_eq!(table.broker.subscriptions().count(), 0);
    }
}

#[test]
fn dollar_topics_are_hidden_from_wildcards() {
    let mut table = Table::new(Settings::default());
    let (me, new) = (table.connect(v3("me")), table.connect(v5("new")));
    table.subscribe(me, filter("#", Qos::AtMostOnce));
    table.subscribe(me, filter("+/x", Qos::AtMostOnce));
    table.send(
        me,
        Request::Publish(publish("$mine/x", "1", Qos::AtMostOnce, 0)),
    );
    assert_eq!(table.payloads(me), [""; 0]);
    table.subscribe(me, filter("$mine/#", Qos::AtMostOnce));
    table.subscribe(me, filter("$SYS/#", Qos::AtMostOnce));
    table.send(
        me,
        Request::Publish(publish("$mine/x", "2", Qos::AtMostOnce, 0)),
    );
    table.send(
        me,
        Request::Publish(publish("$SYS/x", "3", Qos::AtMostOnce, 0)),
    );
    assert_eq!(table.payloads(me), ["2"]);
    table.take(new);
    let told = table.publish(new, publish("$SYS/x", "4", Qos::AtLeastOnce, 5));
    assert!(matches!(told[..], [Reply::Puback(ack)] if ack.reason == ReasonCode::NotAuthorized));
}

#[test]
fn overlapping_subscriptions_give_a_copy_each() {
    let mut table = Table::new(Settings {
        allow_duplicate_messages: true,
        ..Settings::default()
    });
    let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
    for (number, one) in ["#", "a/#", "a/+", "a/b/#", "a/b", "+/b"]
        .iter()
        .enumerate()
    {
        table.subscribe(old, filter(one, Qos::AtMostOnce));
        let request = Request::Subscribe {
            packet_id: 1,
            subscriptions: vec![filter(one, Qos::AtLeastOnce)],
            identifier: Some(number as u32 + 1),
        };
        table.send(new, request);
    }
    table.take(new);
    table.send(
        old,
        Request::Publish(publish("a/b", "x", Qos::AtLeastOnce, 1)),
    );
    assert_eq!(table.payloads(old), ["x"; 6]);
    let came = table.deliveries(new);
    let identifiers: Vec<u32> = came
        .iter()
        .flat_map(|one| one.subscription_identifiers.clone())
        .collect();
    assert_eq!(identifiers, [4, 5, 3, 2, 6, 1]);

    let mut table = Table::new(Settings::default());
    let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
    for one in [old, new] {
        table.subscribe(one, filter("#", Qos::AtMostOnce));
        table.subscribe(one, filter("a/b", Qos::AtLeastOnce));
    }
    table.send(
        old,
        Request::Publish(publish("a/b", "x", Qos::AtLeastOnce, 1)),
    );
    let came = table.deliveries(old);
    assert_eq!((came.len(), came[0].qos), (1, Qos::AtLeastOnce));
    assert_eq!(table.payloads(new), ["x", "x"]);
}

#[test]
fn no_local_keeps_own_messages_away() {
    let mut table = Table::new(Settings::default());
    let (me, other) = (table.connect(v5("me")), table.connect(v5("other")));
    let subscription = Subscription {
        no_local: true,
        ..filter("t", Qos::AtMostOnce)
    };
    table.subscribe(me, subscription.clone());
    table.send(
        me,
        Request::Publish(publish("t", "mine", Qos::AtMostOnce, 0)),
    );
    table.send(
        other,
        Request::Publish(publish("t", "yours", Qos::AtMostOnce, 0)),
    );
    assert_eq!(table.payloads(me), ["yours"]);
    let shared = Subscription {
        filter: "$share/g/t".into(),
        ..subscription
    };
    let reason = ReasonCode::ProtocolError;
    let told = table.subscribe(me, shared);
    assert_eq!(told, [Reply::Disconnect { reason }, Reply::Closed]);
}

#[test]
fn unsubscribing_from_nothing_is_told() {
    let mut table = Table::new(Settings::default());
    let (old, new) = (table.connect(v3("old")), table.connect(v5("new")));
    table.subscribe(new, filter("$share/g/t", Qos::AtMostOnce));
    table.subscribe(new, filter("t", Qos::AtMostOnce));
    let request = Request::Unsubscribe {
        packet_id: 4,
        filters: vec!["t".into(), "u".into(), "$share/g/t".into()],
    };
    table.take(old);
    let none = ReasonCode::NoSubscriptionExisted;
    let reasons = vec![ReasonCode::Success, none, ReasonCode::Success];
    let told = table.ask(new, request.clone());
    assert_eq!(
        told,
        [Reply::Unsuback {
            packet_id: 4,
            reasons
        }]
    );
    let reasons = Vec::new();
    assert_eq!(
        table.ask(old, request),
        [Reply::Unsuback {
            packet_id: 4,
            reasons
        }]
    );
    assert_eq!(table.broker.subscriptions().count(), 0);
}

#[test]
fn retained_messages_come_in_the_order_of_their_topics() {
    let mut table = Table::new(Settings::default());
    let me = table.connect(v3("me"));
    for topic in ["b", "a/y", "a", "a/x/1", "a/x", "$other/a"] {
        table.send(me, Request::Publish(retained(topic, topic)));
    }
    table.take(me);
    let replies = table.subscribe(me, filter("a/#", Qos::AtMostOnce));
    assert!(matches!(replies[0], Reply::Suback { .. }));
    let topics: Vec<&str> = replies[1..]
        .iter()
        .map(|reply| match reply {
            Reply::Publish(publish) if publish.retain => &*publish.topic,
            other => panic!("no retained message: {other:?}"),
        })
        .collect();
    assert_eq!(topics, ["a/y", "a/x", "a/x/1", "a"]);
    table.subscribe(me, filter("nothing", Qos::AtMostOnce));
    let request = |one| Request::Subscribe {
        packet_id: 1,
        subscriptions: vec![filter(one, Qos::AtMostOnce)],
        identifier: None,
    };
    table.send(me, request("#"));
    assert_eq!(table.payloads(me), ["b", "a", "a/y", "a/x", "a/x/1"]);
    table.send(me, request("+/x"));
    assert_eq!(table.payloads(me), ["a/x"]);
    table.send(me, request("$share/g/#"));
    assert_eq!(table.payloads(me), [""; 0]);
}

#[test]
fn retain_handling_decides_when_retained_messages_come() {
    let mut table = Table::new(Settings::default());
    let me = table.connect(v5("me"));
    table.send(me, Request::Publish(retained("t", "x")));
    let came = |table: &mut Table, retain_handling| {
        let subscription = Subscription {
            retain_handling,
            ..filter("t", Qos::AtMostOnce)
        };
        let replies = table.subscribe(me, subscription);
        replies
            .iter()
            .any(|reply| matches!(reply, Reply::Publish(_)))
    };
    assert!(!came(&mut table, RetainHandling::Never));
    assert!(!came(&mut table, RetainHandling::IfNew));
    assert!(came(&mut table, RetainHandling::Always));
    let request = Request::Unsubscribe {
        packet_id: 4,
        filters: vec!["t".into()],
    };
    table.send(me, request);
    assert!(came(&mut table, RetainHandling::IfNew));
}

fn on(release: u8) -> Table {
    Table::new(Settings {
        release: Release(release),
        ..Settings::default()
    })
}

#[test]
fn before_2_0_13_shared_subscriptions_get_retained_messages() {
    for (release, expected) in [(12, 2), (13, 1)] {
        let mut table = on(release);
        let me = table.connect(v3("me"));
        table.publish(me, retained("t", "x"));
        let replies = table.subscribe(me, filter("$share/g/t", Qos::AtMostOnce));
        assert_eq!(replies.len(), expected, "2.0.{release}");
    }
}

#[test]
fn before_2_0_12_a_return_loses_shared_subscriptions() {
    for (release, expected) in [(11, ["t"].as_slice()), (12, &["t", "s"])] {
        let mut table = on(release);
        let me = table.connect(kept("me"));
        table.subscribe(me, filter("t", Qos::AtLeastOnce));
        table.subscribe(me, filter("$share/g/s", Qos::AtLeastOnce));
        table.lose(me);
        let me = table.connect(kept("me"));
        for topic in ["t", "s"] {
            table.send(
                me,
                Request::Publish(publish(topic, topic, Qos::AtMostOnce, 0)),
            );
        }
        assert_eq!(table.payloads(me), expected, "2.0.{release}");
    }
}

#[test]
fn retain_as_published_keeps_the_flag() {
    let mut table = Table::new(Settings::default());
    let (me, other) = (table.connect(v5("me")), table.connect(v5("other")));
    let subscription = Subscription {
        retain_as_published: true,
        ..filter("t", Qos::AtMostOnce)
    };
    table.subscribe(me, subscription);
    table.subscribe(other, filter("t", Qos::AtMostOnce));
    table.send(me, Request::Publish(retained("t", "x")));
    table.send(me, Request::Publish(publish("t", "y", Qos::AtMostOnce, 0)));
    let flags = |came: Vec<Publish>| came.iter().map(|one| one.retain).collect::<Vec<bool>>();
    assert_eq!(flags(table.deliveries(me)), [true, false]);
    assert_eq!(flags(table.deliveries(other)), [false, false]);
}

#[test]
fn an_expired_retained_message_is_gone() {
    let mut table = Table::new(Settings::default());
    let me = table.connect(v5("me"));
    let mut packet = retained("t", "x");
    packet.message_expiry_interval = Some(10);
    table.send(me, Request::Publish(packet));
    table.pass(4_000);
    let replies = table.subscribe(me, filter("t", Qos::AtMostOnce));
    let left = replies.iter().find_map(|reply| match reply {
        Reply::Publish(publish) => publish.message_expiry_interval,
        _ => None,
    });
    assert_eq!(left, Some(6));
    table.pass(6_000);
    let replies = table.subscribe(me, filter("t", Qos::AtMostOnce));
    assert_eq!(replies.len(), 1);
}
