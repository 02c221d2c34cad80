mod answer;
mod explain;
mod live;
mod look;
mod moment;
mod sarif;
mod target;
mod text;

use std::ffi::OsString;

use clap::{Args, ValueHint};
use doctor::{Device, Facts, ManifestFacts, Report, Selection, Verdict, judge_selected};
use ipa::{Depth, Fact, OsVersion, Udid};
use itms_services::bounded_plist;
use itms_services::{LinkReading, ManifestDocument};
use probe::{RevocationCheck, Traffic};

use self::live::LiveArguments;
use self::look::Looking;
use self::target::Road;
use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::{clock, terminal, traffic};

pub(crate) use self::explain::{Arguments as ExplainArguments, run as run_explain};

/// Say why an app can't be installed
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  airstair doctor https://apps.example.com/notes
  airstair doctor Notes.ipa
  airstair doctor Notes.ipa --udid 00008110-001A2B3C4D5E6F78 --device iPhone15,2 --ios 18.1
  airstair doctor 'itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist'
  airstair doctor page.html
  airstair doctor manifest.plist Notes.ipa --deep

Exit codes: 0 nothing keeps it from being installed, 1 something does, 2 called wrongly, 3 a target could not be read")]
pub(crate) struct Arguments {
    /// What to examine: the address of a page, a manifest or a package, or an install link, which are followed over the
    /// network as an iPhone would; a package, a manifest, or a file in which links stand (a page, a mail, a log; `-` reads
    /// standard input), which are judged as they lie there. A link, its manifest and its package together are one road
    #[arg(value_name = "TARGET", required = true, num_args = 1..=3, value_hint = ValueHint::FilePath)]
    targets: Vec<OsString>,
    /// The id of the device it is for
    #[arg(long, value_name = "UDID", value_parser = Udid::parse)]
    udid: Option<Udid>,
    /// The model of the device, such as iPhone15,2
    #[arg(long, value_name = "MODEL", value_parser = model)]
    device: Option<String>,
    /// The version of the device's system, such as 18.1
    #[arg(long, value_name = "VERSION")]
    ios: Option<OsVersion>,
    /// Judge as of this day or moment: 2027-01-01, or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = moment::parse)]
    at: Option<time::UtcDateTime>,
    /// Read all of the package: compare every file and every page of code with its signature, and the package with the
    /// digests in its manifest
    #[arg(long)]
    deep: bool,
    /// Ask the authorities of the certificates whether they have revoked them, at the addresses in the certificates
    #[arg(long, conflicts_with = "offline")]
    revocation: bool,
    /// Apply these rules only, by code or name
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    only: Vec<String>,
    /// Leave out what these rules find, by code or name; it is counted
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Answer in SARIF 2.1.0, which code hosts show beside a change
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
    #[command(flatten)]
    live: LiveArguments,
}

/// What was said of one road.
struct JudgedRoad {
    /// What the road is called: the targets as they were given, or a link's line.
    name: String,
    report: Report,
    /// Its package, where that was read over the network.
    package: Option<ReadPackage>,
}

/// What a package at an address was read at.
#[derive(Clone, Copy)]
struct ReadPackage {
    traffic: Traffic,
    size_bytes: u64,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let unknown = |error: doctor::UnknownRule| {
        Failure::usage(&error).help("`airstair explain` lists the rules there are")
    };
    let selection = Selection::default().only(&arguments.only).map_err(unknown)?;
    let selection = selection.ignoring(&arguments.ignore).map_err(unknown)?;
    let device = Device { udid: arguments.udid.clone(), model: arguments.device.clone(), os: arguments.ios };
    let now = arguments.at.unwrap_or_else(clock::now);

    let looking = Looking {
        depth: if arguments.deep { Depth::Deep } else { Depth::Signatures },
        format: if arguments.sarif { Format::Json } else { format },
    };
    let examined = if let Some(target) = arguments.live.target(&arguments.targets)? {
        let name = target::name(&arguments.targets);
        arguments.live.examine(&name, target, (now, &device), looking, arguments.revocation, &selection)?
    } else {
        let road = Road::open(&arguments.targets)?;
        let check = arguments.revocation.then(|| arguments.live.revocation_check());
        examine(&road, &Facts { device, ..Facts::at(now) }, &selection, looking, check.as_ref())?
    };
    for ReadPackage { traffic, size_bytes } in examined.iter().filter_map(|one| one.package) {
        traffic::remark(traffic, size_bytes);
    }
    let is_bad = examined.iter().any(|one| one.report.verdict == Verdict::Fails);
    match format {
        _ if arguments.sarif => terminal::json(&sarif::log(&examined)),
        Format::Json => terminal::json(&answer::Answer::new(&examined)),
        Format::Text => text::show(&examined),
    }
    Ok(if is_bad { Outcome::Bad } else { Outcome::Fine })
}

/// Judges the road once for every link on it, or once where there is none.
fn examine(
    road: &Road,
    known: &Facts<'_>,
    selection: &Selection,
    looking: Looking,
    check: Option<&RevocationCheck>,
) -> Result<Vec<JudgedRoad>, Failure> {
    let document =
        road.manifest.as_ref().map(|bytes| ManifestDocument::read(bytes, &bounded_plist::Limits::default()));
    let package = road.package.as_ref().map(|source| looking.at_package(source)).transpose()?;
    let revocations = check.map(|check| live::revocations(check, package.as_ref())).transpose()?;
    let mut facts = known.clone();
    facts.revocations = revocations.as_ref().into();
    facts.manifest = match (&road.manifest, &document) {
        (Some(bytes), Some(document)) => {
            Fact::Known(ManifestFacts { bytes, document, digests: Fact::Absent })
        }
        _ if road.links.is_empty() => Fact::Absent,
        _ => Fact::NotMeasured("the manifest was not given; name its file after the link".to_owned()),
    };
    facts.package = match &package {
        Some(package) => Fact::Known(package),
        None => Fact::NotMeasured("the package was not given; name its file after the others".to_owned()),
    };
    if let (Some(source), Some(asset)) = (&road.package, facts.package_asset())
        && let Fact::Known(manifest) = &mut facts.manifest
    {
        manifest.digests = looking.at_digests(source, &asset)?;
    }
    let judged = |link: Fact<&LinkReading>| judge_selected(&Facts { link, ..facts.clone() }, selection);
    if road.links.is_empty() {
        return Ok(vec![JudgedRoad { name: road.name.clone(), report: judged(Fact::Absent), package: None }]);
    }
    let links = road.links.iter().map(|found| JudgedRoad {
        name: match found.line {
            Some(line) if road.links.len() > 1 => format!("{}, line {line}", road.name),
            _ => road.name.clone(),
        },
        report: judged(Fact::Known(&found.reading)),
        package: None,
    });
    Ok(links.collect())
}

/// A model as devices name themselves: letters, a number, a comma, a number.
fn model(text: &str) -> Result<String, String> {
    let is_model = text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).split_once(',').is_some_and(
        |(one, other)| {
            let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            text.starts_with(|c: char| c.is_ascii_alphabetic()) && is_number(one) && is_number(other)
        },
    );
    if is_model { Ok(text.to_owned()) } else { Err("a model is written like iPhone15,2".to_owned()) }
}
