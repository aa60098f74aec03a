//! What the commands print, and how they end.

use course::Diagnostics;
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

/// Why a command did not do what it was asked.
pub enum Failure {
    /// An input has mistakes, or cannot be read.
    Mistakes(Diagnostics),
    /// Something else stands in the way: a sentence.
    Hindered(String),
    /// The command asks for what does not exist: a sentence.
    Usage(String),
}

impl Failure {
    /// Says it, and gives the exit status.
    pub fn tell(self) -> ExitCode {
        self.tell_with(1)
    }

    /// As [`tell`](Failure::tell), for a command whose status 1 is a verdict.
    pub fn tell_bad_input(self) -> ExitCode {
        self.tell_with(2)
    }

    fn tell_with(self, mistaken: u8) -> ExitCode {
        let mut error = std::io::stderr().lock();
        let (text, status) = match self {
            Failure::Mistakes(mistakes) => (mistakes.render(colour(&error)), mistaken),
            Failure::Hindered(sentence) => (tame(&format!("alo: {sentence}\n")), mistaken),
            Failure::Usage(sentence) => (tame(&format!("alo: {sentence}\n")), 2),
        };
        // Nobody is left to be told when this fails.
        drop(error.write_all(text.as_bytes()));
        ExitCode::from(status)
    }
}

/// Whether to write in colour: to a terminal, unless asked not to (no-color.org).
fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text as a terminal may have it: what learners and authors wrote does not move its cursor.
fn tame(text: &str) -> String {
    let mut tamed = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && !matches!(letter, '\n' | '\t' | '\r') {
            tamed.extend(letter.escape_unicode());
        } else {
            tamed.push(letter);
        }
    }
    tamed
}

/// Writes to standard output. A reader that has heard enough, such as `head`, is no failure.
pub fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(tame(text).as_bytes())
        .and_then(|()| out.flush())
    {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::Hindered(format!(
            "standard output cannot be written to: {error}"
        ))),
    }
}

/// The end of a command that has a verdict.
pub fn say(status: u8) -> ExitCode {
    ExitCode::from(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_moved_by_what_others_wrote() {
        let check = |text: &str, expected: &str| assert_eq!(tame(text), expected);
        check("a\tb\n", "a\tb\n");
        check("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}");
        check("\u{9b}2J", "\\u{9b}2J");
    }
}
