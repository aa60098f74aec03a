//! The project's chores, each by one command: `cargo xtask help`.

mod anatomy;
mod architecture;
mod bench;
mod bless;
mod browser;
mod budgets;
mod bundle;
mod checkout;
mod debian;
mod draft;
mod edges;
mod failure;
mod imports;
mod lighthouse;
mod node;
mod program;
mod serve;
mod server;
mod site;
mod step;
mod tiers;
mod toolchain;
mod wasm_tests;
mod watch;
mod weight;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::checkout::Checkout;
use crate::failure::Outcome;
use crate::site::Builder;
use crate::tiers::Tier;
use crate::toolchain::WasmToolchain;

/// The project's chores
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Serve the site on this machine; rebuild and reload on change
    Serve {
        /// The port of the loopback address; 0 takes any that is free
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Build the site: a folder that any static host serves, also below a sub-path
    Build {
        /// The folder to write
        #[arg(long, default_value = "dist")]
        out: PathBuf,
    },
    /// Run every tier of tests, the fastest first
    Test {
        /// Run only these tiers, and those they need
        #[arg(long, value_delimiter = ',', num_args = 1..)]
        only: Vec<Tier>,
    },
    /// Print the measurements: page weight, engine speed, time to the first step
    Bench,
    /// Rewrite the committed expected files, and show what changed
    Bless,
    /// Print the environment of the browser's toolchain, as lines for a shell to eval
    WasmEnv,
}

fn main() -> ExitCode {
    let checkout = Checkout::find();
    let outcome = match Arguments::parse().chore {
        Chore::Serve { port } => serve::serve(&checkout, port),
        Chore::Build { out } => site::build(&checkout, &out, Builder::Alone),
        Chore::Test { only } => tiers::run(&checkout, &only),
        Chore::Bench => bench::run(&checkout),
        Chore::Bless => bless::run(&checkout),
        Chore::WasmEnv => print_wasm_environment(&checkout),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.say("error");
            ExitCode::FAILURE
        }
    }
}

fn print_wasm_environment(checkout: &Checkout) -> Outcome {
    for line in WasmToolchain::get(checkout)?.shell_lines() {
        println!("{line}");
    }
    Ok(())
}
