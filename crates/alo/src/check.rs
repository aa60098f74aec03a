//! `alo check`: every lesson, scene and quiz, and every number in the prose.

use crate::output::{Failure, print};
use course::read_course;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check all lessons below a folder: every mistake is told, with its line and what to write instead.
#[derive(clap::Args)]
pub struct Check {
    /// The folder that holds the lessons' folders.
    #[arg(default_value = "lessons")]
    lessons: PathBuf,
}

impl Check {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let course = read_course(&self.lessons).map_err(Failure::Mistakes)?;
        print(&format!("no mistakes in {}\n", course.totals()))
    }
}
