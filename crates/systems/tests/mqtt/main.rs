//! The MQTT broker: its rules one by one, cases from the field, properties over random operations.

mod field;
mod flow;
mod operations;
mod packets;
mod properties;
mod publishing;
mod reference;
#[path = "../common/replay.rs"]
mod replay;
#[path = "../common/sequence.rs"]
mod sequence;
mod sessions;
#[path = "../common/stage.rs"]
mod stage;
mod subscribing;
mod table;
mod trial;
mod wills;
