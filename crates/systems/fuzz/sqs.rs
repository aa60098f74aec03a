//! Amazon SQS: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/sqs"]
mod sqs {
    pub mod bench_client;
    pub mod operations;
    pub mod random;
    pub mod reference;
    pub mod trial;
}

use common::{sequence, stage};
use sqs::{bench_client, operations, random, reference, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
