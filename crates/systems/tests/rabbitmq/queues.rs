//! What queues keep, and in which order.

use crate::{Scene, queue};
use serde_json::json;
use systems::rabbitmq::{
    Answer, BasicConsume, BasicPublish, Fact, Method, Offset, Properties, QueueDeclare, Version,
};

#[test]
fn a_quorum_queue_without_limit_requeues_at_its_end() {
    let check = |limit: Option<i64>, expected: [&str; 3]| {
        let mut scene = Scene::new(Version::V3_13);
        let limit = json!(limit);
        let arguments = [
            ("x-queue-type", json!("quorum")),
            ("x-delivery-limit", limit),
        ];
        scene.queue("q", &arguments);
        for body in ["a", "b", "c"] {
            scene.send("q", body);
        }
        let first = scene.get(1, "q").expect("a message");
        scene.nack(1, first.delivery_tag, true);
        assert_eq!(scene.bodies("q"), expected);
    };
    check(None, ["b", "c", "a"]);
    // What a lost channel had comes first in any case.
    let mut scene = Scene::new(Version::V3_13);
    scene.queue("q", &[("x-queue-type", json!("quorum"))]);
    scene.send("q", "a");
    scene.send("q", "b");
    assert!(scene.get(1, "q").is_some());
    scene.lose(1);
    assert_eq!(scene.bodies("q"), ["a", "b"]);
    check(Some(5), ["a", "b", "c"]);
}

#[test]
fn a_ttl_of_zero_needs_a_waiting_consumer() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[("x-message-ttl", json!(0))]);
    scene.send("q", "nobody");
    assert_eq!(scene.counts("q"), (0, 0));
    scene.consume(1, "q", 1);
    scene.send("q", "somebody");
    scene.send("q", "too many");
    assert_eq!(scene.delivered(1), ["somebody"]);
    assert_eq!(scene.counts("q"), (0, 1));
    // Its time is over when it comes back.
    scene.until(5);
    scene.nack(1, 1, true);
    assert_eq!(scene.counts("q"), (0, 0));
}

#[test]
fn a_quorum_queue_refuses_after_its_limit() {
    let mut scene = Scene::new(Version::V4_0);
    let arguments = [
        ("x-queue-type", json!("quorum")),
        ("x-max-length", json!(5)),
        ("x-overflow", json!("reject-publish")),
    ];
    scene.queue("q", &arguments);
    scene.ok(8, Method::ConfirmSelect);
    let mut results = Vec::new();
    let mut publish = |scene: &mut Scene| {
        let publish = BasicPublish::new("", "q", "m");
        let answers = scene.ask(8, Method::BasicPublish(publish));
        results.push(matches!(answers[..], [Answer::Confirmed { .. }]));
    };
    for _ in 0..7 {
        publish(&mut scene);
    }
    // Five may be ready, the sixth goes over, and it goes on at four.
    assert_eq!(scene.counts("q"), (6, 0));
    assert!(scene.get(1, "q").is_some());
    publish(&mut scene);
    assert!(scene.get(1, "q").is_some());
    publish(&mut scene);
    assert_eq!(
        results,
        [true, true, true, true, true, true, false, false, true]
    );
}

#[test]
fn an_exclusive_queue_goes_with_its_connection() {
    let mut scene = Scene::new(Version::V4_0);
    let own = QueueDeclare {
        exclusive: true,
        ..QueueDeclare::new("own")
    };
    scene.ok(1, Method::QueueDeclare(own));
    scene.send("own", "m");
    let told = scene.error(
        2,
        Method::QueuePurge {
            queue: "own".into(),
        },
    );
    assert!(
        told.starts_with("405 RESOURCE_LOCKED - cannot obtain exclusive access"),
        "{told}"
    );
    let again = Method::QueueDeclare(QueueDeclare::new("own"));
    assert!(scene.error(2, again).starts_with("405 "));
    scene.lose(1);
    assert!(scene.broker.queues().by_name.is_empty());
}

#[test]
fn a_deleted_queue_cancels_its_consumers() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.consume(1, "q", 1);
    scene.send("q", "m");
    scene.send("q", "n");
    let delete = |if_unused, if_empty| Method::QueueDelete {
        queue: "q".into(),
        if_unused,
        if_empty,
    };
    assert_eq!(
        scene.error(9, delete(true, false)),
        "406 PRECONDITION_FAILED - queue 'q' in vhost '/' in use"
    );
    assert_eq!(
        scene.error(9, delete(false, true)),
        "406 PRECONDITION_FAILED - queue 'q' in vhost '/' not empty"
    );
    let answers = scene.ask(9, delete(false, false));
    let consumer_tag = "c1".into();
    let message_count = 1;
    assert_eq!(
        answers,
        [
            Answer::BasicCancel { consumer_tag },
            Answer::QueueDeleteOk { message_count }
        ]
    );
    // The acknowledgement of what came from it is no error.
    scene.ack(1, 1);
    let message_count = 0;
    let answers = scene.ask(9, delete(false, false));
    assert_eq!(answers, [Answer::QueueDeleteOk { message_count }]);
}

