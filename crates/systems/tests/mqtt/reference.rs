//! The trees of subscriptions and retained messages beside a list that is looked through.

use crate::table::{Table, filter, publish, v5};
use proptest::prelude::*;
use systems::mqtt::{Publish, Qos, Reply, Request, Settings, Subscription, topic};

/// Whether a topic matches a filter, level by level.
fn slow(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        (["#"], _) => true,
        ([], []) => true,
        (["+", filter @ ..], [_, topic @ ..]) => slow(filter, topic),
        ([one, filter @ ..], [other, topic @ ..]) => one == other && slow(filter, topic),
        _ => false,
    }
}

fn matches(filter: &str, topic: &str) -> bool {
    let hidden = topic.starts_with('$') && filter.starts_with(['+', '#']);
    let filter: Vec<&str> = filter.split('/').collect();
    let topic: Vec<&str> = topic.split('/').collect();
    !hidden && slow(&filter, &topic)
}

fn topics() -> impl Strategy<Value = String> {
    let level = prop_oneof![Just("a"), Just("b"), Just(""), Just("$x")];
    prop::collection::vec(level, 1..4)
        .prop_map(|levels| levels.join("/"))
        .prop_filter("a topic is not empty", |topic| !topic.is_empty())
}

fn filters() -> impl Strategy<Value = String> {
    let level = prop_oneof![Just("a"), Just("b"), Just(""), Just("+"), Just("$x")];
    (prop::collection::vec(level, 0..4), any::<bool>())
        .prop_map(|(mut levels, is_open)| {
            if is_open {
                levels.push("#");
            }
            levels.join("/")
        })
        .prop_filter("a filter is not empty", |filter| !filter.is_empty())
}

#[derive(Clone, Debug)]
enum Op {
    Subscribe(usize, String, u8),
    Unsubscribe(usize, String),
    Publish(String, u8),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        2 => (0_usize..3, filters(), 0_u8..3).prop_map(|(who, filter, qos)| Op::Subscribe(who, filter, qos)),
        1 => (0_usize..3, filters()).prop_map(|(who, filter)| Op::Unsubscribe(who, filter)),
        3 => (topics(), 0_u8..3).prop_map(|(topic, qos)| Op::Publish(topic, qos)),
    ];
    prop::collection::vec(op, 0..60)
}

proptest! {
    #[test]
    fn the_matcher_is_the_slow_one(filter in filters(), topic in topics()) {
        prop_assert_eq!(topic::matches(&filter, &topic), Ok(matches(&filter, &topic)));
    }

    #[test]
    fn deliveries_are_those_of_a_list(ops in ops()) {
        let mut table = Table::new(Settings { max_inflight_messages: 0, ..Settings::default() });
        let clients = ["x", "y", "z"].map(|name| table.connect(v5(name)));
        let publisher = table.connect(v5("publisher"));
        let mut list: Vec<(usize, String, u8)> = Vec::new();
        for op in ops {
            match op {
                Op::Subscribe(who, one, qos) => {
                    let qos_asked = Qos::of(qos).expect("below 3");
                    table.subscribe(clients[who], filter(&one, qos_asked));
                    match list.iter_mut().find(|(of, known, _)| *of == who && *known == one) {
                        Some(known) => known.2 = qos,
                        None => list.push((who, one, qos)),
                    }
                }
                Op::Unsubscribe(who, one) => {
                    table.send(clients[who], Request::Unsubscribe {
                        packet_id: 1,
                        filters: vec![one.as_str().into()],
                    });
                    list.retain(|(of, known, _)| *of != who || *known != one);
                }
                Op::Publish(topic, qos) => {
                    clients.iter().for_each(|one| drop(table.take(*one)));
                    let packet = publish(&topic, "x", Qos::of(qos).expect("below 3"), 1);
                    table.send(publisher, Request::Publish(packet));
                    table.send(publisher, Request::Pubrel(systems::mqtt::Ack::of(1)));
                    for (who, client) in clients.iter().enumerate() {
                        let mut expected: Vec<u8> = list
                            .iter()
                            .filter(|(of, one, _)| *of == who && matches(one, &topic))
                            .map(|(_, _, granted)| qos.min(*granted))
                            .collect();
                        let came = table.deliveries(*client);
                        let mut came: Vec<u8> = came.iter().map(|one| one.qos.number()).collect();
                        expected.sort_unstable();
                        came.sort_unstable();
                        prop_assert_eq!(came, expected, "{} {}", topic, who);
                    }
                }
            }
            prop_assert_eq!(table.broker.subscriptions().count(), list.len());
        }
    }

    #[test]
    fn retained_messages_are_those_of_a_list(
        puts in prop::collection::vec((topics(), any::<bool>()), 0..30),
        one in filters(),
    ) {
        let mut table = Table::new(Settings::default());
        let me = table.connect(v5("me"));
        let mut list: Vec<String> = Vec::new();
        for (topic, is_kept) in puts {
            let payload = if is_kept { "x" } else { "" };
            let packet = Publish { retain: true, ..publish(&topic, payload, Qos::AtMostOnce, 0) };
            table.send(me, Request::Publish(packet));
            list.retain(|known| *known != topic);
            if is_kept {
                list.push(topic);
            }
        }
        table.take(me);
        let replies = table.subscribe(me, Subscription { ..filter(&one, Qos::AtMostOnce) });
        let mut came: Vec<String> = replies
            .iter()
            .filter_map(|reply| match reply {
                Reply::Publish(publish) => Some(publish.topic.to_string()),
                _ => None,
            })
            .collect();
        let count = list.len();
        list.retain(|topic| matches(&one, topic));
        list.sort();
        came.sort();
        prop_assert_eq!(came, list);
        prop_assert_eq!(table.broker.retained().count(), count);
    }
}
