//! Amazon SNS.

pub mod filter_policy;
pub mod message;
