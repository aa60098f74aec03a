//! The language of handlers: the one place where commands meet it.

use course::exercise::Problem;
use engine::Cast;
use engine::handler::Handler;
use handler::Code;
use std::sync::Arc;

/// Makes a handler of a text.
pub fn compile(text: &str, cast: &Cast) -> Result<Arc<dyn Handler>, Vec<Problem>> {
    match Code::parse(text, cast) {
        Ok(code) => Ok(Arc::new(code)),
        Err(problems) => Err(problems.into_iter().map(told).collect()),
    }
}

fn told(problem: handler::Problem) -> Problem {
    let handler::Problem {
        line,
        column,
        end_line,
        end_column,
        message,
        help,
    } = problem;
    Problem {
        line,
        column,
        end_line,
        end_column,
        message,
        help,
    }
}
