//! What differs between versions.

use crate::{Scene, texts};
use serde_json::json;
use systems::rabbitmq::{
    Answer, BasicPublish, Death, DeathOf, Deaths, Fact, Method, Properties, Reason, Settings,
    Value, Version,
};

/// A scene in which `q` is a quorum queue.
fn quorum(version: Version, limit: Option<i64>) -> Scene {
    let mut scene = Scene::new(version);
    let arguments = [
        ("x-queue-type", json!("quorum")),
        ("x-delivery-limit", json!(limit)),
        ("x-dead-letter-exchange", json!("")),
        ("x-dead-letter-routing-key", json!("dead")),
    ];
    scene.queue("dead", &[]);
    scene.queue("q", &arguments);
    scene
}

/// How often `q` hands out a message that is always given back.
fn handed_out(version: Version, limit: Option<i64>, give_back: impl Fn(u64) -> Method) -> usize {
    let mut scene = quorum(version, limit);
    scene.send("q", "m");
    for times in 0..40 {
        let Some(got) = scene.get(1, "q") else {
            let dead = scene.get(1, "dead").expect("the dead letter");
            assert_eq!(
                dead.message.deaths().entries[0].reason,
                Reason::DeliveryLimit
            );
            return times;
        };
        scene.ok(1, give_back(got.delivery_tag));
    }
    40
}

#[test]
fn delivery_limits_differ_by_version() {
    let nack = |delivery_tag| Method::BasicNack {
        delivery_tag,
        multiple: false,
        requeue: true,
    };
    let reject = |delivery_tag| Method::BasicReject {
        delivery_tag,
        requeue: true,
    };
    for version in [Version::V3_10, Version::V3_13] {
        assert_eq!(handed_out(version, Some(2), nack), 3);
        assert_eq!(handed_out(version, None, nack), 40);
    }
    assert_eq!(handed_out(Version::V4_0, None, nack), 21);
    assert_eq!(handed_out(Version::V4_0, Some(-1), nack), 40);
    assert_eq!(handed_out(Version::V4_0, Some(2), reject), 3);
    assert_eq!(handed_out(Version::V4_3, Some(2), reject), 3);
    assert_eq!(handed_out(Version::V4_3, Some(2), nack), 40);

    let mut scene = quorum(Version::V4_3, None);
    scene.send("q", "m");
    scene.get(1, "q").expect("a message");
    scene.nack(1, 1, true);
    let again = scene.get(1, "q").expect("it is back");
    let counts = (again.delivery_count, again.acquired_count);
    assert_eq!((counts, again.redelivered), ((Some(0), Some(1)), true));
    let mut scene = quorum(Version::V3_13, None);
    scene.send("q", "m");
    let first = scene.get(1, "q").expect("a message");
    assert_eq!(
        (first.delivery_count, first.acquired_count),
        (Some(0), None)
    );
}

#[test]
fn quorum_priorities_differ_by_version() {
    let order = |version: Version| {
        let mut scene = quorum(version, None);
        for (body, priority) in [
            ("n1", 0),
            ("h5", 5),
            ("n2", 4),
            ("h9", 9),
            ("h6", 6),
            ("n3", 1),
        ] {
            let properties = Properties {
                priority: Some(priority),
                ..Properties::default()
            };
            scene.send_with("q", body, properties);
        }
        scene.bodies("q").join(" ")
    };
    assert_eq!(order(Version::V3_13), "n1 h5 n2 h9 h6 n3");
    assert_eq!(order(Version::V4_0), "h5 h9 n1 h6 n2 n3");
    assert_eq!(order(Version::V4_3), "h9 h6 h5 n2 n3 n1");
}

fn dead_letter(version: Version, properties: Properties) -> systems::rabbitmq::Delivery {
    let mut scene = Scene::new(version);
    scene.queue("dead", &[]);
    let arguments = [
        ("x-dead-letter-exchange", json!("")),
        ("x-dead-letter-routing-key", json!("dead")),
    ];
    scene.queue("q", &arguments);
    scene.send_with("q", "m", properties);
    let got = scene.get(1, "q").expect("a message");
    scene.nack(1, got.delivery_tag, false);
    scene.get(1, "dead").expect("the dead letter")
}

#[test]
fn the_last_death_is_told_from_3_13_on() {
    let last = |version| {
        let letter = dead_letter(version, Properties::default());
        let headers = letter.message.headers();
        assert_eq!(
            headers.get("x-first-death-queue"),
            Some(&Value::Text("q".into()))
        );
        headers.get("x-last-death-reason").cloned()
    };
    assert_eq!(last(Version::V3_10), None);
    assert_eq!(last(Version::V3_13), Some(Value::Text("rejected".into())));
}

#[test]
fn a_published_x_death_is_counted_on_before_4_0() {
    let sent = Properties {
        deaths: Deaths {
            entries: vec![Death {
                queue: "q".into(),
                reason: Reason::Rejected,
                count: 4,
                exchange: "".into(),
                routing_keys: texts(&["q"]),
                original_expiration: None,
            }],
            first: Some(DeathOf {
                queue: "q".into(),
                reason: Reason::Rejected,
                exchange: "".into(),
            }),
            last: None,
        },
        ..Properties::default()
    };
    let count = |version| {
        let letter = dead_letter(version, sent.clone());
        letter.message.deaths().entries[0].count
    };
    assert_eq!(count(Version::V3_13), 5);
    assert_eq!(count(Version::V4_0), 1);
    // Until then it is passed on as it is.
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.send_with("q", "m", sent);
    let got = scene.get(1, "q").expect("a message");
    assert!(got.message.headers().contains_key("x-death"));
}

#[test]
fn from_4_3_on_the_queue_takes_it_back() {
    let mut scene = quorum(Version::V4_3, None);
    scene.queue("classic", &[]);
    scene.send("classic", "c");
    scene.get(1, "classic").expect("a message");
    scene.send("q", "m");
    scene.consume(1, "q", 1);
    scene.until(1_800_000);
    let cancelled: Vec<_> = scene
        .said
        .iter()
        .filter(|(_, _, answer)| matches!(answer, Answer::BasicCancel { .. }))
        .collect();
    assert_eq!(cancelled.len(), 1);
    assert_eq!(
        (scene.counts("q"), scene.counts("classic")),
        ((1, 0), (0, 1))
    );
    let again = scene.get(2, "q").expect("the message");
    assert_eq!((again.redelivered, again.delivery_count), (true, Some(0)));
    let closed = |fact: &Fact| matches!(fact, Fact::ChannelClosed { .. });
    assert!(!scene.facts.iter().any(closed));
}

#[test]
fn a_version_is_read_as_the_one_that_behaves_like_it() {
    let check = |text: &str, expected: Option<Version>| {
        let mut settings = Settings::default();
        let set = settings.set("version", &json!(text));
        assert_eq!(set.ok().map(|()| settings.version), expected, "{text}");
    };
    check("3.10.8", Some(Version::V3_10));
    check("3.12", Some(Version::V3_10));
    check("3.13.7", Some(Version::V3_13));
    check("4.2.1", Some(Version::V4_0));
    check("4.3", Some(Version::V4_3));
    check("3.9", None);
    check("four", None);
    let told =
        Scene::new(Version::V3_10).ask(1, Method::BasicPublish(BasicPublish::new("", "q", "")));
    assert_eq!(told, []);
}