#[test]
fn an_unused_queue_is_deleted() {
    let mut scene = Scene::new(Version::V4_0);
    let arguments = [("x-expires", json!(1_000))];
    scene.queue("q", &arguments);
    scene.until(900);
    assert_eq!(scene.get(1, "q"), None);
    scene.until(1_800);
    let mut passive = queue("q", &arguments);
    passive.passive = true;
    scene.ok(9, Method::QueueDeclare(passive));
    scene.until(2_700);
    scene.consume(1, "q", 1);
    scene.until(9_000);
    assert!(scene.broker.queues().by_name.contains_key("q"));
    scene.lose(1);
    scene.until(9_999);
    assert!(scene.broker.queues().by_name.contains_key("q"));
    scene.until(10_000);
    assert!(scene.broker.queues().by_name.is_empty());
    let expired = |fact: &Fact| matches!(fact, Fact::QueueExpired { .. });
    assert_eq!(scene.facts.iter().filter(|fact| expired(fact)).count(), 1);
}

#[test]
fn an_auto_delete_queue_goes_with_its_last_consumer() {
    let mut scene = Scene::new(Version::V4_0);
    let declare = QueueDeclare {
        auto_delete: true,
        ..QueueDeclare::new("q")
    };
    scene.ok(9, Method::QueueDeclare(declare));
    scene.consume(1, "q", 0);
    scene.consume(2, "q", 0);
    scene.lose(1);
    assert!(scene.broker.queues().by_name.contains_key("q"));
    let consumer_tag = "c2".into();
    scene.ok(2, Method::BasicCancel { consumer_tag });
    assert!(scene.broker.queues().by_name.is_empty());
}

#[test]
fn a_stream_is_read_again_by_offset() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("s", &[("x-queue-type", json!("stream"))]);
    for body in ["a", "b", "c"] {
        scene.send("s", body);
    }
    let consume = |scene: &mut Scene, client: u8, offset: Offset| {
        let (prefetch_count, global) = (2, false);
        scene.ok(
            client,
            Method::BasicQos {
                prefetch_count,
                global,
            },
        );
        let consume = BasicConsume {
            offset,
            ..BasicConsume::new("s", format!("c{client}"))
        };
        scene.ok(client, Method::BasicConsume(consume));
    };
    consume(&mut scene, 1, Offset::First);
    assert_eq!(scene.delivered(1), ["a", "b"]);
    scene.nack(1, 1, true);
    let rest = scene.deliveries(1);
    assert_eq!((&*rest[0].message.body, rest[0].offset), ("c", Some(2)));
    consume(&mut scene, 2, Offset::At(1));
    assert_eq!(scene.delivered(2), ["b", "c"]);
    consume(&mut scene, 3, Offset::Next);
    consume(&mut scene, 4, Offset::Last);
    scene.send("s", "d");
    assert_eq!(scene.delivered(3), ["d"]);
    assert_eq!(scene.delivered(4), ["c", "d"]);
    let get = Method::BasicGet {
        queue: "s".into(),
        acknowledging: systems::rabbitmq::Acknowledging::Manual,
    };
    assert!(
        scene
            .error(5, get)
            .starts_with("540 NOT_IMPLEMENTED - basic.get not supported")
    );
    let consume = Method::BasicConsume(BasicConsume::new("s", "t"));
    let told = scene.error(6, consume);
    assert!(
        told.starts_with("406 PRECONDITION_FAILED - consumer prefetch count"),
        "{told}"
    );
}

#[test]
fn drop_head_makes_room_for_what_is_requeued() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[("x-max-length", json!(1))]);
    scene.send("q", "a");
    assert!(scene.get(1, "q").is_some());
    scene.send("q", "b");
    // It goes back to its place, the head, and is the first to make room.
    scene.nack(1, 1, true);
    assert_eq!(scene.bodies("q"), ["b"]);
    let properties = Properties {
        expiration: Some(3),
        ..Properties::default()
    };
    scene.send_with("q", "c", properties);
    scene.until(3);
    assert_eq!(scene.counts("q"), (0, 0));
}
