//! Clients as people write them: a process with the broker's client library and a program around it.

pub mod consumer;
pub mod process;
