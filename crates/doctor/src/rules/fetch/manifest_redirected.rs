use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{Redirect, address, redirect, seen_on, shown};
use crate::{EvidenceKind, Facts, Fetched, Severity, Station};

/// The manifest's address sends the device on to another.
pub(crate) static RULE: Rule = Rule {
    code: "FET003",
    name: "manifest-redirected",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "the name of the last host in its question; \"Cannot connect to\" the host where redirects lead nowhere",
    fix: "write the last address into the install link",
    explains: &[],
    page: include_str!("manifest_redirected.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    match redirect(fetch, "manifest") {
        Some(Redirect::Fails(fault)) => found(fault),
        Some(Redirect::Followed { to, is_elsewhere }) => {
            let message = if is_elsewhere {
                let host = shown(&to.host.title());
                format!(
                    "the manifest's address redirects to {host}, and that name is in the device's question"
                )
            } else {
                "the manifest's address redirects to another of its host".to_owned()
            };
            found(seen_on(fetch, Fault::new(message)).at(address(to)).lighter(Severity::Warning))
        }
        None if fetch.answer().is_none() => Err(NotJudged::NotMine),
        None => clean(),
    }
}
