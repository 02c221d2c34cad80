//! `InfoPlist.strings`: the names of an app in the languages it speaks.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use bounded_plist::{Dictionary, Format, Value};

/// The pairs of a `.strings` file: a property list, or the older text of `"key" = "value";`.
///
/// # Errors
///
/// Says what was seen, where the bytes are neither.
pub(crate) fn read(bytes: &[u8], limits: &bounded_plist::Limits) -> Result<Dictionary, StringsError> {
    if bytes.len() > limits.input_bytes {
        return Err(StringsError::TooLong { found: bytes.len(), limit: limits.input_bytes });
    }
    if Format::of(bytes).is_some() {
        let value = bounded_plist::read(bytes, limits)?;
        return value.into_dictionary().map_err(|other| StringsError::Kind { found: other.kind().as_str() });
    }
    let text = decode(bytes)?;
    Scanner { rest: text.chars().peekable(), line: 1 }.pairs(limits.objects)
}

/// What the app is called: its display name, else its name.
pub(crate) fn name(pairs: &Dictionary) -> Option<String> {
    WANTED.into_iter().find_map(|key| {
        let name = pairs.get(key)?.as_str()?.trim();
        (!name.is_empty() && name.len() <= NAME_LIMIT_BYTES).then(|| name.to_owned())
    })
}

/// Why a `.strings` file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StringsError {
    #[error("the strings file has {found} bytes, {limit} bytes are the most")]
    TooLong { found: usize, limit: usize },
    #[error(transparent)]
    Plist(#[from] bounded_plist::ReadError),
    #[error("the strings file holds a value of type {found}, expected a dictionary")]
    Kind { found: &'static str },
    #[error("the strings file is neither a property list nor UTF-8 or UTF-16 text")]
    Encoding,
    #[error("the strings file has more than {limit} pairs")]
    Pairs { limit: usize },
    #[error("line {line} of the strings file: {what}")]
    Syntax { line: u32, what: &'static str },
}

/// UTF-16 by its mark, or by the zero that ASCII has in it; else UTF-8.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, StringsError> {
    match bytes {
        [0xff, 0xfe, units @ ..] => utf16(units, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, u16::from_be_bytes),
        [1..=u8::MAX, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, 1..=u8::MAX, ..] => utf16(bytes, u16::from_be_bytes),
        _ => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            std::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| StringsError::Encoding)
        }
    }
}

fn utf16(bytes: &[u8], from: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, StringsError> {
    let (units, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(StringsError::Encoding);
    }
    char::decode_utf16(units.iter().map(|unit| from(*unit)))
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| StringsError::Encoding)
}

/// Reads the text form: comments as in C, pairs ended by semicolons, braces around all of it where there are any.
///
/// Source: Apple, *Old-Style ASCII Property Lists*, and *String Resources*.
struct Scanner<'t> {
    rest: Peekable<Chars<'t>>,
    line: u32,
}

