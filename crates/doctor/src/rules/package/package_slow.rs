use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::{delayed, is_reached};
use crate::{EvidenceKind, Facts, PackageFetch, Severity, Station};

/// The package lets the device wait.
pub(crate) static RULE: Rule = Rule {
    code: "PKG007",
    name: "package-slow",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "a grey icon that says \"Waiting…\"",
    fix: "send the package's first byte at once",
    explains: &["truncated-archive"],
    page: include_str!("package_slow.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    if !is_reached(fetch) {
        return Err(NotJudged::NotMine);
    }
    delayed(fetch, "package", None).map_or_else(clean, found)
}
