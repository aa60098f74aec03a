//! Google Cloud Pub/Sub as a library: field cases, rules and properties.

mod acknowledging;
mod corpus;
mod delivering;
mod facts;
mod field;
mod operations;
mod ordering;
mod promises;
mod pushing;
#[path = "../common/replay.rs"]
mod replay;
mod resources;
mod seeking;
#[path = "../common/sequence.rs"]
mod sequence;
#[path = "../common/stage.rs"]
mod stage;
mod table;
mod tools;
mod trial;
mod world;
