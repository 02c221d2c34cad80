//! What OpenSSL makes of our requests and responses, and we of what it answers.

use std::path::Path;
use std::process::Command;

use signed_data::{
    Certificate, Limits, OcspResponse, RevocationError, RevocationList, RevocationReason, RevocationStatus,
};
use tempfile::TempDir;
use testkit::pki::{self, CertificateBuilder, Chain, Identity, Key, LeafKind, Name, Reason, RsaKey};
use time::{Duration, UtcDateTime};

use crate::read;

/// A folder with an authority as OpenSSL keeps it: its certificate, its key, a responder, an index of what it issued.
struct Authority {
    folder: TempDir,
    chain: Chain,
}

impl Authority {
    fn new(chain: Chain, now: UtcDateTime) -> Self {
        let folder = TempDir::new().expect("room for a folder");
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).expect("room for a file");
        };
        let responder =
            CertificateBuilder::new(Name::new().common_name("responder"), now - Duration::days(1))
                .end_entity()
                .ocsp_signing()
                .issued_by(&chain.intermediate, Key::rsa_2048(RsaKey::D));
        for (name, identity) in [
            ("issuer", &chain.intermediate),
            ("leaf", &chain.leaf),
            ("root", &chain.root),
            ("responder", &responder),
        ] {
            write(&format!("{name}.pem"), &identity.certificate.pem());
            write(&format!("{name}.key"), &identity.key_pem());
        }
        write("index.txt", "");
        write("index.txt.attr", "unique_subject = no\n");
        write("crlnumber", "01\n");
        write(
            "ca.cnf",
            "[ca]\ndefault_ca = it\n[it]\ndatabase = index.txt\ncrlnumber = crlnumber\ndefault_md = sha256\n\
             default_crl_days = 7\ncrl_extensions = list\n[list]\nauthorityKeyIdentifier = keyid\n",
        );
        Self { folder, chain }
    }

    /// Writes the index: `V` or `R`, when it ends, when it was revoked and why, serial number, file, subject.
    fn index(&self, row: &str) {
        let serial = read(&self.chain.leaf.certificate).serial().to_string().to_uppercase();
        std::fs::write(self.path("index.txt"), row.replace("SERIAL", &serial)).expect("room for a file");
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `openssl` in the folder; `None`, said loudly, where there is none. What it prints, errors included.
    fn openssl(&self, arguments: &str) -> Option<String> {
        openssl(self.folder.path(), arguments)
    }

    fn certificates(&self) -> (Certificate, Certificate) {
        (read(&self.chain.leaf.certificate), read(&self.chain.intermediate.certificate))
    }

    /// What the responder answers to our request, signed in some way.
    fn answer(&self, signed: &str) -> Option<Vec<u8>> {
        let (leaf, issuer) = self.certificates();
        std::fs::write(self.path("request.der"), leaf.ocsp_request(&issuer)).expect("room for a file");
        let text = self.openssl(&format!(
            "ocsp -index index.txt -CA issuer.pem -reqin request.der -respout response.der -ndays 1 {signed}"
        ))?;
        Some(std::fs::read(self.path("response.der")).expect(&text))
    }
}

#[expect(
    clippy::print_stdout,
    reason = "a comparison that did not happen must not look like one that passed"
)]
fn openssl(folder: &Path, arguments: &str) -> Option<String> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let Ok(output) = output else {
        println!("SKIPPED: no openssl to compare with");
        return None;
    };
    let text = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// OpenSSL goes by the computer's clock, and cannot be told another time.
#[expect(clippy::disallowed_methods, reason = "openssl's clock is not ours to set")]
fn now() -> UtcDateTime {
    UtcDateTime::now().replace_nanosecond(0).expect("zero is a number of nanoseconds")
}

fn authorities(now: UtcDateTime) -> [Authority; 2] {
    let chains = [
        Chain::new("A1B2C3D4E5", LeafKind::Distribution, now),
        Chain::rsa("A1B2C3D4E5", LeafKind::InHouse, now),
    ];
    chains.map(|chain| Authority::new(chain, now))
}

