use std::fmt;

/// A whole number: any `i128`.
///
/// Apple's own readers and writers stay within −2^63 … 2^64−1; only a binary property list can carry more.
///
/// ```
/// use bounded_plist::Integer;
///
/// let family = Integer::from(2);
/// assert_eq!(u8::try_from(family), Ok(2));
/// assert!(u8::try_from(Integer::from(-1)).is_err());
/// ```
// Two halves instead of an `i128` keep the alignment, and with it every `Value`, at eight bytes. The derived order
// is the numeric one: the signed half decides first.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Integer {
    high: i64,
    low: u64,
}

impl Integer {
    /// The number as an `i128`, which holds every one.
    #[must_use]
    pub const fn as_i128(self) -> i128 {
        (self.high as i128) << 64 | self.low as i128
    }

    /// The number as an `i64`, or `None` when it is out of its range.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        i64::try_from(self.as_i128()).ok()
    }

    /// The number as a `u64`, or `None` when it is out of its range.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        u64::try_from(self.as_i128()).ok()
    }
}

/// A number does not fit the type asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{number} does not fit {kind}")]
#[non_exhaustive]
pub struct IntegerError {
    /// The number.
    pub number: Integer,
    /// The name of the type asked for.
    pub kind: &'static str,
}

impl From<i128> for Integer {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the two halves, whose bits are what is wanted"
    )]
    fn from(number: i128) -> Self {
        Self { high: (number >> 64) as i64, low: number as u64 }
    }
}

impl From<Integer> for i128 {
    fn from(number: Integer) -> Self {
        number.as_i128()
    }
}

macro_rules! convert {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Integer {
            fn from(number: $kind) -> Self {
                Self::from(i128::from(number))
            }
        }

        impl TryFrom<Integer> for $kind {
            type Error = IntegerError;

            fn try_from(number: Integer) -> Result<Self, IntegerError> {
                Self::try_from(number.as_i128())
                    .map_err(|_| IntegerError { number, kind: stringify!($kind) })
            }
        }
    )*};
}

convert!(i8 i16 i32 i64 u8 u16 u32 u64);

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_i128().fmt(f)
    }
}

impl fmt::Debug for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_i128().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [i128; 11] = [
        i128::MIN,
        i64::MIN as i128 - 1,
        i64::MIN as i128,
        -1,
        0,
        1,
        i64::MAX as i128,
        i64::MAX as i128 + 1,
        u64::MAX as i128,
        u64::MAX as i128 + 1,
        i128::MAX,
    ];

    #[test]
    fn every_edge_comes_back() {
        for number in EDGES {
            assert_eq!(Integer::from(number).as_i128(), number);
            assert_eq!(Integer::from(number).to_string(), number.to_string());
            assert_eq!(Integer::from(number).as_i64(), i64::try_from(number).ok(), "{number}");
            assert_eq!(Integer::from(number).as_u64(), u64::try_from(number).ok(), "{number}");
        }
    }

    #[test]
    fn order_is_numeric() {
        assert!(EDGES.map(Integer::from).is_sorted());
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let error = u16::try_from(Integer::from(65_536)).unwrap_err();
        assert_eq!(error.to_string(), "65536 does not fit u16");
    }
}
