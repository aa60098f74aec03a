//! The Kinesis Client Library.
