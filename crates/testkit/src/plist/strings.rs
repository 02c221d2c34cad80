//! `.strings` files: one table of texts in the forms found in packages.

use std::fmt::Write as _;

use super::{Dictionary, Format, Value, encode};

/// How a `.strings` file is written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StringsFormat {
    /// A binary property list, as Xcode puts into packages.
    Binary,
    /// An XML property list.
    Xml,
    /// `"key" = "value";` in UTF-8.
    OldStyle,
    /// The same in UTF-16, little-endian, after a byte order mark.
    OldStyleUtf16,
}

/// A `.strings` file of these keys and values.
#[must_use]
pub fn strings_file(table: &[(&str, &str)], format: StringsFormat) -> Vec<u8> {
    let dictionary = || {
        let pairs = table.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value)));
        Value::Dictionary(pairs.collect::<Dictionary>())
    };
    match format {
        StringsFormat::Binary => encode(&dictionary(), Format::Binary),
        StringsFormat::Xml => encode(&dictionary(), Format::Xml),
        StringsFormat::OldStyle => old_style(table).into_bytes(),
        StringsFormat::OldStyleUtf16 => utf16(&old_style(table)),
    }
}

fn old_style(table: &[(&str, &str)]) -> String {
    let mut out = String::from("/* Localized versions of Info.plist keys */\n");
    for (key, value) in table {
        let quoted = value.replace('\\', r"\\").replace('"', r#"\""#);
        writeln!(out, "\"{key}\" = \"{quoted}\";").expect("a string takes all text");
    }
    out
}

/// UTF-16, little-endian, after a byte order mark.
pub(super) fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
