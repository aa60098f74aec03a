//! Node.js, which serves the tests and shrinks the module where it is found; the
//! page needs none of it. Its packages are pinned in tests/package-lock.json.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::step::Step;

/// Whether there is a Node with its package manager.
pub fn is_here() -> bool {
    program::find("node").is_some() && program::find("npm").is_some()
}

/// A program that one of the packages brings.
pub fn program(checkout: &Checkout, name: &str) -> Outcome<PathBuf> {
    Ok(packages(checkout)?.join(".bin").join(name))
}

/// The folder of packages, installed when the lock file is newer than they are.
pub fn packages(checkout: &Checkout) -> Outcome<PathBuf> {
    if !is_here() {
        return Err(Failure::new(
            "Node.js is not here; install Node.js 20 or later with npm and run again",
        ));
    }
    let tests = checkout.root.join("tests");
    let folder = tests.join("node_modules");
    let lock = tests.join("package-lock.json");
    let lock = fs::read(&lock).map_err(|error| Failure::file("read", &lock, &error))?;
    // A copy of the lock file, laid there when all was installed.
    let stamp = folder.join(".installed-from");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    let step = Step::begin("installing the test tools with npm (axe-core, binaryen)");
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&tests);
    program::run_under(
        step,
        &mut command,
        "npm could not install the test tools; connect to a network and run again",
    )?;
    fs::write(&stamp, lock).map_err(|error| Failure::file("write", &stamp, &error))?;
    Ok(folder)
}
