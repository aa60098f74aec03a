//! `cargo xtask test`: every tier of tests, the fastest first.
//!
//! Each tier is a program's own run with its own words and closing line; a table
//! at the end tells them together. A tier that fails does not keep later ones from
//! running, but for those that need what it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::architecture;
use crate::browser::Browser;
use crate::budgets;
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::node;
use crate::program::{self, Warnings};
use crate::site;
use crate::step::{Step, duration, say};
use crate::toolchain::{TARGET, WasmToolchain};

/// A tier of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Tier {
    /// Edges between crates, and the map of them in ARCHITECTURE.md.
    Edges,
    /// Layout of the code.
    Fmt,
    /// Lints, and the crates' own pages of documentation.
    Lint,
    /// All tests that run on this machine.
    Native,
    /// Every lesson and scene.
    Lessons,
    /// The site itself, into dist/.
    Build,
    /// Page weight against tests/budgets.toml.
    Budgets,
    /// Tests of the crates inside a browser.
    Wasm,
    /// Learners' stories in a browser over the built site.
    Stories,
}

impl Tier {
    fn name(self) -> String {
        self.to_possible_value()
            .expect("no tier is hidden")
            .get_name()
            .to_owned()
    }

    /// What must have gone well before.
    fn needs(self) -> Option<Tier> {
        matches!(self, Tier::Budgets | Tier::Stories).then_some(Tier::Build)
    }

    fn run(self, checkout: &Checkout) -> Outcome {
        match self {
            Tier::Edges => site::check_edges(checkout).and(architecture::check(checkout)),
            Tier::Fmt => cargo(
                checkout,
                &["fmt", "--all", "--check"],
                "run `cargo fmt --all`",
            ),
            Tier::Lint => lint(checkout),
            Tier::Native => cargo(
                checkout,
                &["test", "--workspace", "--exclude", "tests"],
                "mend the tests named above",
            ),
            Tier::Lessons => {
                let check = [
                    "run",
                    "--quiet",
                    "--package",
                    "alo",
                    "--",
                    "check",
                    "lessons",
                ];
                cargo(checkout, &check, "mend what is named above")
            }
            Tier::Build => site::build(checkout, Path::new("dist")),
            Tier::Budgets => budgets::check(checkout, &checkout.root.join("dist")),
            Tier::Wasm => wasm(checkout),
            Tier::Stories => stories(checkout),
        }
    }
}

/// How a tier ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    /// What it needs had failed.
    NotRun(Tier),
}

/// Runs the tiers named, or all of them; fails if any did.
pub fn run(checkout: &Checkout, only: &[Tier]) -> Outcome {
    let began = Instant::now();
    let mut results: Vec<(Tier, Verdict, Duration)> = Vec::new();
    for tier in chosen(only) {
        println!("\n=== {} ===", tier.name());
        let tier_began = Instant::now();
        let passed = |needed: Tier| {
            results
                .iter()
                .any(|(tier, verdict, _)| *tier == needed && *verdict == Verdict::Passed)
        };
        let verdict = match tier.needs() {
            Some(needed) if !passed(needed) => Verdict::NotRun(needed),
            _ => match tier.run(checkout) {
                Ok(()) => Verdict::Passed,
                Err(failure) => {
                    failure.say(&tier.name());
                    Verdict::Failed
                }
            },
        };
        results.push((tier, verdict, tier_began.elapsed()));
    }
    print!("\n{}", summary(&results, began.elapsed()));
    match results
        .iter()
        .filter(|(_, verdict, _)| *verdict != Verdict::Passed)
        .count()
    {
        0 => Ok(()),
        1 => Err(Failure::new(
            "1 tier did not pass; its own words stand above",
        )),
        count => Err(Failure::new(format!(
            "{count} tiers did not pass; their own words stand above"
        ))),
    }
}

/// The tiers to run, in order, with those they need.
fn chosen(only: &[Tier]) -> Vec<Tier> {
    let wanted = |tier: &Tier| {
        only.is_empty()
            || only.contains(tier)
            || only.iter().any(|other| other.needs() == Some(*tier))
    };
    Tier::value_variants()
        .iter()
        .copied()
        .filter(wanted)
        .collect()
}

fn summary(results: &[(Tier, Verdict, Duration)], all: Duration) -> String {
    let mut table = format!("{:<10}{:<24}{}\n", "tier", "result", "duration");
    for (tier, verdict, took) in results {
        let result = match verdict {
            Verdict::Passed => "passed".to_owned(),
            Verdict::Failed => "FAILED".to_owned(),
            Verdict::NotRun(needed) => format!("NOT RUN, needs {}", needed.name()),
        };
        table.push_str(&format!(
            "{:<10}{result:<24}{}\n",
            tier.name(),
            duration(*took)
        ));
    }
    let passed = results
        .iter()
        .filter(|(_, verdict, _)| *verdict == Verdict::Passed)
        .count();
    table.push_str(&format!(
        "{passed} of {} tiers passed in {}\n",
        results.len(),
        duration(all)
    ));
    table
}

