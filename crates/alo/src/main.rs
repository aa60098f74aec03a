//! The command line of teachers and engineers: run a scene, check the lessons.
//!
//! What was asked for goes to standard output, what is wrong to standard error. Exit status 0:
//! all is well; 1: an input has mistakes or cannot be read; 2: the command itself is mistaken.

mod check;
mod output;
mod report;
mod run;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs the scenes of At Least Once and checks its lessons.
#[derive(Parser)]
#[command(name = "alo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
}

fn main() -> ExitCode {
    let end = match Cli::parse().command {
        Command::Run(run) => run.run(),
        Command::Check(check) => check.run(),
    };
    end.unwrap_or_else(output::Failure::tell)
}
