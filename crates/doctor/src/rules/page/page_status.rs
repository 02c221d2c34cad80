use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{Redirect, address, broken_off, failed_status, login, redirect, seconds};
use crate::{EvidenceKind, Facts, Fetch, NoAnswer, PageFacts, PageLink, Severity, Station};

/// The page's address answers with something other than the page.
pub(crate) static RULE: Rule = Rule {
    code: "PAG006",
    name: "page-status",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Page,
    device_shows: "an error page, or none, where the install link should be",
    fix: "check the page's address, and that the server serves it to everybody who is to install",
    explains: &[],
    page: include_str!("page_status.md"),
    check: Check::Page(check),
};

/// What to do where the link is there all the same.
const WITH_LINK: &str =
    "let the page's address answer 200 OK: previews of links, caches and people's tools go by it";

/// What to do where a person has to sign in before the page.
const SIGN_IN: &str =
    "sign in with a browser, copy the install link from the page, and give that to `airstair doctor`";

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    let fetch = page.fetch;
    match (&fetch.last().answer, page.link) {
        (Err(NoAnswer::NoConnection), _) => Err(NotJudged::NotMine),
        (_, PageLink::Redirect) => clean(),
        (_, PageLink::None { .. }) => match login(fetch) {
            Some(login) => found(login.fault(fetch, "page").lighter(Severity::Warning).mended_by(SIGN_IN)),
            None => trouble(fetch).map_or_else(clean, found),
        },
        // The page is of use, whatever else is said of it.
        _ => failed_status(fetch, "page")
            .map_or_else(clean, |fault| found(fault.lighter(Severity::Warning).mended_by(WITH_LINK))),
    }
}

/// Why there is no page.
fn trouble(fetch: &Fetch) -> Option<Fault> {
    if let Err(NoAnswer::Silent { after }) = fetch.last().answer {
        let message = format!("nothing came of the page within {}", seconds(after));
        return Some(Fault::new(message).at(address(fetch.last())));
    }
    match redirect(fetch, "page") {
        Some(Redirect::Fails(fault)) if fetch.stopped.is_some() => Some(fault),
        _ => failed_status(fetch, "page")
            .or_else(|| broken_off(fetch, "page").filter(|_| fetch.answer().is_none())),
    }
}
