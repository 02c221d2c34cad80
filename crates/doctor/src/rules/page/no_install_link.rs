use itms_services::LinkPlace;

use super::address;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{header, login};
use crate::{BodyEnd, EvidenceKind, Facts, PageFacts, PageLink, Severity, Station};

/// The page has no install link.
pub(crate) static RULE: Rule = Rule {
    code: "PAG001",
    name: "no-install-link",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Page,
    device_shows: "a page with nothing to tap that would install the app",
    fix: "put `<a href=\"itms-services://?action=download-manifest&amp;url=…\">` on the page",
    explains: &[],
    page: include_str!("no_install_link.md"),
    check: Check::Page(check),
};

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    let unread_scripts = match page.link {
        PageLink::None { unread_scripts } => unread_scripts,
        PageLink::Found { place: LinkPlace::Comment, line, .. } => {
            let place = address(page).seen(format_args!("line {line}, <!-- … -->"));
            return found(Fault::new("its only install link stands in a comment").at(place));
        }
        PageLink::Found { .. } | PageLink::Partial | PageLink::Redirect => return clean(),
    };
    let Some(answer) = page.fetch.success().filter(|_| login(page.fetch).is_none()) else {
        return Err(NotJudged::NotMine);
    };
    let is_cut = matches!(answer.body.end, BodyEnd::CutOff | BodyEnd::Silent { .. });
    let message = match unread_scripts {
        _ if is_cut => "the page broke off, and what came of it has no install link".to_owned(),
        0 => "the page has no install link".to_owned(),
        1 => "the page has no install link outside its script, which was not read".to_owned(),
        more => format!("the page has no install link outside its {more} scripts, which were not read"),
    };
    let fault = Fault::new(message).at(address(page));
    let fault = match answer.content_type() {
        Some(kind) if !kind.contains("html") => fault.at(header("Content-Type", &kind)),
        _ => fault,
    };
    found(if unread_scripts == 0 {
        fault
    } else {
        fault.lighter(Severity::Warning).mended_by(
            "run `airstair doctor --follow-page-scripts` to have them read, or give it the install link itself",
        )
    })
}
