use ipa::{ArchiveWalk, Fact, LinkEnd};

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A symbolic link in the app leads out of it.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP013",
    name: "link-leaves-bundle",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "replace the link by what it leads to, or take it out",
    explains: &[],
    page: include_str!("link_leaves_bundle.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    let Fact::Known(links) = &walk.links else {
        return match &walk.links {
            Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
            _ => clean(),
        };
    };
    first_of(&links.astray, |link| {
        let name = &link.entry.name;
        let message = match &link.target {
            Fact::Known(target) => match target.end {
                LinkEnd::Absolute => format!("{name} is a link to {:?}, a place on the device", target.path),
                LinkEnd::Endless => format!("{name} is a link to {:?}, which leads to itself", target.path),
                LinkEnd::Inside | LinkEnd::Missing if link.has_entries_beneath => {
                    format!("{name} is a link, and yet entries lie beneath it")
                }
                _ => format!("{name} is a link to {:?}, outside the app", target.path),
            },
            _ => format!("{name} is a link that can't be read"),
        };
        Fault::new(message).at(place(&link.entry))
    })
}
