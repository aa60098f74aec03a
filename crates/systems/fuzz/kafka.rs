//! Kafka's broker and its model under operations in any order, driven by coverage.
//!
//! ```text
//! cd crates/systems/fuzz && mkdir -p found kept
//! cargo run --release -- found ../tests/kafka/corpus -max_total_time=600 -max_len=1500
//! cargo run --release -- -set_cover_merge=1 -use_counters=0 -max_len=1500 \
//!     kept ../tests/kafka/corpus found
//! ```
//!
//! The first run takes what reaches something new into `found`; the second one keeps the fewest that
//! reach all of it, and `kept` then replaces `tests/kafka/corpus`. What fails is left as `crash-…`, with
//! the operations printed. Needs a C++ compiler for the fuzzer itself, and nothing beyond stable Rust.

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
