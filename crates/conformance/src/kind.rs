//! Kinds of vector files.

use crate::refusal::Refusal;
use serde_json::Value;

/// A kind that is modelled.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name, which is that of its file.
    pub name: &'static str,
    /// The output for a case's input.
    pub answer: fn(&Value) -> Result<Value, Refusal>,
}
