//! Kinesis, held against its rules, the field's cases and random operations.

mod account;
mod control;
mod corpus;
mod facts;
mod fanout;
mod field_cases;
mod following;
mod iterators;
mod leases;
mod operations;
mod properties;
mod puts;
mod quotas;
#[path = "../common/replay.rs"]
mod replay;
mod resharding;
#[path = "../common/sequence.rs"]
mod sequence;
#[path = "../common/stage.rs"]
mod stage;
mod tools;
mod trial;
mod workers;
