//! `cargo xtask bench`: measurements, not tests. Numbers are compared with those
//! of the same machine only.

use std::path::Path;
use std::process::Command;

use crate::browser::Browser;
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::site;

/// Prints every measurement; one that cannot be taken is told and the rest go on.
pub fn run(checkout: &Checkout) -> Outcome {
    let weighed = page_weight(checkout);
    let engine = engine_facts_per_second(checkout);
    let first_step = time_to_first_step(checkout);
    weighed.and(engine).and(first_step)
}

/// What the site weighs, by part.
fn page_weight(checkout: &Checkout) -> Outcome {
    site::build(checkout, Path::new("dist"))
}

/// The engine's own measurement, natively, where it has one.
fn engine_facts_per_second(checkout: &Checkout) -> Outcome {
    let mut command = program::cargo();
    command.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "engine",
        "--bin",
        "bench",
    ]);
    run_if_present(checkout, "crates/engine/src/bin/bench.rs", command)
}

/// In a browser over the built site: navigation to first step, and the engine's
/// facts per second in wasm.
fn time_to_first_step(checkout: &Checkout) -> Outcome {
    let mut command = program::cargo();
    command.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "tests",
        "--bin",
        "bench",
    ]);
    if checkout.root.join("tests/src/bin/bench.rs").is_file() {
        let browser = Browser::get()?;
        command
            .env("CHROMIUM", &browser.chromium)
            .env("CHROMEDRIVER", &browser.driver);
    }
    run_if_present(checkout, "tests/src/bin/bench.rs", command)
}

fn run_if_present(checkout: &Checkout, source: &str, mut command: Command) -> Outcome {
    if !checkout.root.join(source).is_file() {
        println!("not measured: {source} does not exist");
        return Ok(());
    }
    command
        .current_dir(&checkout.root)
        .env("SITE_DIR", checkout.root.join("dist"));
    if program::run_shown(&mut command)? {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{source} ended badly; its words stand above"
    )))
}
