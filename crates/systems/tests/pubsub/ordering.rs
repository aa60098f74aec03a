//! Ordering keys.

use crate::world::{World, bodies, client, keyed};
use systems::pubsub::Settings;

fn ordered(it: &mut Settings) {
    it.enable_message_ordering = true;
}

#[test]
fn a_message_that_comes_again_brings_the_later_ones_of_its_key() {
    let mut world = World::with(ordered);
    let messages = ["m1", "m2", "m3", "m4"].map(|body| keyed(body, "k"));
    world.send("t", messages.into());
    world.send("t", vec![keyed("l1", "l"), keyed("free", "")]);
    let first = world.pull("s");
    assert_eq!(bodies(&first), ["m1", "m2", "m3", "m4", "l1", "free"]);
    // m3 is acknowledged before m2: it does not count yet.
    world
        .ack("s", &[first[0].ack_id, first[2].ack_id])
        .expect("acknowledgements");
    world.nack("s", first[1].ack_id);
    let second = world.pull("s");
    assert_eq!(bodies(&second), ["m2", "m3", "m4"]);
    // The ids of the first delivery are outdated.
    world.ack("s", &[first[3].ack_id]).expect("no error");
    let ids: Vec<_> = second.iter().rev().map(|one| one.ack_id).collect();
    world.ack("s", &ids).expect("acknowledgements");
    world.wait(11_000);
    assert_eq!(world.bodies("s"), ["l1", "free"]);
}

#[test]
fn a_batch_of_a_key_blocks_the_rest_of_it() {
    let mut world = World::with(ordered);
    let messages = ["m1", "m2", "m3"].map(|body| keyed(body, "k"));
    world.send("t", messages.into());
    world.send("t", vec![keyed("l1", "l")]);
    let batch = world.pull_max("s", 2);
    assert_eq!(bodies(&batch), ["m1", "m2"]);
    assert_eq!(world.bodies("s"), ["l1"]);
    world
        .ack("s", &[batch[1].ack_id])
        .expect("an acknowledgement");
    assert_eq!(world.bodies("s"), Vec::<String>::new());
    world
        .ack("s", &[batch[0].ack_id])
        .expect("an acknowledgement");
    assert_eq!(world.bodies("s"), ["m3"]);
}

#[test]
fn a_stream_that_holds_a_key_gets_its_next_messages() {
    let mut world = World::with(ordered);
    let (one, two) = (client(1), client(2));
    world.stream(one, "s", 0, 0);
    world.stream(two, "s", 0, 0);
    for (body, key) in [
        ("k1", "k"),
        ("l1", "l"),
        ("k2", "k"),
        ("k3", "k"),
        ("l2", "l"),
    ] {
        world.send("t", vec![keyed(body, key)]);
    }
    let first = world.streamed(one);
    assert_eq!(bodies(&first), ["k1", "k2", "k3"]);
    assert_eq!(bodies(&world.streamed(two)), ["l1", "l2"]);
    // The first stream breaks: its key waits until its deadline, then goes to the other from the start.
    world.pubsub_disconnect(one);
    world.send("t", vec![keyed("k4", "k")]);
    assert_eq!(bodies(&world.streamed(two)), Vec::<String>::new());
    world.wait(10_000);
    let second = bodies(&world.streamed(two));
    assert_eq!(second, ["k1", "k2", "k3", "k4", "l1", "l2"]);
    assert_eq!(first.len(), 3);
}

#[test]
fn without_ordering_a_key_is_only_data() {
    let mut world = World::with(|_| {});
    world.send("t", vec![keyed("m1", "k"), keyed("m2", "k")]);
    let first = world.pull_max("s", 1);
    assert_eq!(bodies(&first), ["m1"]);
    assert_eq!(world.bodies("s"), ["m2"]);
    world.nack("s", first[0].ack_id);
    assert_eq!(world.bodies("s"), ["m1"]);
}
