use std::time::Duration;

use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::{delayed, is_reached};
use crate::{EvidenceKind, Facts, Fetched, Severity, Station};

/// How long a device waits for a manifest.
const PATIENCE: Duration = Duration::from_mins(2);

/// The manifest lets the device wait.
pub(crate) static RULE: Rule = Rule {
    code: "FET004",
    name: "manifest-slow",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "nothing for up to two minutes after the tap, and then \"Cannot connect to\" the manifest's host",
    fix: "have the manifest ready before it is asked for",
    explains: &["manifest-not-a-plist"],
    page: include_str!("manifest_slow.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if !is_reached(fetch) {
        return Err(NotJudged::NotMine);
    }
    delayed(fetch, "manifest", Some(PATIENCE)).map_or_else(clean, found)
}
