//! Draws figures, each by its shape.

use super::tape;
use crate::stage::figure::Figure;
use yew::prelude::*;

/// A figure.
pub fn draw(figure: &Figure) -> Html {
    match figure {
        Figure::Tape(tape) => tape::draw(tape),
    }
}