impl Scanner<'_> {
    fn pairs(mut self, limit: usize) -> Result<Dictionary, StringsError> {
        let mut pairs = Dictionary::new();
        self.pass_space()?;
        let braced = self.take_if('{');
        let mut count = 0;
        loop {
            self.pass_space()?;
            match self.rest.peek() {
                None if braced => return Err(self.wrong("the closing brace is missing")),
                None => return Ok(pairs),
                Some('}') if braced => return Ok(pairs),
                Some(_) => {}
            }
            count += 1;
            if count > limit {
                return Err(StringsError::Pairs { limit });
            }
            let key = self.string()?;
            self.pass_space()?;
            // A key by itself stands for a pair of it and itself.
            let value = if self.take_if('=') {
                self.pass_space()?;
                self.string()?
            } else {
                key.clone()
            };
            self.pass_space()?;
            if !self.take_if(';') && !matches!(self.rest.peek(), None | Some('}')) {
                return Err(self.wrong("a semicolon is missing"));
            }
            if WANTED.contains(&key.as_str()) {
                pairs.insert(key, Value::String(value));
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let found = self.rest.next();
        if found == Some('\n') {
            self.line += 1;
        }
        found
    }

    fn take_if(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn wrong(&self, what: &'static str) -> StringsError {
        StringsError::Syntax { line: self.line, what }
    }

    /// Passes white space and comments.
    fn pass_space(&mut self) -> Result<(), StringsError> {
        while let Some(found) = self.rest.peek().copied() {
            if found.is_whitespace() || found == '\u{feff}' {
                self.next();
            } else if found == '/' {
                self.next();
                match self.next() {
                    Some('/') => while self.next().is_some_and(|found| !matches!(found, '\n' | '\r')) {},
                    Some('*') => self.pass_comment()?,
                    _ => return Err(self.wrong("a slash that begins no comment")),
                }
            } else {
                break;
            }
        }
        Ok(())
    }

    fn pass_comment(&mut self) -> Result<(), StringsError> {
        loop {
            match self.next() {
                Some('*') if self.take_if('/') => return Ok(()),
                Some(_) => {}
                None => return Err(self.wrong("a comment without an end")),
            }
        }
    }

    /// A string in quotes, or a word without.
    fn string(&mut self) -> Result<String, StringsError> {
        let mut text = String::new();
        let Some(quote @ ('"' | '\'')) = self.rest.peek().copied() else {
            while let Some(found) = self.rest.next_if(|found| is_of_word(*found)) {
                text.push(found);
            }
            return if text.is_empty() { Err(self.wrong("a string is missing")) } else { Ok(text) };
        };
        self.next();
        loop {
            match self.next() {
                Some(found) if found == quote => return Ok(text),
                Some('\\') => text.push(self.escaped()?),
                Some(found) => text.push(found),
                None => return Err(self.wrong("a string without an end")),
            }
        }
    }

    /// The character that stands behind a backslash.
    fn escaped(&mut self) -> Result<char, StringsError> {
        Ok(match self.next().ok_or_else(|| self.wrong("a string without an end"))? {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'U' | 'u' => self.unicode()?,
            digit @ '0'..='7' => {
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(more) = self.rest.next_if(|found| found.is_digit(8)) else {
                        break;
                    };
                    code = code * 8 + more.to_digit(8).unwrap_or(0);
                }
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other,
        })
    }

    /// One UTF-16 unit in four digits, or two such escapes for one character.
    fn unicode(&mut self) -> Result<char, StringsError> {
        let mut units = vec![self.unit()?];
        if (0xd800..0xdc00).contains(&units[0]) && self.take_if('\\') {
            if !self.take_if('U') && !self.take_if('u') {
                return Err(self.wrong("half a character"));
            }
            units.push(self.unit()?);
        }
        let mut characters = char::decode_utf16(units);
        match (characters.next(), characters.next()) {
            (Some(Ok(character)), None) => Ok(character),
            _ => Err(self.wrong("half a character")),
        }
    }

    fn unit(&mut self) -> Result<u16, StringsError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.rest.next_if(char::is_ascii_hexdigit).and_then(|digit| digit.to_digit(16));
            let digit = digit.ok_or_else(|| self.wrong("an escape with fewer than four digits"))?;
            unit = unit << 4 | u16::try_from(digit).unwrap_or(0);
        }
        Ok(unit)
    }
}

/// The only keys that are kept.
const WANTED: [&str; 2] = ["CFBundleDisplayName", "CFBundleName"];
/// A longer name is none.
const NAME_LIMIT_BYTES: usize = 1024;

