//! The language of handlers: the one place where commands meet it.

use engine::Cast;
use engine::handler::{Handler, Problem};
use handler::Code;
use std::sync::Arc;

/// Makes a handler of a text.
pub fn compile(text: &str, cast: &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>> {
    Ok(Arc::new(Code::parse(text, cast)?))
}
