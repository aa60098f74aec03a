//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod cleaning;
pub mod partitioning;
