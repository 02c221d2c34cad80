//! What owners do at the server's own command line, beside a running server or without one.

mod channel;
mod garbage;
mod job;
mod status;
mod ticket_key;
mod token;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::{Name, Page, StoreError};
use clap::{Args, Subcommand};
use distribution::Administration;

use crate::cli::Format;
use crate::clock::SystemClock;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::network;
use crate::outcome::Outcome;
use crate::settings::{Database, Given};
use crate::stores::open_catalog;
use crate::terminal;

/// Look after a server: how it stands, tokens, channels, jobs, garbage
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    subject: Subject,
    /// The server's settings file [default: airstair.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE", env = "AIRSTAIR_CONFIG", display_order = 800)]
    config: Option<PathBuf>,
    /// The server's data directory [default: what the settings say, or airstair-data]
    #[arg(long, global = true, value_name = "DIR", env = "AIRSTAIR_DATA", display_order = 801)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Subject {
    /// Show what the server found at its own public address
    #[command(after_help = "Exit codes: 0 fine, or not examined yet, 1 devices can't install")]
    Status,
    /// Secrets for machines
    #[command(subcommand)]
    Token(token::Command),
    /// Tracks of an app, each with its page
    #[command(subcommand)]
    Channel(channel::Command),
    /// Work that the server does by itself
    #[command(subcommand)]
    Job(job::Command),
    /// The keys that sign what devices fetch with
    #[command(subcommand)]
    TicketKey(ticket_key::Command),
    /// Remove what crashes, refused uploads and retention left behind
    CollectGarbage(garbage::Arguments),
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let given = Given::from_environment()?.with_data(arguments.data.clone());
    let places = given.with_file(arguments.config.as_deref())?.places()?;
    let dir = match (&places.database, &arguments.subject) {
        (Database::Postgres(_), _) => DataDir::open(&places.data)?,
        (Database::File, Subject::Token(token::Command::Create { .. })) => open_or_make(&places.data)?,
        (Database::File, _) => DataDir::existing(&places.data)?,
    };
    network::runtime()?.block_on(async {
        let catalog = open_catalog(&dir, &places).await?;
        let administration = Administration::new(Arc::clone(&catalog), Arc::new(SystemClock));
        let outcome = match &arguments.subject {
            Subject::Status => status::run(&administration, format).await,
            Subject::Token(command) => token::run(&administration, command, format).await,
            Subject::Channel(command) => channel::run(&administration, command, format).await,
            Subject::Job(command) => job::run(&administration, command, format).await,
            Subject::TicketKey(command) => {
                ticket_key::run(&dir, &places, &*catalog, &administration, command).await
            }
            Subject::CollectGarbage(arguments) => {
                garbage::run(&dir, &places, Arc::clone(&catalog), arguments, format).await
            }
        };
        catalog.close().await;
        outcome
    })
}

/// A server can be given its first token before its first start; who mistyped the folder is told.
fn open_or_make(path: &Path) -> Result<DataDir, Failure> {
    let is_new = DataDir::existing(path).is_err();
    let dir = DataDir::open(path)?;
    if is_new {
        let shown = path.display().to_string();
        let shown = terminal::plain(&shown);
        terminal::remark(format_args!(
            "{shown} is a new data directory; start its server with --data {shown}"
        ));
    }
    Ok(dir)
}

/// A name that `--name` gave.
fn read_name(text: &str) -> Result<Name, Failure> {
    Name::parse(text).map_err(|error| Failure::usage("the name can't be taken").because(&error))
}

/// All that a list holds, page after page; `page` gives what comes after a place in it.
async fn every<T, C>(
    page: impl AsyncFn(Option<C>) -> Result<Page<T, C>, StoreError>,
) -> Result<Vec<T>, Failure> {
    let mut items = Vec::new();
    let mut after = None;
    loop {
        let page = page(after).await.map_err(|error| store_failure(&error))?;
        items.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(items),
        }
    }
}

/// Words for what a store answers.
fn store_failure(error: &StoreError) -> Failure {
    let failure = Failure::not_done("the catalog did not do it").because(error);
    match error {
        StoreError::Busy(_) => failure.help("try again in a moment"),
        _ => failure,
    }
}
