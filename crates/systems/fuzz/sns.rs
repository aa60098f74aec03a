//! Amazon SNS, alone and with queues of Amazon SQS: the trial of the tests, driven by coverage. How to run it: README.md.

#![no_main]
// The tests beside the trial use more of its benches.
#![allow(dead_code)]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
    pub mod stage;
}

#[path = "../tests/sns"]
mod sns {
    pub mod account;
    pub mod groups;
    pub mod steps;
    pub mod trial;
}

use common::{sequence, stage};
use sns::{account, groups, steps, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(bytes);
});
