//! Bytes that once reached something new, and random ones.

use crate::stage::Stage;
use crate::{replay, trial};
use systems::pubsub::{Pubsub, PubsubMessage, Request, Settings};
use systems::{Caller, Counter, Instant, Parts, Server, Visitor};

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("pubsub", trial::run);
}

#[test]
fn any_bytes_are_played_without_a_panic() {
    replay::random(128, 1_500, trial::run);
}

#[test]
fn what_is_acknowledged_stays_away_and_keys_keep_their_order() {
    for kind in [0, 1] {
        replay::random(128, 500, |bytes| trial::run(&[&[kind], bytes].concat()));
    }
}

#[test]
fn everything_comes_to_rest_when_all_is_acknowledged() {
    replay::random(128, 400, |bytes| trial::run(&[&[2], bytes].concat()));
}

/// Moves every time and number on.
struct Shift(u64);

impl Visitor for Shift {
    fn instant(&mut self, at: &mut Instant) {
        at.0 = at.0.wrapping_add(self.0);
    }
    fn counter(&mut self, _: Counter, number: &mut u64) {
        *number = number.wrapping_add(self.0);
    }
}

#[test]
fn times_and_numbers_are_visited() {
    let mut stage = Stage::new(Pubsub::new("p"));
    stage.now = Instant(5);
    let me = Caller {
        client: 0,
        connection: 1,
    };
    for request in [
        Request::CreateTopic {
            topic: "a".into(),
            message_retention_duration: None,
        },
        Request::CreateSubscription {
            subscription: "s".into(),
            topic: "a".into(),
            settings: Box::new(Settings {
                enable_message_ordering: true,
                ..Settings::default()
            }),
        },
        Request::CreateSnapshot {
            snapshot: "snap".into(),
            subscription: "s".into(),
        },
        Request::Publish {
            topic: "a".into(),
            messages: vec![
                PubsubMessage {
                    ordering_key: "k".into(),
                    ..PubsubMessage::of("m")
                };
                2
            ],
        },
        Request::Pull {
            subscription: "s".into(),
            max_messages: 1,
            return_immediately: true,
        },
    ] {
        stage.ask(me, request);
    }
    let mut moved = stage.server.clone();
    moved.visit_parts(&mut Shift(7), |_| true);
    assert_ne!(moved, stage.server);
    let due = stage.server.next_due().expect("a deadline").0;
    assert_eq!(moved.next_due().expect("a deadline").0, Instant(due.0 + 7));
    moved.visit_parts(&mut Shift(7u64.wrapping_neg()), |_| true);
    assert_eq!(moved, stage.server);
}
