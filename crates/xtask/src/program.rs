//! Other programs: finding them, and running them so that a reader sees what
//! matters and only that.

use std::env;
use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::step::{self, Step};

/// The program called `name` on the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        path.metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// The cargo that runs this program, so that its children use the same one.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where cargo puts a program of this workspace that it has built for this machine.
pub fn built(checkout: &Checkout, name: &str) -> PathBuf {
    let folder = checkout.target.join("debug");
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// What a program printed, both streams in the order they came.
pub struct Captured {
    pub status: Option<ExitStatus>,
    pub text: String,
}

impl Captured {
    /// False also for a program that was stopped because its time was up.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs a program to its end, or stops it after `time_max`. Every line goes to `each_line` as it comes.
pub fn capture(
    command: &mut Command,
    time_max: Duration,
    each_line: impl FnMut(&str),
) -> Outcome<Captured> {
    capture_until(command, Instant::now() + time_max, each_line)
}

fn capture_until(
    command: &mut Command,
    end: Instant,
    mut each_line: impl FnMut(&str),
) -> Outcome<Captured> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| not_started(command, &error))?;
    let (sender, lines) = mpsc::channel::<String>();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for stream in streams.into_iter().flatten() {
        let sender = sender.clone();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stream);
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut text = String::new();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => {
                each_line(&line);
                text.push_str(&line);
                text.push('\n');
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // It may have ended by itself in this very moment; either is fine.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(Captured { status: None, text });
            }
        }
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    Ok(Captured {
        status: Some(status),
        text,
    })
}

/// The first line a program prints, if it runs and ends well.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs a program whose output is for the reader.
pub fn run_shown(command: &mut Command) -> Outcome<bool> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    Ok(status.success())
}

/// Runs a chatty program under a step; its words are shown only if it fails.
pub fn run_under(step: Step, command: &mut Command, what_to_do: &str) -> Outcome {
    let captured = capture(command, Duration::from_secs(3600), |line| {
        step.note(line.trim())
    })?;
    if captured.success() {
        step.done("");
        return Ok(());
    }
    step.failed();
    Err(Failure::told(&captured.text, what_to_do))
}

/// Whose code a build compiles: warnings about our own are for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warnings {
    OfOurs,
    OfOthers,
}

/// Runs a build by cargo under a step: its progress moves the line, its
/// diagnostics are shown whole when it is over.
pub fn run_cargo_under(step: Step, command: &mut Command, warnings: Warnings) -> Outcome {
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    let mut compiled = 0;
    let mut diagnostics = String::new();
    let captured = capture(
        command,
        Duration::from_secs(3600),
        |line| match cargo_status(line) {
            Some((verb, rest)) => {
                compiled += usize::from(verb == "Compiling");
                let count = if compiled > 0 {
                    format!("{compiled} crates, ")
                } else {
                    String::new()
                };
                step.note(&format!("{count}{} {rest}", verb.to_lowercase()));
            }
            None => {
                diagnostics.push_str(line);
                diagnostics.push('\n');
            }
        },
    )?;
    if captured.success() {
        step.done("");
        if warnings == Warnings::OfOurs && !diagnostics.trim().is_empty() {
            step::say(diagnostics.trim_end());
        }
        return Ok(());
    }
    step.failed();
    if let Some(sentence) = unreachable_registry(&captured.text) {
        return Err(Failure::new(sentence));
    }
    Err(Failure::told(
        &diagnostics,
        "the build stopped at the errors above; mend them and run again",
    ))
}

/// Compiles the programs of the crate that has this file of tests, as `cargo test --workspace` does: with the
/// features that all tests together ask for, so that what has been compiled for them is not compiled once more.
pub fn make_for_tests(checkout: &Checkout, what: &str, tests: &str) -> Outcome {
    let step = Step::begin(format!("compiling {what}"));
    let mut command = cargo();
    command
        .args(["test", "--workspace", "--no-run", "--test", tests])
        .current_dir(&checkout.root);
    run_cargo_under(step, &mut command, Warnings::OfOurs)
}

/// Tells a line about cargo's own progress (`   Compiling yew v0.23.0`) from a diagnostic.
fn cargo_status(line: &str) -> Option<(String, String)> {
    let plain = without_colour(line);
    let (verb, rest) = plain.split_at_checked(12)?;
    let verb = verb.trim_start();
    let is_verb = verb.starts_with(char::is_uppercase) && verb.chars().all(char::is_alphabetic);

    (is_verb && rest.starts_with(' ')).then(|| (verb.to_owned(), rest.trim().to_owned()))
}

fn without_colour(line: &str) -> String {
    let mut plain = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // A colour ends at the first letter after the escape.
            characters.find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

fn unreachable_registry(text: &str) -> Option<&'static str> {
    const SIGNS: [&str; 6] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "Could not connect to server",
        "Couldn't connect to server",
        "failed to download",
        "spurious network error",
    ];
    SIGNS.iter().any(|sign| text.contains(sign)).then_some(
        "cargo could not fetch the crates this needs; connect to a network and run again (only the first run needs one)",
    )
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let name = command.get_program().to_string_lossy().into_owned();
    if error.kind() == std::io::ErrorKind::NotFound {
        Failure::new(format!(
            "`{name}` is not there; install it, or put it on the PATH, and run again"
        ))
    } else {
        Failure::new(format!(
            "`{name}` could not be started ({error}); see that it may be run, and run again"
        ))
    }
}

/// Runs a program with its output shown; `what_to_do` is the sentence if it fails.
pub fn shown(command: &mut Command, what_to_do: &str) -> Outcome {
    if run_shown(command)? {
        return Ok(());
    }
    Err(Failure::new(what_to_do))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_of_cargo_is_told_from_diagnostics() {
        let check = |line: &str, verb: Option<&str>| {
            assert_eq!(
                cargo_status(line).map(|(verb, _)| verb).as_deref(),
                verb,
                "{line}"
            );
        };
        check("   Compiling yew v0.23.0", Some("Compiling"));
        check(
            "\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m yew v0.23.0",
            Some("Compiling"),
        );
        check(
            "    Blocking waiting for file lock on build directory",
            Some("Blocking"),
        );
        check(" Downloading crates ...", Some("Downloading"));
        check("  Downloaded syn v2.0.1", Some("Downloaded"));
        check("error[E0432]: unresolved import", None);
        check("warning: unused variable: `x`", None);
        check("  --> crates/engine/src/lib.rs:1:1", None);
        check("   |", None);
        check("", None);
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let mut sleeper = Command::new("sleep");
        let captured =
            capture(sleeper.arg("3600"), Duration::ZERO, |_| ()).expect("sleep is there");
        // One that had been waited for would have a status.
        assert_eq!(captured.status, None);
    }

    #[test]
    fn a_program_that_is_not_there_is_told_in_one_sentence() {
        let error = capture(
            &mut Command::new("no-such-program"),
            Duration::from_secs(1),
            |_| (),
        )
        .err();
        let sentence = error.expect("it cannot start").to_string();
        assert_eq!(
            sentence,
            "`no-such-program` is not there; install it, or put it on the PATH, and run again"
        );
    }
}
