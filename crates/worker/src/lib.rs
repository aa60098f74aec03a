//! What runs beside the page, so that the page stays alive: searches that take seconds.
//!
//! A **desk** takes what the page asks and works on it in slices; between two slices whatever
//! the page has said meanwhile gets in, so a search can be cancelled. `port` is the only part
//! that knows the browser; a desk knows a clock it is handed, and is tested natively.
//!
//! A worker runs the page's own module, and learners' code in the language's module beside it.

pub mod explorer;
pub mod grader;
#[cfg(target_arch = "wasm32")]
pub mod port;

use course::search::Tell;

/// Somebody who works on what the page asks.
pub trait Desk {
    /// Takes what the page asks.
    fn asked(&mut self, text: &str, beside: &mut Beside<'_>);

    /// Works for a slice; says whether there is more to do.
    fn turn(&mut self, beside: &mut Beside<'_>) -> bool;
}

/// What a desk has beside it.
pub struct Beside<'a> {
    /// Milliseconds, counted from anywhere.
    pub clock: &'a dyn Fn() -> f64,
    /// Tells the page something.
    pub tell: &'a mut dyn FnMut(&Tell),
}
