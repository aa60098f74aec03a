//! Amazon SQS from outside.

mod account;
mod bench_client;
#[cfg(not(target_arch = "wasm32"))]
mod bytes;
mod deduplicating;
mod exploring;
mod field_cases;
mod holding;
mod managing;
mod moving;
#[cfg(not(target_arch = "wasm32"))]
mod random;
mod receiving;
#[cfg(not(target_arch = "wasm32"))]
mod reference;
mod sending;
mod tools;
