//! What the operators' tool `nats` prints of streams and consumers.
//!
//! Left out: everything else the tool can do.
