//! Whatever the bytes, a code signature is read or refused; so are entitlements in DER, if the first byte is odd.
#![no_main]

use ipa::{CodeSignature, Fact, Limits, SealedFiles};
use libfuzzer_sys::fuzz_target;
use signed_data::Authorities;

/// A CodeDirectory of SHA-256 that digests nothing.
const DIRECTORY: [u8; 44] = [
    0xfa, 0xde, 0x0c, 0x02, 0, 0, 0, 44, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 32, 2, 0, 12, 0, 0, 0, 0,
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let nothing = Fact::Known(content.to_vec());
    let sealed = SealedFiles { info_plist: &nothing, resources: &nothing };
    let bytes = if which % 2 == 0 { content.to_vec() } else { wrapped(content) };
    let read = CodeSignature::read(&bytes, &sealed, &Limits::default(), Authorities::apple());
    let Ok(signature) = read else {
        assert!(which % 2 == 0, "the CodeDirectory is sound");
        return;
    };
    assert_eq!(signature.directories.len(), signature.seals.len());
    let _ = (signature.strongest_seals(), signature.entitlements_agreement());
});

/// A signature with these entitlements in DER.
fn wrapped(content: &[u8]) -> Vec<u8> {
    let words =
        |values: &[usize]| values.iter().flat_map(|value| (*value as u32).to_be_bytes()).collect::<Vec<_>>();
    let directory = 12 + 2 * 8;
    let entitlements = directory + DIRECTORY.len();
    let end = entitlements + 8 + content.len();
    let index = words(&[0xfade_0cc0, end, 2, 0, directory, 7, entitlements]);
    [&index[..], &DIRECTORY, &words(&[0xfade_7172, 8 + content.len()]), content].concat()
}
