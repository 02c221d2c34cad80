//! Root, developer-relations intermediate, code-signing leaf and profile signer: the shape of Apple's chain.

use time::{Duration, UtcDateTime};

use super::certificate::{CertificateBuilder, Identity, Name};
use super::key::{Digest, Key, RsaKey};

/// What the code-signing leaf is for; decides its label and Apple's marker extension.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LeafKind {
    /// `Apple Development: …`, marker 1.2.840.113635.100.6.1.2.
    Development,
    /// `Apple Distribution: …`, marker 1.2.840.113635.100.6.1.4; ad hoc and App Store.
    Distribution,
    /// `iPhone Distribution: …`, the same marker; in-house.
    InHouse,
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChainFault {
    /// The leaf ran out a day before the chain's date.
    LeafExpired,
    /// The leaf begins a day after it.
    LeafNotYetValid,
    /// The intermediate ran out a day before.
    IntermediateExpired,
    /// The profile signer ran out a day before.
    ProfileSignerExpired,
    /// The leaf names the intermediate, which did not sign it.
    LeafForged,
    /// The intermediate names the root, which did not sign it.
    IntermediateForged,
    /// The intermediate may not sign certificates.
    IntermediateNotAnAuthority,
    /// Everything is signed over SHA-1.
    Sha1,
}

/// A chain like the one under an app and its profile.
#[derive(Clone)]
pub struct Chain {
    /// `Example Root CA`.
    pub root: Identity,
    /// `Example Worldwide Developer Relations Certification Authority`.
    pub intermediate: Identity,
    /// The team's code-signing certificate.
    pub leaf: Identity,
    /// Its common name, such as `Apple Distribution: Example Corp (A1B2C3D4E5)`.
    pub leaf_name: String,
    /// `Example iPhone OS Provisioning Profile Signing`.
    pub profile_signer: Identity,
}

impl Chain {
    /// The organisation every leaf names.
    pub const ORGANIZATION: &'static str = "Example Corp";

    /// A sound chain of P-256 keys for `team`, whose leaf is valid from 65 days before `now` to 300 days after.
    #[must_use]
    pub fn new(team: &str, kind: LeafKind, now: UtcDateTime) -> Self {
        Self::made(team, kind, now, None)
    }

    /// The same with one thing wrong.
    #[must_use]
    pub fn with_fault(team: &str, kind: LeafKind, now: UtcDateTime, fault: ChainFault) -> Self {
        Self::made(team, kind, now, Some(fault))
    }

    /// A sound chain of the four RSA keys this crate carries.
    #[must_use]
    pub fn rsa(team: &str, kind: LeafKind, now: UtcDateTime) -> Self {
        Self::build(team, kind, now, None, &Keys::rsa())
    }

    /// As in 2017: RSA keys, and SHA-1 under every signature.
    #[must_use]
    pub fn rsa_sha1(team: &str, kind: LeafKind, now: UtcDateTime) -> Self {
        Self::build(team, kind, now, Some(ChainFault::Sha1), &Keys::rsa())
    }

    fn made(team: &str, kind: LeafKind, now: UtcDateTime, fault: Option<ChainFault>) -> Self {
        Self::build(team, kind, now, fault, &Keys::p256(team))
    }

    fn build(team: &str, kind: LeafKind, now: UtcDateTime, fault: Option<ChainFault>, keys: &Keys) -> Self {
        let digest = if fault == Some(ChainFault::Sha1) { Digest::Sha1 } else { Digest::Sha256 };
        let is = |other: ChainFault| fault == Some(other);
        let end =
            |days: i64, expired: bool| now + if expired { Duration::days(-1) } else { Duration::days(days) };

        let root = CertificateBuilder::new(authority("Example Root CA"), now - Duration::days(3650))
            .not_after(now + Duration::days(3650))
            .digest(digest)
            .authority()
            .self_signed(keys.root.clone());

        let name = authority("Example Worldwide Developer Relations Certification Authority");
        let intermediate = CertificateBuilder::new(name, now - Duration::days(1000))
            .not_after(end(2650, is(ChainFault::IntermediateExpired)))
            .digest(digest)
            .marker("1.2.840.113635.100.6.2.1");
        let intermediate = if is(ChainFault::IntermediateNotAnAuthority) {
            intermediate.end_entity()
        } else {
            intermediate.authority()
        };
        let stranger = Key::p256("a stranger");
        let intermediate = if is(ChainFault::IntermediateForged) {
            intermediate.forged(&root.certificate, &stranger, keys.intermediate.clone())
        } else {
            intermediate.issued_by(&root, keys.intermediate.clone())
        };

        let begin =
            if is(ChainFault::LeafNotYetValid) { now + Duration::days(1) } else { now - Duration::days(65) };
        let leaf = Self::leaf_builder(team, kind, begin)
            .not_after(end(300, is(ChainFault::LeafExpired)))
            .digest(digest);
        let leaf = if is(ChainFault::LeafForged) {
            leaf.forged(&intermediate.certificate, &stranger, keys.leaf.clone())
        } else {
            leaf.issued_by(&intermediate, keys.leaf.clone())
        };

        let name = authority("Example iPhone OS Provisioning Profile Signing");
        let profile_signer = CertificateBuilder::new(name, now - Duration::days(400))
            .not_after(end(1500, is(ChainFault::ProfileSignerExpired)))
            .digest(digest)
            .end_entity()
            .marker("1.2.840.113635.100.4.1")
            .issued_by(&intermediate, keys.profile_signer.clone());

        Self { root, intermediate, leaf, leaf_name: leaf_name(team, kind), profile_signer }
    }

    /// A code-signing certificate of a team's, to be issued by the intermediate.
    pub fn leaf_builder(team: &str, kind: LeafKind, not_before: UtcDateTime) -> CertificateBuilder {
        let name = Name::new()
            .user_id(team)
            .common_name(leaf_name(team, kind))
            .organizational_unit(team)
            .organization(Self::ORGANIZATION)
            .country("US");
        let marker = match kind {
            LeafKind::Development => "1.2.840.113635.100.6.1.2",
            LeafKind::Distribution | LeafKind::InHouse => "1.2.840.113635.100.6.1.4",
        };
        CertificateBuilder::new(name, not_before).end_entity().code_signing().critical_marker(marker)
    }
}

fn leaf_name(team: &str, kind: LeafKind) -> String {
    let label = match kind {
        LeafKind::Development => "Apple Development",
        LeafKind::Distribution => "Apple Distribution",
        LeafKind::InHouse => "iPhone Distribution",
    };
    format!("{label}: {} ({team})", Chain::ORGANIZATION)
}

fn authority(common_name: &str) -> Name {
    Name::new()
        .common_name(common_name)
        .organizational_unit("Example Certification Authority")
        .organization("Example Inc.")
        .country("US")
}

struct Keys {
    root: Key,
    intermediate: Key,
    leaf: Key,
    profile_signer: Key,
}

impl Keys {
    fn p256(team: &str) -> Self {
        Self {
            root: Key::p256("root"),
            intermediate: Key::p256("intermediate"),
            leaf: Key::p256(&format!("leaf of {team}")),
            profile_signer: Key::p256("profile signer"),
        }
    }

    fn rsa() -> Self {
        let [root, intermediate, leaf, profile_signer] =
            [RsaKey::A, RsaKey::B, RsaKey::C, RsaKey::D].map(Key::rsa_2048);
        Self { root, intermediate, leaf, profile_signer }
    }
}
