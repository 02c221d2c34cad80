use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A bundle's `Info.plist` can't be read.
pub(crate) static RULE: Rule = Rule {
    code: "APP002",
    name: "info-plist-unreadable",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the app from Xcode again; if a script edits the file, check it with `plutil -lint`",
    explains: &[],
    page: include_str!("info_plist_unreadable.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    match &bundle.info {
        Fact::Unreadable(reason) => found(Fault::new(format!("its `Info.plist` can't be read: {reason}"))),
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) | Fact::Absent => clean(),
    }
}
