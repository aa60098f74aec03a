//! Bytes that once reached something new, and random ones.

use crate::{replay, trial};

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("sqs", |bytes| {
        trial::run(bytes);
    });
}

#[test]
fn no_bytes_stop_the_service() {
    replay::random(100, 1_500, |bytes| assert!(trial::run(bytes) <= 150));
}

/// The first byte is the kind of trial: a standard queue, a FIFO queue.
fn of_kind(kinds: [u8; 2]) {
    for kind in kinds {
        replay::random(400, 400, |bytes| {
            trial::run(&[&[kind], bytes].concat());
        });
    }
}

#[test]
fn queues_do_what_the_list_does() {
    of_kind([0, 1]);
}

#[test]
fn queues_keep_their_promises() {
    of_kind([2, 3]);
}

#[test]
fn bytes_become_operations() {
    let bytes: Vec<u8> = (0..2000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8)
        .collect();
    for kind in 0..8 {
        assert!(trial::run(&[&[kind], &bytes[..]].concat()) > 20);
    }
}
