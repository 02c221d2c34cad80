use bounded_plist::{Dictionary, Value};
use time::UtcDateTime;

/// What another reader read, as a value of ours.
pub(super) fn from_plist(value: &plist::Value) -> Value {
    match value {
        plist::Value::Array(values) => values.iter().map(from_plist).collect(),
        plist::Value::Boolean(truth) => Value::from(*truth),
        plist::Value::Data(bytes) => Value::from(bytes.clone()),
        plist::Value::Date(moment) => Value::from(UtcDateTime::from(std::time::SystemTime::from(*moment))),
        plist::Value::Dictionary(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), from_plist(value)));
            Value::from(entries.collect::<Dictionary>())
        }
        plist::Value::Integer(number) => {
            let number = number.as_signed().map(i128::from).or(number.as_unsigned().map(i128::from));
            Value::from(number.expect("its integers are of 64 bits"))
        }
        plist::Value::Real(number) => Value::from(*number),
        plist::Value::String(text) => Value::from(text.as_str()),
        plist::Value::Uid(uid) => Value::Uid(uid.get()),
        other => unreachable!("{other:?}"),
    }
}

/// A value of ours as another writer takes it.
pub(super) fn to_plist(value: &Value) -> plist::Value {
    match value {
        Value::Array(values) => plist::Value::Array(values.iter().map(to_plist).collect()),
        Value::Boolean(truth) => plist::Value::Boolean(*truth),
        Value::Data(bytes) => plist::Value::Data(bytes.clone()),
        Value::Date(moment) => plist::Value::Date(std::time::SystemTime::from(*moment).into()),
        Value::Dictionary(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.to_owned(), to_plist(value)));
            plist::Value::Dictionary(entries.collect())
        }
        Value::Integer(number) => plist::Value::Integer(match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_u64().expect("its integers are of 64 bits").into(),
        }),
        Value::Real(number) => plist::Value::Real(*number),
        Value::String(text) => plist::Value::String(text.clone()),
        Value::Uid(uid) => plist::Value::Uid(plist::Uid::new(*uid)),
    }
}
