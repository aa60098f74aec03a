//! RabbitMQ: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
}

#[path = "../tests/rabbitmq"]
mod rabbitmq {
    pub mod random;
    pub mod reference;
    pub mod scene;
    pub mod streaming;
    pub mod trial;
}

use common::sequence;
use rabbitmq::{random, reference, scene, streaming, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
