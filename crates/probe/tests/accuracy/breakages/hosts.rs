use testkit::pki::{CertificateBuilder, Digest};
use time::Duration;

use super::{Breakage, Cost, Place};
use crate::certificates::{Issuer, Sends};
use crate::road::{Host, Manner};
use testkit::app::AppPackage;

/// What is wrong with the connection to the manifest's host.
pub(super) fn connection() -> Vec<Breakage> {
    let ending = |broken: Breakage| broken.at(Place::ManifestHost).ending_the_road();
    vec![
        ending(Breakage::error(
            &["name-not-resolved"],
            "no address of the manifest's host",
            &["apps"],
            |road| {
                road.manners.insert(Host::Apps, Manner::Unresolved);
            },
        )),
        ending(Breakage::error(
            &["connection-refused"],
            "nobody at the manifest's port",
            &["apps"],
            |road| {
                road.manners.insert(Host::Apps, Manner::Refused);
            },
        )),
        ending(Breakage::error(
            &["connection-slow"],
            "no word from the manifest's host",
            &["apps"],
            |road| {
                road.manners.insert(Host::Apps, Manner::Silent);
            },
        ))
        .costing(Cost::Waiting),
    ]
}

/// Records of TLS that hold a fatal alert: type 21, version, length 2, level 2, and what is the matter.
const PROTOCOL_VERSION: &[u8] = &[21, 3, 1, 0, 2, 2, 70];
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];
const CERTIFICATE_REQUIRED: &[u8] = &[21, 3, 3, 0, 2, 2, 116];

/// An RSA key of 1,024 bits, as `SubjectPublicKeyInfo`; nobody has it.
fn rsa_1024() -> Vec<u8> {
    // A sequence of rsaEncryption with NULL, and a bit string with a sequence of modulus and 65,537.
    let mut der = vec![0x30, 0x81, 0x9f, 0x30, 0x0d, 0x06, 0x09];
    der.extend([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00]);
    der.extend([0x03, 0x81, 0x8d, 0x00, 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00]);
    der.extend([0xc5; 128]);
    der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
    der
}

