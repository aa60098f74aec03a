//! `cargo xtask test`: every tier of tests, the fastest first.
//!
//! Each tier is a program's own run with its own words and closing line; a table
//! at the end tells them together. A tier that fails does not keep later ones from
//! running, but for those that need what it makes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::architecture;
use crate::browser::Browser;
use crate::budgets;
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::node;
use crate::program;
use crate::site::{self, Builder};
use crate::step::{duration, say};
use crate::wasm_tests;

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
                // With the stories, which wait for the pages: one set of features for all that is
                // compiled for this machine, and so everything once.
                &["test", "--workspace"],
                "mend the tests named above",
            ),
            Tier::Lessons => lessons(checkout),
            Tier::Build => site::build(checkout, Path::new("dist"), Builder::AsTested),
            Tier::Budgets => budgets::check(checkout, &checkout.root.join("dist")),
            Tier::Wasm => wasm_tests::run(checkout),
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
    program::shown(&mut command, what_to_do)
}

/// Checks every lesson and scene.
fn lessons(checkout: &Checkout) -> Outcome {
    program::make_for_tests(checkout, "the check of lessons", "alo")?;
    let mut command = Command::new(program::built(checkout, "alo"));
    command
        .args(["check", "lessons"])
        .current_dir(&checkout.root);
    program::shown(&mut command, "mend what is named above")
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
    lints.and(program::shown(
        &mut document,
        "mend the documentation named above",
    ))
}

/// Runs the learners' stories over dist/.
fn stories(checkout: &Checkout) -> Outcome {
    let browser = Browser::get()?;
    let mut command = program::cargo();
    command
        .args([
            "test",
            "--workspace",
            "--test",
            "stories",
            "--",
            "--include-ignored",
            // A browser mostly waits.
            "--test-threads=4",
        ])
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
    program::shown(&mut command, "mend the stories named above")
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
