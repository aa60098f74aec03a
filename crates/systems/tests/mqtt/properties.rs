//! What holds whatever happens.

use crate::{flow, replay, trial};
use explore::seed::Seed;
use proptest::prelude::*;
use std::collections::BTreeSet;
use systems::mqtt::Fact;

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("mqtt", |bytes| {
        trial::run(bytes);
    });
}

/// The first byte is the kind of trial.
fn of_kind(kind: u8, cases: u32, length_max: usize) {
    replay::random(cases, length_max, |bytes| {
        trial::run(&[&[kind], bytes].concat());
    });
}

#[test]
fn any_bytes_are_taken_and_always_alike() {
    of_kind(4, 100, 1_500);
}

#[test]
fn a_broker_at_another_time_goes_on_alike() {
    of_kind(3, 100, 1_500);
}

#[test]
fn qos_2_comes_exactly_once_across_reconnects() {
    of_kind(1, 512, 300);
}

#[test]
fn qos_1_comes_at_least_once_across_reconnects() {
    of_kind(0, 512, 300);
}

proptest! {
    #[test]
    fn without_failures_qos_1_comes_once_and_in_order(count in 0_usize..60, window in 1_u16..5) {
        flow::run_without_failures(count, window);
    }
}

#[test]
fn random_bytes_do_something() {
    let mut seed = Seed::new(1);
    let mut verbs = BTreeSet::new();
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..4_000).map(|_| seed.draw() as u8).collect();
        verbs.extend(trial::run(&[&[4], &bytes[..]].concat()));
    }
    for (verb, _) in Fact::FORMS {
        assert!(verbs.contains(verb), "never {verb}, only {verbs:?}");
    }
}
