use super::bot_filter::{Sign, action, sign};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, is_web_page};
use crate::{EvidenceKind, Facts, Fetch, Fetched, NoAnswer, Severity, Station};

/// The installer is refused what a browser gets, or gets a test for bots.
pub(crate) static RULE: Rule = Rule {
    code: "NET006",
    name: "blocked-for-installer",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "\"Cannot connect to\" the host, nothing at all, or an icon that stays grey",
    fix: "exempt the addresses of manifest, icons and package from the filter against bots",
    explains: &[
        "manifest-status",
        "manifest-needs-login",
        "manifest-redirected",
        "manifest-slow",
        "manifest-content-type",
        "manifest-cut-off",
        "manifest-is-html",
        "manifest-not-a-plist",
        "text-before-xml",
        "package-status",
        "package-redirected",
        "head-refused",
        "length-missing-or-wrong",
        "ranges-not-supported",
        "content-encoded",
        "package-slow",
        "package-content-type",
        "package-not-a-zip",
        "package-cut-off",
    ],
    page: include_str!("blocked_for_installer.md"),
    check: Check::EachFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if is_good(fetch) {
        return clean();
    }
    let last = fetch.last();
    let got = match &last.answer {
        Err(NoAnswer::NoConnection) => return Err(NotJudged::NotMine),
        Err(_) => "no answer".to_owned(),
        Ok(answer) if is_web_page(answer) && answer.status < 300 => "a web page".to_owned(),
        Ok(answer) => answer.status.to_string(),
    };
    let is_open_to_browsers = fetched.by_browser.as_ref().is_some_and(is_good);
    let fault = match (fetch.answer().and_then(sign), is_open_to_browsers) {
        (Some(Sign { filter, evidence }), is_open) => {
            let tail = if is_open { ", and lets browsers through" } else { "" };
            Fault::new(format!(
                "a filter against bots ({filter}) gives the installer {got} instead of the file{tail}"
            ))
            .at(evidence)
        }
        (None, true) => Fault::new(format!("the installer gets {got}, and a browser gets the file")),
        (None, false) => return clean(),
    };
    found(fault.at(address(last)))
}

/// Whether what came may be what was asked for.
fn is_good(fetch: &Fetch) -> bool {
    fetch.success().is_some_and(|answer| !is_web_page(answer) && action(answer).is_none())
}
