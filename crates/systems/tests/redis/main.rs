//! Redis: what its documentation and its users say it does.

mod cases;
mod channels;
mod operations;
mod parts;
mod properties;
mod reference;
#[path = "../common/replay.rs"]
mod replay;
#[path = "../common/sequence.rs"]
mod sequence;
#[path = "../common/stage.rs"]
mod stage;
mod streams;
mod talk;
mod trial;
mod versions;
