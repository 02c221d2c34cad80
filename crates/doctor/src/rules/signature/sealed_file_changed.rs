use ipa::{Bundle, Fact, Seal};
use signed_data::SignatureFault;

use super::signature;
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// Something in the app was changed after it was signed.
pub(crate) static RULE: Rule = Rule {
    code: "SIG009",
    name: "sealed-file-changed",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "make the change before signing, or sign again",
    explains: &[],
    page: include_str!("sealed_file_changed.md"),
    check: Check::EachCode(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signature = signature(bundle)?;
    let mut faults = Vec::new();
    if let Fact::Known(signer) = &signature.signer
        && signer.signature == Err(SignatureFault::OtherContent)
    {
        faults.push(Fault::new("its CodeDirectory is not the one that was signed"));
    }
    let seals = signature.strongest_seals();
    let sealed = [
        ("Info.plist", &seals.info_plist),
        ("_CodeSignature/CodeResources", &seals.resources),
        ("its entitlements", &seals.entitlements),
        ("its entitlements in DER", &seals.der_entitlements),
        ("its requirements", &seals.requirements),
    ];
    for (what, seal) in sealed {
        let message = match seal {
            Fact::Known(Seal::Broken) => format!("{what} changed after signing"),
            Fact::Known(Seal::Missing) => format!("{what} was signed and is gone"),
            _ => continue,
        };
        let fault = Fault::new(message);
        faults.push(if what.starts_with("its ") {
            fault
        } else {
            fault.at(Evidence::at(EvidencePlace::Entry, format_args!("{}/{what}", bundle.path)))
        });
    }
    Ok(faults)
}
