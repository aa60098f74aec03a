//! Cases from the field.

use crate::world::{ME, World, bodies, keyed};
use systems::Caller;
use systems::pubsub::publisher::OrderingKeys;
use systems::pubsub::{PubsubMessage, Request, Settings};

#[test]
fn q25_a_message_reaches_the_subscriptions_that_exist() {
    let mut world = World::new();
    for name in ["B", "C"] {
        world.subscribe(name, "t", Settings::default()).expect(name);
    }
    world.publish(&["m1"]);
    let got = world.pull("B");
    assert_eq!(bodies(&got), ["m1"]);
    world
        .ack("B", &[got[0].ack_id])
        .expect("an acknowledgement");
    world.wait(10);
    world.ask(Request::DeleteSubscription {
        subscription: "B".into(),
    });
    world.wait(10);
    assert_eq!(world.send("t", vec![PubsubMessage::of("m2")]).len(), 1);
    world.wait(10);
    world
        .subscribe("B", "t", Settings::default())
        .expect("B again");
    world.wait(10);
    world.publish(&["m3"]);
    assert_eq!(world.bodies("B"), ["m3"]);
    assert_eq!(world.bodies("C"), ["m1", "m2", "m3"]);
}

#[test]
fn q25_a_kept_subscription_misses_nothing() {
    let mut world = World::with(|_| {});
    world.publish(&["m1"]);
    let got = world.pull("s");
    world
        .ack("s", &[got[0].ack_id])
        .expect("an acknowledgement");
    // Its subscriber is away.
    world.wait(20);
    world.publish(&["m2"]);
    world.wait(10);
    assert_eq!(world.bodies("s"), ["m2"]);
}

#[test]
fn q25_without_a_subscription_publishing_succeeds_and_nobody_gets_it() {
    let mut world = World::new();
    assert_eq!(world.send("t", vec![PubsubMessage::of("m2")]), [1]);
    world
        .subscribe("s", "t", Settings::default())
        .expect("a subscription");
    assert_eq!(world.bodies("s"), Vec::<String>::new());
}

/// A publisher with ordering, whose requests do not arrive while the network is down.
struct Publisher {
    keys: OrderingKeys,
    requests: usize,
}

impl Publisher {
    fn publish(&mut self, world: &mut World, is_up: bool, body: &str, key: &str) -> bool {
        if self.keys.allow(key).is_err() {
            return false;
        }
        self.requests += 1;
        if !is_up {
            world.wait(60);
            self.keys.failed(key);
            return false;
        }
        let messages = vec![keyed(body, key)];
        let request = Request::Publish {
            topic: "t".into(),
            messages,
        };
        let from = Caller { client: 1, ..ME };
        world.try_ask(from, request).is_ok()
    }
}

#[test]
fn q27_a_failed_key_is_paused_until_it_is_resumed() {
    let mut world = World::with(|settings| settings.enable_message_ordering = true);
    let mut publisher = Publisher {
        keys: OrderingKeys::default(),
        requests: 0,
    };
    assert!(!publisher.publish(&mut world, false, "p1", "K"));
    world.wait(11);
    assert!(!publisher.publish(&mut world, true, "p2", "K"));
    world.wait(1);
    assert!(publisher.publish(&mut world, true, "q1", "L"));
    world.wait(1);
    assert!(!publisher.publish(&mut world, true, "p3", "K"));
    assert_eq!(publisher.requests, 2, "p2 and p3 fail without a request");
    world.wait(7);
    publisher.keys.resume("K");
    assert!(publisher.publish(&mut world, true, "p1", "K"));
    world.wait(1);
    assert!(publisher.publish(&mut world, true, "p2", "K"));
    assert_eq!(world.bodies("s"), ["q1", "p1", "p2"]);
}

#[test]
fn q27_without_resuming_the_key_stays_paused() {
    let mut world = World::with(|settings| settings.enable_message_ordering = true);
    let mut publisher = Publisher {
        keys: OrderingKeys::default(),
        requests: 0,
    };
    assert!(!publisher.publish(&mut world, false, "p1", "K"));
    for _ in 0..5 {
        world.wait(1_000);
        assert!(!publisher.publish(&mut world, true, "p2", "K"));
        assert!(publisher.publish(&mut world, true, "q", "L"));
    }
    let got = world.bodies("s");
    assert_eq!(got, ["q"; 5]);
}
