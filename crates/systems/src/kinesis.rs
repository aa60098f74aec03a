//! Amazon Kinesis.
