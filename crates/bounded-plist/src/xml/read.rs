use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::Event;

use super::content::{Base64, Content};
use super::document::Document;
use super::scalar;
use crate::budget::Budget;
use crate::dictionary::Entry;
use crate::error::{excerpt, shorten};
use crate::key_path::{Step, key_path};
use crate::{Dictionary, Fault, Limits, ReadError, Value};

/// Reads a property list in XML.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Value, ReadError> {
    let document = Document::decode(bytes)?;
    let mut reader = Reader::new(&document.text, limits);
    reader.run().map_err(|fault| ReadError {
        fault,
        offset: document.input_offset(reader.at),
        path: key_path(reader.stack.iter().filter_map(Frame::step)),
    })
}

struct Reader<'a> {
    xml: quick_xml::Reader<&'a [u8]>,
    budget: Budget,
    /// The arrays and dictionaries that are open, outermost first.
    stack: Vec<Frame>,
    root: Option<Value>,
    plist: Plist,
    /// Where the event at hand begins, in bytes of the text.
    at: usize,
}

/// The state of the element `<plist>`, which may be missing.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Plist {
    Unseen,
    Open,
    Closed,
}

enum Frame {
    Array(Vec<Value>),
    Dictionary { entries: Vec<Entry>, key: Option<String> },
}

