//! Who plays a recording.

use crate::recording::Step;
use crate::refusal::Refusal;
use serde_json::Value;

/// Plays one recording against a model, step by step.
pub trait Player {
    /// The model's answer to the next step; steps come in order, and none is left out.
    ///
    /// # Errors
    /// An op or a field that the model does not know; the recording fails.
    fn play(&mut self, step: &Step) -> Result<Value, Refusal>;
}
