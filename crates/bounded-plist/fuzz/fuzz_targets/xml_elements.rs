#![no_main]

use libfuzzer_sys::fuzz_target;

mod check;

const PIECES: [&str; 40] = [
    "<array>",
    "</array>",
    "<dict>",
    "</dict>",
    "<key>",
    "</key>",
    "<string>",
    "</string>",
    "<integer>",
    "</integer>",
    "<real>",
    "</real>",
    "<date>",
    "</date>",
    "<data>",
    "</data>",
    "<true/>",
    "<false/>",
    "<array/>",
    "<dict/>",
    "<string/>",
    "<key/>",
    "<plist>",
    "</plist>",
    "&amp;",
    "&#",
    "&lt;",
    ";",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?xml version='1.0' encoding='",
    "?>",
    "<!DOCTYPE plist [",
    "<!ENTITY a 'b'>",
    "CF$UID",
    "\r\n",
    "2001-01-01T00:00:00Z",
    "-1e308",
];

// Bytes above 0x7f stand for pieces of property lists, the others for themselves.
fuzz_target!(|bytes: &[u8]| {
    let mut xml = Vec::new();
    for byte in bytes {
        match PIECES.get(usize::from(*byte).wrapping_sub(0x80)) {
            Some(piece) => xml.extend(piece.as_bytes()),
            None => xml.push(*byte),
        }
    }
    check::check(&xml);
});
