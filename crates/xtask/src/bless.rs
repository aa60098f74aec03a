//! `cargo xtask bless`: rewrites the committed expected files from what the code
//! does now. The difference is for a person to read before it is committed.

use std::process::Command;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;

/// Rewrites, then shows what changed.
pub fn run(checkout: &Checkout) -> Outcome {
    let mut tests = program::cargo();
    tests.args([
        "test",
        "--package",
        "engine",
        "--package",
        "handler",
        "--package",
        "course",
        "--package",
        "site",
    ]);
    let passed = program::run_shown(tests.env("BLESS", "1").current_dir(&checkout.root))?;
    program::run_shown(
        Command::new("git")
            .args(["--no-pager", "diff", "--stat"])
            .current_dir(&checkout.root),
    )?;
    if passed {
        return Ok(());
    }
    Err(Failure::new(
        "a test fails for another reason than its expected file; mend it and bless again",
    ))
}
