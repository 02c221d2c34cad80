use std::sync::LazyLock;

use time::Duration;

use super::breakage::Change::Bundle as Changed;
use super::{APP, Breakage, Neighbour};
use crate::app::{AppPackage, Bundle};
use crate::codesign::CodeSignature;
use crate::pki::{Chain, ChainFault, LeafKind};
use crate::profile::TEAM;

/// Its code-signing certificate ran out a day before.
static EXPIRED: LazyLock<Chain> = LazyLock::new(|| {
    Chain::with_fault(TEAM, LeafKind::Distribution, AppPackage::NOW, ChainFault::LeafExpired)
});
/// Its code-signing certificate runs out in 20 days.
static ENDING: LazyLock<Chain> =
    LazyLock::new(|| Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW - Duration::days(280)));
/// Another certificate of the same team.
static OTHER: LazyLock<Chain> =
    LazyLock::new(|| Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW - Duration::DAY));
/// As sound as the usual one, below a root that nobody was told of.
pub(super) static STRANGER: LazyLock<Chain> =
    LazyLock::new(|| Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW));

/// Signed by the chain's leaf, which the profile lists.
fn signed_by(bundle: Bundle, chain: &'static Chain) -> Bundle {
    bundle
        .signature(|signature| signature.signed_by(chain))
        .profile(|profile| profile.certificates([&chain.leaf.certificate]))
}

pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(&["not-signed"], "no signature", &["signature", "seal"], Changed(Bundle::unsigned)),
        Breakage::error(
            &["not-signed"],
            "nobody's signature",
            &["signature"],
            Changed(|bundle| bundle.signature(CodeSignature::ad_hoc)),
        ),
        Breakage::error(
            &["signature-unreadable"],
            "a signature of another kind",
            &["signature/bytes"],
            Changed(|bundle| bundle.signature(|signature| signature.edit(|bytes| bytes[0] ^= 0xff))),
        ),
        Breakage::error(
            &["sealed-file-changed"],
            "the list of files changed",
            &["seal"],
            Changed(|bundle| bundle.file_after_signing("_CodeSignature/CodeResources", "x")),
        ),
        Breakage::error(
            &["signature-too-old"],
            "an old CodeDirectory",
            &["signature/version"],
            Changed(|bundle| bundle.signature(|signature| signature.version(0x20200))),
        ),
        Breakage::error(
            &["no-der-entitlements"],
            "entitlements in one form",
            &["signature/der"],
            Changed(|bundle| bundle.signature(CodeSignature::without_der_entitlements)),
        ),
        Breakage::error(
            &["signer-not-in-profile"],
            "another certificate",
            &["signature/signer"],
            Changed(|bundle| bundle.signature(|signature| signature.signed_by(&OTHER))),
        ),
        Breakage::error(
            &["signer-expired"],
            "a certificate of old",
            &["signature/signer", "profile/certificates"],
            Changed(|bundle| signed_by(bundle, &EXPIRED)),
        ),
        Breakage::error(
            &["team-mismatch"],
            "another team",
            &["signature/team"],
            Changed(|bundle| bundle.signature(|signature| signature.team("F6G7H8I9J0"))),
        ),
        Breakage::remark(
            &["signer-expires-soon"],
            "a certificate near its end",
            &["signature/signer", "profile/certificates"],
            Changed(|bundle| signed_by(bundle, &ENDING)),
        ),
        Breakage::remark(
            &["unknown-authority"],
            "signed below a root of somebody's own",
            &["signature/signer", "profile/certificates"],
            Changed(|bundle| signed_by(bundle, &STRANGER)),
        ),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let notes = AppPackage::new(APP);
    vec![
        Neighbour::clean("signed in both digests", notes.clone().signature(CodeSignature::sha1_and_sha256)),
        Neighbour::clean("a framework's signature, which claims nothing", notes.clone().framework("Kit")),
        Neighbour::error(&["not-signed"], "no code is signed", notes.unsigned().extension("share")),
    ]
}
