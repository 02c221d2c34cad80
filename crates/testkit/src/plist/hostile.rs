//! Property lists that kill readers which follow every reference, recurse, or believe a length.

use std::fmt::Write as _;

use crate::Case;

/// A binary list of `levels` arrays, each of which refers `width` times to the next: `width` to the power of
/// `levels` elements when written out, a few hundred bytes here.
///
/// `levels` and `width` are at most 100.
#[must_use]
pub fn dag_bomb(levels: u8, width: u8) -> Vec<u8> {
    let mut objects: Vec<_> = (1..=levels).map(|next| array(&vec![next; usize::from(width)])).collect();
    objects.push(vec![0x09]);
    binary(&objects, 1)
}

/// A binary list of `depth` arrays, each in the one before.
#[must_use]
pub fn deep_binary(depth: u32) -> Vec<u8> {
    let mut objects: Vec<_> = (1..=depth).map(|next| [&[0xa1], &next.to_be_bytes()[..]].concat()).collect();
    objects.push(vec![0x09]);
    binary(&objects, 4)
}

/// An XML list of `depth` arrays, each in the one before.
#[must_use]
pub fn deep_xml(depth: usize) -> Vec<u8> {
    format!("{XML}{}{}</plist>", "<array>".repeat(depth), "</array>".repeat(depth)).into_bytes()
}

/// A binary list whose array holds itself.
#[must_use]
pub fn cyclic() -> Vec<u8> {
    binary(&[array(&[1]), array(&[0])], 1)
}

/// XML with entities that multiply: `levels` of ten each.
#[must_use]
pub fn entity_bomb(levels: usize) -> Vec<u8> {
    let mut out = String::from("<?xml version=\"1.0\"?><!DOCTYPE plist [<!ENTITY e0 \"ten bytes.\">");
    for level in 1..=levels {
        let inside = format!("&e{};", level - 1).repeat(10);
        write!(out, "<!ENTITY e{level} \"{inside}\">").expect("a string takes all text");
    }
    write!(out, "]><plist version=\"1.0\"><string>&e{levels};</string></plist>")
        .expect("a string takes all text");
    out.into_bytes()
}

/// Lists a reader must refuse or, where it survives them whole, may read; none may hurt it.
#[must_use]
pub fn cases() -> Vec<Case> {
    let sound = binary(&[vec![0x51, b'a']], 1);
    let trailer = |edit: fn(&mut [u8])| {
        let mut bytes = sound.clone();
        let start = bytes.len() - 32;
        edit(&mut bytes[start..]);
        bytes
    };
    vec![
        Case::new("a graph of 8^24 elements", dag_bomb(24, 8)),
        Case::new("an array that holds itself", cyclic()),
        Case::new("90,000 arrays deep, binary", deep_binary(90_000)),
        Case::new("200,000 arrays deep, XML", deep_xml(200_000)),
        Case::new("entities that multiply to 10^10", entity_bomb(9)),
        Case::new(
            "an external entity",
            "<?xml version=\"1.0\"?><!DOCTYPE plist [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><plist><string>&x;</string></plist>",
        ),
        Case::new(
            "a string that says it is 2^62 bytes long",
            binary(&[[&[0x5f, 0x13][..], &(1_u64 << 62).to_be_bytes()].concat()], 1),
        ),
        Case::new(
            "an array that says it has 2^60 elements",
            binary(&[[&[0xaf, 0x13][..], &(1_u64 << 60).to_be_bytes()].concat()], 1),
        ),
        Case::new("a dictionary whose key is a number", binary(&[vec![0xd1, 1, 1], vec![0x10, 5]], 1)),
        Case::new("a reference to an object that is not there", binary(&[array(&[9])], 1)),
        Case::new("UTF-16 text with half a surrogate", binary(&[vec![0x61, 0xd8, 0x00]], 1)),
        Case::new("a trailer with offsets of no bytes", trailer(|trailer| trailer[6] = 0)),
        Case::new("a trailer with references of no bytes", trailer(|trailer| trailer[7] = 0)),
        Case::new("a trailer that counts 2^56 objects", trailer(|trailer| trailer[8] = 1)),
        Case::new("a trailer whose top object is not there", trailer(|trailer| trailer[23] = 7)),
        Case::new("a trailer whose table lies behind the end", trailer(|trailer| trailer[30] = 0xff)),
        Case::new("no trailer", b"bplist00".to_vec()),
        Case::new("XML that stops inside a tag", format!("{XML}<dict><key>a</ke")),
        Case::new("XML with a key but no value", format!("{XML}<dict><key>a</key></dict></plist>")),
        Case::new("nothing at all", Vec::new()),
    ]
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">";

/// An array of references of one byte.
fn array(references: &[u8]) -> Vec<u8> {
    let length = u8::try_from(references.len()).expect("callers keep to 100");
    let head = if length < 15 { vec![0xa0 | length] } else { vec![0xaf, 0x10, length] };
    [&head[..], references].concat()
}

/// A binary list of these objects, the first of them on top.
fn binary(objects: &[Vec<u8>], reference_bytes: u8) -> Vec<u8> {
    let mut out = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend((out.len() as u64).to_be_bytes());
        out.extend(object);
    }
    let table = out.len() as u64;
    out.extend(offsets);
    out.extend([0, 0, 0, 0, 0, 0, 8, reference_bytes]);
    for value in [objects.len() as u64, 0, table] {
        out.extend(value.to_be_bytes());
    }
    out
}
