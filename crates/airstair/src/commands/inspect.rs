mod answer;
mod text;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use ipa::icon::Icon;
use ipa::{Archive, ArchiveError, Depth, Examined, Inspection, icon};

use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::package_source::PackageSource;
use crate::{clock, findings, terminal, traffic};

/// Say what is in an app package
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 fine, 1 no app package or findings of severity error, 3 it could not be read"
)]
pub(crate) struct Arguments {
    /// The package: a file, or a web address, of which only the parts that matter are fetched
    #[arg(value_name = "APP.ipa|URL", value_hint = ValueHint::FilePath)]
    package: OsString,
    /// List the devices of the provisioning profiles
    #[arg(long)]
    devices: bool,
    /// List the entitlements of the provisioning profiles
    #[arg(long)]
    entitlements: bool,
    /// Write the app's icon to this file, as an ordinary PNG
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    icon: Option<PathBuf>,
    /// For web addresses: trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca: Option<PathBuf>,
}

/// What was found in a package.
struct Looked {
    examined: Examined,
    icon: Option<Icon>,
}

/// What of a profile may be long, or personal.
#[derive(Clone, Copy)]
struct Detail {
    devices: bool,
    entitlements: bool,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let source = PackageSource::open(&arguments.package, arguments.ca.as_deref())?;
    let inspected = inspect(&source);
    source.check()?;
    let now = clock::now();
    let Looked { examined, icon } = inspected.map_err(|error| not_read(&error))?;
    let report = doctor::judge(&doctor::Facts::of_package(now, &examined));
    let package = examined.package;
    if let (Some(file), Some(icon)) = (&arguments.icon, &icon) {
        write_icon(file, icon)?;
    }

    let detail = Detail { devices: arguments.devices, entitlements: arguments.entitlements };
    match format {
        Format::Json => {
            terminal::json(&answer::Answer::new(&package, icon.as_ref(), &report, detail, source.traffic()));
        }
        Format::Text => match (&package, &icon) {
            (Ok(package), Some(icon)) => {
                text::show(package, icon, now, detail);
                findings::show_report(&report);
            }
            (Err(error), _) if report.findings.is_empty() => text::show_problem(error),
            _ => findings::show_report(&report),
        },
    }
    if let Some(traffic) = source.traffic() {
        traffic::remark(traffic, source.reader().len());
    }
    let is_bad = package.is_err() || findings::has_error(&report);
    Ok(if is_bad { Outcome::Bad } else { Outcome::Fine })
}

fn inspect(source: &PackageSource) -> Result<Looked, ArchiveError> {
    let archive = match Archive::open(source.reader(), source.limits()) {
        Ok(archive) => archive,
        Err(error) => {
            let examined = Examined::of_unopened(source.reader(), error, source.limits())?;
            return Ok(Looked { examined, icon: None });
        }
    };
    let inspection = Inspection::new(Depth::Signatures);
    let examined = Examined::watched(&archive, source.limits(), &inspection, &mut |_| {})?;
    let app = examined.package.as_ref().ok().map(|package| &package.app);
    let icon = app.map(|app| icon::find(&archive, app, source.limits()));
    Ok(Looked { examined, icon })
}

fn not_read(error: &ArchiveError) -> Failure {
    Failure::not_done("the package could not be read to its end").because(error).help("try again")
}

fn write_icon(file: &Path, icon: &Icon) -> Result<(), Failure> {
    std::fs::write(file, icon.png()).map_err(|error| {
        Failure::not_done(format_args!("the icon could not be written to {}", file.display())).because(&error)
    })
}
