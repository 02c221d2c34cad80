//! Dictionaries in DER: entitlements and profiles, as Apple writes them since 2021.
//!
//! The form is observed: a dictionary is `[16]` or a SET of pairs, a pair a SEQUENCE of key and value, entitlements
//! are `[APPLICATION 16]` around a version and a dictionary.

use bounded_plist::{Dictionary, Integer, Limits, Value};
use signed_data::{Element, Parts};

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const TEXT: u8 = 0x0c;
/// How profiles of 2021 write numbers (observed).
const DIGITS: u8 = 0x12;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSIONED: u8 = 0x70;
const DICTIONARY: u8 = 0xb0;

/// Why bytes are no dictionary in DER.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum DerError {
    #[error("no dictionary in DER: it begins with {0}")]
    Start(String),
    #[error("{0}")]
    Structure(&'static str),
    #[error("the key {0:?} stands there twice")]
    Twice(String),
    #[error("{what}, more than the {limit} allowed")]
    Limit { what: &'static str, limit: usize },
}

/// A list that the reader is in.
enum Open<'a> {
    Array(Parts<'a>, Vec<Value>),
    /// The key of the value that is being read is kept with it.
    Dictionary(Parts<'a>, Dictionary, Option<String>),
}

/// Reads a dictionary, with or without a version around it. Bytes behind it are ignored.
///
/// Of `limits` it heeds input, depth, objects and texts.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Dictionary, DerError> {
    if bytes.len() > limits.input_bytes {
        return Err(DerError::Limit { what: "it is longer", limit: limits.input_bytes });
    }
    let start = || DerError::Start(format!("{:02x?}", &bytes[..bytes.len().min(4)]));
    let first = Element::first(bytes).ok_or_else(start)?;
    let mut open = match first.tag {
        VERSIONED | SET | DICTIONARY => vec![dictionary(first)?],
        _ => return Err(start()),
    };
    let mut objects = 1;
    loop {
        let value = match open.last_mut() {
            Some(Open::Array(parts, _)) => next(parts)?,
            Some(Open::Dictionary(parts, _, key)) => match next(parts)? {
                Some(pair) => {
                    let (name, value) = entry(pair, limits)?;
                    *key = Some(name);
                    Some(value)
                }
                None => None,
            },
            None => return Err(DerError::Structure("a dictionary that nothing is in")),
        };
        let finished = match value {
            Some(element) => {
                objects += 1;
                if objects > limits.objects {
                    return Err(DerError::Limit { what: "more values", limit: limits.objects });
                }
                match element.tag {
                    SEQUENCE | SET | VERSIONED | DICTIONARY => {
                        if open.len() >= limits.depth {
                            return Err(DerError::Limit { what: "deeper", limit: limits.depth });
                        }
                        open.push(match element.tag {
                            SEQUENCE => Open::Array(element.parts(), Vec::new()),
                            _ => dictionary(element)?,
                        });
                        continue;
                    }
                    _ => primitive(element, limits)?,
                }
            }
            None => match open.pop() {
                Some(Open::Array(_, values)) => Value::Array(values),
                Some(Open::Dictionary(_, keys, _)) if open.is_empty() => return Ok(keys),
                Some(Open::Dictionary(_, keys, _)) => Value::Dictionary(keys),
                None => return Err(DerError::Structure("a dictionary that nothing is in")),
            },
        };
        match open.last_mut() {
            Some(Open::Array(_, values)) => values.push(finished),
            Some(Open::Dictionary(_, keys, key)) => {
                let key = key.take().unwrap_or_default();
                if keys.contains_key(&key) {
                    return Err(DerError::Twice(key.chars().take(100).collect()));
                }
                keys.insert(key, finished);
            }
            None => return Err(DerError::Structure("a dictionary that nothing is in")),
        }
    }
}

/// The next value, or none where the list ends as it says.
fn next<'a>(parts: &mut Parts<'a>) -> Result<Option<Element<'a>>, DerError> {
    match parts.next() {
        Some(element) => Ok(Some(element)),
        None if parts.is_empty() => Ok(None),
        None => Err(DerError::Structure("a value that is longer than what is around it")),
    }
}

