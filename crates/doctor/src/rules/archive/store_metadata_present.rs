use ipa::{Companion, Package};

use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The package has what the App Store adds to the copies it sells.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP016",
    name: "store-metadata-present",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" on some systems",
    fix: "export your own build, or take `iTunesMetadata.plist` and `SC_Info` out before signing",
    explains: &[],
    page: include_str!("store_metadata_present.md"),
    check: Check::Package(check),
};

fn check(package: &Package, _: &Facts<'_>) -> Checked {
    let surroundings = &package.surroundings;
    let mut faults = Vec::new();
    if surroundings.companions.contains(&Companion::StoreMetadata) {
        let place = Evidence::at(EvidencePlace::Entry, "iTunesMetadata.plist");
        faults.push(Fault::new("the package has an `iTunesMetadata.plist`").at(place));
    }
    if let Some(bundle) = surroundings.sc_info.first.first() {
        let place = Evidence::at(EvidencePlace::Entry, format_args!("{bundle}/SC_Info"));
        faults.push(Fault::new("a bundle has a folder `SC_Info`").at(place));
    }
    found_all(faults)
}
