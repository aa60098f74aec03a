//! The language that learners write in, for a desk.

use crate::explorer::Language;
use crate::grader::Reader;
use course::exercise::Problem;
use engine::Cast;
use engine::handler::{Handler, Recorded};
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
        let code = Code::parse(text, cast)
            .map_err(|all| all.into_iter().map(problem).collect::<Vec<_>>())?;
        let memory = Arc::new(Memory::new(code));
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

fn problem(one: handler::Problem) -> Problem {
    Problem {
        line: one.line,
        column: one.column,
        end_line: one.end_line,
        end_column: one.end_column,
        message: one.message,
        help: one.help,
    }
}
