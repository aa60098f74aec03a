//! Acknowledgements and deadlines.

use crate::world::World;
use systems::Instant;
use systems::pubsub::subscriber::Leases;
use systems::pubsub::{AckId, Code, Settings};

#[test]
fn an_acknowledgement_after_the_deadline_counts_until_the_next_delivery() {
    let mut world = World::with(|_| {});
    world.publish(&["m1", "m2"]);
    let first = world.pull("s");
    world.wait(11_000);
    world.ack("s", &[first[0].ack_id]).expect("no error");
    let second = world.pull("s");
    assert_eq!(crate::world::bodies(&second), ["m2"]);
    world.ack("s", &[first[1].ack_id]).expect("no error");
    world.wait(11_000);
    assert_eq!(world.bodies("s"), ["m2"]);
}

#[test]
fn a_second_acknowledgement_changes_nothing() {
    let mut world = World::with(|_| {});
    world.publish(&["m"]);
    let got = world.pull("s");
    for _ in 0..2 {
        world.ack("s", &[got[0].ack_id]).expect("no error");
    }
    world.nack("s", got[0].ack_id);
    world.modify("s", got[0].ack_id, 60).expect("no error");
    world.wait(60_000);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
}

#[test]
fn exactly_once_refuses_outdated_acknowledgements() {
    let mut world = World::with(|it| it.enable_exactly_once_delivery = true);
    world.publish(&["m1", "m2"]);
    let first = world.pull("s");
    let ids: Vec<AckId> = first.iter().map(|one| one.ack_id).collect();
    world.modify("s", ids[1], 60).expect("it is in flight");
    world.wait(11_000);
    // The deadline of m1 has passed, and that of m2 has not: the one is refused, the other counts.
    let error = world.ack("s", &ids).expect_err("an expired id");
    assert_eq!(
        (error.code, &error.invalid_ack_ids[..]),
        (Code::InvalidArgument, &ids[..1])
    );
    let error = world.modify("s", ids[0], 10).expect_err("an expired id");
    assert_eq!(error.invalid_ack_ids, &ids[..1]);
    let second = world.pull("s");
    assert_eq!(crate::world::bodies(&second), ["m1"]);
    assert!(world.ack("s", &ids[..1]).is_err());
    world.ack("s", &[second[0].ack_id]).expect("the latest id");
    world.wait(60_000);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
}

#[test]
fn made_up_acknowledgement_ids_are_refused() {
    let mut world = World::with(|_| {});
    world
        .subscribe("other", "t", Settings::default())
        .expect("another");
    world.publish(&["m"]);
    let id = world.pull("s")[0].ack_id;
    let mut check = |subscription: &str, ids: &[AckId]| {
        let error = world.ack(subscription, ids).expect_err("a refusal");
        assert_eq!(error.code, Code::InvalidArgument);
    };
    check("other", &[id]);
    check("s", &[]);
    check("s", &[id, AckId { delivery: 2, ..id }]);
    check("s", &[AckId { message: 2, ..id }]);
    assert_eq!(
        world.modify("s", id, 601).expect_err("too long").code,
        Code::InvalidArgument
    );
}

#[test]
fn the_retry_policy_doubles_the_wait() {
    let mut world = World::with(|it| (it.minimum_backoff, it.maximum_backoff) = (Some(4), 10));
    world.publish(&["m"]);
    for wait in [4_000, 8_000, 10_000, 10_000] {
        let got = world.pull("s");
        world.nack("s", got[0].ack_id);
        world.wait(wait - 1);
        assert_eq!(world.bodies("s"), Vec::<String>::new());
        world.wait(1);
    }
    // A missed deadline waits as a nack does.
    assert_eq!(world.pull("s").len(), 1);
    world.wait(19_999);
    assert_eq!(world.bodies("s"), Vec::<String>::new());
    world.wait(1);
    assert_eq!(world.bodies("s"), ["m"]);
}

#[test]
fn the_library_extends_until_its_limit() {
    let mut world = World::with(|_| {});
    world.publish(&["m"]);
    let id = world.pull("s")[0].ack_id;
    let mut leases = Leases::default();
    leases.extension_seconds = 20;
    leases.took(world.now, id, 10);
    let mut extended = Vec::new();
    while let Some(at) = leases.next() {
        world.wait(at.since(world.now).0 / 1000);
        for id in leases.extend(world.now) {
            assert_eq!(id, world_id(&world));
            world
                .modify("s", id, leases.extension_seconds)
                .expect("an extension");
            extended.push(world.now.ms());
        }
        assert_eq!(world.bodies("s"), Vec::<String>::new());
    }
    assert_eq!(extended[..3], [5_000, 20_000, 35_000]);
    assert_eq!(extended.last(), Some(&3_590_000));
    assert_eq!(leases.held(), 0);
    world.wait(5_000 + 20_000);
    assert_eq!(world.now, Instant(3_630_000_000));
    assert_eq!(world.bodies("s"), ["m"]);
}

/// The id of the only message in flight.
fn world_id(world: &World) -> AckId {
    let one = world.pubsub.subscriptions()[0];
    let entry = one.backlog().next().expect("a message");
    AckId {
        subscription: one.number,
        message: entry.message.id,
        delivery: entry.delivery.expect("a delivery"),
        record: None,
    }
}
