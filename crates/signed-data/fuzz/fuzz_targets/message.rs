//! Whatever the bytes, a message is read or refused, and all that is told of it can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use signed_data::{Limits, SignedData};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = SignedData::read(bytes, &Limits::default()) else { return };
    assert!(message.content().is_none_or(|content| content.len() <= bytes.len()));
    for signer in message.signers() {
        let _ = (signer.message_digest(), signer.signing_time(), signer.content_type());
        let _ = message.certificate_of(signer);
    }
});
