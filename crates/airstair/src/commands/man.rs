use std::fs;
use std::path::PathBuf;

use clap::Args;
use clap_mangen::Man;
use serde::Serialize;

use crate::cli::{self, Format};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal;

/// Write the manual pages
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder that gets a page for airstair and one for each command; without it, airstair's page is printed
    folder: Option<PathBuf>,
}

#[derive(Serialize)]
struct Written {
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let command = cli::every_command();
    let Some(folder) = &arguments.folder else {
        terminal::bytes(&page(&command)?);
        return Ok(Outcome::Fine);
    };
    let not_written = |error| {
        Failure::not_done(format_args!("the pages could not be written to {}", folder.display()))
            .because(&error)
    };
    fs::create_dir_all(folder).map_err(not_written)?;
    let mut files = Vec::new();
    for command in cli::and_below(&command) {
        let file = folder.join(Man::new(command.clone()).get_filename());
        fs::write(&file, page(command)?).map_err(not_written)?;
        files.push(file);
    }
    match format {
        Format::Text => {
            for file in &files {
                terminal::line(terminal::plain(&file.to_string_lossy()));
            }
        }
        Format::Json => terminal::json(&Written { files }),
    }
    Ok(Outcome::Fine)
}

fn page(command: &clap::Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .source(concat!("airstair ", env!("CARGO_PKG_VERSION")))
        .manual("Airstair")
        .render(&mut page)
        .map_err(|error| Failure::not_done("a manual page could not be written").because(&error))?;
    Ok(page)
}
