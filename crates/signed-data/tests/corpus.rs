//! Real messages, where they are at hand: `AIRSTAIR_CORPUS`, or `../shared/fixtures` beside the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use signed_data::{Authorities, Authority, Limits, SignedData};

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
fn real_messages_verify_and_those_of_apple_chain_to_its_roots() {
    for path in messages().into_iter().filter(|path| !is_truncated(path)) {
        let message = SignedData::read(&read(&path), &Limits::default()).unwrap();
        assert!(message.unreadable_certificates().is_empty(), "{}", path.display());
        for signer in message.signers() {
            let certificate =
                message.verify(signer).unwrap_or_else(|fault| panic!("{fault}, {}", path.display()));
            let chain = message.chain(certificate, Authorities::apple());
            let is_apples = certificate.subject().organization() == Some("Apple Inc.");
            if is_apples {
                assert_eq!(chain.authority, Authority::Apple, "{}", path.display());
                let signed_at = signer.signing_time().unwrap();
                assert_eq!(chain.not_valid_at(signed_at), None, "{}", path.display());
            } else {
                let is_other = matches!(chain.authority, Authority::Other | Authority::Incomplete { .. });
                assert!(is_other, "{:?}, {}", chain.authority, path.display());
            }
        }
    }
}
