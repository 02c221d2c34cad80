//! Whatever the bytes, a certificate is read or refused, and what is kept of it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signed_data::{Certificate, Limits};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::read(bytes, &Limits::default()) {
        let again = Certificate::read(certificate.der(), &Limits::default());
        assert_eq!(again.as_ref(), Ok(&certificate));
        assert!(certificate.signed_part().len() <= certificate.der().len());
    }
});
