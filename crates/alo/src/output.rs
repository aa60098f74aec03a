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
            Failure::Hindered(sentence) => (format!("alo: {sentence}\n"), mistaken),
            Failure::Usage(sentence) => (format!("alo: {sentence}\n"), 2),
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

/// Writes to standard output. A reader that has heard enough, such as `head`, is no failure.
pub fn print(text: &str) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
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
