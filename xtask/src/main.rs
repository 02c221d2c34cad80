//! The workshop: what a person working on Airstair runs, and what continuous integration runs.
#![expect(clippy::print_stderr, reason = "the workshop talks to the person at the terminal")]

mod bench;
mod checks;
mod command;
mod generate;
mod links;
mod setup;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The workshop of Airstair.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Workshop {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need, then run all that continuous integration runs.
    Test {
        /// Only the tests: no installing, formatting, lints, documents or licences.
        #[arg(long)]
        only_tests: bool,
    },
    /// Install what the benches need, build the release binary, and measure it beside its rivals.
    Bench {
        /// What to measure, and how: `cargo xtask bench -- --help` lists it [default: all]
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// Make the generated files anew: the sample app, docs/reference.
    Generate,
    /// Install what the tests need: Debian packages and cargo tools that are missing.
    Setup,
}

fn main() -> Result<()> {
    match Workshop::parse().task {
        Task::Bench { words } => {
            setup::for_benches()?;
            bench::run_with(&words)
        }
        Task::Generate => generate::write(),
        Task::Setup => setup::for_tests(),
        Task::Test { only_tests: true } => checks::tests(),
        Task::Test { only_tests: false } => {
            setup::for_tests()?;
            checks::all()
        }
    }
}
