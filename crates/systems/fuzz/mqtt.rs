//! The MQTT broker: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/mqtt"]
mod mqtt {
    pub mod flow;
    pub mod operations;
    pub mod table;
    pub mod trial;
}

use common::{sequence, stage};
use mqtt::{flow, operations, table, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
