use itms_services::LinkPlace;

use super::address;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, PageFacts, PageLink, Severity, Station};

/// A script puts the install link together, or opens it.
pub(crate) static RULE: Rule = Rule {
    code: "PAG004",
    name: "link-behind-script",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Page,
    device_shows: "nothing when the page is tapped, where the script does not run or runs too late",
    fix: "put the whole link into the `href` of an `<a>`, on the server",
    explains: &[],
    page: include_str!("link_behind_script.md"),
    check: Check::Page(check),
};

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    match page.link {
        PageLink::Partial => {
            let message = "a script or a template puts the install link together, so that the link itself could not be judged";
            let fix = "tap the page in a browser, and give the link that comes out to `airstair doctor`; better, write the whole link on the server";
            found(Fault::new(message).at(address(page)).mended_by(fix))
        }
        PageLink::Found { place: LinkPlace::Script, line, .. } => {
            let place = address(page).seen(format_args!("line {line}"));
            found(Fault::new("the install link stands in a script").at(place))
        }
        _ => clean(),
    }
}
