use time::UtcDateTime;

use super::EPOCH;
use super::layout::{Layout, number};
use crate::budget::Budget;
use crate::dictionary::Entry;
use crate::key_path::{Step, key_path};
use crate::{Dictionary, Fault, Integer, Limits, ReadError, Value};

/// Reads a binary property list.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Value, ReadError> {
    let layout = Layout::read(bytes).map_err(|fault| {
        let offset = match fault {
            Fault::Trailer { .. } => bytes.len() - 32,
            _ => bytes.len(),
        };
        ReadError { fault, offset, path: String::new() }
    })?;
    let open = vec![false; layout.objects];
    let mut reader = Reader { layout, budget: Budget::new(limits), stack: Vec::new(), open, at: 0 };
    reader.run().map_err(|fault| ReadError {
        fault,
        offset: reader.at,
        path: key_path(reader.stack.iter().filter_map(Frame::step)),
    })
}

struct Reader<'a> {
    layout: Layout<'a>,
    budget: Budget,
    /// The arrays and dictionaries that are open, outermost first.
    stack: Vec<Frame>,
    /// Which objects are on the stack: one that holds itself would never end.
    open: Vec<bool>,
    /// Where the object at hand begins.
    at: usize,
}

/// An array or dictionary of which values are still to be read.
struct Frame {
    index: usize,
    offset: usize,
    references: usize,
    count: usize,
    content: Content,
}

enum Content {
    Array(Vec<Value>),
    Dictionary { entries: Vec<Entry>, key: Option<String> },
}

/// An object, read as far as it goes without the objects it refers to.
enum Object {
    Value(Value),
    Container { references: usize, count: usize, content: Content },
}

impl Frame {
    fn step(&self) -> Option<Step<'_>> {
        match &self.content {
            Content::Array(values) => Some(Step::Index(values.len())),
            Content::Dictionary { key, .. } => key.as_deref().map(Step::Key),
        }
    }
}

