//! The answer of `airstair inspect --json`, as `docs/json/inspect.md` describes it.
//!
//! Names carry their units. What is absent is `null`; what could not be read or was not looked at is `null` too, and
//! named with its reason in `unreadable` and `not_measured` of its bundle.

mod bundle;
mod profile;

use doctor::{Finding, Report, Skipped};
use ipa::icon::{Icon, IconSource};
use ipa::{Companion, InspectError, Package, Seen, Surroundings};
use probe::Traffic;
use serde::Serialize;

use self::bundle::BundleAnswer;
pub(super) use self::profile::object;
use super::Detail;
use crate::traffic::TrafficAnswer;

/// The whole answer.
#[derive(Serialize)]
pub(super) struct Answer {
    /// Why this is no app package.
    problem: Option<String>,
    package: Option<PackageAnswer>,
    /// In the order in which a device would meet them.
    findings: Vec<Finding>,
    /// Rules that could not be applied; never the same as fine.
    skipped: Vec<Skipped>,
    /// What reading over the network cost.
    traffic: Option<TrafficAnswer>,
}

#[derive(Serialize)]
struct PackageAnswer {
    size_bytes: u64,
    entries: usize,
    unpacked_bytes: u64,
    app: BundleAnswer,
    /// Each after the one it lies in.
    nested: Vec<BundleAnswer>,
    unseen_bundles: usize,
    icon: IconAnswer,
    surroundings: SurroundingsAnswer,
}

#[derive(Serialize)]
struct IconAnswer {
    /// `file`, `asset-catalog`, or `drawn` when there is none.
    source: &'static str,
    name: Option<String>,
    pixels: u32,
}

#[derive(Serialize)]
struct SurroundingsAnswer {
    companions: Vec<&'static str>,
    top_level_strays: NamesAnswer,
    payload_strays: NamesAnswer,
    sc_info: NamesAnswer,
    faulty_names: NamesAnswer,
    duplicate_names: NamesAnswer,
    symlinks: NamesAnswer,
}

#[derive(Serialize)]
struct NamesAnswer {
    count: usize,
    /// The first of them.
    first: Vec<String>,
}

impl Answer {
    pub(super) fn new(
        package: &Result<Package, InspectError>,
        icon: Option<&Icon>,
        report: &Report,
        detail: Detail,
        traffic: Option<Traffic>,
    ) -> Self {
        let found = package.as_ref().ok().zip(icon);
        Self {
            problem: package.as_ref().err().map(ToString::to_string),
            package: found.map(|(package, icon)| PackageAnswer::new(package, icon, detail)),
            findings: report.findings.clone(),
            // What `airstair doctor` would have to be asked for is not missing here.
            skipped: report.skipped.iter().filter(|skipped| skipped.option.is_none()).cloned().collect(),
            traffic: traffic.map(TrafficAnswer::from),
        }
    }
}

impl PackageAnswer {
    fn new(package: &Package, icon: &Icon, detail: Detail) -> Self {
        Self {
            size_bytes: package.size_bytes,
            entries: package.entries,
            unpacked_bytes: package.unpacked_bytes,
            app: BundleAnswer::new(&package.app, detail),
            nested: package.nested.iter().map(|bundle| BundleAnswer::new(bundle, detail)).collect(),
            unseen_bundles: package.unseen_bundles,
            icon: IconAnswer::new(icon),
            surroundings: SurroundingsAnswer::new(&package.surroundings),
        }
    }
}

impl IconAnswer {
    fn new(icon: &Icon) -> Self {
        let (source, name) = match icon.source() {
            IconSource::Loose(name) => ("file", Some(name.clone())),
            IconSource::AssetCatalog(name) => ("asset-catalog", Some(name.clone())),
            _ => ("drawn", None),
        };
        Self { source, name, pixels: icon.pixels() }
    }
}

impl SurroundingsAnswer {
    fn new(surroundings: &Surroundings) -> Self {
        let names = |names: &Seen<String>| NamesAnswer { count: names.count, first: names.first.clone() };
        Self {
            companions: surroundings.companions.iter().map(|companion| companion_name(*companion)).collect(),
            top_level_strays: names(&surroundings.top_level_strays),
            payload_strays: names(&surroundings.payload_strays),
            sc_info: names(&surroundings.sc_info),
            faulty_names: names(&surroundings.faulty_names),
            duplicate_names: names(&surroundings.duplicate_names),
            symlinks: names(&surroundings.symlinks),
        }
    }
}

fn companion_name(companion: Companion) -> &'static str {
    match companion {
        Companion::SwiftSupport => "swift-support",
        Companion::Symbols => "symbols",
        Companion::BitcodeSymbolMaps => "bitcode-symbol-maps",
        Companion::WatchKitSupport => "watchkit-support",
        Companion::MessagesSupport => "messages-support",
        Companion::StoreMetadata => "store-metadata",
        Companion::StoreArtwork => "store-artwork",
        _ => "other",
    }
}
