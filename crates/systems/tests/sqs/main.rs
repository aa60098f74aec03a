//! Amazon SQS from outside.

mod account;
mod bench_client;
#[cfg(not(target_arch = "wasm32"))]
mod corpus;
mod deduplicating;
mod exploring;
mod field_cases;
mod holding;
mod managing;
mod moving;
#[cfg(not(target_arch = "wasm32"))]
mod operations;
#[cfg(not(target_arch = "wasm32"))]
mod random;
mod receiving;
#[cfg(not(target_arch = "wasm32"))]
mod reference;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/replay.rs"]
mod replay;
mod sending;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/sequence.rs"]
mod sequence;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../common/stage.rs"]
mod stage;
mod tools;
#[cfg(not(target_arch = "wasm32"))]
mod trial;
