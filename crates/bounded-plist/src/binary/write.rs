use std::collections::HashMap;

use time::UtcDateTime;

use super::EPOCH;
use crate::{Integer, Value};

/// Writes `value` in Apple's binary form (`bplist00`): the same value gives the same bytes.
///
/// Objects are laid out as by Apple's writer: depth first, the keys of a dictionary before its values; equal strings,
/// numbers, dates and data stored once. Keys stay in their order. A date's fraction of a
/// second is kept as far as a double-precision number of seconds since 2001 can hold it.
///
/// ```
/// use bounded_plist::{Dictionary, Format, Limits, Value, read, write_binary};
///
/// let value = Value::from(Dictionary::from([("UIDeviceFamily", [1, 2].into_iter().collect::<Value>())]));
/// let bytes = write_binary(&value);
/// assert_eq!(Format::of(&bytes), Some(Format::Binary));
/// assert_eq!(read(&bytes, &Limits::default()), Ok(value));
/// ```
#[must_use]
pub fn write_binary(value: &Value) -> Vec<u8> {
    let objects = Objects::collect(value);
    let reference_size = size_of_number(objects.list.len() as u64);
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::with_capacity(objects.list.len());
    for object in &objects.list {
        offsets.push(bytes.len() as u64);
        write_object(&mut bytes, object, reference_size);
    }
    let table = bytes.len() as u64;
    let offset_size = size_of_number(table);
    for offset in offsets {
        write_number(&mut bytes, offset, offset_size);
    }
    bytes.extend([0; 6]);
    bytes.extend([offset_size, reference_size]);
    for field in [objects.list.len() as u64, 0, table] {
        bytes.extend(field.to_be_bytes());
    }
    bytes
}

/// The values of a property list, each with the indexes of those it refers to.
struct Objects<'a> {
    list: Vec<Object<'a>>,
    indexes: HashMap<Leaf<'a>, usize>,
}

enum Object<'a> {
    Leaf(Leaf<'a>),
    Array(Vec<usize>),
    /// First the keys, then the values.
    Dictionary(Vec<usize>),
}

