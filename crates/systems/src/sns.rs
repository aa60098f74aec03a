//! Amazon SNS.
