use catalog::{Actor, Catalog};
use clap::Subcommand;
use distribution::Administration;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::server::{has_sealed, ticket_keys_failure};
use crate::settings::Places;
use crate::terminal::{self, GOOD};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Sign with a new key from now on; links that were opened already stay good
    Rotate,
}

pub(super) async fn run(
    dir: &DataDir,
    places: &Places,
    catalog: &dyn Catalog,
    administration: &Administration,
    command: &Command,
) -> Result<Outcome, Failure> {
    let Command::Rotate = command;
    let secret_key = dir.secret_key(places.secret_key_file.as_deref(), has_sealed(catalog).await?)?;
    let rotated = administration.rotate_ticket_keys(secret_key, Actor::Operator).await;
    rotated.map_err(|error| ticket_keys_failure(&error))?;
    terminal::remark(format_args!(
        "{GOOD}rotated{GOOD:#} running servers sign with the new key within a second"
    ));
    Ok(Outcome::Fine)
}
