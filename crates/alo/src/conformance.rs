//! `alo conformance`: the engine held against recordings and vectors of real systems.

use crate::output::{Failure, print, say};
use conformance::{Collection, Known, Models, Report, Unreadable, known};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Replay recordings of real systems and cases of their own tests, and say where the engine differs.
///
/// Finds both in any subfolder. Prints a line per file, below it every case that failed with its
/// step, what was expected and what came, and last of all the sum. What is not modelled yet is told
/// and not counted. A known difference is marked and counts as failed.
///
/// Exit status 0: all passed. 1: a case failed. 2: the folder cannot be read, or has nothing in it.
#[derive(clap::Args)]
pub struct Conformance {
    /// The folder that holds recordings and vector files.
    #[arg(default_value = "tests/conformance")]
    dir: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Whole<'a> {
    passed: usize,
    failed: usize,
    #[serde(flatten)]
    report: &'a Report,
}

impl Conformance {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let collection = Collection::read(&self.dir).map_err(|error| match error {
            Unreadable::NoFolder(_) | Unreadable::Empty(_) => Failure::Usage(error.to_string()),
            Unreadable::Io { .. } => Failure::Hindered(error.to_string()),
        })?;
        let report = Models::ALL.replay(&collection, &known()?);
        let told = match self.json {
            true => {
                let whole = Whole {
                    passed: report.passed(),
                    failed: report.failed(),
                    report: &report,
                };
                // Names and numbers always have a JSON form.
                serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
            }
            false => report.text(),
        };
        print(&told)?;
        Ok(say(u8::from(report.failed() > 0)))
    }
}

fn known() -> Result<Vec<Known>, Failure> {
    known::list().map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Failure::Hindered(told.join("\n"))
    })
}
