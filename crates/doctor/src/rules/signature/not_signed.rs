use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// Code in the package is not signed, or by nobody.
pub(crate) static RULE: Rule = Rule {
    code: "SIG001",
    name: "not-signed",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "export the app from Xcode, which signs it, or sign it with the profile's certificate",
    explains: &["no-der-entitlements", "signature-too-old"],
    page: include_str!("not_signed.md"),
    check: Check::EachCode(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    measured(&bundle.executable)?;
    match bundle.signature() {
        Fact::Absent => found(Fault::new("its executable has no code signature")),
        Fact::Known(signature) if signature.signer.is_absent() => {
            found(Fault::new("its code signature is ad hoc: nobody has signed it"))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason)),
        Fact::Known(_) | Fact::Unreadable(_) => clean(),
    }
}
