//! `site`: lessons and bundle to static pages. `cargo xtask build` and `serve` run it.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Turns lessons and a bundle into static pages
#[derive(Parser)]
struct Arguments {
    /// The folder to write
    #[arg(long)]
    out: PathBuf,
    /// The folder of the bundle: of each module a folder, with its glue and its wasm
    #[arg(long)]
    bundle: PathBuf,
    /// The folder of the lessons
    #[arg(long, default_value = "lessons")]
    lessons: PathBuf,
    /// The folder of the page shell index.html, of web/ and of tests/conformance/
    #[arg(long, default_value = ".")]
    checkout: PathBuf,
    /// Have the pages reload when the server says so
    #[arg(long)]
    live_reload: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let request = site::Request {
        lessons: arguments.lessons,
        bundle: arguments.bundle,
        checkout: arguments.checkout,
        live_reload: arguments.live_reload,
    };
    let files = match site::build(&request) {
        Ok(files) => files,
        Err(mistakes) => {
            eprint!("{}", mistakes.render(std::io::stderr().is_terminal()));
            return ExitCode::FAILURE;
        }
    };
    match files.write(&arguments.out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot write {}: {error}", arguments.out.display());
            ExitCode::FAILURE
        }
    }
}
