#![doc = include_str!("../README.md")]

mod ci;
mod cli;
mod clock;
mod commands;
mod data_dir;
mod environment;
mod failure;
mod findings;
mod local_network;
mod markdown;
mod mdns_responder;
mod network;
mod obstacle;
mod outcome;
mod package_source;
mod progress;
#[cfg(test)]
mod reference;
mod self_check;
mod server;
mod settings;
mod stores;
mod terminal;
mod traffic;
mod words;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let format = cli.format();
    let ended = cli.command.run(format).and_then(|outcome| {
        terminal::finish()?;
        Ok(outcome)
    });
    match ended {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => {
            terminal::failure(&failure, format);
            failure.exit_code()
        }
    }
}
