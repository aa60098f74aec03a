//! The command line of teachers and engineers: run a scene, compare systems, explore it, grade answers, check the
//! lessons, hold the engine against real systems.
//!
//! What was asked for goes to standard output, what is wrong to standard error. Exit status 0:
//! all is well; 1: an input has mistakes or cannot be read; 2: the command itself is mistaken.
//! For `explore`, `grade` and `conformance` 1 is a verdict, and inputs with mistakes are 2 as well.

mod check;
mod compare;
mod conformance;
mod explore;
mod findings;
mod grade;
mod language;
mod output;
mod report;
mod run;
mod threads;

use clap::{Parser, Subcommand};
use output::Failure;
use std::process::ExitCode;

/// Runs and explores the scenes of At Least Once, grades answers, checks its lessons, and holds the
/// engine against real systems.
#[derive(Parser)]
#[command(name = "alo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Compare(compare::Compare),
    Explore(explore::Explore),
    Grade(grade::Grade),
    Check(check::Check),
    Conformance(conformance::Conformance),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Run(run) => run.run().unwrap_or_else(Failure::tell),
        Command::Compare(compare) => compare.run().unwrap_or_else(Failure::tell),
        Command::Check(check) => check.run().unwrap_or_else(Failure::tell),
        Command::Explore(explore) => explore.run().unwrap_or_else(Failure::tell_bad_input),
        Command::Grade(grade) => grade.run().unwrap_or_else(Failure::tell_bad_input),
        Command::Conformance(conformance) => {
            conformance.run().unwrap_or_else(Failure::tell_bad_input)
        }
    }
}
