//! NATS: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/nats"]
mod nats {
    pub mod bench_of_one;
    pub mod models;
    pub mod operations;
    pub mod trial;
}

use common::{sequence, stage};
use nats::{bench_of_one, models, operations, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