/// Rows of an index, and what they say of the leaf.
fn rows() -> [(&'static str, RevocationStatus); 3] {
    let at = time::macros::utc_datetime!(2026-01-02 03:04:05);
    let revoked = |reason| RevocationStatus::Revoked { at, reason: Some(reason) };
    [
        ("V\t400101000000Z\t\tSERIAL\tunknown\t/CN=leaf\n", RevocationStatus::Good),
        (
            "R\t400101000000Z\t260102030405Z,keyCompromise\tSERIAL\tunknown\t/CN=leaf\n",
            revoked(RevocationReason::KeyCompromise),
        ),
        (
            "R\t400101000000Z\t260102030405Z,superseded\tSERIAL\tunknown\t/CN=leaf\n",
            revoked(RevocationReason::Superseded),
        ),
    ]
}

#[test]
fn a_responder_of_openssls_reads_our_request_and_its_answer_is_read() {
    let now = now();
    for authority in authorities(now) {
        let (leaf, issuer) = authority.certificates();
        let unknown = ("", RevocationStatus::Unknown);
        for (row, expected) in rows().into_iter().chain([unknown]) {
            authority.index(row);
            for signed in [
                "-rsigner issuer.pem -rkey issuer.key",
                "-rsigner issuer.pem -rkey issuer.key -resp_key_id",
                "-rsigner responder.pem -rkey responder.key",
                "-rsigner responder.pem -rkey responder.key -resp_key_id -rmd sha384",
            ] {
                let Some(bytes) = authority.answer(signed) else { return };
                let response = OcspResponse::read(&bytes, &Limits::default()).unwrap();
                let statement = response.about(&leaf, &issuer, now).unwrap();
                assert_eq!(statement.status, expected, "{signed}");
                assert_eq!(statement.this_update, response.produced_at());
                assert!(statement.next_update > Some(now + Duration::hours(23)));
            }
        }
        // Its certificate is left out.
        let bytes = authority.answer("-rsigner responder.pem -rkey responder.key -resp_no_certs").unwrap();
        let response = OcspResponse::read(&bytes, &Limits::default()).unwrap();
        assert_eq!(response.about(&leaf, &issuer, now), Err(RevocationError::UnknownResponder));
    }
}

#[test]
fn openssl_agrees_about_our_responses() {
    let now = now();
    for authority in authorities(now) {
        let chain = &authority.chain;
        let of = |response: pki::OcspResponse, signer: &Identity| {
            std::fs::write(authority.path("ours.der"), response.signed_by(signer)).unwrap();
            authority.openssl(
                "ocsp -respin ours.der -issuer issuer.pem -cert leaf.pem -CAfile root.pem -verify_other issuer.pem \
                 -no_nonce",
            )
        };
        let response = || pki::OcspResponse::new(now);
        let Some(text) =
            of(response().good(&chain.leaf.certificate, &chain.intermediate), &chain.intermediate)
        else {
            return;
        };
        assert!(text.contains("Response verify OK") && text.contains("leaf.pem: good"), "{text}");

        let revoked = pki::CertificateStatus::Revoked { at: now, reason: Some(Reason::KeyCompromise) };
        let text = of(
            response().answer(&chain.leaf.certificate.serial, &chain.intermediate, revoked),
            &chain.intermediate,
        );
        assert!(text.as_ref().unwrap().contains("Reason: keyCompromise"), "{text:?}");

        let responder = CertificateBuilder::new(Name::new().common_name("r"), now - Duration::days(1));
        let entrusted = responder.clone().ocsp_signing().issued_by(&chain.intermediate, Key::p256("r"));
        let other = responder.code_signing().issued_by(&chain.intermediate, Key::p256("r"));
        for (signer, holds) in [(entrusted, true), (other, false)] {
            let response = response().good(&chain.leaf.certificate, &chain.intermediate);
            let text = of(response.certificate(&signer.certificate), &signer).unwrap();
            assert_eq!(text.contains("Response verify OK"), holds, "{text}");
        }
    }
}

#[test]
fn lists_of_openssls_are_read() {
    let now = now();
    for authority in authorities(now) {
        let (leaf, issuer) = authority.certificates();
        for (row, expected) in rows() {
            authority.index(row);
            let command = "ca -config ca.cnf -gencrl -cert issuer.pem -keyfile issuer.key -out list.pem";
            let Some(text) = authority.openssl(command) else { return };
            let text =
                [text, authority.openssl("crl -in list.pem -outform DER -out list.der").unwrap()].concat();
            let bytes =
                std::fs::read(authority.path("list.der")).unwrap_or_else(|error| panic!("{error}: {text}"));
            let list = RevocationList::read(&bytes, &Limits::default()).unwrap();
            assert_eq!(list.about(&leaf, &issuer, now).unwrap().status, expected);
        }
    }
}

#[test]
fn openssl_verifies_our_lists_and_finds_what_is_in_them() {
    let now = now();
    for authority in authorities(now) {
        let issuer = &authority.chain.intermediate;
        let list =
            pki::RevocationList::new(now).crowd(100, now).revoked(&[0xab, 0xcd], now, Reason::KeyCompromise);
        std::fs::write(authority.path("list.der"), list.only(1).signed_by(issuer)).unwrap();
        let command = "crl -inform DER -in list.der -CAfile issuer.pem -text -noout";
        let Some(text) = authority.openssl(command) else { return };
        for expected in ["verify OK", "Serial Number: ABCD", "Key Compromise", "Only User Certificates"] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
