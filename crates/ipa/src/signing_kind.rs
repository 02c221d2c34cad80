use std::fmt;
use std::str::FromStr;

use crate::UnknownName;

/// What a provisioning profile lets its app do, and where.
///
/// Source: Apple, TN3125.
///
/// ```
/// use ipa::SigningKind;
///
/// assert_eq!("ad-hoc".parse(), Ok(SigningKind::AdHoc));
/// assert_eq!(SigningKind::InHouse.to_string(), "in-house");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SigningKind {
    /// Listed devices, debugging allowed; needs Developer Mode.
    Development,
    /// Listed devices.
    AdHoc,
    /// Any device of the organisation.
    InHouse,
    /// Only by the App Store or TestFlight: not installable over the air.
    AppStore,
}

impl SigningKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Development, Self::AdHoc, Self::InHouse, Self::AppStore];

    /// The stable name: `development`, `ad-hoc`, `in-house` or `app-store`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::AdHoc => "ad-hoc",
            Self::InHouse => "in-house",
            Self::AppStore => "app-store",
        }
    }
}

impl fmt::Display for SigningKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for SigningKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownName::new("signing kind", name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_name() {
        for kind in SigningKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!(
            "AdHoc".parse::<SigningKind>().unwrap_err().to_string(),
            "\"AdHoc\" is no known signing kind"
        );
    }
}
