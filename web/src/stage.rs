//! The stage: a run at a position, as picture, table row, sentence and terminal.
//!
//! Everything above [`view`] is a pure function from a run and a position to shapes, rows and
//! words: no Yew in it, tested natively. [`view`] only draws.

pub mod bus;
pub mod figure;
pub mod fixed;
pub mod moment;
pub mod party;
pub mod player;
pub mod rows;
pub mod screen;
pub mod search;
pub mod sentence;
pub mod telling;
pub mod timeline;
pub mod view;
pub mod words;
