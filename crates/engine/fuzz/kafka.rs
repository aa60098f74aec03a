//! Kafka's broker and its model under operations in any order, driven by coverage.
//!
//! ```text
//! cd crates/engine/fuzz
//! cargo run --release -- found ../tests/kafka/corpus -max_total_time=600 -max_len=2000
//! cargo run --release -- -merge=1 ../tests/kafka/corpus found    # keeps what reaches something new
//! ```
//!
//! The first folder takes what is found. Needs a C++ compiler, for the fuzzer itself.

#![no_main]

/// The interpreter, the invariants and the model are those of the tests.
#[path = "../tests/kafka"]
mod kafka {
    pub mod encode;
    pub mod invariants;
    pub mod operations;
    pub mod reference;
    pub mod trial;
}

use kafka::{encode, invariants, operations, reference, trial};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    trial::run(&operations::decode(bytes));
});
