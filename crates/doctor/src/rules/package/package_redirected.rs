use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{Redirect, address, login, redirect, seen_on, shown};
use crate::{EvidenceKind, Facts, PackageFetch, Severity, Station};

/// The package's address sends the device on to another.
pub(crate) static RULE: Rule = Rule {
    code: "PKG002",
    name: "package-redirected",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "a grey icon that says \"Waiting…\", where the redirect is not followed or leads nowhere",
    fix: "write the last address into the manifest, if it is a lasting one; else have the server send the package itself",
    explains: &[],
    page: include_str!("package_redirected.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    if login(fetch).is_some() {
        return Err(NotJudged::NotMine);
    }
    match redirect(fetch, "package") {
        Some(Redirect::Fails(fault)) => found(fault),
        Some(Redirect::Followed { to, is_elsewhere }) => {
            let target =
                if is_elsewhere { shown(&to.host.title()) } else { "another of its host".to_owned() };
            let message =
                format!("the package's address redirects to {target}, and some devices may not follow");
            found(seen_on(fetch, Fault::new(message)).at(address(to)).lighter(Severity::Warning))
        }
        None if fetch.answer().is_none() => Err(NotJudged::NotMine),
        None => clean(),
    }
}
