//! The words of the command line.

use std::iter;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    admin, completions, doctor, inspect, link, man, manifest, publish, serve, share, site,
};
use crate::failure::Failure;
use crate::outcome::Outcome;

/// Puts iOS apps on iPhones and iPads over the air.
#[derive(Debug, Parser)]
#[command(name = "airstair", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Answer in JSON on standard output
    #[arg(long, global = true, display_order = 900)]
    json: bool,
}

/// Who reads the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// A person.
    Text,
    /// A program.
    Json,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  the answer is bad: a fault that keeps an app from being installed, an upload refused
  2  called wrongly
  3  the work could not be done: network, disk";

/// What Airstair can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Doctor(doctor::Arguments),
    Explain(doctor::ExplainArguments),
    Inspect(inspect::Arguments),
    Share(share::Arguments),
    Serve(serve::Arguments),
    Publish(publish::Arguments),
    Link(link::Arguments),
    Manifest(manifest::Arguments),
    Site(site::Arguments),
    Admin(admin::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

impl Command {
    pub(crate) fn run(self, format: Format) -> Result<Outcome, Failure> {
        match self {
            Self::Doctor(arguments) => doctor::run(&arguments, format),
            Self::Explain(arguments) => doctor::run_explain(&arguments, format),
            Self::Inspect(arguments) => inspect::run(&arguments, format),
            Self::Share(arguments) => share::run(&arguments, format),
            Self::Serve(arguments) => serve::run(arguments, format),
            Self::Publish(arguments) => publish::run(&arguments, format),
            Self::Link(arguments) => link::run(&arguments, format),
            Self::Manifest(arguments) => manifest::run(&arguments, format),
            Self::Site(arguments) => site::run(&arguments, format),
            Self::Admin(arguments) => admin::run(&arguments, format),
            Self::Completions(arguments) => Ok(completions::run(&arguments)),
            Self::Man(arguments) => man::run(&arguments, format),
        }
    }
}

impl Cli {
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }
}

/// The command line as manual pages and the reference tell it: each command with its whole name, such as
/// `airstair link`, and with the options that all share; none of those that only print help.
pub(crate) fn every_command() -> clap::Command {
    fn without_help(command: clap::Command) -> clap::Command {
        command.disable_help_subcommand(true).mut_subcommands(without_help)
    }
    let mut command = without_help(Cli::command());
    command.build();
    command
}

/// A command and those below it, each before its own.
pub(crate) fn and_below(command: &clap::Command) -> Vec<&clap::Command> {
    let below = command.get_subcommands().flat_map(and_below);
    iter::once(command).chain(below).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