fn is_of_word(found: char) -> bool {
    found.is_ascii_alphanumeric() || matches!(found, '_' | '$' | '.' | ':' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn display_name(bytes: &[u8]) -> Result<Option<String>, String> {
        let pairs = read(bytes, &bounded_plist::Limits::default()).map_err(|error| error.to_string())?;
        Ok(pairs.get("CFBundleDisplayName").and_then(Value::as_str).map(str::to_owned))
    }

    fn utf16(text: &str, mark: &[u8], order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.iter().copied().chain(text.encode_utf16().flat_map(order)).collect()
    }

    #[test]
    fn the_text_form_is_read() {
        for (text, expected, why) in [
            (r#""CFBundleDisplayName" = "Wetter";"#, Ok(Some("Wetter")), "plain"),
            (r#"CFBundleDisplayName = "Wetter";"#, Ok(Some("Wetter")), "a bare key"),
            (r"CFBundleDisplayName=Wetter", Ok(Some("Wetter")), "bare, and no semicolon at the end"),
            (r#"{ CFBundleDisplayName = "Wetter"; }"#, Ok(Some("Wetter")), "braces"),
            (
                "/* Name; \"x\" = */\r\n// CFBundleDisplayName = \"no\";\n\"CFBundleDisplayName\"/**/=\n'Wetter' ; \n",
                Ok(Some("Wetter")),
                "comments",
            ),
            (r#""CFBundleName" = "a"; "CFBundleDisplayName" = "b";"#, Ok(Some("b")), "two pairs"),
            (r#""CFBundleDisplayName" = "a"; "CFBundleDisplayName" = "b";"#, Ok(Some("b")), "the last wins"),
            (r#""CFBundleDisplayName";"#, Ok(Some("CFBundleDisplayName")), "a key by itself"),
            (
                r#""CFBundleDisplayName" = "\"A\" \\ \U00e9\u00E9 \U2603\n\t\101\0";"#,
                Ok(Some("\"A\" \\ éé ☃\n\tA\0")),
                "escapes",
            ),
            (r#""CFBundleDisplayName" = "\Ud83d\Ude00";"#, Ok(Some("😀")), "a pair of halves"),
            ("", Ok(None), "nothing"),
            ("  /* only a comment */ ", Ok(None), "a comment"),
            (
                r#""CFBundleDisplayName" = "\Ud83d";"#,
                Err("line 1 of the strings file: half a character"),
                "half",
            ),
            (
                r#""CFBundleDisplayName" = "\Ud83d\n";"#,
                Err("line 1 of the strings file: half a character"),
                "half",
            ),
            (
                r#""CFBundleDisplayName" = "\U00";"#,
                Err("line 1 of the strings file: an escape with fewer than four digits"),
                "short",
            ),
            ("\n\"a", Err("line 2 of the strings file: a string without an end"), "no end"),
            ("\"a\\", Err("line 1 of the strings file: a string without an end"), "no end after a backslash"),
            ("/* a", Err("line 1 of the strings file: a comment without an end"), "no end of a comment"),
            ("/", Err("line 1 of the strings file: a slash that begins no comment"), "a slash"),
            ("\"a\" = ;", Err("line 1 of the strings file: a string is missing"), "no value"),
            ("\"a\" \"b\"", Err("line 1 of the strings file: a semicolon is missing"), "no equals sign"),
            ("{ a = b;", Err("line 1 of the strings file: the closing brace is missing"), "no brace"),
        ] {
            let expected = expected.map(|name| name.map(str::to_owned)).map_err(str::to_owned);
            assert_eq!(display_name(text.as_bytes()), expected, "{why}: {text}");
            if !text.trim().is_empty() {
                let with_mark = utf16(text, b"\xff\xfe", u16::to_le_bytes);
                assert_eq!(display_name(&with_mark), expected, "UTF-16, {why}: {text}");
            }
        }
    }

    #[test]
    fn every_encoding_in_use_is_understood() {
        let text = "\"CFBundleDisplayName\" = \"天気 é\";";
        for (bytes, why) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8 with its mark"),
            (utf16(text, b"\xff\xfe", u16::to_le_bytes), "UTF-16, little-endian"),
            (utf16(text, b"\xfe\xff", u16::to_be_bytes), "UTF-16, big-endian"),
            (utf16(text, b"", u16::to_le_bytes), "UTF-16, little-endian, without its mark"),
            (utf16(text, b"", u16::to_be_bytes), "UTF-16, big-endian, without its mark"),
        ] {
            assert_eq!(display_name(&bytes), Ok(Some("天気 é".to_owned())), "{why}");
        }
        for bytes in [&b"\"a\" = \"\xff\";"[..], b"\xff\xfe\"\0a", b"\xff\xfe\x00\xd8"] {
            assert_eq!(display_name(bytes).unwrap_err(), StringsError::Encoding.to_string());
        }
    }

    #[test]
    fn pairs_are_counted() {
        let limits = bounded_plist::Limits { objects: 3, ..bounded_plist::Limits::default() };
        assert!(read("a;".repeat(3).as_bytes(), &limits).is_ok());
        assert!(matches!(read("a;".repeat(4).as_bytes(), &limits), Err(StringsError::Pairs { limit: 3 })));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[ "'\\/*{}=;aU01\n]{0,40}"#) {
            let _ = display_name(text.as_bytes());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = display_name(&bytes);
        }
    }
}
