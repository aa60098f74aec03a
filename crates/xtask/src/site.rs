//! The site: a folder that any static host serves, also below a sub-path.
//!
//! The bundle is for the browser, the site builder runs here; both are compiled,
//! then the builder turns lessons and bundle into pages. It runs as a program of
//! its own, so that an edit to it or to a lesson is picked up while serving.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::bundle::{self, Audience};
use crate::checkout::Checkout;
use crate::draft::Draft;
use crate::edges;
use crate::failure::{Failure, Outcome};
use crate::program::{self, Warnings};
use crate::step::{self, Step};
use crate::toolchain::WasmToolchain;
use crate::weight;

/// How the site builder is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builder {
    /// By itself: the fewest crates.
    Alone,
    /// Together with all tests: nothing that they have compiled is compiled again.
    AsTested,
}

/// `cargo xtask build`: the whole site into `out`.
pub fn build(checkout: &Checkout, out: &Path, builder: Builder) -> Outcome {
    let out = checkout.root.join(out);
    may_replace(&out)?;
    check_edges(checkout)?;
    let toolchain = WasmToolchain::get(checkout)?;
    let bundle = with_builder(checkout, builder, || {
        bundle::build(checkout, &toolchain, Audience::Public)
    })?;
    write(checkout, &bundle, &out, Audience::Public)?;
    print!("{}", weight::table(&out)?);
    println!("built {}", checkout.tell(&out));
    Ok(())
}

/// Only a folder that a build may have written is replaced by one.
fn may_replace(out: &Path) -> Outcome {
    let is_site = out.join("index.html").is_file()
        && !out.join("Cargo.toml").exists()
        && !out.join(".git").exists();
    let is_empty = !out.exists()
        || out
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_none());
    if is_site || is_empty {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} holds something other than a built site; name another folder with `--out`",
        out.display()
    )))
}

/// Fails early on a forbidden edge between crates.
pub fn check_edges(checkout: &Checkout) -> Outcome {
    let step = Step::begin("checking the edges between crates");
    let result = edges::check(checkout);
    match &result {
        Ok(()) => step.done(""),
        Err(_) => step.failed(),
    }
    result
}

/// Compiles for the browser and for the host at once: each waits often enough for the other's core.
pub fn with_builder<T>(
    checkout: &Checkout,
    builder: Builder,
    bundle: impl FnOnce() -> Outcome<T>,
) -> Outcome<T> {
    thread::scope(|scope| {
        let builder = scope.spawn(|| compile_builder(checkout, builder));
        let bundle = bundle();
        // Both stumble over a mistake in what they share: it is told once.
        builder
            .join()
            .expect("compiling does not panic")
            .and(bundle)
    })
}

/// Compiles the site builder.
pub fn compile_builder(checkout: &Checkout, builder: Builder) -> Outcome {
    if builder == Builder::AsTested {
        return program::make_for_tests(checkout, "the site builder", "site");
    }
    let step = Step::begin("compiling the site builder");
    let mut command = program::cargo();
    command
        .args(["build", "--package", "site"])
        .current_dir(&checkout.root);
    program::run_cargo_under(step, &mut command, Warnings::OfOurs)
}

/// Runs the site builder and puts its work at `out`, all of it or nothing.
pub fn write(checkout: &Checkout, bundle: &Path, out: &Path, audience: Audience) -> Outcome {
    let draft = Draft::begin(out)?;
    let step = Step::begin("writing the pages");
    let mut command = Command::new(program::built(checkout, "site"));
    command.arg("--out").arg(draft.path());
    command
        .arg("--bundle")
        .arg(bundle)
        .current_dir(&checkout.root);
    if audience == Audience::Author {
        command.arg("--live-reload");
    }
    let captured = program::capture(&mut command, Duration::from_secs(600), |line| {
        step.note(line)
    })?;
    if !captured.success() {
        step.failed();
        return Err(Failure::told(
            &captured.text,
            "the site was not written: mend what is named above and run again",
        ));
    }
    draft.put_in_place()?;
    step.done("");
    if !captured.text.trim().is_empty() {
        step::say(captured.text.trim_end());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_that_is_no_site_is_not_replaced() {
        let folder = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        assert!(may_replace(&folder).is_ok());
        fs::create_dir_all(&folder).unwrap();
        assert!(may_replace(&folder).is_ok());
        fs::write(folder.join("thesis.txt"), "").unwrap();
        assert!(may_replace(&folder).is_err());
        fs::write(folder.join("index.html"), "").unwrap();
        assert!(may_replace(&folder).is_ok());
        fs::write(folder.join("Cargo.toml"), "").unwrap();
        assert!(may_replace(&folder).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
