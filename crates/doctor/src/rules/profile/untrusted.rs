use ipa::{Bundle, Fact};
use signed_data::Authority;

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::rules::authority::{checked, named, stranger};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The profile is not signed by Apple.
pub(crate) static RULE: Rule = Rule {
    code: "PRF003",
    name: "profile-untrusted",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "take the profile as Apple made it, unchanged",
    explains: &[],
    page: include_str!("untrusted.md"),
    check: Check::EachBundle(check),
};

/// How the names of those end that sign profiles at Apple: `Apple iPhone OS Provisioning Profile Signing` (observed on
/// profiles from 2015 to 2022). A developer's certificate ends in a team or a person in brackets.
const PROFILE_SIGNERS: &str = "Provisioning Profile Signing";

// The form in DER needs no look of its own: it lies within what is signed.
fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signed_by = match &measured(&bundle.profile)?.signed_by {
        Fact::Known(signed_by) => signed_by,
        Fact::Absent => return found(Fault::new("its provisioning profile is not signed")),
        Fact::Unreadable(reason) | Fact::NotMeasured(reason) => {
            return Err(NotJudged::NotMeasured(reason.clone()));
        }
    };
    checked(signed_by)?;
    if let Err(fault) = &signed_by.signature {
        return found(Fault::new(format!(
            "the signature of its provisioning profile does not hold: {fault}"
        )));
    }
    let chain = measured(&signed_by.chain)?;
    let signer = Evidence::at(EvidencePlace::Certificate, named(chain.first()));
    if let Authority::Broken(fault) = &chain.authority {
        let message = format!("the certificate that signed its provisioning profile does not hold: {fault}");
        return found(Fault::new(message).at(signer));
    }
    let message = match (stranger(chain), chain.first().subject().common_name()) {
        (Some(origin), _) => format!(
            "the certificate that signed its provisioning profile comes from {origin}, and from no authority of Apple's we know"
        ),
        (None, Some(name)) if name.ends_with(PROFILE_SIGNERS) => return clean(),
        (None, _) => format!(
            "its provisioning profile is signed with {}, a certificate that Apple issued to somebody else and not for profiles",
            named(chain.first())
        ),
    };
    // Our list of Apple's roots, and of how it names those who sign, can be older than the newest.
    found(Fault::new(message).lighter(Severity::Warning).at(signer))
}
