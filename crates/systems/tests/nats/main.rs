//! NATS: what the recordings do not show, cases from the field, and what always holds.

mod bench_of_one;
mod core;
mod field;
mod jetstream;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod tools;
