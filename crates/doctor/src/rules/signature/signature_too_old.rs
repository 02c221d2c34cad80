use ipa::Bundle;

use super::{is_refused_by_ios_15, signature};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The code signature is in a form that iOS 15 and later refuse.
pub(crate) static RULE: Rule = Rule {
    code: "SIG003",
    name: "signature-too-old",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"needs to be updated\" by its developer",
    fix: "sign again on macOS 11.5 or later, or with a current tool",
    explains: &["no-der-entitlements"],
    page: include_str!("signature_too_old.md"),
    check: Check::EachBundle(check),
};

/// The oldest version of the CodeDirectory that is accepted.
const OLDEST: u32 = 0x20400;

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let version = signature(bundle)?.strongest().version;
    if version >= OLDEST || !is_refused_by_ios_15(facts) {
        return clean();
    }
    found(Fault::new(format!(
        "its CodeDirectory is of version {version:#x}, and {OLDEST:#x} is the least that is accepted"
    )))
}
