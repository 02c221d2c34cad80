pub(super) mod no_der_entitlements;
pub(super) mod not_signed;
pub(super) mod sealed_file_changed;
pub(super) mod signature_too_old;
pub(super) mod signature_unreadable;
pub(super) mod signer_expired;
pub(super) mod signer_expires_soon;
pub(super) mod signer_not_in_profile;
pub(super) mod signer_revoked;
pub(super) mod team_mismatch;
pub(super) mod unknown_authority;

use ipa::{Bundle, CodeSignature, Depth, Examined, Fact, OsVersion, Slice};
use signed_data::{Certificate, Chain};
use time::UtcDateTime;
use time::macros::utc_datetime;

use super::authority::named;
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
    chain(bundle).map(Chain::first)
}

/// That certificate, and the authorities above it.
fn chain(bundle: &Bundle) -> Result<&Chain, NotJudged> {
    measured(&signature(bundle)?.signer)?.chain.known().ok_or(NotJudged::NotMine)
}

/// The part of the bundle's executable that a device runs.
fn device_slice(bundle: &Bundle) -> Option<&Slice> {
    bundle.executable.known()?.device_slice()
}

/// Goes on where every file and every page of code was compared with its seal.
fn compared(facts: &Facts<'_>) -> Result<(), NotJudged> {
    match &facts.package {
        Fact::Known(Examined { package: Ok(package), .. }) if package.depth < Depth::Deep => {
            Err(NotJudged::NotAsked {
                option: "--deep",
                tells: "whether every file and every page of code is what was signed",
            })
        }
        _ => Ok(()),
    }
}

/// Whether the device, or today's devices in general, refuse what iOS 15 was the first to refuse.
fn is_refused_by_ios_15(facts: &Facts<'_>) -> bool {
    const IOS_15: UtcDateTime = utc_datetime!(2021-09-20 17:00);
    match facts.device.os {
        Some(OsVersion { major, .. }) => major >= 15,
        None => facts.now >= IOS_15,
    }
}
