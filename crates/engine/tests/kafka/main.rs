//! The model of Apache Kafka, on random input.

// The generators of random input are not for browsers.
#![cfg(not(target_arch = "wasm32"))]

mod compaction;
mod written;
