//! NATS: what the recordings do not show, cases from the field, and what always holds.

mod bench_of_one;
mod consumers;
mod core;
#[cfg(not(target_arch = "wasm32"))]
mod corpus;
mod ends;
mod field;
#[cfg(not(target_arch = "wasm32"))]
mod models;
#[cfg(not(target_arch = "wasm32"))]
mod operations;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/replay.rs"]
mod replay;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/sequence.rs"]
mod sequence;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/stage.rs"]
mod stage;
mod streams;
mod tools;
#[cfg(not(target_arch = "wasm32"))]
mod trial;
