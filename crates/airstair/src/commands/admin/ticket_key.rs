use std::path::PathBuf;

use catalog::Actor;
use catalog_sqlite::SqliteCatalog;
use clap::Subcommand;
use distribution::Administration;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::server::{has_sealed, ticket_keys_failure};
use crate::terminal::{self, GOOD};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Sign with a new key from now on; links that were opened already stay good
    Rotate {
        /// The key that seals the secrets in the catalog [default: DATA/secret.key]
        #[arg(long, value_name = "FILE", env = "AIRSTAIR_SECRET_KEY_FILE")]
        secret_key_file: Option<PathBuf>,
    },
}

pub(super) async fn run(
    dir: &DataDir,
    catalog: &SqliteCatalog,
    administration: &Administration,
    command: &Command,
) -> Result<Outcome, Failure> {
    let Command::Rotate { secret_key_file } = command;
    let secret_key = dir.secret_key(secret_key_file.as_deref(), has_sealed(catalog).await?)?;
    let rotated = administration.rotate_ticket_keys(secret_key, Actor::Operator).await;
    rotated.map_err(|error| ticket_keys_failure(&error))?;
    terminal::remark(format_args!(
        "{GOOD}rotated{GOOD:#} running servers sign with the new key within a second"
    ));
    Ok(Outcome::Fine)
}