fn dictionary(element: Element<'_>) -> Result<Open<'_>, DerError> {
    if element.tag != VERSIONED {
        return Ok(Open::Dictionary(element.parts(), Dictionary::new(), None));
    }
    let mut parts = element.parts();
    let version = parts.next().filter(|version| version.tag == INTEGER);
    let inner = parts.next().filter(|inner| matches!(inner.tag, DICTIONARY | SET));
    match (version, inner) {
        (Some(_), Some(inner)) if parts.is_empty() => {
            Ok(Open::Dictionary(inner.parts(), Dictionary::new(), None))
        }
        _ => Err(DerError::Structure("no version and dictionary where both belong")),
    }
}

fn entry<'a>(pair: Element<'a>, limits: &Limits) -> Result<(String, Element<'a>), DerError> {
    let mut parts = pair.parts();
    let key = parts.next().filter(|key| pair.tag == SEQUENCE && key.tag == TEXT);
    match (key, parts.next()) {
        (Some(key), Some(value)) if parts.is_empty() => Ok((text(key, limits)?, value)),
        _ => Err(DerError::Structure("something else where a key and a value belong")),
    }
}

fn primitive(element: Element<'_>, limits: &Limits) -> Result<Value, DerError> {
    Ok(match element.tag {
        BOOLEAN => Value::Boolean(element.content != [0]),
        INTEGER => Value::Integer(integer(element.content)?),
        DIGITS => text(element, limits)?
            .parse::<u64>()
            .map(Value::from)
            .map_err(|_| DerError::Structure("a number beyond 64 bits"))?,
        OCTETS => Value::Data(element.content.to_vec()),
        TEXT => Value::String(text(element, limits)?),
        UTC_TIME | GENERALIZED_TIME => {
            Value::Date(element.time().ok_or(DerError::Structure("a date that is none"))?)
        }
        _ => return Err(DerError::Structure("a value of a kind that such dictionaries do not have")),
    })
}

fn text(element: Element<'_>, limits: &Limits) -> Result<String, DerError> {
    if element.content.len() > limits.string_bytes {
        return Err(DerError::Limit { what: "a longer text", limit: limits.string_bytes });
    }
    str::from_utf8(element.content)
        .map(str::to_owned)
        .map_err(|_| DerError::Structure("text that is not UTF-8"))
}

