//! Who gets what.

use crate::Scene;
use serde_json::json;
use systems::rabbitmq::{Answer, BasicConsume, Method, Version};

#[test]
fn a_higher_consumer_priority_comes_first() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.consume(1, "q", 2);
    let (prefetch_count, global) = (2, false);
    scene.ok(
        2,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    let consume = BasicConsume {
        priority: 10,
        ..BasicConsume::new("q", "c2")
    };
    scene.ok(2, Method::BasicConsume(consume));
    for body in ["a", "b", "c", "d", "e"] {
        scene.send("q", body);
    }
    assert_eq!(scene.delivered(2), ["a", "b"]);
    assert_eq!(scene.delivered(1), ["c", "d"]);
    scene.ack(2, 1);
    assert_eq!(scene.delivered(2), ["e"]);
}

#[test]
fn a_global_prefetch_holds_for_the_channel() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("p", &[]);
    scene.queue("q", &[]);
    let (prefetch_count, global) = (2, true);
    scene.ok(
        1,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    for (queue, tag) in [("p", "one"), ("q", "two")] {
        scene.ok(1, Method::BasicConsume(BasicConsume::new(queue, tag)));
    }
    for body in ["a", "b", "c"] {
        scene.send("p", body);
        scene.send("q", body);
    }
    assert_eq!(scene.delivered(1), ["a", "a"]);
    // What basic.get hands out does not count.
    assert!(scene.get(1, "q").is_some());
    scene.ack(1, 1);
    assert_eq!(scene.delivered(1).len(), 1);
    assert_eq!(scene.counts("p").1 + scene.counts("q").1, 3);
    let prefetch_count = 0;
    scene.ok(
        1,
        Method::BasicQos {
            prefetch_count,
            global,
        },
    );
    assert_eq!((scene.counts("p").0, scene.counts("q").0), (0, 0));
}

#[test]
fn recover_requeues_all_of_the_channel() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    for body in ["a", "b", "c"] {
        scene.send("q", body);
    }
    for _ in 0..2 {
        assert!(scene.get(1, "q").is_some());
    }
    let requeue = true;
    assert_eq!(
        scene.ask(1, Method::BasicRecover { requeue }),
        [Answer::BasicRecoverOk]
    );
    let again = scene.get(1, "q").expect("a message");
    assert_eq!(
        (&*again.message.body, again.redelivered, again.delivery_tag),
        ("a", true, 3)
    );
    assert_eq!(scene.counts("q"), (2, 1));
}

#[test]
fn a_closed_channel_ignores_what_comes() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.send("q", "m");
    let wrong = Method::BasicAck {
        delivery_tag: 7,
        multiple: false,
    };
    let answers = scene.ask(1, wrong);
    assert!(
        matches!(answers[..], [Answer::ChannelClose(_)]),
        "{answers:?}"
    );
    let get = || Method::BasicGet {
        queue: "q".into(),
        acknowledging: systems::rabbitmq::Acknowledging::Manual,
    };
    assert_eq!(scene.ask(1, get()), []);
    assert_eq!(scene.counts("q"), (1, 0));
    scene.ask(1, Method::ChannelCloseOk);
    assert!(matches!(
        scene.ask(1, get())[..],
        [Answer::BasicGetOk { .. }]
    ));
}

#[test]
fn a_standby_consumer_takes_over_on_cancel() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[("x-single-active-consumer", json!(true))]);
    scene.consume(1, "q", 1);
    scene.consume(2, "q", 1);
    scene.send("q", "a");
    scene.send("q", "b");
    assert_eq!(scene.delivered(1), ["a"]);
    let consumer_tag = "c1".into();
    scene.ok(1, Method::BasicCancel { consumer_tag });
    // What the first has not acknowledged stays with its channel.
    assert_eq!(scene.delivered(2), ["b"]);
    assert_eq!(scene.counts("q"), (0, 2));
    let exclusive = BasicConsume {
        exclusive: true,
        ..BasicConsume::new("q", "c3")
    };
    let told = scene.error(3, Method::BasicConsume(exclusive));
    assert_eq!(
        told,
        "403 ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use"
    );
}
