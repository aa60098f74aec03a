//! Topics, subscriptions and their settings.

use crate::world::{World, settings};
use explore::slot::Touched;
use systems::Parts;
use systems::pubsub::{Code, Part, PubsubMessage, Request, SeekTarget, Settings};

const DAY: u64 = 86_400_000;

#[test]
fn an_empty_message_refuses_the_whole_request() {
    let mut world = World::with(|_| {});
    let check = |world: &mut World, messages: Vec<PubsubMessage>| {
        let code = world.refused(Request::Publish {
            topic: "t".into(),
            messages,
        });
        assert_eq!(code, Code::InvalidArgument);
    };
    check(&mut world, vec![]);
    check(
        &mut world,
        vec![PubsubMessage::of("m"), PubsubMessage::of("")],
    );
    check(&mut world, vec![PubsubMessage::of("m"); 1001]);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
}

#[test]
fn limits_of_a_message_are_kept() {
    let check = |change: fn(&mut PubsubMessage), is_taken: bool| {
        let mut message = PubsubMessage::of("m");
        change(&mut message);
        let request = Request::Publish {
            topic: "t".into(),
            messages: vec![message],
        };
        let mut world = World::new();
        assert_eq!(world.try_ask(crate::world::ME, request).is_ok(), is_taken);
    };
    fn attribute(message: &mut PubsubMessage, name: usize, value: usize) {
        message
            .attributes
            .push(("n".repeat(name).into(), "v".repeat(value).into()));
    }
    check(|message| attribute(message, 256, 1024), true);
    check(|message| attribute(message, 257, 1), false);
    check(|message| attribute(message, 0, 1), false);
    check(|message| attribute(message, 1, 1025), false);
    check(
        |message| message.attributes.push(("google".into(), "x".into())),
        false,
    );
    check(
        |message| (1..=100).for_each(|length| attribute(message, length, 1)),
        true,
    );
    check(
        |message| (1..=101).for_each(|length| attribute(message, length, 1)),
        false,
    );
    check(
        |message| message.ordering_key = "k".repeat(1024).into(),
        true,
    );
    check(
        |message| message.ordering_key = "k".repeat(1025).into(),
        false,
    );
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let mut world = World::new();
    world.topic("dead");
    let mut check = |change: fn(&mut Settings), code: Option<Code>| {
        let made = world.subscribe("s", "t", settings(change));
        assert_eq!(made.map_err(|error| error.code).err(), code);
        if code.is_none() {
            world.ask(Request::DeleteSubscription {
                subscription: "s".into(),
            });
        }
    };
    let invalid = Some(Code::InvalidArgument);
    check(|it| it.ack_deadline_seconds = 0, None);
    check(|it| it.ack_deadline_seconds = 9, invalid);
    check(|it| it.ack_deadline_seconds = 10, None);
    check(|it| it.ack_deadline_seconds = 600, None);
    check(|it| it.ack_deadline_seconds = 601, invalid);
    check(|it| it.message_retention_duration = 599, invalid);
    check(|it| it.message_retention_duration = 2_678_400, None);
    check(|it| it.message_retention_duration = 2_678_401, invalid);
    check(|it| it.expiration_ttl = Some(86_399), invalid);
    check(|it| it.expiration_ttl = None, None);
    check(|it| it.minimum_backoff = Some(601), invalid);
    check(
        |it| (it.minimum_backoff, it.maximum_backoff) = (Some(9), 8),
        invalid,
    );
    check(
        |it| (it.minimum_backoff, it.maximum_backoff) = (Some(0), 0),
        None,
    );
    check(
        |it| it.dead_letter_topic = Some("none".into()),
        Some(Code::NotFound),
    );
    fn attempts(it: &mut Settings, attempts: u32) {
        (it.dead_letter_topic, it.max_delivery_attempts) = (Some("dead".into()), attempts);
    }
    check(|it| attempts(it, 4), Some(Code::OutOfRange));
    check(|it| attempts(it, 5), None);
    check(|it| attempts(it, 100), None);
    check(|it| attempts(it, 101), Some(Code::OutOfRange));
    check(|it| it.filter = Some("color".into()), invalid);
    check(
        |it| (it.push_endpoint, it.enable_exactly_once_delivery) = (Some("e".into()), true),
        invalid,
    );
}

#[test]
fn a_dead_letter_topic_must_exist_when_the_policy_is_set() {
    let mut world = World::new();
    let dead = |it: &mut Settings| it.dead_letter_topic = Some("dead".into());
    let made = world.subscribe("s", "t", settings(dead));
    assert_eq!(made.map_err(|error| error.code), Err(Code::NotFound));
    // Nothing was made by what was refused, and nothing is changed by it.
    world.subscribe("s", "t", settings(|_| {})).expect("s");
    let altered = world.alter("s", dead);
    assert_eq!(altered.map_err(|error| error.code), Err(Code::NotFound));
    let has_policy = |world: &World| {
        let one = world.pubsub.subscription("s").expect("s");
        one.settings.dead_letter_topic.is_some()
    };
    assert!(!has_policy(&world));
    world.topic("dead");
    world.alter("s", dead).expect("the topic exists");
    assert!(has_policy(&world));
}

