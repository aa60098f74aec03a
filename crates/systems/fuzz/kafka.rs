//! The broker and its model under operations in any order, driven by coverage. How to run it: README.md.

#![no_main]

#[path = "../tests/common"]
mod common {
    pub mod sequence;
}

/// The interpreter, the invariants and the model are those of the tests.
#[path = "../tests/kafka"]
mod kafka {
    pub mod encode;
    pub mod invariants;
    pub mod operations;
    pub mod reference;
    pub mod trial;
}

use common::sequence;
use kafka::{encode, invariants, operations, reference, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(&operations::decode(bytes));
});
