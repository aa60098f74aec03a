//! Runs one file of wasm tests in the browser that WebDriver drives, as cargo asks.
//!
//! The runner is wasm-bindgen's own, of the lock file's version; `cargo xtask test`
//! compiles it, so nothing needs to be installed.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
