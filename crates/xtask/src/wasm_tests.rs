//! The tests that crates have for a browser: the same code as the native tests
//! see, compiled to wasm and run in headless Chromium.
//!
//! They run as `wasm-pack test --headless --chrome` runs them, but with the
//! runner of the lock file's version compiled here, so nothing is installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::browser::Browser;
use crate::checkout::Checkout;
use crate::failure::{Failure, Outcome};
use crate::program;
use crate::toolchain::{TARGET, WasmToolchain};

/// Runs them crate by crate; one that fails does not keep the others from running.
pub fn run(checkout: &Checkout) -> Outcome {
    let crates = with_wasm_tests(&checkout.root);
    if crates.is_empty() {
        println!("no crate has tests for a browser");
        return Ok(());
    }
    let runner = Runner::get(checkout)?;
    // Those whose tests are programs of their own are compiled together, so that what they share is
    // compiled once.
    let (programs, others): (Vec<_>, Vec<_>) = crates
        .iter()
        .partition(|tested| !tested.binaries.is_empty());
    let mut result = Ok(());
    for together in [programs]
        .into_iter()
        .chain(others.into_iter().map(|one| vec![one]))
    {
        let Some(first) = together.first() else {
            continue;
        };
        let packages: Vec<&str> = together.iter().map(|one| one.package.as_str()).collect();
        let mut command = runner.cargo(checkout, &packages, &first.folder);
        let mut binaries: Vec<&String> = together.iter().flat_map(|one| &one.binaries).collect();
        binaries.sort();
        binaries.dedup();
        for name in binaries {
            command.args(["--test", name]);
        }
        result = result.and(program::shown(&mut command, "mend the tests named above"));
    }
    result
}

/// Measures what a crate's bench measures, in a browser instead of natively.
pub fn bench(checkout: &Checkout, package: &str, bench: &str) -> Outcome {
    let folder = checkout.root.join("crates").join(package);
    // As a test: under `cargo bench` the runner looks for benchmarks of its own kind.
    let mut command = Runner::get(checkout)?.cargo(checkout, &[package], &folder);
    command.args(["--release", "--bench", bench, "--", "--nocapture"]);
    program::shown(&mut command, "mend the bench named above")
}

/// Everything it takes to run wasm in a browser.
struct Runner {
    browser: Browser,
    toolchain: WasmToolchain,
    program: PathBuf,
}

impl Runner {
    fn get(checkout: &Checkout) -> Result<Runner, Failure> {
        let browser = Browser::get()?;
        let toolchain = WasmToolchain::get(checkout)?;
        program::make_for_tests(checkout, "the runner of wasm tests", "stories")?;
        let program = program::built(checkout, "wasm-test-runner");
        Ok(Runner {
            browser,
            toolchain,
            program,
        })
    }

    /// `cargo test` of some packages, in the browser, with the settings that stand in a folder.
    fn cargo(&self, checkout: &Checkout, packages: &[&str], folder: &Path) -> Command {
        let mut command = self.toolchain.cargo(checkout);
        command.args(["test", "--target", TARGET]);
        for package in packages {
            command.args(["--package", package]);
        }
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &self.program);
        command
            .env("CHROMEDRIVER", &self.browser.driver)
            .env("WASM_BINDGEN_TEST_ONLY_WEB", "1");
        let webdriver = folder.join("webdriver.json");
        if webdriver.is_file() {
            command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver);
        }
        command
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_with_tests_for_a_browser_are_found() {
        let root = std::env::temp_dir().join(format!("xtask-wasm-tests-{}", std::process::id()));
        for (path, text) in [
            ("crates/engine/Cargo.toml", ""),
            ("crates/engine/tests/wasm.rs", ""),
            ("crates/engine/tests/table.rs", ""),
            ("crates/course/Cargo.toml", ""),
            ("crates/course/tests/lessons.rs", ""),
            ("crates/xtask/Cargo.toml", "wasm-bindgen-cli = 1"),
            (
                "web/Cargo.toml",
                "[dev-dependencies]\nwasm-bindgen-test.workspace = true\n",
            ),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found: Vec<(String, Vec<String>)> = with_wasm_tests(&root)
            .into_iter()
            .map(|tested| (tested.package, tested.binaries))
            .collect();
        let expected = [
            ("engine".to_owned(), vec!["wasm".to_owned()]),
            ("web".to_owned(), vec![]),
        ];
        assert_eq!(found, expected);
        fs::remove_dir_all(&root).unwrap();
    }
}
