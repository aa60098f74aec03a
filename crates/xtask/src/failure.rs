//! A chore that could not be done, told to a person.
//!
//! One sentence with what to do next, and exit status 1. No backtrace: a
//! missing tool or a port in use is no mistake in this program. Where a program
//! that was run has told the mistake itself (a compiler, the site builder), its
//! words come first and only the sentence is added.

use std::fmt;
use std::io;
use std::path::Path;

use crate::step::say;

/// Why a chore ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    sentence: String,
    /// What a program that was run said about it; often empty.
    words: String,
}

/// What a chore returns.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure told by `sentence`, which says what to do.
    pub fn new(sentence: impl Into<String>) -> Failure {
        Failure {
            sentence: sentence.into(),
            words: String::new(),
        }
    }

    /// A failure that a program told in its own `words`, whole and for the reader.
    pub fn told(words: &str, sentence: impl Into<String>) -> Failure {
        Failure {
            sentence: sentence.into(),
            words: words.trim_end().to_owned(),
        }
    }

    /// Tells it, `who` first where several speak.
    pub fn say(&self, who: &str) {
        if !self.words.is_empty() {
            say(&self.words);
        }
        say(&format!("{who}: {self}"));
    }

    /// A file or folder that refused `verb` ("read", "write", "create").
    pub fn file(verb: &str, path: &Path, error: &io::Error) -> Failure {
        let hint = match error.kind() {
            io::ErrorKind::PermissionDenied => "; give yourself the right to do so and run again",
            io::ErrorKind::StorageFull => "; make room on the disk and run again",
            _ => "",
        };
        Failure::new(format!("cannot {verb} {}: {error}{hint}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
