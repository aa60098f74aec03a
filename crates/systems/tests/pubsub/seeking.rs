//! Seeking and snapshots.

use crate::world::{World, settings};
use systems::pubsub::{Code, Request, SeekTarget, Settings};

const NONE: [&str; 0] = [];

#[test]
fn seeking_to_a_time_acknowledges_what_is_older() {
    let mut world = World::with(|_| {});
    world
        .subscribe("other", "t", Settings::default())
        .expect("another");
    world.publish(&["m1", "m2"]);
    world.wait(1_000);
    world.publish(&["m3"]);
    let got = world.pull_max("s", 1);
    world.wait(1_000);
    world.seek("s", SeekTarget::Time(1_000));
    world.nack("s", got[0].ack_id);
    assert_eq!(world.bodies("s"), ["m3"]);
    // What is in flight is there again at once.
    world.seek("s", SeekTarget::Time(0));
    assert_eq!(world.bodies("s"), ["m3"]);
    world.seek("s", SeekTarget::Time(2_000));
    world.wait(20_000);
    assert_eq!(world.bodies("s"), NONE);
    assert_eq!(world.bodies("other"), ["m1", "m2", "m3"]);
}

#[test]
fn ids_from_before_a_seek_no_longer_count() {
    let mut world = World::with(|it| it.retain_acked_messages = true);
    world.publish(&["m1", "m2"]);
    let got = world.pull("s");
    let ids = [got[0].ack_id, got[1].ack_id];
    world.ack("s", &ids[..1]).expect("an acknowledgement");
    world.seek("s", SeekTarget::Time(0));
    world.ack("s", &ids).expect("no error");
    assert_eq!(world.bodies("s"), ["m1", "m2"]);
}

#[test]
fn a_topic_with_retention_can_be_sought_back() {
    let mut world = World::new();
    world.ask(Request::CreateTopic {
        topic: "kept".into(),
        message_retention_duration: Some(600),
    });
    let filter = |it: &mut Settings| it.filter = Some("NOT attributes:a".into());
    world.send("kept", vec![systems::pubsub::PubsubMessage::of("m1")]);
    let mut with = systems::pubsub::PubsubMessage::of("m2");
    with.attributes.push(("a".into(), "1".into()));
    world.send("kept", vec![with]);
    world.wait(1_000);
    world
        .subscribe("late", "kept", settings(filter))
        .expect("a subscription");
    assert_eq!(world.bodies("late"), NONE);
    world.seek("late", SeekTarget::Time(0));
    let got = world.pull("late");
    assert_eq!(crate::world::bodies(&got), ["m1"]);
    world
        .ack("late", &[got[0].ack_id])
        .expect("an acknowledgement");
    world.seek("late", SeekTarget::Time(0));
    assert_eq!(world.bodies("late"), ["m1"]);
    world.wait(599_000);
    world.seek("late", SeekTarget::Time(1));
    world.seek("late", SeekTarget::Time(0));
    assert_eq!(world.bodies("late"), NONE);
}

#[test]
fn a_snapshot_serves_any_subscription_of_its_topic() {
    let mut world = World::with(|_| {});
    world.topic("u");
    world
        .subscribe("of-u", "u", Settings::default())
        .expect("of another topic");
    world.publish(&["m1"]);
    let snapshot = || Request::CreateSnapshot {
        snapshot: "snap".into(),
        subscription: "s".into(),
    };
    world.ask(snapshot());
    assert_eq!(world.refused(snapshot()), Code::AlreadyExists);
    world.publish(&["m2"]);
    world.ask(Request::DeleteSubscription {
        subscription: "s".into(),
    });
    world
        .subscribe("late", "t", Settings::default())
        .expect("of the topic");
    world.seek("late", SeekTarget::Snapshot("snap".into()));
    assert_eq!(world.bodies("late"), ["m1", "m2"]);
    let to = SeekTarget::Snapshot("snap".into());
    let seek = Request::Seek {
        subscription: "of-u".into(),
        to,
    };
    assert_eq!(world.refused(seek), Code::FailedPrecondition);
}

#[test]
fn a_snapshot_ends_when_its_oldest_would() {
    const HOUR: u64 = 3_600_000;
    let mut world = World::with(|_| {});
    world.publish(&["m1"]);
    let snapshot = |name: &str| Request::CreateSnapshot {
        snapshot: name.into(),
        subscription: "s".into(),
    };
    world.wait(6 * 24 * HOUR);
    world.ask(snapshot("a"));
    world.wait(23 * HOUR);
    world.ask(snapshot("b"));
    world.wait(1);
    assert_eq!(world.refused(snapshot("c")), Code::FailedPrecondition);
    world.wait(HOUR - 2);
    world.seek("s", SeekTarget::Snapshot("a".into()));
    world.wait(1);
    for name in ["a", "b"] {
        let to = SeekTarget::Snapshot(name.into());
        let seek = Request::Seek {
            subscription: "s".into(),
            to,
        };
        assert_eq!(world.refused(seek), Code::NotFound);
    }
}
