/// Something that was looked for, and what came of it.
///
/// The four answers are judged differently: what is absent is judged, what is unreadable is judged too, what was
/// not measured is skipped. Reasons are sentences without a capital or a full stop, fit to follow a colon.
///
/// ```
/// use ipa::Fact;
///
/// let version = Fact::Known("1.2");
/// assert_eq!(version.known(), Some(&"1.2"));
/// assert_eq!(version.map(str::len), Fact::Known(3));
/// assert_eq!(Fact::<u8>::Absent.known(), None);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fact<T> {
    /// It is there, and this is it.
    Known(T),
    /// It was looked for and is not there.
    Absent,
    /// It is there, yet makes no sense; the text says why.
    Unreadable(String),
    /// It was not looked for; the text says why.
    NotMeasured(String),
}

impl<T> Fact<T> {
    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unreadable(_) | Self::NotMeasured(_) => None,
        }
    }

    /// The value itself, if it is known.
    #[must_use]
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unreadable(_) | Self::NotMeasured(_) => None,
        }
    }

    /// Whether it was looked for and is not there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same fact about a borrowed value.
    #[must_use]
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value) => Fact::Known(value),
            Self::Absent => Fact::Absent,
            Self::Unreadable(reason) => Fact::Unreadable(reason.clone()),
            Self::NotMeasured(reason) => Fact::NotMeasured(reason.clone()),
        }
    }

    /// The same fact about a value made from this one.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|value| Fact::Known(make(value)))
    }

    /// What `look` finds in the known value; any other fact stays what it is.
    #[must_use]
    pub fn and_then<U>(self, look: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Known(value) => look(value),
            Self::Absent => Fact::Absent,
            Self::Unreadable(reason) => Fact::Unreadable(reason),
            Self::NotMeasured(reason) => Fact::NotMeasured(reason),
        }
    }

    /// This fact, or `other()` when it is absent.
    #[must_use]
    pub fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_absent() { other() } else { self }
    }
}

/// [`Fact::Known`], or [`Fact::Unreadable`] with what the error says.
impl<T, E: std::fmt::Display> From<Result<T, E>> for Fact<T> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

/// [`Fact::Known`], or [`Fact::Absent`].
impl<T> From<Option<T>> for Fact<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_value_is_looked_into() {
        for (fact, expected) in [
            (Fact::Known(2), Fact::Known(4)),
            (Fact::Known(3), Fact::Absent),
            (Fact::Absent, Fact::Absent),
            (Fact::Unreadable("odd".to_owned()), Fact::Unreadable("odd".to_owned())),
            (Fact::NotMeasured("far".to_owned()), Fact::NotMeasured("far".to_owned())),
        ] {
            assert_eq!(
                fact.and_then(|value| if value % 2 == 0 { Fact::Known(value * 2) } else { Fact::Absent }),
                expected
            );
        }
    }

    #[test]
    fn only_an_absent_value_is_replaced() {
        assert_eq!(Fact::Absent.or_else(|| Fact::Known(1)), Fact::Known(1));
        assert_eq!(Fact::Known(2).or_else(|| Fact::Known(1)), Fact::Known(2));
        let unreadable = Fact::<u8>::Unreadable("odd".to_owned());
        assert_eq!(unreadable.clone().or_else(|| Fact::Known(1)), unreadable);
    }
}
