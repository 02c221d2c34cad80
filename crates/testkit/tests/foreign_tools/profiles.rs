//! `openssl` on keys, chains and profiles.

use testkit::app::AppPackage;
use testkit::cms::Encoding;
use testkit::pki::{Chain, ChainFault, Digest, LeafKind};
use testkit::profile::{Profile, SigningKind, TEAM};

use crate::tools::{Folder, run};

#[test]
fn openssl_accepts_profiles_of_every_kind_and_encoding() {
    let folder = Folder::new();
    let now = AppPackage::NOW;
    for kind in SigningKind::ALL {
        for (chain, keys) in [
            (Chain::new(TEAM, kind.leaf(), now), "P-256"),
            (Chain::rsa(TEAM, kind.leaf(), now), "RSA"),
            (Chain::rsa_sha1(TEAM, kind.leaf(), now), "RSA, SHA-1"),
        ] {
            for (encoding, digest) in [
                (Encoding::Der, Digest::Sha256),
                (Encoding::Ber, Digest::Sha256),
                (Encoding::Der, Digest::Sha1),
            ] {
                let what = format!("{kind:?}, {keys}, {encoding:?}, {digest:?}");
                let profile = Profile::new(kind, "com.example.notes", now)
                    .chain(&chain)
                    .encoding(encoding)
                    .digest(digest);
                let file = folder.write("p", &profile.build());
                let arguments = ["cms", "-verify", "-inform", "DER", "-noverify", "-in", &file];
                let Some(answer) = run("openssl", &arguments) else { return };
                assert!(answer.succeeded, "{what}: {}", answer.text);
                assert_eq!(answer.out, profile.bare(), "{what}");
            }
        }
    }
}

#[test]
fn openssl_refuses_profiles_that_were_changed() {
    let folder = Folder::new();
    let profile = Profile::new(SigningKind::AdHoc, "com.example.notes", AppPackage::NOW);
    for (bytes, why) in [
        (profile.tampered(), "another list"),
        (profile.with_broken_signature(), "a broken signature"),
        (profile.unsigned(), "no signature"),
        (profile.bare(), "no CMS"),
    ] {
        let file = folder.write("p", &bytes);
        let arguments = ["cms", "-verify", "-inform", "DER", "-noverify", "-in", &file];
        let Some(answer) = run("openssl", &arguments) else { return };
        assert!(!answer.succeeded, "{why}");
    }
}

#[test]
fn openssl_verifies_sound_chains_and_refuses_broken_ones() {
    let folder = Folder::new();
    let now = AppPackage::NOW;
    let verify = |chain: &Chain| {
        let root = folder.write("root.pem", chain.root.certificate.pem().as_bytes());
        let middle = folder.write("middle.pem", chain.intermediate.certificate.pem().as_bytes());
        let leaf = folder.write("leaf.pem", chain.leaf.certificate.pem().as_bytes());
        let time = now.unix_timestamp().to_string();
        // Apple's marker in the leaf is critical and unknown to openssl.
        let fixed = ["verify", "-ignore_critical", "-x509_strict", "-attime", &time];
        run("openssl", &[&fixed[..], &["-CAfile", &root, "-untrusted", &middle, &leaf]].concat())
    };
    for kind in [LeafKind::Development, LeafKind::Distribution, LeafKind::InHouse] {
        for (chain, keys) in [(Chain::new(TEAM, kind, now), "P-256"), (Chain::rsa(TEAM, kind, now), "RSA")] {
            let Some(answer) = verify(&chain) else { return };
            assert!(answer.succeeded, "{kind:?}, {keys}: {}", answer.text);
        }
    }
    for (fault, said) in [
        (ChainFault::LeafExpired, "certificate has expired"),
        (ChainFault::LeafNotYetValid, "certificate is not yet valid"),
        (ChainFault::IntermediateExpired, "certificate has expired"),
        (ChainFault::LeafForged, "certificate signature failure"),
        (ChainFault::IntermediateForged, "certificate signature failure"),
        (ChainFault::IntermediateNotAnAuthority, "invalid CA certificate"),
    ] {
        let Some(answer) = verify(&Chain::with_fault(TEAM, LeafKind::Distribution, now, fault)) else {
            return;
        };
        assert!(!answer.succeeded && answer.text.contains(said), "{fault:?}: {}", answer.text);
    }
}

#[test]
fn openssl_reads_the_keys() {
    let folder = Folder::new();
    let chain = Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW);
    let rsa = Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW);
    for (identity, what) in [(&chain.leaf, "P-256"), (&rsa.leaf, "RSA")] {
        let file = folder.write("key.pem", identity.key_pem().as_bytes());
        let Some(answer) = run("openssl", &["pkey", "-in", &file, "-check", "-pubout", "-outform", "DER"])
        else {
            return;
        };
        assert!(answer.succeeded, "{what}: {}", answer.text);
        let public = identity.key.public_key_info();
        assert!(
            answer.out.windows(public.len()).any(|bytes| bytes == public),
            "{what}: the public keys differ"
        );
    }
}
