//! Google Cloud Pub/Sub: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/pubsub"]
mod pubsub {
    pub mod operations;
    pub mod promises;
    pub mod trial;
    pub mod world;
}

use common::{sequence, stage};
use pubsub::{operations, promises, trial, world};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
