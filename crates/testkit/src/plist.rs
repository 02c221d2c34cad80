//! Property lists: Info.plist, entitlements, and ones that hurt careless readers.
//!
//! Written by the `plist` crate, which none of our readers uses, or byte by byte.

mod code_resources;
mod entitlements;
pub mod hostile;
mod info;
mod strings;

pub use ::plist::{Dictionary, Value};

pub use code_resources::code_resources;
pub use entitlements::{GetTaskAllow, entitlements};
pub use info::InfoPlist;
pub use strings::{StringsFormat, strings_file};

use std::time::SystemTime;

use time::{OffsetDateTime, UtcDateTime};

/// How a property list is written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Format {
    /// `bplist00`, as Xcode puts into packages.
    #[default]
    Binary,
    /// XML in UTF-8.
    Xml,
    /// XML in UTF-16, little-endian, after a byte order mark.
    XmlUtf16,
}

/// The bytes of `value` in `format`.
#[must_use]
pub fn encode(value: &Value, format: Format) -> Vec<u8> {
    let mut out = Vec::new();
    written(match format {
        Format::Binary => value.to_writer_binary(&mut out),
        Format::Xml | Format::XmlUtf16 => value.to_writer_xml(&mut out),
    });
    if format == Format::XmlUtf16 {
        return strings::utf16(&String::from_utf8_lossy(&out).replacen("UTF-8", "UTF-16", 1));
    }
    out
}

fn written(result: Result<(), ::plist::Error>) {
    result.expect("values made in memory can be written to memory");
}

/// A date, cut to whole seconds as property lists keep it.
#[must_use]
pub fn date(at: UtcDateTime) -> Value {
    let whole = OffsetDateTime::from(at).truncate_to_second();
    Value::Date(SystemTime::from(whole).into())
}

/// An array of texts.
#[must_use]
pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Value {
    Value::Array(texts.into_iter().map(|text| Value::String(text.into())).collect())
}
