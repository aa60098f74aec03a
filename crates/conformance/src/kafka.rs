//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod cleaning;
pub mod ops;
pub mod partitioning;
pub mod session;
pub mod transactions;
