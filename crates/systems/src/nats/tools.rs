//! What the operators' tool `nats` prints.
