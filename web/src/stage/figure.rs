//! What a server's state looks like: a few shapes, which the view draws without knowing of whom they are.
//!
//! Each system has a room here that makes shapes of its state.

pub mod kafka;
pub mod tape;

use crate::stage::moment::Moment;
use tape::Tape;

/// What can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A log.
    Tape(Tape),
}

/// The figures of a moment, in the order in which they stand.
pub fn figures(moment: &Moment<'_>) -> Vec<Figure> {
    kafka::tapes(moment).into_iter().map(Figure::Tape).collect()
}
