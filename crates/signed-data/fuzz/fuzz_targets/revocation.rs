//! Whatever the bytes, an OCSP response or a revocation list is read or refused, and says nothing that its authority has
//! not signed.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use signed_data::{Authorities, Certificate, Limits, OcspResponse, RevocationList};

/// An authority of Apple's, the root that issued it, and a moment at which both are valid.
static ASKED: LazyLock<(Certificate, Certificate)> = LazyLock::new(|| {
    let bytes = include_bytes!("../../apple/AppleWWDRCAG3.cer");
    let certificate = Certificate::read(bytes, &Limits::default()).unwrap();
    (certificate, Authorities::apple().roots()[0].clone())
});

fuzz_target!(|bytes: &[u8]| {
    let (certificate, issuer) = &*ASKED;
    let now = certificate.not_before();
    if let Ok(response) = OcspResponse::read(bytes, &Limits::default()) {
        let _ = response.produced_at();
        assert!(response.about(certificate, issuer, now).is_err());
    }
    if let Ok(list) = RevocationList::read(bytes, &Limits::default()) {
        assert!(list.about(certificate, issuer, now).is_err());
        assert!(!format!("{list:?}").is_empty());
    }
    if let Ok(read) = Certificate::read(bytes, &Limits::default()) {
        let _ = (read.ocsp_locations(), read.revocation_list_locations());
        assert!(!certificate.ocsp_request(&read).is_empty());
    }
});
