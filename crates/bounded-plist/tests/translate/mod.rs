use bounded_plist::{Dictionary, Value};
use time::UtcDateTime;

/// What another reader read, as a value of ours.
pub(crate) fn from_plist(value: &plist::Value) -> Value {
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