#[test]
fn filter_and_ordering_cannot_change() {
    let mut world = World::with(|_| {});
    let mut check = |change: fn(&mut Settings), is_taken: bool| {
        assert_eq!(world.alter("s", change).is_ok(), is_taken);
    };
    check(|it| it.filter = Some("attributes:a".into()), false);
    check(|it| it.enable_message_ordering = true, false);
    check(|it| it.enable_exactly_once_delivery = true, true);
    check(|it| it.ack_deadline_seconds = 20, true);
    check(|it| it.ack_deadline_seconds = 5, false);
}

#[test]
fn a_detached_subscription_is_empty_for_ever() {
    let mut world = World::with(|it| it.retain_acked_messages = true);
    world.publish(&["m1", "m2"]);
    let got = world.pull_max("s", 1);
    world.ask(Request::DetachSubscription {
        subscription: "s".into(),
    });
    world.publish(&["m3"]);
    let pull = Request::Pull {
        subscription: "s".into(),
        max_messages: 1,
        return_immediately: true,
    };
    assert_eq!(world.refused(pull), Code::FailedPrecondition);
    let seek = Request::Seek {
        subscription: "s".into(),
        to: SeekTarget::Time(0),
    };
    assert_eq!(world.refused(seek), Code::FailedPrecondition);
    world.ack("s", &[got[0].ack_id]).expect("no error");
    let one = world.pubsub.subscription("s").expect("it stays");
    assert_eq!(one.unacknowledged(), 0);
    assert_eq!(systems::Server::next_due(&world.pubsub), None);
}

#[test]
fn what_nobody_acknowledges_is_lost_after_the_retention() {
    let mut world = World::with(|it| it.message_retention_duration = 600);
    world.publish(&["m1"]);
    world.wait(1_000);
    world.publish(&["m2"]);
    world.wait(598_999);
    assert_eq!(world.bodies("s"), ["m1", "m2"]);
    world.wait(11);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
    world.wait(10_000);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
    let lost = world
        .facts
        .iter()
        .filter(|fact| fact.verb() == "retention_exceeded");
    assert_eq!(lost.count(), 2);
}

#[test]
fn an_idle_subscription_expires() {
    let mut world = World::with(|it| it.expiration_ttl = Some(172_800));
    world
        .subscribe("kept", "t", settings(|it| it.expiration_ttl = None))
        .expect("kept");
    world.wait(DAY);
    world.pull("s");
    world.wait(2 * DAY - 1);
    world.pull("s");
    world.wait(2 * DAY + DAY);
    let pull = Request::Pull {
        subscription: "s".into(),
        max_messages: 1,
        return_immediately: true,
    };
    assert_eq!(world.refused(pull), Code::NotFound);
    assert_eq!(world.bodies("kept"), Vec::<String>::new());
}

#[test]
fn without_its_dead_letter_topic_a_message_goes_on() {
    let mut world = World::new();
    world.topic("dead");
    let dead = |it: &mut Settings| it.dead_letter_topic = Some("dead".into());
    world
        .subscribe("s", "t", settings(dead))
        .expect("a subscription");
    world.ask(Request::DeleteTopic {
        topic: "dead".into(),
    });
    world.publish(&["m"]);
    for attempt in 1..=7 {
        let got = world.pull("s");
        assert_eq!(got[0].delivery_attempt, Some(attempt));
        world.nack("s", got[0].ack_id);
    }
    world.topic("dead");
    world
        .subscribe("ds", "dead", Settings::default())
        .expect("dead letters");
    let got = world.pull("s");
    world.nack("s", got[0].ack_id);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
    let dead = world.pull("ds");
    let count = dead[0]
        .message
        .attribute("CloudPubSubDeadLetterSourceDeliveryCount");
    assert_eq!(count, Some("8"));
}

/// What was done to the subscriptions' parts by a step.
fn touched_by(world: &mut World, step: impl FnOnce(&mut World)) -> Vec<Touched> {
    let mut parts = Vec::new();
    world.pubsub.parts(&mut |_, part| parts.push(part));
    world.pubsub.put(&mut parts.into_iter());
    step(world);
    let mut touched = Vec::new();
    world.pubsub.parts(&mut |how, part| {
        if matches!(part, Part::Subscriptions(_)) && how != Touched::Not {
            touched.push(how);
        }
    });
    touched
}

#[test]
fn pulls_and_acknowledgements_touch_one_subscription() {
    let mut world = World::new();
    for name in ["a", "b", "c"] {
        world.subscribe(name, "t", Settings::default()).expect(name);
    }
    let published = touched_by(&mut world, |world| world.publish(&["m"]));
    assert_eq!(published, [Touched::Written; 3], "each has its own part");
    let mut ids = Vec::new();
    let pulled = touched_by(&mut world, |world| ids.push(world.pull("a")[0].ack_id));
    assert_eq!(pulled, [Touched::Written]);
    let again = touched_by(&mut world, |world| {
        let refused = world.modify("a", ids[0], 601);
        refused.expect_err("at most 600 seconds");
    });
    assert_eq!(again, [Touched::Written], "it was used");
    let settled = touched_by(&mut world, |world| world.ack("a", &ids).expect("in flight"));
    assert_eq!(settled, [Touched::Written]);
}
