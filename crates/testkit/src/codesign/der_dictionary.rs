//! Property lists in DER, as Apple writes entitlements and profiles since 2021.

use time::{OffsetDateTime, UtcDateTime};

use crate::der;
use crate::plist::{Dictionary, Value};

/// Entitlements: version 1 and a dictionary, its keys in order.
///
/// # Panics
///
/// On numbers with a fraction, which the format does not have.
#[must_use]
pub fn der_entitlements(entitlements: &Dictionary) -> Vec<u8> {
    der::tlv(0x70, &[der::unsigned(&[1]), dictionary(entitlements)].concat())
}

/// A dictionary at the top, as in a profile: a SET of pairs. Entitlements inside are written as by
/// [`der_entitlements`].
///
/// # Panics
///
/// As [`der_entitlements`].
#[must_use]
pub fn der_dictionary(keys: &Dictionary) -> Vec<u8> {
    let pairs = keys.iter().map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("Entitlements", Value::Dictionary(inner)) => der_entitlements(inner),
            _ => encoded(value),
        };
        der::sequence(&[&der::utf8(key), &value])
    });
    der::set_of(&pairs.collect::<Vec<_>>())
}

fn dictionary(keys: &Dictionary) -> Vec<u8> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_by_key(|(key, _)| *key);
    let pairs = keys.into_iter().map(|(key, value)| der::sequence(&[&der::utf8(key), &encoded(value)]));
    der::tlv(0xb0, &pairs.collect::<Vec<_>>().concat())
}

fn encoded(value: &Value) -> Vec<u8> {
    match value {
        Value::Boolean(true) => der::boolean_true(),
        Value::Boolean(false) => der::tlv(0x01, &[0]),
        Value::String(text) => der::utf8(text),
        Value::Data(bytes) => der::octets(bytes),
        Value::Integer(number) => {
            let number = number.as_unsigned().expect("the numbers here are not negative");
            der::unsigned(&number.to_be_bytes())
        }
        Value::Date(date) => {
            der::time(UtcDateTime::from(OffsetDateTime::from(std::time::SystemTime::from(*date))))
        }
        Value::Array(values) => der::tlv(0x30, &values.iter().flat_map(encoded).collect::<Vec<_>>()),
        Value::Dictionary(inner) => dictionary(inner),
        other => unreachable!("{other:?} has no form in DER"),
    }
}
