//! The stage: a run at a position, as picture, table row, sentence and terminal.
//!
//! Everything above [`view`] is a pure function from a run and a position to shapes, rows and
//! words: no Yew in it, tested natively. [`view`] only draws.

pub mod bus;
pub mod fixed;
pub mod moment;
pub mod player;
pub mod rows;
pub mod search;
pub mod sentence;
pub mod tape;
pub mod timeline;
pub mod view;
