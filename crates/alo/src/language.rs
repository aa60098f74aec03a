//! Learners' code: the one place where commands meet it. It is graded in a process of its own, which
//! can be ended, by what the page's worker grades it with.

use crate::output::{Failure, print};
use course::exercise::{Answer, Exercise, Graded, Grading, Kind, shown};
use course::found::SLICE;
use course::search::{Grade, ToGrade};
use engine::handler::Recorded;
use handler::guard::{self, Stopped};
use std::io::Read;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// The name of the command that grades what it is given, and is watched. Nobody writes it.
pub const WATCHED: &str = "watched";

/// How much a grading of code may take. What the language counts ends it long before.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long, in seconds.
    pub seconds: u64,
    /// How much memory, in MB, where the system tells.
    pub megabytes: u64,
}

impl Limits {
    /// As long as a patient person waits, and what any machine has.
    pub const DEFAULT: Limits = Limits {
        seconds: 600,
        megabytes: 1_024,
    };
}

/// Grades an answer; code in a process of its own.
///
/// # Errors
/// There is no such process.
pub fn graded(exercise: &Exercise, answer: &Answer, limits: Limits) -> Result<Grade, Failure> {
    if exercise.kind() != Kind::Code {
        return Ok(here(exercise, answer));
    }
    let program = std::env::current_exe()
        .map_err(|error| Failure::Hindered(format!("this program is not found: {error}")))?;
    let input = course::search::write(&ToGrade {
        exercise: exercise.clone(),
        answer: answer.clone(),
        once: false,
    });
    let run = guard::run_child(
        Command::new(program).arg(WATCHED),
        input.into_bytes(),
        Duration::from_secs(limits.seconds),
        Some(limits.megabytes.saturating_mul(1 << 20)),
    );
    let why = match run {
        Ok(output) => match serde_json::from_slice(&output.stdout) {
            Ok(grade) => return Ok(grade),
            Err(_) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let first = said.lines().next().unwrap_or("nothing was said");
                format!("it ended without a verdict: {first}")
            }
        },
        Err(Stopped::Io(error)) => {
            return Err(Failure::Hindered(format!(
                "the process that grades cannot be run: {error}"
            )));
        }
        Err(stopped @ Stopped::Memory) => format!("{stopped}, {} MB", limits.megabytes),
        Err(stopped @ Stopped::Time) => format!("{stopped}, {} seconds", limits.seconds),
        Err(stopped @ Stopped::Signal(_)) => stopped.to_string(),
    };
    Ok(Grade {
        graded: Graded::plain(
            false,
            format!("Not decided: the code was graded in a process of its own, and {why}"),
        ),
        recorded: Recorded::default(),
    })
}

/// Grade the code that comes on standard input, with its exercise: a process that is watched.
#[derive(clap::Args)]
pub struct Watched {}

impl Watched {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let mut text = String::new();
        let read = std::io::stdin().lock().read_to_string(&mut text);
        read.map_err(|error| Failure::Hindered(format!("nothing to grade can be read: {error}")))?;
        let ToGrade {
            exercise, answer, ..
        } = serde_json::from_str(&text)
            .map_err(|error| Failure::Hindered(format!("this is nothing to grade: {error}")))?;
        print(&course::search::write(&here(&exercise, &answer)))
    }
}

/// Grades an answer in this process, to the end.
fn here(exercise: &Exercise, answer: &Answer) -> Grade {
    let mut grading = Grading::new(exercise, answer, &handler::program);
    while !grading.advance(SLICE).ended {}
    shown(exercise, answer, grading.graded(), &handler::program)
}
