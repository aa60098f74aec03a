//! Sequences of operations that once reached something new, and random ones.

use crate::{operations, replay, trial};

fn play(bytes: &[u8]) {
    trial::run(&operations::decode(bytes));
}

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("kafka", play);
}

#[test]
fn the_broker_does_what_the_model_does() {
    replay::random(256, 2_000, play);
}
