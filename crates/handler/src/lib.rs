//! What learners write: a consumer's handler, in Starlark.
//!
//! ```python
//! def handle(message, db, mail, broker):
//!     if db.has("processed", message.id):
//!         return
//!     mail.send(message)
//!     db.insert("processed", message.id)
//! ```
//!
//! # Rules
//! 1. Each call of a table, a service, the broker or the clock is one step of the world
//!    ([`Ask`](engine::handler::Ask)): a crash can fall before and after it, and others act
//!    meanwhile. A program is run from its start for each step, with the answers there are; the first
//!    call that has no answer yet stops it and is what it asks for.
//! 2. What could differ from run to run is not there: no time, no chance, nothing from outside. The same
//!    program with the same answers takes the same turn, natively and in a page.
//! 3. Variables last one handling. What stands at the top of a program is computed once and cannot be
//!    changed after: a process that dies forgets, and tables are what remembers.
//! 4. Everything has a limit in the language's own units ([`limits`]), within built-in functions
//!    too, and behind those a hard cap: natively [`guard`], in a page the worker that runs the
//!    program.
//! 5. A transaction gathers writes and is one step, its commit. Reads are steps of their own,
//!    before it: whether a row was there is decided at the commit, by an insert.
//!
//! # What there is to write
//! [`reference()`] is the list, for a page too. A program is checked before it runs
//! ([`Code::parse`]): a name, a table or a parameter that does not exist is told with its line, its
//! column, and what there is instead.

mod builtin;
mod calls;
mod check;
mod code;
#[cfg(not(target_arch = "wasm32"))]
pub mod guard;
mod host;
pub mod language;
pub mod limits;
mod metered;
mod nesting;
mod problem;
mod reference;
mod scene;
mod session;

pub use code::Code;
pub use engine::handler::Problem;
pub use reference::{Entry, reference};

use engine::Cast;
use engine::handler::{Memory, Program};
use std::sync::Arc;

/// Reads a program to be graded, which remembers its turns and is bounded in all of them together.
///
/// # Errors
/// Everything that is wrong with it, in the order of the lines.
pub fn program(text: &str, cast: &Cast) -> Result<Arc<dyn Program>, Vec<Problem>> {
    Ok(Arc::new(Memory::new(Code::parse(text, cast)?)))
}
