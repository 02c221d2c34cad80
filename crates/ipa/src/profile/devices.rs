use std::fmt;

use bounded_plist::Dictionary;

use crate::Udid;
use crate::profile::is_true;

/// The devices a profile is for.
///
/// `Debug` counts them instead of naming them.
#[derive(Clone, Eq, PartialEq)]
pub enum Devices {
    /// Those listed (`ProvisionedDevices`), and no other; the list may be empty.
    Listed {
        /// Their identifiers, in the order of the profile.
        udids: Vec<Udid>,
        /// What else stands in the list, as text: made-up names, identifiers with a digit too few.
        odd: Vec<String>,
    },
    /// All (`ProvisionsAllDevices`).
    Any,
    /// None: the profile names neither (App Store).
    None,
}

impl Devices {
    pub(super) fn of(keys: &Dictionary) -> Self {
        if is_true(keys, "ProvisionsAllDevices") {
            return Self::Any;
        }
        let Some(listed) = keys.get("ProvisionedDevices") else { return Self::None };
        let (mut udids, mut odd) = (Vec::new(), Vec::new());
        for value in listed.as_array().unwrap_or(std::slice::from_ref(listed)) {
            match value.as_str().map(|text| (text, Udid::parse(text))) {
                Some((_, Ok(udid))) => udids.push(udid),
                Some((text, Err(_))) => odd.push(text.to_owned()),
                None => odd.push(format!("({})", value.kind())),
            }
        }
        Self::Listed { udids, odd }
    }

    /// Whether the profile is for the device `udid`.
    ///
    /// ```
    /// use ipa::{Devices, Udid};
    ///
    /// let mine = Udid::parse("00008110-001A2B3C4D5E6F78")?;
    /// let devices = Devices::Listed { udids: vec![mine.clone()], odd: vec![] };
    /// assert!(devices.include(&mine) && Devices::Any.include(&mine));
    /// assert!(!devices.include(&Udid::parse("00008110-001A2B3C4D5E6F79")?) && !Devices::None.include(&mine));
    /// # Ok::<(), ipa::UdidError>(())
    /// ```
    #[must_use]
    pub fn include(&self, udid: &Udid) -> bool {
        match self {
            Self::Listed { udids, .. } => udids.contains(udid),
            Self::Any => true,
            Self::None => false,
        }
    }
}

impl fmt::Debug for Devices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed { udids, odd } => {
                write!(formatter, "Listed({} udids, {} odd)", udids.len(), odd.len())
            }
            Self::Any => formatter.write_str("Any"),
            Self::None => formatter.write_str("None"),
        }
    }
}
