use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A bundle has no `Info.plist`, without which it is only a folder.
pub(crate) static RULE: Rule = Rule {
    code: "APP001",
    name: "info-plist-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the app from Xcode again",
    explains: &["executable-missing"],
    page: include_str!("info_plist_missing.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    match &bundle.info {
        Fact::Absent => found(Fault::new("there is no `Info.plist` in it")),
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) | Fact::Unreadable(_) => clean(),
    }
}
