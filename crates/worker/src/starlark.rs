//! The language that learners write in, for a desk.

use crate::explorer::Language;
use crate::grader::Reader;
use engine::Cast;
use engine::handler::{Handler, Problem, Recorded};
use handler::{Code, Memory};
use std::cell::RefCell;
use std::sync::Arc;

/// Starlark.
pub struct Starlark;

impl Language for Starlark {
    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Reading::default())
    }
}

#[derive(Default)]
struct Reading {
    last: RefCell<Option<Arc<Memory<Code>>>>,
}

impl Reader for Reading {
    fn read(&self, text: &str, cast: &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>> {
        let memory = Arc::new(Memory::new(Code::parse(text, cast)?));
        self.last.replace(Some(Arc::clone(&memory)));
        Ok(memory)
    }

    fn recorded(&self) -> Recorded {
        self.last
            .borrow()
            .as_ref()
            .map_or_else(Recorded::default, |memory| memory.recorded())
    }
}
