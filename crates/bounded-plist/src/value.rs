use std::fmt;

use crate::{Dictionary, Integer, UtcDateTime};

/// One value of a property list.
///
/// ```
/// use bounded_plist::{Dictionary, Value};
///
/// let value = Value::from(Dictionary::from([("title", "R&D <β>")]));
/// assert_eq!(value.get("title").and_then(Value::as_str), Some("R&D <β>"));
/// assert_eq!(value.get("subtitle"), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Values in order.
    Array(Vec<Value>),
    /// True or false.
    Boolean(bool),
    /// Bytes.
    Data(Vec<u8>),
    /// A moment, −9999 … 9999. XML carries whole seconds only.
    Date(UtcDateTime),
    /// Values under keys.
    Dictionary(Dictionary),
    /// A whole number.
    Integer(Integer),
    /// A floating-point number, infinities and not-a-number included.
    Real(f64),
    /// Text.
    String(String),
    /// A reference within a keyed archive. XML has no form of its own for it: like Apple's readers and writers, it is
    /// a dictionary with the one key `CF$UID` there.
    Uid(u64),
}

/// What a [`Value`] is, to be named in messages.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "one for each variant of `Value`, described there")]
pub enum Kind {
    Array,
    Boolean,
    Data,
    Date,
    Dictionary,
    Integer,
    Real,
    String,
    Uid,
}

impl Kind {
    /// The name in lower case: `"array"`, `"boolean"`, `"data"`, `"date"`, `"dictionary"`, `"integer"`, `"real"`,
    /// `"string"`, `"uid"`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Data => "data",
            Self::Date => "date",
            Self::Dictionary => "dictionary",
            Self::Integer => "integer",
            Self::Real => "real",
            Self::String => "string",
            Self::Uid => "uid",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Value {
    /// What the value is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Array(_) => Kind::Array,
            Self::Boolean(_) => Kind::Boolean,
            Self::Data(_) => Kind::Data,
            Self::Date(_) => Kind::Date,
            Self::Dictionary(_) => Kind::Dictionary,
            Self::Integer(_) => Kind::Integer,
            Self::Real(_) => Kind::Real,
            Self::String(_) => Kind::String,
            Self::Uid(_) => Kind::Uid,
        }
    }

    /// The value under `key`, or `None` when this is no dictionary or the key is not there.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_dictionary()?.get(key)
    }

    /// The values of an array, or `None` when this is none.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// The values of an array, or the value back when it is none.
    ///
    /// # Errors
    ///
    /// The value itself.
    pub fn into_array(self) -> Result<Vec<Value>, Self> {
        if let Self::Array(values) = self { Ok(values) } else { Err(self) }
    }

    /// The boolean, or `None` when this is none. A number is no boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Boolean(truth) = self { Some(*truth) } else { None }
    }

    /// The bytes of a data, or `None` when this is none.
    #[must_use]
    pub fn as_data(&self) -> Option<&[u8]> {
        if let Self::Data(bytes) = self { Some(bytes) } else { None }
    }

    /// The bytes of a data, or the value back when it is none.
    ///
    /// # Errors
    ///
    /// The value itself.
    pub fn into_data(self) -> Result<Vec<u8>, Self> {
        if let Self::Data(bytes) = self { Ok(bytes) } else { Err(self) }
    }

    /// The moment, or `None` when this is no date.
    #[must_use]
    pub const fn as_date(&self) -> Option<UtcDateTime> {
        if let Self::Date(moment) = self { Some(*moment) } else { None }
    }

    /// The dictionary, or `None` when this is none.
    #[must_use]
    pub const fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    /// The dictionary, or the value back when it is none.
    ///
    /// # Errors
    ///
    /// The value itself.
    pub fn into_dictionary(self) -> Result<Dictionary, Self> {
        if let Self::Dictionary(dictionary) = self { Ok(dictionary) } else { Err(self) }
    }

    /// The whole number, or `None` when this is none. A real is no integer.
    #[must_use]
    pub const fn as_integer(&self) -> Option<Integer> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// The floating-point number, or `None` when this is none. An integer is no real.
    #[must_use]
    pub const fn as_real(&self) -> Option<f64> {
        if let Self::Real(number) = self { Some(*number) } else { None }
    }

    /// The text, or `None` when this is no string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The text, or the value back when it is no string.
    ///
    /// # Errors
    ///
    /// The value itself.
    pub fn into_string(self) -> Result<String, Self> {
        if let Self::String(text) = self { Ok(text) } else { Err(self) }
    }

    /// The reference within a keyed archive, or `None` when this is none.
    #[must_use]
    pub const fn as_uid(&self) -> Option<u64> {
        if let Self::Uid(uid) = self { Some(*uid) } else { None }
    }
}

macro_rules! wrap {
    ($($kind:ty => $variant:ident,)*) => {$(
        impl From<$kind> for Value {
            fn from(value: $kind) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

wrap! {
    bool => Boolean,
    Vec<u8> => Data,
    &[u8] => Data,
    UtcDateTime => Date,
    Dictionary => Dictionary,
    Integer => Integer,
    i8 => Integer,
    u8 => Integer,
    i16 => Integer,
    i32 => Integer,
    i64 => Integer,
    i128 => Integer,
    u16 => Integer,
    u32 => Integer,
    u64 => Integer,
    f64 => Real,
    String => String,
    &str => String,
    &String => String,
    Vec<Value> => Array,
}

impl<const N: usize> From<[Value; N]> for Value {
    /// An array: `Value::from([1.into(), "two".into()])`.
    fn from(values: [Value; N]) -> Self {
        Self::Array(values.into())
    }
}

impl<V: Into<Value>> FromIterator<V> for Value {
    /// An array.
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_sees_its_own_kind_alone() {
        let values = [
            Value::from(vec![Value::from(true)]),
            Value::from(true),
            Value::from(vec![1_u8, 2]),
            Value::from(UtcDateTime::UNIX_EPOCH),
            Value::from(Dictionary::new()),
            Value::from(7),
            Value::from(7.5),
            Value::from("seven"),
            Value::Uid(7),
        ];
        for value in &values {
            let seen = [
                (Kind::Array, value.as_array().is_some()),
                (Kind::Boolean, value.as_bool().is_some()),
                (Kind::Data, value.as_data().is_some()),
                (Kind::Date, value.as_date().is_some()),
                (Kind::Dictionary, value.as_dictionary().is_some()),
                (Kind::Integer, value.as_integer().is_some()),
                (Kind::Real, value.as_real().is_some()),
                (Kind::String, value.as_str().is_some()),
                (Kind::Uid, value.as_uid().is_some()),
            ];
            for (kind, seen) in seen {
                assert_eq!(seen, kind == value.kind(), "{value:?} seen as {kind}");
            }
            let owned = [
                (Kind::Array, value.clone().into_array().map(Value::from)),
                (Kind::Data, value.clone().into_data().map(Value::from)),
                (Kind::Dictionary, value.clone().into_dictionary().map(Value::from)),
                (Kind::String, value.clone().into_string().map(Value::from)),
            ];
            for (kind, owned) in owned {
                assert_eq!(owned.is_ok(), kind == value.kind(), "{value:?} taken as {kind}");
                assert_eq!(owned.unwrap_or_else(|back| back), *value);
            }
        }
    }

    #[test]
    fn a_value_stays_small() {
        assert!(size_of::<Value>() <= 56, "{} bytes", size_of::<Value>());
    }
}
