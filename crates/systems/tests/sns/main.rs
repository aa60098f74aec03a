//! Amazon SNS from outside.

mod account;
mod delivering;
mod envelopes;
mod publishing;
mod random;
mod reference;
mod serving;
mod steps;
mod subscribing;
