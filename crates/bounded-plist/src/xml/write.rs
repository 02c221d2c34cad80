use std::fmt::Write;
use std::slice;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use time::UtcDateTime;

use crate::{Dictionary, Value, dictionary};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
    <plist version=\"1.0\">\n";
const TAIL: &str = "</plist>\n";

/// Writes `value` as XML in UTF-8, laid out as Apple's own writers do: the same value gives the same bytes.
///
/// Keys stay in their order. Dates lose what is finer than a second, a [`Value::Uid`] becomes a dictionary with the
/// one key `CF$UID`. Characters that XML 1.0 cannot carry at all (control characters other than tab, line feed and
/// carriage return, U+FFFE, U+FFFF) are written as U+FFFD, so that every reader can read the result.
///
/// ```
/// use bounded_plist::{Dictionary, Value, write_xml};
///
/// let xml = write_xml(&Value::from(Dictionary::from([("title", "R&D <β>")])));
/// let expected = [
///     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
///     "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
///     "<plist version=\"1.0\">",
///     "<dict>",
///     "\t<key>title</key>",
///     "\t<string>R&amp;D &lt;β&gt;</string>",
///     "</dict>",
///     "</plist>",
///     "",
/// ];
/// assert_eq!(String::from_utf8(xml)?, expected.join("\n"));
/// # Ok::<_, std::string::FromUtf8Error>(())
/// ```
#[must_use]
pub fn write_xml(value: &Value) -> Vec<u8> {
    let mut writer = Writer { text: HEAD.to_owned(), open: Vec::new() };
    writer.value(value);
    while let Some(last) = writer.open.last_mut() {
        match last {
            Open::Array(values) => match values.next() {
                Some(value) => writer.value(value),
                None => writer.close("array"),
            },
            Open::Dictionary(entries) => match entries.next() {
                Some((key, value)) => {
                    writer.element("key", key);
                    writer.value(value);
                }
                None => writer.close("dict"),
            },
        }
    }
    writer.text.push_str(TAIL);
    writer.text.into_bytes()
}

struct Writer<'a> {
    text: String,
    open: Vec<Open<'a>>,
}

/// What is left to write of an array or a dictionary.
enum Open<'a> {
    Array(slice::Iter<'a, Value>),
    Dictionary(dictionary::Iter<'a>),
}

impl<'a> Writer<'a> {
    fn value(&mut self, value: &'a Value) {
        match value {
            Value::Array(values) if values.is_empty() => self.line("<array/>"),
            Value::Array(values) => {
                self.line("<array>");
                self.open.push(Open::Array(values.iter()));
            }
            Value::Boolean(true) => self.line("<true/>"),
            Value::Boolean(false) => self.line("<false/>"),
            Value::Data(bytes) => self.data(bytes),
            Value::Date(moment) => self.element("date", &date(*moment)),
            Value::Dictionary(entries) if entries.is_empty() => self.line("<dict/>"),
            Value::Dictionary(entries) => self.dictionary(entries),
            Value::Integer(number) => self.element("integer", &number.to_string()),
            Value::Real(number) => self.element("real", &real(*number)),
            Value::String(text) => self.element("string", text),
            Value::Uid(uid) => {
                self.line("<dict>");
                self.open.push(Open::Array([].iter()));
                self.element("key", "CF$UID");
                self.element("integer", &uid.to_string());
                self.close("dict");
            }
        }
    }

    fn dictionary(&mut self, entries: &'a Dictionary) {
        self.line("<dict>");
        self.open.push(Open::Dictionary(entries.iter()));
    }

    fn close(&mut self, name: &str) {
        self.open.pop();
        self.indent();
        self.text.extend(["</", name, ">\n"]);
    }

    fn line(&mut self, line: &str) {
        self.indent();
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn element(&mut self, name: &str, text: &str) {
        self.indent();
        self.text.extend(["<", name, ">"]);
        escape(&mut self.text, text);
        self.text.extend(["</", name, ">\n"]);
    }

    /// Base64 in lines of 76 characters, of which every tab of the indent, up to the eighth, takes eight.
    fn data(&mut self, bytes: &[u8]) {
        let characters = 76 - 8 * self.open.len().min(8);
        self.line("<data>");
        for chunk in bytes.chunks(characters / 4 * 3) {
            self.indent();
            STANDARD.encode_string(chunk, &mut self.text);
            self.text.push('\n');
        }
        self.line("</data>");
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n('\t', self.open.len()));
    }
}

fn escape(to: &mut String, text: &str) {
    for found in text.chars() {
        match found {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            // Bare, a reader would make it a line feed.
            '\r' => to.push_str("&#13;"),
            '\t' | '\n' => to.push(found),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => to.push(char::REPLACEMENT_CHARACTER),
            _ => to.push(found),
        }
    }
}

/// The shortest digits that read back to the same number.
fn real(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+infinity".to_owned() } else { "-infinity".to_owned() }
    } else {
        format!("{number:?}")
    }
}

fn date(moment: UtcDateTime) -> String {
    let mut text = String::new();
    if moment.year() < 0 {
        text.push('-');
    }
    write!(
        text,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        moment.year().unsigned_abs(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
    .expect("writing to a string cannot fail");
    text
}
