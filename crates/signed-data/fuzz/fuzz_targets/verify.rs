//! Whatever the bytes, verifying and looking for authorities ends, and within bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signed_data::{Authorities, Limits, SignedData};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = SignedData::read(bytes, &Limits::default()) else { return };
    for signer in message.signers() {
        let _ = message.verify(signer);
        let _ = message.verify_over(signer, b"elsewhere");
    }
    for certificate in message.certificates().iter().take(8) {
        let chain = message.chain(certificate, Authorities::apple());
        assert!((1..=8).contains(&chain.certificates.len()));
        assert_eq!(chain.first(), certificate);
    }
});
