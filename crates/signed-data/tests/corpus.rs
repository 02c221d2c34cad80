//! Real messages, where they are at hand: `AIRSTAIR_CORPUS`, or `../shared/fixtures` beside the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use signed_data::{Certificate, Limits, SignedData};

#[expect(clippy::disallowed_methods, reason = "where the real messages lie is the tester's to say")]
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn messages() -> Vec<PathBuf> {
    let corpus = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let found: Vec<PathBuf> = ["mobileprovision", "profile-service"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(corpus.join(folder)).ok())
        .flatten()
        .map(|file| file.expect("the folder is readable").path())
        .filter(|path| read(path).first() == Some(&0x30))
        .collect();
    if found.is_empty() {
        println!("SKIPPED: no real messages at {}; name a folder by AIRSTAIR_CORPUS", corpus.display());
    }
    found
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file is readable")
}

fn is_truncated(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "truncated")
}

#[test]
fn real_messages_hold_what_openssl_finds_in_them() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("SKIPPED: no openssl to compare with");
        return;
    }
    for path in messages() {
        let openssl = Command::new("openssl")
            .args(["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in"])
            .arg(&path)
            .output()
            .unwrap();
        let read = SignedData::read(&read(&path), &Limits::default());
        assert_eq!(read.is_ok(), openssl.status.success(), "{}", path.display());
        assert_eq!(read.is_err(), is_truncated(&path), "{}", path.display());
        if let Ok(message) = read {
            assert_eq!(message.content(), Some(openssl.stdout.as_slice()), "{}", path.display());
        }
    }
}

#[test]
fn the_bytes_kept_of_real_messages_verify() {
    for path in messages().into_iter().filter(|path| !is_truncated(path)) {
        let message = SignedData::read(&read(&path), &Limits::default()).unwrap();
        assert!(message.unreadable_certificates().is_empty(), "{}", path.display());
        for signer in message.signers() {
            let certificate = message.certificate_of(signer).unwrap();
            let sha1 = signer.digest_algorithm().oid.to_string() == "1.3.14.3.2.26";
            let signed = signer.signed_attributes_der().or(message.content()).unwrap();
            if certificate.public_key().bits.len() < 256 {
                continue; // shorter keys than `ring` takes
            }
            assert!(verifies(certificate, sha1, signed, signer.signature()), "{}", path.display());
        }
        for certificate in message.certificates() {
            let is_issuer = |issuer: &&Certificate| issuer.subject().der() == certificate.issuer().der();
            let Some(issuer) = message.certificates().iter().find(is_issuer) else { continue };
            let sha1 = certificate.signature_algorithm().oid.to_string() == "1.2.840.113549.1.1.5";
            if issuer.public_key().bits.len() >= 256 {
                let signed = certificate.signed_part();
                assert!(verifies(issuer, sha1, signed, certificate.signature()), "{}", path.display());
            }
        }
    }
}

fn verifies(signer: &Certificate, sha1: bool, message: &[u8], signature: &[u8]) -> bool {
    let algorithm: &dyn VerificationAlgorithm =
        if sha1 { &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY } else { &RSA_PKCS1_2048_8192_SHA256 };
    UnparsedPublicKey::new(algorithm, &signer.public_key().bits).verify(message, signature).is_ok()
}
