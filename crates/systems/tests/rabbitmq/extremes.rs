//! Values at the ends of their ranges.

use crate::{Scene, queue};
use serde_json::json;
use systems::rabbitmq::{BasicConsume, Method, Properties, Settings, Version};
use systems::{Instant, Server};

#[test]
fn the_end_of_time_is_no_trouble() {
    for consumer_timeout in [None, Some(0), Some(u64::MAX)] {
        let mut scene = Scene::with(Settings {
            consumer_timeout,
            ..Settings::default()
        });
        scene.now = Instant(u64::MAX - 1);
        let most = 4_294_967_295_i64;
        let arguments = [("x-message-ttl", json!(most)), ("x-expires", json!(most))];
        scene.queue("q", &arguments);
        let properties = Properties {
            priority: Some(u8::MAX),
            expiration: Some(most as u64),
            ..Properties::default()
        };
        scene.send_with("q", "m", properties);
        scene.consume(1, "q", u16::MAX);
        let consume = BasicConsume {
            priority: i32::MIN,
            ..BasicConsume::new("q", "low")
        };
        scene.ok(2, Method::BasicConsume(consume));
        assert_eq!(scene.delivered(1), ["m"]);
        while let Some((at, due)) = scene.broker.next_due() {
            assert!(at >= scene.now || consumer_timeout == Some(0), "{due:?}");
            let mut out = systems::Out::default();
            scene.now = scene.now.max(at);
            scene.broker.fire(scene.now, due, &mut out);
        }
        for method in [
            Method::BasicAck {
                delivery_tag: u64::MAX,
                multiple: true,
            },
            Method::BasicReject {
                delivery_tag: 0,
                requeue: true,
            },
        ] {
            assert!(
                scene
                    .error(5, method)
                    .starts_with("406 PRECONDITION_FAILED - unknown delivery")
            );
        }
    }
}

#[test]
fn arguments_at_their_ends_are_taken_or_refused() {
    for value in [
        i64::MIN,
        -1,
        0,
        1,
        255,
        256,
        4_294_967_295,
        4_294_967_296,
        i64::MAX,
    ] {
        for argument in [
            "x-message-ttl",
            "x-expires",
            "x-max-length",
            "x-max-length-bytes",
            "x-max-priority",
            "x-consumer-timeout",
        ] {
            let mut scene = Scene::new(Version::V4_0);
            let declare = queue("q", &[(argument, json!(value))]);
            let told = scene.error(1, Method::QueueDeclare(declare));
            let is_taken = told == "no error";
            assert!(
                is_taken || told.starts_with("406 "),
                "{argument} {value}: {told}"
            );
            assert!(!is_taken || value >= 0, "{argument} {value}");
            if is_taken {
                scene.send("q", "m");
                scene.until(1);
            }
        }
    }
}
