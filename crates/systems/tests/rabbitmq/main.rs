//! RabbitMQ: its rules, field cases, the words of its errors and tools, and what holds whatever is done.
#![cfg(not(target_arch = "wasm32"))]

mod cases;
mod consuming;
mod errors;
mod extremes;
mod properties;
mod queues;
mod random;
mod reference;
#[path = "../common/replay.rs"]
mod replay;
mod routing;
mod scene;
#[path = "../common/sequence.rs"]
mod sequence;
mod streaming;
mod tools;
mod trial;
mod versions;

use scene::{Scene, bind, queue, texts};
use systems::rabbitmq::{Method, Properties, QueueDeclare, Version};
use systems::{Out, Server};

#[test]
fn a_server_at_rest_announces_nothing() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.send("q", "m");
    scene.consume(1, "q", 1);
    assert!(
        scene.broker.next_due().is_some(),
        "an acknowledgement is awaited"
    );
    scene.ack(1, 1);
    assert_eq!(scene.broker.next_due(), None);
    assert_eq!(scene.counts("q"), (0, 0));
}

#[test]
fn a_restart_keeps_what_is_durable() {
    use systems::rabbitmq::DeliveryMode;
    let mut scene = Scene::new(Version::V3_13);
    scene.queue("kept", &[]);
    let transient = QueueDeclare {
        durable: false,
        ..QueueDeclare::new("gone")
    };
    scene.ok(9, Method::QueueDeclare(transient));
    scene.send("kept", "a");
    scene.send("gone", "b");
    let delivery_mode = DeliveryMode::Transient;
    let properties = Properties {
        delivery_mode,
        ..Properties::default()
    };
    scene.send_with("kept", "c", properties);
    let got = scene.get(1, "kept").expect("a message");
    assert_eq!(&*got.message.body, "a");
    scene.broker.restart(scene.now, &mut Out::default());
    assert!(!scene.broker.queues().by_name.contains_key("gone"));
    assert!(scene.broker.connections().list.is_empty());
    let again = scene.get(1, "kept").expect("the message is back");
    assert_eq!((&*again.message.body, again.redelivered), ("a", true));
    assert_eq!(scene.get(1, "kept"), None);
}