/// What is wrong with TLS at the manifest's host: of several faults of one certificate first what Apple's systems name
/// first, and before those the one that needs another certificate.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn tls() -> Vec<Breakage> {
    let at = |broken: Breakage| broken.at(Place::ManifestTls);
    let ending = |broken: Breakage| at(broken).ending_the_road();
    vec![
        ending(Breakage::error(&["old-tls-version"], "TLS of old", &["apps"], |road| {
            road.manners.insert(Host::Apps, Manner::Saying(PROTOCOL_VERSION));
        })),
        ending(Breakage::error(&["old-tls-version"], "no cipher suite in common", &["apps"], |road| {
            road.manners.insert(Host::Apps, Manner::Saying(HANDSHAKE_FAILURE));
        })),
        ending(Breakage::error(
            &["handshake-failed"],
            "a name that the server does not know",
            &["apps"],
            |road| {
                road.manners.insert(Host::Apps, Manner::Saying(UNRECOGNIZED_NAME));
            },
        )),
        ending(Breakage::error(
            &["handshake-failed"],
            "a certificate of the client wanted",
            &["apps"],
            |road| {
                road.manners.insert(Host::Apps, Manner::Saying(CERTIFICATE_REQUIRED));
            },
        )),
        ending(Breakage::error(&["handshake-failed"], "no TLS at the manifest's port", &["apps"], |road| {
            road.manners.insert(Host::Apps, Manner::Plain);
        })),
        ending(Breakage::error(&["handshake-failed"], "a handshake that is closed", &["apps"], |road| {
            road.manners.insert(Host::Apps, Manner::Closing);
        })),
        ending(Breakage::error(&["handshake-failed"], "a handshake that hangs", &["apps"], |road| {
            road.manners.insert(Host::Apps, Manner::Mute);
        }))
        .costing(Cost::Waiting),
        at(Breakage::error(
            &["self-signed-certificate"],
            "a self-signed certificate",
            &["apps/tls"],
            |road| {
                *road.certificates(Host::Apps) = crate::certificates::Certificates {
                    issuer: Issuer::Itself,
                    sends: Sends::Nothing,
                    ..Default::default()
                };
            },
        )),
        at(Breakage::error(&["weak-key"], "an RSA key of 1,024 bits", &["apps/tls/key"], |road| {
            road.certificates(Host::Apps).changes.push(|leaf| leaf.claimed_key(rsa_1024()));
        })),
        at(Breakage::error(&["weak-signature"], "a signature over SHA-1", &["apps/tls/digest"], |road| {
            road.certificates(Host::Apps).changes.push(|leaf| leaf.digest(Digest::Sha1));
        })),
        at(Breakage::error(
            &["lifetime-too-long"],
            "a certificate for 826 days",
            &["apps/tls/dates"],
            |road| {
                road.certificates(Host::Apps)
                    .changes
                    .push(|leaf| leaf.not_after(AppPackage::NOW + Duration::days(796)));
            },
        )),
        at(Breakage::error(
            &["missing-server-auth"],
            "a certificate for signing code",
            &["apps/tls/purpose"],
            |road| road.certificates(Host::Apps).purpose = CertificateBuilder::code_signing,
        )),
        at(Breakage::error(&["chain-incomplete"], "no intermediate sent", &["apps/tls/issuer"], |road| {
            road.certificates(Host::Apps).sends = Sends::Nothing;
        })),
        at(Breakage::error(
            &["chain-incomplete"],
            "another intermediate sent",
            &["apps/tls/issuer"],
            |road| {
                road.certificates(Host::Apps).sends = Sends::AnotherIntermediate;
            },
        )),
        at(Breakage::error(&["chain-incomplete"], "a forged certificate", &["apps/tls/issuer"], |road| {
            road.certificates(Host::Apps).issuer = Issuer::Forged;
        })),
        at(Breakage::remark(
            &["private-root"],
            "a private root that is sent",
            &["apps/tls/issuer"],
            |road| {
                let certificates = road.certificates(Host::Apps);
                (certificates.issuer, certificates.sends) = (Issuer::Unknown, Sends::All);
            },
        )),
        at(Breakage::error(
            &["certificate-name-mismatch"],
            "another's certificate",
            &["apps/tls/name"],
            |road| {
                road.certificates(Host::Apps).name = Some("other.road.test");
            },
        )),
        at(Breakage::error(
            &["certificate-name-mismatch"],
            "a wildcard one label too high",
            &["apps/tls/name"],
            |road| road.certificates(Host::Apps).name = Some("*.test"),
        )),
        at(Breakage::error(
            &["certificate-name-mismatch"],
            "a wildcard one label too deep",
            &["apps/tls/name"],
            |road| road.certificates(Host::Apps).name = Some("*.apps.road.test"),
        )),
        at(Breakage::error(
            &["certificate-expired"],
            "an expired certificate",
            &["apps/tls/dates"],
            |road| {
                road.certificates(Host::Apps)
                    .changes
                    .push(|leaf| leaf.not_after(AppPackage::NOW - Duration::DAY));
            },
        )),
        at(Breakage::error(
            &["certificate-expired"],
            "an expired intermediate",
            &["apps/tls/issuer"],
            |road| {
                road.certificates(Host::Apps).issuer = Issuer::Expired;
            },
        )),
        at(Breakage::remark(
            &["certificate-expired"],
            "a certificate that nobody renewed",
            &["apps/tls/dates"],
            |road| {
                road.certificates(Host::Apps)
                    .changes
                    .push(|leaf| leaf.not_after(AppPackage::NOW + Duration::days(3)));
            },
        )),
        at(Breakage::error(
            &["certificate-not-yet-valid"],
            "a certificate of tomorrow",
            &["apps/tls/dates"],
            |road| {
                let change = |leaf: CertificateBuilder| leaf.not_before(AppPackage::NOW + Duration::DAY);
                road.certificates(Host::Apps).changes.push(change);
            },
        )),
    ]
}
