use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::login;
use crate::{EvidenceKind, Facts, Fetched, Severity, Station};

/// The manifest is behind a login.
pub(crate) static RULE: Rule = Rule {
    code: "FET002",
    name: "manifest-needs-login",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "a dialog that asks for a name and a password, or \"Cannot connect to\" the manifest's host",
    fix: "free the manifest's address from the login; an address that nobody can guess keeps strangers out",
    explains: &["manifest-redirected", "manifest-is-html", "manifest-not-a-plist"],
    page: include_str!("manifest_needs_login.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if fetch.answer().is_none() {
        return Err(NotJudged::NotMine);
    }
    login(fetch).map_or_else(clean, |login| found(login.fault(fetch, "manifest")))
}
