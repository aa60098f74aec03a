//! Push subscriptions.

use crate::world::{World, bodies, client, keyed, settings};
use systems::Caller;
use systems::pubsub::{Code, ReceivedMessage, Reply, Request};

const ENDPOINT: Caller = client(3);

/// A project whose subscription `s` pushes to an endpoint.
fn pushing(is_served: bool) -> World {
    let mut world = World::new();
    if is_served {
        serve(&mut world);
    }
    let push = settings(|it| {
        it.push_endpoint = Some("e".into());
        it.enable_message_ordering = true;
    });
    world.subscribe("s", "t", push).expect("a subscription");
    world
}

fn serve(world: &mut World) {
    world
        .try_ask(
            ENDPOINT,
            Request::Serve {
                endpoint: "e".into(),
            },
        )
        .expect("served");
}

/// What was pushed since somebody looked.
fn pushed(world: &mut World) -> Vec<ReceivedMessage> {
    let all = world.inbox.drain(..).map(|(to, reply)| match reply {
        Reply::Push { message, .. } if to == ENDPOINT => *message,
        other => panic!("{other:?}"),
    });
    all.collect()
}

fn answer(world: &mut World, message: &ReceivedMessage, status: u16) {
    let (subscription, ack_id) = ("s".into(), message.ack_id);
    let answer = Request::PushAnswer {
        subscription,
        ack_id,
        status,
    };
    assert_eq!(world.try_ask(ENDPOINT, answer), Ok(None));
}

#[test]
fn a_push_is_acknowledged_by_its_answer() {
    for status in [102, 200, 201, 202, 204, 100, 203, 301, 404, 500] {
        let mut world = pushing(true);
        world.publish(&["m"]);
        let first = pushed(&mut world);
        assert_eq!(bodies(&first), ["m"]);
        answer(&mut world, &first[0], status);
        world.wait(1_000);
        let is_success = [102, 200, 201, 202, 204].contains(&status);
        assert_eq!(pushed(&mut world).is_empty(), is_success, "{status}");
    }
    let mut world = pushing(true);
    let pull = Request::Pull {
        subscription: "s".into(),
        max_messages: 1,
        return_immediately: true,
    };
    assert_eq!(world.refused(pull), Code::FailedPrecondition);
}

#[test]
fn a_push_without_an_answer_fails_at_its_deadline() {
    let mut world = pushing(true);
    world.publish(&["m"]);
    let first = pushed(&mut world);
    world.wait(10_099);
    assert!(pushed(&mut world).is_empty());
    world.wait(1);
    let second = pushed(&mut world);
    assert_eq!(bodies(&second), ["m"]);
    // The late answer counts no more.
    answer(&mut world, &first[0], 200);
    answer(&mut world, &second[0], 500);
    world.wait(200);
    assert_eq!(pushed(&mut world).len(), 1);
}

#[test]
fn of_one_key_one_message_is_pushed_at_a_time() {
    let mut world = pushing(true);
    let messages = [("k1", "k"), ("k2", "k"), ("l1", "l")].map(|(body, key)| keyed(body, key));
    world.send("t", messages.into());
    let first = pushed(&mut world);
    assert_eq!(bodies(&first), ["k1", "l1"]);
    answer(&mut world, &first[0], 200);
    assert_eq!(bodies(&pushed(&mut world)), ["k2"]);
}

#[test]
fn push_backs_off_and_recovers() {
    let mut world = pushing(true);
    world.publish(&["m1", "m2"]);
    let first = pushed(&mut world);
    assert_eq!(first.len(), 2);
    answer(&mut world, &first[0], 500);
    answer(&mut world, &first[1], 500);
    for wait in [100, 200, 400, 800] {
        world.wait(wait - 1);
        assert!(pushed(&mut world).is_empty(), "{wait}");
        world.wait(1);
        let one = pushed(&mut world);
        assert_eq!(bodies(&one), ["m1"], "one at a time");
        answer(&mut world, &one[0], 503);
    }
    world.wait(1_600);
    let one = pushed(&mut world);
    answer(&mut world, &one[0], 200);
    assert_eq!(bodies(&pushed(&mut world)), ["m2"]);
}

#[test]
fn an_endpoint_that_is_not_there_fails_until_it_is() {
    let mut world = pushing(false);
    world.publish(&["m"]);
    world.wait(300_000);
    let failed = world
        .facts
        .iter()
        .filter(|fact| fact.verb() == "push_failed")
        .count();
    // 0, 100, 300, 700, … up to 51.1 s, then every 60 s.
    assert_eq!(failed, 10 + 4);
    serve(&mut world);
    world.wait(60_000);
    let got = pushed(&mut world);
    assert_eq!(bodies(&got), ["m"]);
    // It breaks while it works.
    world.pubsub_disconnect(ENDPOINT);
    let push = Request::ModifyPushConfig {
        subscription: "s".into(),
        push_endpoint: None,
    };
    world.ask(push);
    assert_eq!(world.bodies("s"), ["m"]);
}
