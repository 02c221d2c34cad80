use ipa::Bundle;

use super::{certificate, named};
use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The app is signed with a certificate that its profile does not list.
pub(crate) static RULE: Rule = Rule {
    code: "SIG005",
    name: "signer-not-in-profile",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "sign with a certificate of the profile, or make a profile with this certificate",
    explains: &[],
    page: include_str!("signer_not_in_profile.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signer = certificate(bundle)?;
    let profile = measured(&bundle.profile)?;
    let listed = measured(&profile.certificates)?;
    if profile.readable_certificates().any(|certificate| certificate.der() == signer.der()) {
        return clean();
    }
    let message = format!(
        "it is signed by {}, which is none of the {} certificates of its profile",
        named(signer),
        listed.len()
    );
    let place = Evidence::at(EvidencePlace::Certificate, named(signer));
    let key = Evidence::key(bundle, "embedded.mobileprovision", "DeveloperCertificates");
    found(Fault::new(message).at(place).at(key))
}
