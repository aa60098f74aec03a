//! Pulls and streams.

use crate::world::{ME, World, bodies, client};
use systems::pubsub::{Reply, Request};

const ONE: systems::Caller = client(1);
const TWO: systems::Caller = client(2);

fn waiting_pull(max_messages: u32) -> Request {
    Request::Pull {
        subscription: "s".into(),
        max_messages,
        return_immediately: false,
    }
}

#[test]
fn a_pull_waits_for_a_message() {
    let mut world = World::with(|_| {});
    assert_eq!(world.try_ask(ONE, waiting_pull(5)), Ok(None));
    assert_eq!(world.try_ask(TWO, waiting_pull(5)), Ok(None));
    world.wait(1_000);
    world.publish(&["m"]);
    let woken: Vec<_> = world.inbox.drain(..).collect();
    assert!(matches!(&woken[..], [(ONE, Reply::Received { messages, .. })] if messages.len() == 1));
    // The other gets nothing from a single message, and is answered in the end.
    world.wait(8_000);
    assert!(world.inbox.is_empty());
    world.wait(89_000);
    let ended: Vec<_> = world.inbox.drain(..).collect();
    assert!(matches!(&ended[..], [(TWO, Reply::Received { messages, .. })] if messages.len() == 1));
}

#[test]
fn a_pull_that_waited_in_vain_is_answered_with_nothing() {
    let mut world = World::with(|_| {});
    assert_eq!(world.try_ask(ONE, waiting_pull(1)), Ok(None));
    world.wait(89_999);
    assert!(world.inbox.is_empty());
    world.wait(1);
    assert!(
        matches!(&world.inbox[..], [(ONE, Reply::Received { messages, .. })] if messages.is_empty())
    );
    let code = world.refused(waiting_pull(0));
    assert_eq!(code.name(), "INVALID_ARGUMENT");
}

#[test]
fn flow_control_holds_a_stream_back() {
    let mut world = World::with(|_| {});
    world.stream(ONE, "s", 2, 0);
    world.publish(&["m1", "m2", "m3", "m4"]);
    let got = world.streamed(ONE);
    assert_eq!(bodies(&got), ["m1", "m2"]);
    world
        .ack("s", &[got[1].ack_id])
        .expect("an acknowledgement");
    assert_eq!(bodies(&world.streamed(ONE)), ["m3"]);
    // A second stream takes what the first has no room for; a limit of bytes lets one message begin.
    world.stream(TWO, "s", 0, 1);
    assert_eq!(bodies(&world.streamed(TWO)), ["m4"]);
    world.publish(&["m5"]);
    assert_eq!(
        (world.streamed(ONE).len(), world.streamed(TWO).len()),
        (0, 0)
    );
    world.nack("s", got[0].ack_id);
    assert_eq!(bodies(&world.streamed(ONE)), ["m1"]);
}

#[test]
fn streams_take_turns_and_end_with_their_subscription() {
    let mut world = World::with(|_| {});
    world.stream(ONE, "s", 0, 0);
    world.stream(TWO, "s", 0, 0);
    world.publish(&["m1", "m2", "m3", "m4"]);
    assert_eq!(bodies(&world.streamed(ONE)), ["m1", "m3"]);
    assert_eq!(bodies(&world.streamed(TWO)), ["m2", "m4"]);
    world.ask(Request::CloseStream {
        subscription: "s".into(),
    });
    world
        .try_ask(
            ONE,
            Request::CloseStream {
                subscription: "s".into(),
            },
        )
        .expect("closed");
    world.publish(&["m5"]);
    assert_eq!(bodies(&world.streamed(TWO)), ["m5"]);
    world.ask(Request::DeleteSubscription {
        subscription: "s".into(),
    });
    let ended: Vec<_> = world.inbox.drain(..).collect();
    assert!(
        matches!(&ended[..], [(TWO, Reply::StreamEnded { error, .. })] if error.code.name() == "NOT_FOUND")
    );
    assert_ne!(ONE, ME);
}

#[test]
fn a_stream_that_is_opened_again_counts_only_what_came_on_it() {
    let mut world = World::with(|_| {});
    world.stream(ONE, "s", 1, 0);
    world.publish(&["m1", "m2", "m3"]);
    let first = world.streamed(ONE);
    assert_eq!(bodies(&first), ["m1"]);
    let close = Request::CloseStream {
        subscription: "s".into(),
    };
    world.try_ask(ONE, close).expect("closed");
    world.stream(ONE, "s", 1, 0);
    assert_eq!(bodies(&world.streamed(ONE)), ["m2"]);
    // What the closed stream held frees nothing on this one.
    world
        .ack("s", &[first[0].ack_id])
        .expect("an acknowledgement");
    assert_eq!(bodies(&world.streamed(ONE)), Vec::<String>::new());
}
