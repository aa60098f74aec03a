//! Redis: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/redis"]
mod redis {
    pub mod operations;
    pub mod reference;
    pub mod talk;
    pub mod trial;
}

use common::{sequence, stage};
use redis::{operations, reference, talk, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
