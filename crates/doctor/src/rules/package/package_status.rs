use crate::rule::{Check, Checked, NotJudged, Rule, clean, found};
use crate::rules::answer::{failed_status, login};
use crate::{EvidenceKind, Facts, PackageFetch, Severity, Station};

/// The package's address answers that there is no package for the device.
pub(crate) static RULE: Rule = Rule {
    code: "PKG001",
    name: "package-status",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "a grey icon that says \"Waiting…\", and then \"Unable to Download App\"",
    fix: "let the address answer 200 OK with the package",
    explains: &["not-an-archive", "truncated-archive"],
    page: include_str!("package_status.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    if let Some(login) = login(fetch) {
        return found(login.fault(fetch, "package").mended_by(
            "free the package's address from the login; an address that nobody can guess keeps strangers out",
        ));
    }
    if fetch.answer().is_none() || fetch.stopped.is_some() {
        return Err(NotJudged::NotMine);
    }
    failed_status(fetch, "package").map_or_else(clean, found)
}
