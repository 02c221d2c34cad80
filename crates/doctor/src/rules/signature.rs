pub(super) mod no_der_entitlements;
pub(super) mod not_signed;
pub(super) mod sealed_file_changed;
pub(super) mod signature_too_old;
pub(super) mod signature_unreadable;
pub(super) mod signer_expired;
pub(super) mod signer_expires_soon;
pub(super) mod signer_not_in_profile;
pub(super) mod team_mismatch;

use ipa::{Bundle, CodeSignature, Fact, OsVersion};
use signed_data::Certificate;
use time::UtcDateTime;
use time::macros::utc_datetime;

use crate::Facts;
use crate::rule::{NotJudged, measured};

/// The signature that a device goes by.
fn signature(bundle: &Bundle) -> Result<&CodeSignature, NotJudged> {
    match bundle.signature() {
        Fact::Known(signature) => Ok(signature),
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason)),
        Fact::Absent | Fact::Unreadable(_) => Err(NotJudged::NotMine),
    }
}

/// The certificate that the bundle is signed with.
fn certificate(bundle: &Bundle) -> Result<&Certificate, NotJudged> {
    measured(&signature(bundle)?.signer)?.certificate().ok_or(NotJudged::NotMine)
}

/// A certificate as people know it.
fn named(certificate: &Certificate) -> String {
    let name = certificate.subject().common_name();
    name.map_or_else(|| "a certificate without a name".to_owned(), |name| format!("{name:?}"))
}

/// Whether the device, or today's devices in general, refuse what iOS 15 was the first to refuse.
fn is_refused_by_ios_15(facts: &Facts<'_>) -> bool {
    const IOS_15: UtcDateTime = utc_datetime!(2021-09-20 17:00);
    match facts.device.os {
        Some(OsVersion { major, .. }) => major >= 15,
        None => facts.now >= IOS_15,
    }
}
