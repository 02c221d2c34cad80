use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The file that `Info.plist` names as the executable is not there, or is none.
pub(crate) static RULE: Rule = Rule {
    code: "APP003",
    name: "executable-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the app from Xcode again; if it was packed by hand, check that `CFBundleExecutable` names the file",
    explains: &[],
    page: include_str!("executable_missing.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let key = Evidence::key(bundle, "Info.plist", "CFBundleExecutable");
    let name = match &measured(&bundle.info)?.executable {
        Fact::Known(name) => name,
        Fact::Absent => return found(Fault::new("`Info.plist` names no executable").at(key)),
        Fact::Unreadable(reason) => {
            return found(Fault::new(format!("`CFBundleExecutable` can't be read: {reason}")).at(key));
        }
        Fact::NotMeasured(reason) => return Err(NotJudged::NotMeasured(reason.clone())),
    };
    match &bundle.executable {
        Fact::Absent => {
            let message = format!("its executable {name:?} is not in the package");
            found(Fault::new(message).at(key.seen(name)))
        }
        Fact::Unreadable(reason) => {
            let message = format!("its executable {name:?} is none: {reason}");
            found(Fault::new(message).at(key.seen(name)))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) => clean(),
    }
}
