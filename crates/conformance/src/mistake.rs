//! What is wrong with a file: where, what, and what to do next.

use serde::Serialize;
use std::fmt;

/// One mistake of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    /// The file, and what in it.
    pub place: String,
    /// What is wrong.
    pub cause: String,
    /// What to do next.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", self.place, self.cause, self.remedy)
    }
}

impl std::error::Error for Mistake {}
