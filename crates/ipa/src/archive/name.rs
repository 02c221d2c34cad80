use std::borrow::Cow;
use std::fmt;

/// Why an entry's name may not be used as a path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NameFault {
    /// The name is empty.
    Empty,
    /// The name starts with a slash.
    Absolute,
    /// A part of it is `..`.
    ParentFolder,
    /// A part of it is `.`.
    CurrentFolder,
    /// A part of it is empty: two slashes in a row.
    EmptyPart,
    /// A backslash stands in it.
    Backslash,
    /// NUL or another control character stands in it.
    Control,
    /// It is marked as UTF-8 and is not.
    NotUtf8,
}

impl NameFault {
    /// The first fault of `name`, if it has one.
    pub(crate) fn of(name: &str) -> Option<Self> {
        if name.is_empty() {
            return Some(Self::Empty);
        }
        if name.starts_with('/') {
            return Some(Self::Absolute);
        }
        if name.contains('\\') {
            return Some(Self::Backslash);
        }
        if name.chars().any(char::is_control) {
            return Some(Self::Control);
        }
        name.strip_suffix('/').unwrap_or(name).split('/').find_map(|part| match part {
            ".." => Some(Self::ParentFolder),
            "." => Some(Self::CurrentFolder),
            "" => Some(Self::EmptyPart),
            _ => None,
        })
    }
}

impl fmt::Display for NameFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Empty => "is empty",
            Self::Absolute => "starts with a slash",
            Self::ParentFolder => "leads upwards by \"..\"",
            Self::CurrentFolder => "holds \".\" as a part",
            Self::EmptyPart => "holds two slashes in a row",
            Self::Backslash => "holds a backslash",
            Self::Control => "holds a control character",
            Self::NotUtf8 => "is marked as UTF-8 and is not",
        })
    }
}

/// The text of a name: UTF-8 where it is valid, with or without the flag (the Mac's own tools leave it out), else
/// code page 437, which the format falls back to.
pub(super) fn decode(bytes: &[u8], marked_utf8: Utf8Flag) -> Cow<'_, str> {
    match (std::str::from_utf8(bytes), marked_utf8) {
        (Ok(text), _) => Cow::Borrowed(text),
        (Err(_), Utf8Flag::Set) => String::from_utf8_lossy(bytes),
        (Err(_), Utf8Flag::Clear) => bytes.iter().map(|byte| code_page_437(*byte)).collect(),
    }
}

/// Bit 11 of an entry's flags.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Utf8Flag {
    Set,
    Clear,
}

impl Utf8Flag {
    pub(super) fn of(flags: u16) -> Self {
        if flags & 1 << 11 == 0 { Self::Clear } else { Self::Set }
    }
}

fn code_page_437(byte: u8) -> char {
    const UPPER_HALF: [char; 128] = [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', //
        'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', //
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', //
        '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐', //
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', //
        '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀', //
        'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', //
        '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
    ];
    if byte.is_ascii() { char::from(byte) } else { UPPER_HALF[usize::from(byte & 0x7f)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_paths_are_told() {
        for (name, expected) in [
            ("Payload/", None),
            ("Payload/Demo.app/Info.plist", None),
            ("Payload/.DS_Store", None),
            ("Payload/..app/x", None),
            ("", Some(NameFault::Empty)),
            ("/", Some(NameFault::Absolute)),
            ("/etc/passwd", Some(NameFault::Absolute)),
            ("..", Some(NameFault::ParentFolder)),
            ("Payload/../../x", Some(NameFault::ParentFolder)),
            ("Payload/..", Some(NameFault::ParentFolder)),
            ("Payload/../", Some(NameFault::ParentFolder)),
            ("./Payload/", Some(NameFault::CurrentFolder)),
            ("Payload//x", Some(NameFault::EmptyPart)),
            ("Payload//", Some(NameFault::EmptyPart)),
            ("Payload\\Demo.app", Some(NameFault::Backslash)),
            ("Payload/a\0b", Some(NameFault::Control)),
            ("Payload/a\u{1b}[0m", Some(NameFault::Control)),
        ] {
            assert_eq!(NameFault::of(name), expected, "{name:?}");
        }
    }

    #[test]
    fn names_become_text_whatever_they_are() {
        for (bytes, flag, expected, why) in [
            (&b"Demo.app"[..], Utf8Flag::Clear, "Demo.app", "ASCII"),
            ("Café".as_bytes(), Utf8Flag::Clear, "Café", "UTF-8 without its flag"),
            (b"Caf\x82", Utf8Flag::Clear, "Café", "code page 437"),
            (b"\x80\xff", Utf8Flag::Clear, "Ç\u{a0}", "both ends of the upper half"),
            (b"Caf\x82", Utf8Flag::Set, "Caf\u{fffd}", "not the UTF-8 it claims"),
        ] {
            assert_eq!(decode(bytes, flag), expected, "{why}");
        }
    }
}
