//! What always holds: bytes that once reached something new, and random ones.

use crate::{replay, trial};

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("nats", trial::run);
}

#[test]
fn no_bytes_make_the_server_panic() {
    replay::random(64, 1_000, trial::run);
}

/// The first byte is the kind of trial.
fn of_kind(kind: u8) {
    replay::random(256, 300, |bytes| trial::run(&[&[kind], bytes].concat()));
}

#[test]
fn a_work_queue_keeps_nothing_acknowledged_and_the_numbers_add_up() {
    of_kind(0);
}

#[test]
fn sequences_only_grow_and_limits_hold() {
    of_kind(1);
}

#[test]
fn a_work_queue_delivers_as_the_slow_one_on_a_page() {
    of_kind(2);
}
