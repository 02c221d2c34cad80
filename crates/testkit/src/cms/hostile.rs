//! Messages that are none: bad lengths, bottomless nesting, parts that are missing.

use crate::Case;
use crate::der::{self, Length};

/// `depth` sequences, each in the one before, with lengths as DER has them.
#[must_use]
pub fn deep(depth: usize) -> Vec<u8> {
    // Written from the inside out, hence backwards: to prepend over and over takes quadratic time.
    let mut reversed: Vec<u8> = Vec::new();
    for _ in 0..depth {
        let head = der::head(0x30, reversed.len());
        reversed.extend(head.iter().rev());
    }
    reversed.reverse();
    reversed
}

/// `depth` constructed values of `tag` with indefinite lengths, each in the one before: two bytes a level.
#[must_use]
pub fn deep_indefinite(tag: u8, depth: usize) -> Vec<u8> {
    [[tag, 0x80].repeat(depth), [0, 0].repeat(depth)].concat()
}

/// Messages a reader must refuse, or read without harm.
#[must_use]
pub fn cases() -> Vec<Case> {
    let signed_data = der::oid("1.2.840.113549.1.7.2");
    let message = |content: &[u8]| der::sequence(&[&signed_data, &der::context(0, content)]);
    let data = der::oid("1.2.840.113549.1.7.1");
    let empty_set = der::set_of(&[]);
    let encapsulated = |content: &[u8]| der::sequence(&[&data, &der::context(0, content)]);
    let whole = |content: &[u8]| {
        message(&der::sequence(&[&der::unsigned(&[1]), &empty_set, &encapsulated(content), &empty_set]))
    };
    let sound = whole(&der::octets(b"content"));
    vec![
        Case::new("nothing at all", Vec::new()),
        Case::new("a tag without a length", [0x30]),
        Case::new("a length of 2^64 - 1", [&[0x30, 0x88][..], &[0xff; 8]].concat()),
        Case::new("a length of 127 bytes", [&[0x30, 0xff][..], &[1; 127]].concat()),
        Case::new("a length of 2 GiB", [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0]),
        Case::new("an indefinite length without an end", [0x30, 0x80, 0x06, 0x01, 0x2a]),
        Case::new("an indefinite length on a primitive value", [0x04, 0x80, 0, 0]),
        Case::new("a tag number that never ends", vec![0xff; 1000]),
        Case::new("100,000 sequences deep", deep(100_000)),
        Case::new("500,000 sequences deep, indefinite", deep_indefinite(0x30, 500_000)),
        Case::new("content 100,000 octet strings deep", whole(&deep_indefinite(0x24, 100_000))),
        Case::new("cut in the middle", &sound[..sound.len() / 2]),
        Case::new("cut before the last byte", &sound[..sound.len() - 1]),
        Case::new(
            "enveloped, not signed",
            der::sequence(&[&der::oid("1.2.840.113549.1.7.3"), &der::context(0, &der::sequence(&[]))]),
        ),
        Case::new("no content at all", der::sequence(&[&signed_data])),
        Case::new("an empty message", message(&der::sequence(&[]))),
        Case::new("an indefinite message that holds nothing", {
            let nothing = der::constructed(0x30, &[], Length::Indefinite);
            der::constructed(
                0x30,
                &[&signed_data, &der::constructed(0xa0, &[&nothing], Length::Indefinite)],
                Length::Indefinite,
            )
        }),
        Case::new("content that is a number", whole(&der::unsigned(&[1]))),
        Case::new(
            "a certificate that is none",
            super::SignedData::new("content").certificate_bytes([0x30, 3, 2, 1, 5]).build(),
        ),
        Case::new("an XML property list", b"<?xml version=\"1.0\"?><plist><dict/></plist>".to_vec()),
    ]
}
