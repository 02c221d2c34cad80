use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::{broken_off, is_reached};
use crate::{EvidenceKind, Facts, PackageFetch, Severity, Station};

/// The package breaks off near its beginning, or is not as long as announced.
pub(crate) static RULE: Rule = Rule {
    code: "PKG010",
    name: "package-cut-off",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "a grey icon that says \"Waiting…\", or \"Unable to Download App\"",
    fix: "let the server send the whole package, as long as it says it is",
    explains: &["package-not-a-zip", "not-an-archive", "truncated-archive"],
    page: include_str!("package_cut_off.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    if !is_reached(fetch) {
        return Err(NotJudged::NotMine);
    }
    broken_off(fetch, "package").map_or_else(clean, found)
}
