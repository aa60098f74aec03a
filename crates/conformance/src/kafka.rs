//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod ops;
pub mod partitioning;
pub mod session;
pub mod transactions;