/// A value that refers to no other, in the form in which equal ones are found.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
enum Leaf<'a> {
    Boolean(bool),
    Data(&'a [u8]),
    Date(UtcDateTime),
    Integer(Integer),
    Real(u64),
    String(&'a str),
    Uid(u64),
}

/// Something still to be numbered, and the place that waits for its index.
struct Pending<'a> {
    part: Part<'a>,
    parent: usize,
    position: usize,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Value(&'a Value),
}

impl<'a> Objects<'a> {
    /// Numbers `value` and all within it: the outermost first, then depth first, the keys of a dictionary before its
    /// values.
    fn collect(value: &'a Value) -> Self {
        let mut objects = Self { list: Vec::new(), indexes: HashMap::new() };
        let mut pending = Vec::new();
        objects.add(Part::Value(value), &mut pending);
        while let Some(next) = pending.pop() {
            let index = objects.add(next.part, &mut pending);
            if let Object::Array(references) | Object::Dictionary(references) = &mut objects.list[next.parent]
            {
                references[next.position] = index;
            }
        }
        objects
    }

    /// Numbers `part`; what it refers to becomes pending.
    fn add(&mut self, part: Part<'a>, pending: &mut Vec<Pending<'a>>) -> usize {
        let index = self.list.len();
        let wait = |(position, part)| Pending { part, parent: index, position };
        let leaf = match part {
            Part::Key(key) => Leaf::String(key),
            Part::Value(Value::Array(values)) => {
                self.list.push(Object::Array(vec![0; values.len()]));
                pending.extend(values.iter().map(Part::Value).enumerate().map(wait).rev());
                return index;
            }
            Part::Value(Value::Dictionary(entries)) => {
                let count = entries.len();
                self.list.push(Object::Dictionary(vec![0; 2 * count]));
                let values = entries.values().map(Part::Value).enumerate();
                pending.extend(values.map(|(at, part)| wait((count + at, part))).rev());
                pending.extend(entries.keys().map(Part::Key).enumerate().map(wait).rev());
                return index;
            }
            Part::Value(Value::Boolean(truth)) => Leaf::Boolean(*truth),
            Part::Value(Value::Data(bytes)) => Leaf::Data(bytes),
            Part::Value(Value::Date(moment)) => Leaf::Date(*moment),
            Part::Value(Value::Integer(number)) => Leaf::Integer(*number),
            Part::Value(Value::Real(number)) => Leaf::Real(number.to_bits()),
            Part::Value(Value::String(text)) => Leaf::String(text),
            Part::Value(Value::Uid(uid)) => Leaf::Uid(*uid),
        };
        let known = match leaf {
            Leaf::Uid(_) => index,
            _ => *self.indexes.entry(leaf).or_insert(index),
        };
        // Apple's writer stores every boolean, though only the first is referred to. So do we: many of its files come
        // back byte for byte.
        if known == index || matches!(leaf, Leaf::Boolean(_)) {
            self.list.push(Object::Leaf(leaf));
        }
        known
    }
}

fn write_object(to: &mut Vec<u8>, object: &Object, reference_size: u8) {
    let (kind, references) = match object {
        Object::Leaf(leaf) => return write_leaf(to, *leaf),
        Object::Array(references) => (0xa0, references),
        Object::Dictionary(references) => (0xd0, references),
    };
    let count = if kind == 0xd0 { references.len() / 2 } else { references.len() };
    write_marker(to, kind, count);
    for reference in references {
        write_number(to, *reference as u64, reference_size);
    }
}

fn write_leaf(to: &mut Vec<u8>, leaf: Leaf) {
    match leaf {
        Leaf::Boolean(truth) => to.push(0x08 | u8::from(truth)),
        Leaf::Data(bytes) => {
            write_marker(to, 0x40, bytes.len());
            to.extend(bytes);
        }
        Leaf::Date(moment) => {
            #[expect(clippy::cast_precision_loss, reason = "seconds of ten thousand years fit 53 bits")]
            let seconds = (moment.unix_timestamp() - EPOCH) as f64 + f64::from(moment.nanosecond()) / 1e9;
            to.push(0x33);
            to.extend(seconds.to_be_bytes());
        }
        Leaf::Integer(number) => write_integer(to, number),
        Leaf::Real(bits) => {
            to.push(0x23);
            to.extend(bits.to_be_bytes());
        }
        Leaf::String(text) if text.is_ascii() => {
            write_marker(to, 0x50, text.len());
            to.extend(text.as_bytes());
        }
        Leaf::String(text) => {
            write_marker(to, 0x60, text.encode_utf16().count());
            to.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        }
        Leaf::Uid(uid) => {
            let size = size_of_number(uid);
            to.push(0x80 | (size - 1));
            write_number(to, uid, size);
        }
    }
}

/// Integers of 1, 2 and 4 bytes have no sign; those of 8 and 16 do.
fn write_integer(to: &mut Vec<u8>, number: Integer) {
    if let Ok(number) = u8::try_from(number) {
        to.push(0x10);
        to.push(number);
    } else if let Ok(number) = u16::try_from(number) {
        to.push(0x11);
        to.extend(number.to_be_bytes());
    } else if let Ok(number) = u32::try_from(number) {
        to.push(0x12);
        to.extend(number.to_be_bytes());
    } else if let Ok(number) = i64::try_from(number) {
        to.push(0x13);
        to.extend(number.to_be_bytes());
    } else {
        to.push(0x14);
        to.extend(number.as_i128().to_be_bytes());
    }
}

/// The first byte of an object of `count` items, and the count where it does not fit there.
fn write_marker(to: &mut Vec<u8>, kind: u8, count: usize) {
    match u8::try_from(count) {
        Ok(small) if small < 15 => to.push(kind | small),
        _ => {
            to.push(kind | 0x0f);
            write_integer(to, Integer::from(count as u64));
        }
    }
}

/// The smallest of 1, 2, 4 and 8 bytes that hold `number`.
fn size_of_number(number: u64) -> u8 {
    match number {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

fn write_number(to: &mut Vec<u8>, number: u64, size: u8) {
    to.extend(&number.to_be_bytes()[8 - usize::from(size)..]);
}
