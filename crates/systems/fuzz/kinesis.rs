//! Amazon Kinesis: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/kinesis"]
mod kinesis {
    pub mod account;
    pub mod following;
    pub mod operations;
    pub mod properties;
    pub mod trial;
}

use common::{sequence, stage};
use kinesis::{account, following, operations, properties, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
