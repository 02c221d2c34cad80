use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::{failed_status, login};
use crate::{EvidenceKind, Facts, Fetched, Severity, Station};

/// The manifest's address answers that there is no manifest for the device.
pub(crate) static RULE: Rule = Rule {
    code: "FET001",
    name: "manifest-status",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "let the address answer 200 OK with the manifest",
    explains: &["manifest-is-html", "manifest-not-a-plist"],
    page: include_str!("manifest_status.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if fetch.answer().is_none() || fetch.stopped.is_some() || login(fetch).is_some() {
        return Err(NotJudged::NotMine);
    }
    failed_status(fetch, "manifest").map_or_else(clean, found)
}
