use super::address;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::quoted;
use crate::{EvidenceKind, Facts, PageFacts, PageLink, Severity, Station};

/// The install link stands in a frame of the page.
pub(crate) static RULE: Rule = Rule {
    code: "PAG005",
    name: "page-opens-in-frame",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Page,
    device_shows: "nothing when the link is tapped",
    fix: "link to the install page instead of showing it in a frame, or give the link `target=\"_top\"`",
    explains: &[],
    page: include_str!("page_opens_in_frame.md"),
    check: Check::Page(check),
};

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    let PageLink::Found { frame: Some(frame), line, .. } = page.link else { return clean() };
    let frame = frame.split(['?', '#']).next().unwrap_or_default();
    let place = address(page).seen(format_args!("line {line} of {}", quoted(frame)));
    found(Fault::new("the install link stands in a frame of the page").at(place))
}
