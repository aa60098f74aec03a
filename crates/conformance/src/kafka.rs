//! Apache Kafka: what its vectors and recordings ask of the engine's model.

pub mod partitioning;
