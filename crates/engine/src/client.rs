//! Clients as people write them: a process with the broker's client library and a program around it.

pub mod assignor;
pub mod consumer;
pub mod isolation;
pub mod partitioner;
pub mod producer;
