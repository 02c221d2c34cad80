//! What authorities never send of revocations: bytes that are cut, that lie about their length, or are something else.

use time::UtcDateTime;

use super::{Chain, LeafKind, OcspResponse, Reason, RevocationList};
use crate::{Case, cms, der};

/// OCSP responses a reader must refuse, or read without harm.
#[must_use]
pub fn ocsp_responses(now: UtcDateTime) -> Vec<Case> {
    let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
    let sound = OcspResponse::new(now)
        .good(&chain.leaf.certificate, &chain.intermediate)
        .signed_by(&chain.intermediate);
    let basic = |content: &[u8]| OcspResponse::typed("1.3.6.1.5.5.7.48.1.1", content);
    let status = |content: &[u8]| der::sequence(&[&der::tlv(0x0a, content)]);
    [
        vec![
            Case::new("a status without a number", status(&[])),
            Case::new("a status of two bytes", status(&[0, 0])),
            Case::new("success, and nothing", status(&[0])),
            Case::new("an unknown refusal", status(&[255])),
            Case::new("nothing inside", basic(&[])),
            Case::new("100,000 sequences deep inside", basic(&cms::hostile::deep(100_000))),
            Case::new("an indefinite depth inside", basic(&cms::hostile::deep_indefinite(0x30, 100_000))),
            Case::new("a length of 2 GiB inside", basic(&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0])),
            Case::new("another type of response", OcspResponse::typed("1.3.6.1.5.5.7.48.1.2", &[5, 0])),
        ],
        foreign(&sound),
    ]
    .concat()
}

/// Revocation lists a reader must refuse, or read without harm.
#[must_use]
pub fn revocation_lists(now: UtcDateTime) -> Vec<Case> {
    let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
    let sound = RevocationList::new(now).revoked(&[1], now, Reason::Superseded);
    foreign(&sound.signed_by(&chain.intermediate))
}

fn foreign(sound: &[u8]) -> Vec<Case> {
    let cut = (0..sound.len()).step_by(7).map(|end| Case::new(format!("cut at {end}"), &sound[..end]));
    let others = [
        Case::new("a web page", *b"<!DOCTYPE html><title>Sign in</title>"),
        Case::new("four gigabytes", [0x30, 0x84, 0xff, 0xff, 0xff, 0xff]),
        Case::new("an indefinite length without an end", [0x30, 0x80, 0x0a, 1, 0]),
        Case::new("500,000 sequences deep", cms::hostile::deep_indefinite(0x30, 500_000)),
        Case::new("no values", der::sequence(&[])),
        Case::new("a thousand nulls", der::sequence(&[&der::null().repeat(1000)])),
    ];
    others.into_iter().chain(cut).collect()
}