/// Two's complement of at most 64 bits.
fn integer(content: &[u8]) -> Result<Integer, DerError> {
    let (Some(first), true) = (content.first(), content.len() <= 8) else {
        return Err(DerError::Structure("a number beyond 64 bits"));
    };
    let sign = if *first >= 0x80 { -1 } else { 0 };
    Ok(content.iter().fold(sign, |number: i64, digit| number << 8 | i64::from(*digit)).into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::codesign::{der_dictionary, der_entitlements};
    use testkit::plist;

    use super::*;

    fn list(pairs: &[(&str, plist::Value)]) -> plist::Dictionary {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    fn same(keys: &plist::Dictionary) -> Dictionary {
        let bytes = plist::encode(&plist::Value::Dictionary(keys.clone()), plist::Format::Xml);
        bounded_plist::read(&bytes, &Limits::default()).unwrap().into_dictionary().unwrap()
    }

    #[test]
    fn what_is_written_in_der_reads_as_what_is_written_in_xml() {
        let inner = list(&[("deep", plist::texts(["a", ""])), ("truth", true.into())]);
        let keys = list(&[
            ("lie", false.into()),
            ("number", 300.into()),
            ("zero", 0.into()),
            ("text", "Zoë".into()),
            ("empty", plist::Value::Array(Vec::new())),
            ("data", plist::Value::Data(vec![1, 2])),
            ("date", plist::date(time::macros::utc_datetime!(2051-01-01 1:02:03))),
            ("Entitlements", plist::Value::Dictionary(inner)),
        ]);
        for (bytes, form) in [(der_entitlements(&keys), "entitlements"), (der_dictionary(&keys), "a profile")]
        {
            assert_eq!(read(&bytes, &Limits::default()), Ok(same(&keys)), "{form}");
        }
        let digits = [0x31, 10, 0x30, 8, 0x0c, 1, b'n', 0x12, 3, b'3', b'0', b'0'];
        assert_eq!(read(&digits, &Limits::default()), Ok(same(&list(&[("n", 300.into())]))));
        let none = der_entitlements(&plist::Dictionary::new());
        assert_eq!(read(&none, &Limits::default()), Ok(Dictionary::new()));
    }

    #[test]
    fn what_is_none_is_refused_by_name() {
        let limits = Limits { depth: 3, objects: 4, string_bytes: 3, input_bytes: 40, ..Limits::default() };
        for (bytes, expected) in [
            (&[][..], "no dictionary in DER: it begins with []"),
            (&[0x30, 0], "no dictionary in DER: it begins with [30, 00]"),
            (&[0x31, 5], "no dictionary in DER: it begins with [31, 05]"),
            (&[0x70, 0], "no version and dictionary where both belong"),
            (&[0x31, 2, 0x30, 9], "a value that is longer than what is around it"),
            (&[0x31, 2, 0x30, 0], "something else where a key and a value belong"),
            (&[0x31, 7, 0x30, 5, 2, 1, 1, 1, 0], "something else where a key and a value belong"),
            (
                &[0x31, 7, 0x30, 5, 0x0c, 1, b'a', 5, 0],
                "a value of a kind that such dictionaries do not have",
            ),
            (&[0x31, 7, 0x30, 5, 0x0c, 1, 0xff, 4, 0], "text that is not UTF-8"),
            (&[0x31, 7, 0x30, 5, 0x0c, 1, b'a', 2, 0], "a number beyond 64 bits"),
            (&[0x31, 7, 0x30, 5, 0x0c, 1, b'a', 0x12, 0], "a number beyond 64 bits"),
            (&[0x31, 7, 0x30, 5, 0x0c, 1, b'a', 0x17, 0], "a date that is none"),
            (
                &[0x31, 14, 0x30, 5, 0x0c, 1, b'a', 4, 0, 0x30, 5, 0x0c, 1, b'a', 4, 0],
                "the key \"a\" stands there twice",
            ),
            (
                &[0x31, 13, 0x30, 11, 0x0c, 1, b'a', 0x30, 6, 0x30, 4, 0x30, 2, 4, 0],
                "deeper, more than the 3 allowed",
            ),
            (
                &[0x31, 15, 0x30, 13, 0x0c, 1, b'a', 0x30, 8, 4, 0, 4, 0, 4, 0, 4, 0],
                "more values, more than the 4 allowed",
            ),
            (
                &[0x31, 9, 0x30, 7, 0x0c, 1, b'a', 0x0c, 4, 1, 1, 1, 1],
                "something else where a key and a value belong",
            ),
            (
                &[0x31, 11, 0x30, 9, 0x0c, 1, b'a', 0x0c, 4, 1, 1, 1, 1],
                "a longer text, more than the 3 allowed",
            ),
            (&[0x31; 41], "it is longer, more than the 40 allowed"),
        ] {
            assert_eq!(read(bytes, &limits).unwrap_err().to_string(), expected, "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
            let _ = read(&bytes, &Limits::default());
            let keys = list(&[("a", plist::texts(["b", "c"])), ("d", plist::Value::Dictionary(list(&[("e", 1.into())])))]);
            let mut sound = der_entitlements(&keys);
            let end = sound.len();
            for (place, byte) in bytes.iter().take(3).enumerate() {
                sound[(at + place * 7) % end] = *byte;
            }
            let _ = read(&sound, &Limits::default());
        }
    }
}