/// Runs cargo with its output shown.
fn cargo(checkout: &Checkout, arguments: &[&str], what_to_do: &str) -> Outcome {
    let mut command = program::cargo();
    command.args(arguments).current_dir(&checkout.root);
    shown(&mut command, what_to_do)
}

fn shown(command: &mut Command, what_to_do: &str) -> Outcome {
    if program::run_shown(command)? {
        return Ok(());
    }
    Err(Failure::new(what_to_do))
}

fn lint(checkout: &Checkout) -> Outcome {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ];
    let lints = cargo(checkout, &clippy, "mend the lints named above");
    let mut document = program::cargo();
    document
        .args([
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
            "--quiet",
        ])
        .current_dir(&checkout.root);
    document.env("RUSTDOCFLAGS", "--deny warnings");
    lints.and(shown(&mut document, "mend the documentation named above"))
}

/// Runs the tests that the crates have for a browser, in one.
fn wasm(checkout: &Checkout) -> Outcome {
    let crates = with_wasm_tests(&checkout.root);
    if crates.is_empty() {
        println!("no crate has tests for a browser");
        return Ok(());
    }
    let browser = Browser::get()?;
    let toolchain = WasmToolchain::get(checkout)?;
    let step = Step::begin("compiling the runner of wasm tests");
    let mut command = program::cargo();
    command.args([
        "build",
        "--package",
        "xtask",
        "--features",
        "wasm-tests",
        "--bin",
        "wasm-test-runner",
    ]);
    program::run_cargo_under(
        step,
        command.current_dir(&checkout.root),
        Warnings::OfOthers,
    )?;
    let runner = checkout
        .target
        .join("debug")
        .join(format!("wasm-test-runner{}", std::env::consts::EXE_SUFFIX));
    let mut result = Ok(());
    for tested in &crates {
        let mut command = toolchain.cargo(checkout);
        command.args(["test", "--target", TARGET, "--package", &tested.package]);
        for name in &tested.binaries {
            command.args(["--test", name]);
        }
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner);
        command
            .env("CHROMEDRIVER", &browser.driver)
            .env("WASM_BINDGEN_TEST_ONLY_WEB", "1");
        let webdriver = tested.folder.join("webdriver.json");
        if webdriver.is_file() {
            command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver);
        }
        result = result.and(shown(&mut command, "mend the tests named above"));
    }
    result
}

/// A crate with tests for a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WasmTested {
    package: String,
    folder: PathBuf,
    /// Its test programs for a browser; empty if the tests stand among the crate's code.
    binaries: Vec<String>,
}

fn with_wasm_tests(root: &Path) -> Vec<WasmTested> {
    let mut folders: Vec<PathBuf> = root
        .join("crates")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.push(root.join("web"));
    folders.sort();
    let mut found = Vec::new();
    for folder in folders {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let tests = folder
            .join("tests")
            .read_dir()
            .into_iter()
            .flatten()
            .flatten();
        let mut binaries: Vec<String> = tests
            .filter_map(|entry| {
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".rs")
                    .map(str::to_owned)
            })
            .filter(|name| name.starts_with("wasm"))
            .collect();
        binaries.sort();
        let (Some(package), true) = (
            folder.file_name(),
            !binaries.is_empty() || manifest.contains("wasm-bindgen-test"),
        ) else {
            continue;
        };
        found.push(WasmTested {
            package: package.to_string_lossy().into_owned(),
            folder,
            binaries,
        });
    }
    found
}

/// Runs the learners' stories over dist/.
fn stories(checkout: &Checkout) -> Outcome {
    let browser = Browser::get()?;
    let mut command = program::cargo();
    command
        .args(["test", "--package", "tests"])
        .current_dir(&checkout.root);
    command.env("SITE_DIR", checkout.root.join("dist"));
    command
        .env("CHROMIUM", &browser.chromium)
        .env("CHROMEDRIVER", &browser.driver);
    match node::packages(checkout) {
        Ok(packages) => command.env("AXE_JS", packages.join("axe-core/axe.min.js")),
        Err(reason) => {
            say(&format!(
                "- without the accessibility checks of axe-core: {reason}"
            ));
            command.env_remove("AXE_JS")
        }
    };
    shown(&mut command, "mend the stories named above")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_brings_what_it_needs_and_the_order_stays() {
        let check = |only: &[Tier], expected: &[Tier]| assert_eq!(chosen(only), expected);
        check(&[Tier::Stories], &[Tier::Build, Tier::Stories]);
        check(&[Tier::Native, Tier::Edges], &[Tier::Edges, Tier::Native]);
        check(&[], Tier::value_variants());
    }

    #[test]
    fn the_summary_tells_each_tier_once() {
        let second = Duration::from_secs(1);
        let results = [
            (Tier::Edges, Verdict::Passed, second),
            (Tier::Build, Verdict::Failed, second),
            (Tier::Stories, Verdict::NotRun(Tier::Build), second),
        ];
        let expected = "\
tier      result                  duration
edges     passed                  1.0 s
build     FAILED                  1.0 s
stories   NOT RUN, needs build    1.0 s
1 of 3 tiers passed in 3.0 s
";
        assert_eq!(summary(&results, second * 3), expected);
    }
}
