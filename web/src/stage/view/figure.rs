//! Draws figures, each by its shape.

use super::{Act, queue, routes, tape};
use crate::stage::figure::Figure;
use yew::prelude::*;

/// A figure. `anchor` tells the stages of a page apart.
pub fn draw(figure: &Figure, anchor: &str, live: bool, act: &Callback<Act>) -> Html {
    match figure {
        Figure::Tape(tape) => tape::draw(tape),
        Figure::Queue(queue) => queue::draw(queue, anchor, live, act),
        Figure::Routes(all) => routes::draw(all, anchor, live, act),
    }
}
