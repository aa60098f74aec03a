//! The model of Apache Kafka, on random input: operations in any order, held against a slow and obvious
//! model and under invariants, and properties of its parts.

// The generators of random input are not for browsers.
#![cfg(not(target_arch = "wasm32"))]

mod compaction;
mod corpus;
mod encode;
mod invariants;
mod operations;
mod properties;
mod reference;
#[path = "../common/replay.rs"]
mod replay;
#[path = "../common/sequence.rs"]
mod sequence;
mod trial;
mod written;