impl Reader<'_> {
    fn run(&mut self) -> Result<Value, Fault> {
        self.budget.spend_objects(1)?;
        self.budget.spend_bytes(1, size_of::<Value>())?;
        let mut complete = self.visit(self.layout.outermost)?;
        loop {
            let Some(frame) = self.stack.last_mut() else {
                // Only a value that is complete leaves the stack empty.
                return complete.ok_or(Fault::Truncated);
            };
            if let Some(value) = complete.take() {
                match &mut frame.content {
                    Content::Array(values) => values.push(value),
                    Content::Dictionary { entries, key } => {
                        entries.extend(key.take().map(|key| (key, value)));
                    }
                }
            }
            self.at = frame.offset;
            complete = match &mut frame.content {
                Content::Array(values) if values.len() < frame.count => {
                    let index = self.layout.reference(frame.references, values.len())?;
                    self.visit(index)?
                }
                Content::Dictionary { entries, .. } if entries.len() < frame.count => {
                    let position = entries.len();
                    let (references, count) = (frame.references, frame.count);
                    let name = self.layout.reference(references, position)?;
                    let name = self.key(name)?;
                    if let Some(Frame { content: Content::Dictionary { key, .. }, .. }) =
                        self.stack.last_mut()
                    {
                        *key = Some(name);
                    }
                    let index = self.layout.reference(references, count + position)?;
                    self.visit(index)?
                }
                _ => self.close(),
            };
        }
    }

    /// Reads the object `index`; an array or dictionary that is not empty goes on the stack instead.
    fn visit(&mut self, index: usize) -> Result<Option<Value>, Fault> {
        self.at = self.layout.offset(index)?;
        if self.open[index] {
            return Err(Fault::Cycle { index: index as u64 });
        }
        match self.object()? {
            Object::Value(value) => Ok(Some(value)),
            Object::Container { references, count, content } => {
                self.open[index] = true;
                self.stack.push(Frame { index, offset: self.at, references, count, content });
                Ok(None)
            }
        }
    }

    /// Takes the complete array or dictionary from the stack.
    fn close(&mut self) -> Option<Value> {
        let frame = self.stack.pop()?;
        self.open[frame.index] = false;
        Some(match frame.content {
            Content::Array(values) => Value::Array(values),
            Content::Dictionary { entries, .. } => Value::Dictionary(Dictionary::from_entries(entries)),
        })
    }

    /// The string at `index`, as a key.
    fn key(&mut self, index: usize) -> Result<String, Fault> {
        self.at = self.layout.offset(index)?;
        match self.layout.take(self.at, 1, 1)?[0] {
            0x50..=0x6f => match self.object()? {
                Object::Value(Value::String(text)) => Ok(text),
                _ => Err(Fault::Extent),
            },
            marker => Err(Fault::Misplaced {
                found: format!("an object marked {marker:#04x}"),
                expected: "a key, which is a string,",
            }),
        }
    }

    /// Reads the object at hand.
    fn object(&mut self) -> Result<Object, Fault> {
        let marker = self.layout.take(self.at, 1, 1)?[0];
        let body = self.at + 1;
        let value = match marker {
            0x08 => Value::Boolean(false),
            0x09 => Value::Boolean(true),
            0x10..=0x14 => Value::Integer(self.integer(body, 1 << (marker & 0x0f))?),
            0x22 => Value::Real(f32::from_be_bytes(self.array(body)?).into()),
            0x23 => Value::Real(f64::from_be_bytes(self.array(body)?)),
            0x33 => Value::Date(date(f64::from_be_bytes(self.array(body)?))?),
            0x40..=0x4f => Value::Data(self.data(marker)?),
            0x50..=0x5f => Value::String(self.ascii(marker)?),
            0x60..=0x6f => Value::String(self.utf16(marker)?),
            0x80..=0x8f => Value::Uid(self.uid(body, usize::from(marker & 0x0f) + 1)?),
            0xa0..=0xaf => return self.open_array(marker),
            0xd0..=0xdf => return self.open_dictionary(marker),
            _ => return Err(Fault::Marker { marker }),
        };
        Ok(Object::Value(value))
    }

    fn open_array(&mut self, marker: u8) -> Result<Object, Fault> {
        let Extent { count, body } = self.extent(marker)?;
        self.layout.take(body, count, self.layout.reference_size)?;
        self.budget.check_depth(self.stack.len())?;
        self.budget.spend_objects(count)?;
        self.budget.spend_bytes(count, size_of::<Value>())?;
        let content = Content::Array(Vec::with_capacity(count));
        Ok(Object::Container { references: body, count, content })
    }

    fn open_dictionary(&mut self, marker: u8) -> Result<Object, Fault> {
        let Extent { count, body } = self.extent(marker)?;
        self.layout.take(body, count, 2 * self.layout.reference_size)?;
        self.budget.check_depth(self.stack.len())?;
        self.budget.spend_objects(2 * count)?;
        self.budget.spend_bytes(count, Dictionary::ENTRY_BYTES)?;
        let content = Content::Dictionary { entries: Vec::with_capacity(count), key: None };
        Ok(Object::Container { references: body, count, content })
    }

    fn data(&mut self, marker: u8) -> Result<Vec<u8>, Fault> {
        let Extent { count, body } = self.extent(marker)?;
        let bytes = self.layout.take(body, count, 1)?;
        self.budget.check_string(count)?;
        self.budget.spend_bytes(count, 1)?;
        Ok(bytes.to_vec())
    }

    fn ascii(&mut self, marker: u8) -> Result<String, Fault> {
        let Extent { count, body } = self.extent(marker)?;
        let bytes = self.layout.take(body, count, 1)?;
        self.budget.check_string(count)?;
        self.budget.spend_bytes(count, 1)?;
        if let Ok(text) = std::str::from_utf8(bytes)
            && text.is_ascii()
        {
            return Ok(text.to_owned());
        }
        let byte = bytes.iter().copied().find(|byte| !byte.is_ascii()).unwrap_or_default();
        Err(Fault::NotAscii { byte })
    }

    fn utf16(&mut self, marker: u8) -> Result<String, Fault> {
        let Extent { count, body } = self.extent(marker)?;
        let bytes = self.layout.take(body, count, 2)?;
        // No unit takes less than a byte as UTF-8: nothing too long is looked at.
        self.budget.check_string(count)?;
        let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
        let characters =
            char::decode_utf16(units).map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
        let length = characters.clone().map(char::len_utf8).sum();
        self.budget.check_string(length)?;
        self.budget.spend_bytes(length, 1)?;
        let mut text = String::with_capacity(length);
        text.extend(characters);
        Ok(text)
    }

    /// Integers of 1, 2 and 4 bytes have no sign; those of 8 and 16 do.
    fn integer(&self, body: usize, size: usize) -> Result<Integer, Fault> {
        let bytes = self.layout.take(body, size, 1)?;
        Ok(match size {
            16 => i128::from_be_bytes(self.array(body)?).into(),
            8 => i64::from_be_bytes(self.array(body)?).into(),
            _ => number(bytes).into(),
        })
    }

    fn uid(&self, body: usize, size: usize) -> Result<u64, Fault> {
        let bytes = self.layout.take(body, size, 1)?;
        if size > 8 { Err(Fault::UidRange) } else { Ok(number(bytes)) }
    }

    /// How many items the object at hand has, and where they begin: a count of 15 means that an integer object with
    /// the true count comes first.
    fn extent(&self, marker: u8) -> Result<Extent, Fault> {
        let body = self.at + 1;
        if marker & 0x0f < 0x0f {
            return Ok(Extent { count: usize::from(marker & 0x0f), body });
        }
        let size = match self.layout.take(body, 1, 1)?[0] {
            marker @ 0x10..=0x13 => 1 << (marker & 0x0f),
            marker => return Err(Fault::Marker { marker }),
        };
        let count = number(self.layout.take(body + 1, size, 1)?);
        let count = usize::try_from(count).map_err(|_| Fault::Extent)?;
        Ok(Extent { count, body: body + 1 + size })
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Fault> {
        self.layout.take(at, N, 1)?.try_into().map_err(|_| Fault::Extent)
    }
}

struct Extent {
    count: usize,
    body: usize,
}

fn date(seconds: f64) -> Result<UtcDateTime, Fault> {
    let refuse = Fault::DateRange { seconds };
    // Ten thousand years are 3.2e11 seconds.
    if seconds.is_nan() || seconds.abs() > 1e12 {
        return Err(refuse);
    }
    let whole = seconds.floor();
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e12, and one up to 1e9")]
    let (whole, nanoseconds) = (whole as i64, ((seconds - whole) * 1e9).round() as i64);
    let nanoseconds = i128::from(whole + EPOCH) * 1_000_000_000 + i128::from(nanoseconds);
    UtcDateTime::from_unix_timestamp_nanos(nanoseconds).map_err(|_| refuse)
}
