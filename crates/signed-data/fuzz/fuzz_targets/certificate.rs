//! Whatever the bytes, a certificate is read or refused, and what is kept of it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signed_data::{Certificate, Limits};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::read(bytes, &Limits::default()) {
        let again = Certificate::read(certificate.der(), &Limits::default());
        assert_eq!(again.as_ref(), Ok(&certificate));
        let names = certificate.alternative_names().map_or(0, |names| names.len());
        assert!(names <= certificate.der().len());
        let _ = (certificate.extended_key_usage(), certificate.policies(), certificate.issuer_locations());
        let _ = (certificate.issuers_issuer(), certificate.public_key().strength());
        let _ = certificate.signature_algorithm().signature_digest();
        assert!(certificate.signed_part().len() <= certificate.der().len());
    }
});
