pub(super) mod certificate_expired;
pub(super) mod certificate_name_mismatch;
pub(super) mod certificate_not_yet_valid;
pub(super) mod chain_incomplete;
pub(super) mod handshake_failed;
pub(super) mod lifetime_too_long;
pub(super) mod missing_server_auth;
pub(super) mod old_tls_version;
pub(super) mod private_root;
pub(super) mod revoked_certificate;
pub(super) mod self_signed_certificate;
pub(super) mod weak_key;
pub(super) mod weak_signature;

mod known_issuer;
mod origin;
mod server_name;

use ipa::Fact;
use signed_data::{Authority, Certificate};
use time::Duration;

use super::authority::named;
use crate::rule::NotJudged;
use crate::{Anchor, Evidence, EvidencePlace, Host, Tls};

/// What was spoken with a host, where a handshake was completed.
fn spoken(host: &Host) -> Result<&Tls, NotJudged> {
    match &host.tls {
        Fact::Known(Ok(tls)) => Ok(tls),
        Fact::Known(Err(_)) | Fact::Absent => Err(NotJudged::NotMine),
        Fact::Unreadable(reason) | Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
    }
}

/// The host's own certificate. One that can't be read is told as a handshake that failed.
fn leaf(tls: &Tls) -> Result<&Certificate, NotJudged> {
    tls.leaf().ok_or(NotJudged::NotMine)
}

/// The host's certificate and those above it, as far as they are had, without a root.
fn below_root(tls: &Tls) -> &[Certificate] {
    let Some(chain) = &tls.chain else { return &[] };
    let has_root = matches!(chain.authority, Authority::Apple | Authority::Other);
    &chain.certificates[..chain.certificates.len() - usize::from(has_root)]
}

/// The same with the root, unless it comes with devices.
fn up_to_private_root(tls: &Tls) -> &[Certificate] {
    match (&tls.chain, tls.anchor) {
        (Some(chain), Anchor::Given | Anchor::Unknown) => &chain.certificates,
        _ => below_root(tls),
    }
}

/// What a certificate of a chain is called: the host's own, or by its name.
fn called(tls: &Tls, certificate: &Certificate) -> String {
    match tls.leaf() {
        Some(leaf) if leaf == certificate => "the certificate".to_owned(),
        _ => format!("the certificate of {}, above the host's own,", named(certificate)),
    }
}

fn at(certificate: &Certificate) -> Evidence {
    Evidence::at(EvidencePlace::Certificate, named(certificate))
}

/// How many days this is, as authorities count: each begun one is one more.
fn days(duration: Duration) -> i64 {
    let day = Duration::DAY.whole_seconds();
    (duration.whole_seconds() + day - 1) / day
}
