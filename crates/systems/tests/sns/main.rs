//! Amazon SNS from outside.

mod account;
mod delivering;
mod envelopes;
mod groups;
mod publishing;
mod random;
mod reference;
#[path = "../common/replay.rs"]
mod replay;
#[path = "../common/sequence.rs"]
mod sequence;
mod serving;
#[path = "../common/stage.rs"]
mod stage;
mod steps;
mod subscribing;
mod trial;
