use std::sync::Arc;
use std::time::Duration;

use catalog::Catalog;
use clap::Args;
use distribution::Collector;
use serde::Serialize;

use crate::cli::Format;
use crate::clock::SystemClock;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::settings::Places;
use crate::stores::open_depot;
use crate::terminal::{self, GOOD};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Leave what is younger; no less than 12 while a server runs, for so long may an upload take
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    older_than_hours: u64,
}

/// What was removed, as `--json` shows it.
#[derive(Debug, Serialize)]
struct CollectedView {
    blobs: u64,
    size_bytes: u64,
}

pub(super) async fn run(
    dir: &DataDir,
    places: &Places,
    catalog: Arc<dyn Catalog>,
    arguments: &Arguments,
    format: Format,
) -> Result<Outcome, Failure> {
    let depot = open_depot(dir, places).await?;
    let collector = Collector::new(catalog, depot, Arc::new(SystemClock));
    let grace = Duration::from_secs(arguments.older_than_hours.saturating_mul(3_600));
    let collected = collector.collect(grace).await;
    let collected =
        collected.map_err(|error| Failure::not_done("the garbage was not all collected").because(&error))?;
    match format {
        Format::Json => {
            terminal::json(&CollectedView { blobs: collected.blobs, size_bytes: collected.size_bytes });
        }
        Format::Text => terminal::line(format_args!(
            "{GOOD}removed{GOOD:#} {} files, {} bytes",
            collected.blobs, collected.size_bytes
        )),
    }
    Ok(Outcome::Fine)
}