impl Frame {
    fn step(&self) -> Option<Step<'_>> {
        match self {
            Self::Array(values) => Some(Step::Index(values.len())),
            Self::Dictionary { key, .. } => key.as_deref().map(Step::Key),
        }
    }
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, limits: &Limits) -> Self {
        let mut xml = quick_xml::Reader::from_str(text);
        xml.config_mut().expand_empty_elements = true;
        Self { xml, budget: Budget::new(limits), stack: Vec::new(), root: None, plist: Plist::Unseen, at: 0 }
    }

    fn run(&mut self) -> Result<Value, Fault> {
        self.budget.spend_bytes(1, size_of::<Value>())?;
        loop {
            match self.event()? {
                Event::Start(tag) | Event::Empty(tag) => self.start(tag.name().as_ref())?,
                Event::End(tag) => self.end(tag.name().as_ref())?,
                Event::Text(text) if is_blank(&text) => {}
                Event::CData(text) if is_blank(&text) => {}
                Event::Text(text) => return Err(self.misplaced_text(&text)),
                Event::CData(text) => return Err(self.misplaced_text(&text)),
                Event::GeneralRef(reference) => {
                    return Err(self.misplaced_text(&format!("&{};", &*reference)));
                }
                Event::Comment(_) | Event::Decl(_) | Event::DocType(_) | Event::PI(_) => {}
                Event::Eof if !self.stack.is_empty() || self.plist == Plist::Open => {
                    return Err(Fault::Truncated);
                }
                Event::Eof => return self.root.take().ok_or(Fault::Empty),
            }
        }
    }

    fn start(&mut self, name: &str) -> Result<(), Fault> {
        match name {
            "plist" => return self.start_plist(),
            "key" => return self.key(),
            "array" | "dict" | "string" | "integer" | "real" | "true" | "false" | "date" | "data" => {}
            _ => return Err(Fault::Element { name: excerpt(name) }),
        }
        self.expect_value(name)?;
        self.budget.spend_objects(1)?;
        let value = match name {
            "array" => return self.open(Frame::Array(Vec::new())),
            "dict" => return self.open(Frame::Dictionary { entries: Vec::new(), key: None }),
            "string" => Value::String(self.string()?),
            "data" => Value::Data(self.data()?),
            "integer" => self.scalar(scalar::integer, |text| Fault::Integer { text })?,
            "real" => self.scalar(scalar::real, |text| Fault::Real { text })?,
            "date" => self.scalar(scalar::date, |text| Fault::Date { text })?,
            _ => self.scalar(
                |text| is_blank(text).then_some(name == "true"),
                |text| Fault::Misplaced { found: format!("the text `{text}`"), expected: "an end tag" },
            )?,
        };
        self.add(value)
    }

    fn end(&mut self, name: &str) -> Result<(), Fault> {
        let value = match self.stack.pop() {
            None => {
                // The tokenizer pairs tags, so this is `</plist>`.
                self.plist = Plist::Closed;
                return Ok(());
            }
            Some(Frame::Array(mut values)) => {
                self.budget.fit(&mut values);
                Value::Array(values)
            }
            Some(Frame::Dictionary { entries, key: Some(key) }) => {
                self.stack.push(Frame::Dictionary { entries, key: Some(key) });
                return Err(Fault::Misplaced { found: format!("</{name}>"), expected: "the value of a key" });
            }
            Some(Frame::Dictionary { mut entries, key: None }) => {
                self.budget.fit(&mut entries);
                self.budget.spend_bytes(entries.len(), Dictionary::ENTRY_BYTES - size_of::<Entry>())?;
                uid(&entries).unwrap_or_else(|| Value::Dictionary(Dictionary::from_entries(entries)))
            }
        };
        self.add(value)
    }

    fn start_plist(&mut self) -> Result<(), Fault> {
        if self.plist != Plist::Unseen || self.root.is_some() || !self.stack.is_empty() {
            return Err(Fault::Misplaced { found: "<plist>".to_owned(), expected: "a value or the end" });
        }
        self.plist = Plist::Open;
        Ok(())
    }

    fn open(&mut self, frame: Frame) -> Result<(), Fault> {
        self.budget.check_depth(self.stack.len())?;
        self.stack.push(frame);
        Ok(())
    }

    /// Refuses the value `<name>` where none may be.
    fn expect_value(&self, name: &str) -> Result<(), Fault> {
        let expected = match self.stack.last() {
            Some(Frame::Dictionary { key: None, .. }) => "<key> or </dict>",
            None if self.root.is_some() => "the end (a property list is one value)",
            None if self.plist == Plist::Closed => "the end",
            _ => return Ok(()),
        };
        Err(Fault::Misplaced { found: format!("<{name}>"), expected })
    }

    /// Puts a complete value where it belongs.
    fn add(&mut self, value: Value) -> Result<(), Fault> {
        match self.stack.last_mut() {
            Some(Frame::Array(values)) => self.budget.push(values, value),
            Some(Frame::Dictionary { entries, key }) => match key.take() {
                Some(key) => self.budget.push(entries, (key, value)),
                None => Ok(()),
            },
            None => {
                self.root = Some(value);
                Ok(())
            }
        }
    }

    fn key(&mut self) -> Result<(), Fault> {
        if !matches!(self.stack.last(), Some(Frame::Dictionary { key: None, .. })) {
            return Err(Fault::Misplaced { found: "<key>".to_owned(), expected: "a value" });
        }
        self.budget.spend_objects(1)?;
        let text = self.string()?;
        if let Some(Frame::Dictionary { key, .. }) = self.stack.last_mut() {
            *key = Some(text);
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        self.content(&mut text)?;
        self.budget.fit_str(&mut text);
        Ok(text)
    }

    fn data(&mut self) -> Result<Vec<u8>, Fault> {
        let mut data = Base64::default();
        self.content(&mut data)?;
        data.finish(&mut self.budget)
    }

    /// Reads the text of an element and gives it to `parse`.
    fn scalar<T: Into<Value>>(
        &mut self,
        parse: impl Fn(&str) -> Option<T>,
        fault: impl Fn(String) -> Fault,
    ) -> Result<Value, Fault> {
        let mut text = String::new();
        self.content(&mut text)?;
        self.budget.give_back(text.capacity());
        parse(&text).map(Into::into).ok_or_else(|| fault(excerpt(&text)))
    }

    /// Adds to `content` what stands before the end tag, and passes over that.
    fn content(&mut self, content: &mut impl Content) -> Result<(), Fault> {
        let start = self.at;
        loop {
            match self.event()? {
                Event::Text(piece) => self.add_lines(content, &piece)?,
                Event::CData(piece) => self.add_lines(content, &piece)?,
                Event::GeneralRef(reference) => {
                    let found = resolve(&reference)?;
                    content.add(found.encode_utf8(&mut [0; 4]), &mut self.budget)?;
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) => {}
                Event::Start(tag) | Event::Empty(tag) => {
                    let found = format!("<{}>", excerpt(tag.name().as_ref()));
                    return Err(Fault::Misplaced { found, expected: "text or an end tag" });
                }
                Event::End(_) => {
                    // What is wrong with a text is wrong from its start tag on.
                    self.at = start;
                    return Ok(());
                }
                Event::Eof => return Err(Fault::Truncated),
            }
        }
    }

    /// Adds `piece` with its line ends made `\n` (XML 1.0, section 2.11).
    fn add_lines(&mut self, content: &mut impl Content, piece: &str) -> Result<(), Fault> {
        for (line, part) in piece.split('\r').enumerate() {
            if line > 0 && !part.starts_with('\n') {
                content.add("\n", &mut self.budget)?;
            }
            content.add(part, &mut self.budget)?;
        }
        Ok(())
    }

    fn event(&mut self) -> Result<Event<'a>, Fault> {
        self.at = offset(self.xml.buffer_position());
        self.xml.read_event().map_err(|error| {
            self.at = offset(self.xml.error_position());
            match error {
                quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => Fault::BareAmpersand,
                quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
                    Fault::EndTag { found: excerpt(&found), expected: excerpt(&expected) }
                }
                quick_xml::Error::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
                    Fault::EndTag { found: excerpt(&found), expected: String::new() }
                }
                // Markup of no known kind; all the other errors of syntax are markup without its end.
                quick_xml::Error::Syntax(error @ SyntaxError::InvalidBangMarkup) => {
                    Fault::Syntax { reason: error.to_string() }
                }
                quick_xml::Error::Syntax(_) => Fault::Truncated,
                quick_xml::Error::IllFormed(error) => {
                    Fault::Syntax { reason: shorten(&error.to_string(), 120) }
                }
                other => Fault::Syntax { reason: shorten(&other.to_string(), 120) },
            }
        })
    }

    fn misplaced_text(&self, text: &str) -> Fault {
        let found = format!("the text `{}`", excerpt(text.trim_start()));
        let expected = match self.stack.last() {
            Some(Frame::Dictionary { key: None, .. }) => "<key> or </dict>",
            _ if self.stack.is_empty() && self.root.is_some() => "the end",
            _ => "a value",
        };
        Fault::Misplaced { found, expected }
    }
}

/// The UID that a dictionary stands for: Apple's readers take one with the only key `CF$UID` for that.
fn uid(entries: &[Entry]) -> Option<Value> {
    match entries {
        [(key, Value::Integer(number))] if key == "CF$UID" => number.as_u64().map(Value::Uid),
        _ => None,
    }
}

/// The character that `&reference;` stands for.
fn resolve(reference: &str) -> Result<char, Fault> {
    Ok(match reference {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => {
            let Some(number) = reference.strip_prefix('#') else {
                return Err(Fault::Entity { name: excerpt(reference) });
            };
            let (radix, digits) = match number.strip_prefix('x') {
                Some(digits) => (16, digits),
                None => (10, number),
            };
            digits
                .starts_with(|first: char| first.is_digit(radix))
                .then(|| u32::from_str_radix(digits, radix).ok())
                .flatten()
                .and_then(char::from_u32)
                .filter(|found| *found != '\0')
                .ok_or_else(|| Fault::CharacterReference { reference: excerpt(reference) })?
        }
    })
}

/// Whether `text` is white space alone, as XML counts it.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
