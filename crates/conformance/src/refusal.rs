//! What a model says to a word it does not know.

/// A model was asked for something outside it: an op, a field, a setting. It fails the case, also
/// where the step is not compared, since later steps rest on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {remedy}")]
pub struct Refusal {
    /// What is not known, and what would be.
    pub cause: String,
    /// What to do next.
    pub remedy: String,
}

impl Refusal {
    /// A refusal in own words: what is not known, and what would be.
    pub fn new(cause: impl Into<String>) -> Self {
        Refusal {
            cause: cause.into(),
            remedy: "add it to the adapter of this model, or correct the file".to_owned(),
        }
    }

    /// A word that is not among those known.
    pub fn unknown(what: &str, word: &str, known: &[&str]) -> Self {
        Refusal::new(format!(
            "the {what} `{word}` is unknown, known are: {}",
            known.join(", ")
        ))
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Refusal::new(error.to_string())
    }
}
