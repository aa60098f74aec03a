//! The words of a command, read one after the other.

use super::error::Error;
use std::sync::Arc;

/// What is left of a command's words.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a>(pub &'a [Arc<str>]);

impl<'a> Words<'a> {
    /// How many are left.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether none is left.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The next word, which stays.
    pub fn peek(self) -> Option<&'a Arc<str>> {
        self.0.first()
    }

    /// The next word.
    ///
    /// # Errors
    /// There is none.
    pub fn word(&mut self) -> Result<&'a Arc<str>, Error> {
        let (first, rest) = self.0.split_first().ok_or(Error::Syntax)?;
        self.0 = rest;
        Ok(first)
    }

    /// Whether the next word is this one, which is then taken; `more` words must come after it.
    pub fn takes(&mut self, word: &str, more: usize) -> bool {
        let is_next = self.len() > more && self.peek().is_some_and(|next| is(next, word));
        if is_next {
            self.0 = self.0.get(1..).unwrap_or_default();
        }
        is_next
    }

    /// The next word as a whole number.
    ///
    /// # Errors
    /// `otherwise`, when it is none.
    pub fn number(&mut self, otherwise: Error) -> Result<i64, Error> {
        let word = self.word()?;
        // As the server writes it: without `+`, without zeros in front.
        let digits = word.strip_prefix('-').unwrap_or(word);
        let is_plain = **word == *"0" || digits.starts_with(|digit| matches!(digit, '1'..='9'));
        let number = word.parse().ok().filter(|_| is_plain);
        number.ok_or(otherwise)
    }
}

/// Whether two words are the same in either case.
pub fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}
