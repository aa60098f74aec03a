//! `cargo xtask bench`: measurements, not tests. Numbers are compared with those
//! of the same machine only.

use std::path::Path;
use std::process::Command;

use crate::browser::Browser;
use crate::budgets;
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::lighthouse;
use crate::program;
use crate::site::{self, Builder};
use crate::wasm_tests;

/// Prints every measurement; one that cannot be taken is told and the rest go on.
pub fn run(checkout: &Checkout) -> Outcome {
    let weighed = page_weight(checkout);
    let engine = everywhere(checkout, "engine", "facts");
    let explore = everywhere(checkout, "explore", "explore");
    let kafka = natively(checkout, "systems", "kafka");
    let first_step = time_to_first_step(checkout);
    let lighthouse = lighthouse::run(checkout, &checkout.root.join("dist"));
    weighed
        .and(engine)
        .and(explore)
        .and(kafka)
        .and(first_step)
        .and(lighthouse)
}

/// What the site weighs, by part, and its module by crate and system.
fn page_weight(checkout: &Checkout) -> Outcome {
    site::build(checkout, Path::new("dist"), Builder::Alone)?;
    print!("{}", budgets::anatomy(checkout)?.tables());
    Ok(())
}

/// Of a crate that runs in pages: facts a second, or states a second, natively and in a browser.
fn everywhere(checkout: &Checkout, package: &str, bench: &str) -> Outcome {
    natively(checkout, package, bench).and(wasm_tests::bench(checkout, package, bench))
}

/// Here only.
fn natively(checkout: &Checkout, package: &str, bench: &str) -> Outcome {
    let mut command = program::cargo();
    command
        .args(["bench", "--quiet", "--package", package, "--bench", bench])
        .current_dir(&checkout.root);
    program::shown(&mut command, "mend the bench named above")
}

/// In a browser over the built site: from navigation to the first step.
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
