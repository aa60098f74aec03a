//! Bytes that once reached something new, and random ones.

use crate::{replay, trial};

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("kinesis", trial::run);
}

#[test]
fn no_bytes_make_the_service_panic() {
    replay::random(64, 1_000, trial::run);
}

#[test]
fn a_stream_does_what_the_slow_model_does() {
    replay::random(96, 400, |bytes| trial::run(&[&[0], bytes].concat()));
}
