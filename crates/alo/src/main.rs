//! The command line of teachers and engineers: run a scene, explore it, grade answers, check the
//! lessons.
//!
//! What was asked for goes to standard output, what is wrong to standard error. Exit status 0:
//! all is well; 1: an input has mistakes or cannot be read; 2: the command itself is mistaken.
//! For `explore` and `grade` 1 is a verdict, and inputs with mistakes are 2 as well.

mod check;
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

/// Runs and explores the scenes of At Least Once, grades answers, and checks its lessons.
#[derive(Parser)]
#[command(name = "alo", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Run),
    Explore(explore::Explore),
    Grade(grade::Grade),
    Check(check::Check),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Run(run) => run.run().unwrap_or_else(Failure::tell),
        Command::Check(check) => check.run().unwrap_or_else(Failure::tell),
        Command::Explore(explore) => explore.run().unwrap_or_else(Failure::tell_bad_input),
        Command::Grade(grade) => grade.run().unwrap_or_else(Failure::tell_bad_input),
    }
}
