//! A report as text: a line per file, below it what failed, and last of all the sum.

use super::{Failure, FileReport, Report, What};
use crate::difference::{self, Side};
use std::fmt::Write;

/// So many differences of one case are told; those after the first mostly follow from it.
const TOLD: usize = 3;

impl Report {
    /// The report as text, with a line end at its end.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            tell_file(&mut text, file);
        }
        for path in &self.skipped {
            line(
                &mut text,
                &format!("skipped: {path}, which is neither a recording nor a vector file"),
            );
        }
        for one in &self.not_yet {
            let files = match one.files {
                1 => "1 file".to_owned(),
                files => format!("{files} files"),
            };
            line(&mut text, &format!("not yet: {}, {files}", one.name));
        }
        let sum = format!("{} passed, {} failed", self.passed(), self.failed());
        line(&mut text, &sum);
        text
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn tell_file(text: &mut String, file: &FileReport) {
    let counts = format!(
        "{}: {} passed, {} failed",
        file.name,
        file.passed,
        file.failed()
    );
    line(text, &counts);
    for mistake in &file.mistakes {
        line(text, &format!("  {mistake}"));
    }
    for failure in &file.failures {
        tell_failure(text, failure);
    }
}

fn tell_failure(text: &mut String, failure: &Failure) {
    for what in failure.what.iter().take(TOLD) {
        tell_what(text, &failure.case, what);
    }
    let left: Vec<String> = failure
        .what
        .iter()
        .skip(TOLD)
        .filter_map(|what| Some(what.place()?.step.to_string()))
        .collect();
    if !left.is_empty() {
        let steps = match left.len() {
            1 => "step",
            _ => "steps",
        };
        line(
            text,
            &format!("    and {} {steps} more: {}", left.len(), left.join(", ")),
        );
    }
    if let Some(known) = &failure.known {
        line(
            text,
            &format!("    known: {} ({})", known.reason, known.source),
        );
    }
}

fn tell_what(text: &mut String, case: &str, what: &What) {
    let mut head = format!("  {case}");
    if let Some(place) = what.place() {
        // A string takes what is written to it.
        let _ = write!(head, ", step {} ({})", place.step, place.op);
    }
    match what {
        What::Differs {
            expected,
            got,
            broken,
            ..
        } => {
            match broken {
                Some(broken) => line(text, &format!("{head}: {broken}")),
                None => line(text, &format!("{head}:")),
            }
            for (side, told) in difference::tell(expected, got) {
                let side = match side {
                    Side::Expected => "expected",
                    Side::Got => "got     ",
                    Side::Place => "at      ",
                };
                line(text, &format!("    {side} {told}"));
            }
        }
        What::Refused { cause, remedy, .. } => {
            line(text, &format!("{head}: refused: {cause}; {remedy}"));
        }
        What::Panicked { message, .. } => {
            line(text, &format!("{head}: the model panicked: {message}"));
        }
    }
}
