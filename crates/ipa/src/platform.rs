//! Where an app runs: platforms, device families, system versions.

use std::fmt;
use std::str::FromStr;

/// A name that stands for none of the values an enum knows.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{found:?} is no known {what}")]
pub struct UnknownName {
    /// What was looked for, such as `platform`.
    pub what: &'static str,
    /// The name seen, cut to 64 characters.
    pub found: String,
}

impl UnknownName {
    pub(crate) fn new(what: &'static str, found: &str) -> Self {
        Self { what, found: found.chars().take(64).collect() }
    }
}

/// The system a binary is built for.
///
/// [`FromStr`] takes every spelling in use, letter case aside: `CFBundleSupportedPlatforms` (`iPhoneOS`), `DTPlatformName`
/// (`iphoneos`), a profile's `Platform` (`iOS`), and [`Platform::as_str`]'s own.
///
/// ```
/// use ipa::Platform;
///
/// assert_eq!("iPhoneOS".parse(), Ok(Platform::Ios));
/// assert_eq!("iphonesimulator".parse(), Ok(Platform::IosSimulator));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Platform {
    /// iPhone, iPad and iPod touch.
    Ios,
    /// The simulator of iPhone and iPad: never installable on a device.
    IosSimulator,
    /// Apple TV.
    TvOs,
    /// The simulator of Apple TV.
    TvOsSimulator,
    /// Apple Watch.
    WatchOs,
    /// The simulator of Apple Watch.
    WatchOsSimulator,
    /// Apple Vision.
    VisionOs,
    /// The simulator of Apple Vision.
    VisionOsSimulator,
    /// The Mac.
    MacOs,
    /// iPad apps built for the Mac.
    MacCatalyst,
    /// Kernel extensions for devices (`DriverKit`).
    DriverKit,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Self; 11] = [
        Self::Ios,
        Self::IosSimulator,
        Self::TvOs,
        Self::TvOsSimulator,
        Self::WatchOs,
        Self::WatchOsSimulator,
        Self::VisionOs,
        Self::VisionOsSimulator,
        Self::MacOs,
        Self::MacCatalyst,
        Self::DriverKit,
    ];

    /// The name people know, such as `iOS` or `iOS Simulator`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "iOS",
            Self::IosSimulator => "iOS Simulator",
            Self::TvOs => "tvOS",
            Self::TvOsSimulator => "tvOS Simulator",
            Self::WatchOs => "watchOS",
            Self::WatchOsSimulator => "watchOS Simulator",
            Self::VisionOs => "visionOS",
            Self::VisionOsSimulator => "visionOS Simulator",
            Self::MacOs => "macOS",
            Self::MacCatalyst => "Mac Catalyst",
            Self::DriverKit => "DriverKit",
        }
    }

    /// Whether this is a simulator, whose binaries run on no device.
    #[must_use]
    pub fn is_simulator(self) -> bool {
        matches!(
            self,
            Self::IosSimulator | Self::TvOsSimulator | Self::WatchOsSimulator | Self::VisionOsSimulator
        )
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Platform {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let name = name.trim();
        let is = |spellings: &[&str]| spellings.iter().any(|spelling| spelling.eq_ignore_ascii_case(name));
        Self::ALL
            .into_iter()
            .find(|platform| {
                is(&[platform.as_str()])
                    || match platform {
                        Self::Ios => is(&["iPhoneOS"]),
                        Self::IosSimulator => is(&["iPhoneSimulator"]),
                        Self::TvOs => is(&["AppleTVOS"]),
                        Self::TvOsSimulator => is(&["AppleTVSimulator"]),
                        Self::WatchOs | Self::DriverKit => false,
                        Self::WatchOsSimulator => is(&["WatchSimulator"]),
                        Self::VisionOs => is(&["XROS"]),
                        Self::VisionOsSimulator => is(&["XRSimulator"]),
                        Self::MacOs => is(&["MacOSX", "OSX"]),
                        Self::MacCatalyst => is(&["MacCatalyst", "UIKitForMac"]),
                    }
            })
            .ok_or_else(|| UnknownName::new("platform", name))
    }
}

/// A family of devices, as numbered in `UIDeviceFamily`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DeviceFamily {
    /// 1: iPhone and iPod touch.
    Phone,
    /// 2: iPad.
    Pad,
    /// 3: Apple TV.
    Tv,
    /// 4: Apple Watch.
    Watch,
    /// 6: the Mac, by Catalyst.
    Mac,
    /// 7: Apple Vision.
    Vision,
}

impl DeviceFamily {
    /// Every family, in the order of its number.
    pub const ALL: [Self; 6] = [Self::Phone, Self::Pad, Self::Tv, Self::Watch, Self::Mac, Self::Vision];

    /// The family with this number, if it is a known one.
    #[must_use]
    pub fn from_code(code: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.code() == code)
    }

    /// The number in `UIDeviceFamily`.
    #[must_use]
    pub fn code(self) -> u64 {
        match self {
            Self::Phone => 1,
            Self::Pad => 2,
            Self::Tv => 3,
            Self::Watch => 4,
            Self::Mac => 6,
            Self::Vision => 7,
        }
    }

    /// The name people know, such as `iPhone`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "iPhone",
            Self::Pad => "iPad",
            Self::Tv => "Apple TV",
            Self::Watch => "Apple Watch",
            Self::Mac => "Mac",
            Self::Vision => "Apple Vision",
        }
    }
}

impl fmt::Display for DeviceFamily {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for DeviceFamily {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|family| family.as_str().eq_ignore_ascii_case(name.trim()))
            .ok_or_else(|| UnknownName::new("device family", name))
    }
}

/// A system version such as `17.4.1`, ordered as its numbers are.
///
/// A missing part counts as 0, so `17` equals `17.0.0`; `Display` leaves out a patch of 0.
///
/// ```
/// use ipa::OsVersion;
///
/// let asked: OsVersion = "14.3".parse()?;
/// assert!(asked < "14.10".parse()?);
/// assert_eq!(asked, OsVersion { major: 14, minor: 3, patch: 0 });
/// assert_eq!(asked.to_string(), "14.3");
/// # Ok::<(), ipa::UnknownName>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OsVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number.
    pub patch: u32,
}

impl OsVersion {
    /// A version packed as in Mach-O load commands: 16 bits, 8 bits, 8 bits.
    #[must_use]
    pub fn from_packed(packed: u32) -> Self {
        Self { major: packed >> 16, minor: packed >> 8 & 0xff, patch: packed & 0xff }
    }
}

impl fmt::Display for OsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)?;
        if self.patch == 0 { Ok(()) } else { write!(formatter, ".{}", self.patch) }
    }
}

impl FromStr for OsVersion {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let unknown = || UnknownName::new("system version", text);
        let mut numbers = [0; 3];
        let mut parts = text.trim().split('.');
        for (place, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                    *number = part.parse().map_err(|_| unknown())?;
                }
                None if place > 0 => {}
                _ => return Err(unknown()),
            }
        }
        if parts.next().is_some() {
            return Err(unknown());
        }
        let [major, minor, patch] = numbers;
        Ok(Self { major, minor, patch })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_known_by_every_spelling() {
        for (name, expected) in [
            ("iPhoneOS", Some(Platform::Ios)),
            ("iphoneos", Some(Platform::Ios)),
            ("iOS", Some(Platform::Ios)),
            ("iPhoneSimulator", Some(Platform::IosSimulator)),
            ("AppleTVOS", Some(Platform::TvOs)),
            ("appletvos", Some(Platform::TvOs)),
            ("tvOS", Some(Platform::TvOs)),
            ("WatchOS", Some(Platform::WatchOs)),
            ("xrOS", Some(Platform::VisionOs)),
            ("visionOS", Some(Platform::VisionOs)),
            ("OSX", Some(Platform::MacOs)),
            ("MacOSX", Some(Platform::MacOs)),
            ("Android", None),
            ("", None),
        ] {
            assert_eq!(name.parse().ok(), expected, "{name:?}");
        }
        for platform in Platform::ALL {
            assert_eq!(platform.as_str().parse(), Ok(platform));
        }
    }

    #[test]
    fn families_are_known_by_number_and_name() {
        for family in DeviceFamily::ALL {
            assert_eq!(DeviceFamily::from_code(family.code()), Some(family));
            assert_eq!(family.as_str().parse(), Ok(family));
        }
        for code in [0, 5, 8, u64::MAX] {
            assert_eq!(DeviceFamily::from_code(code), None, "{code}");
        }
    }

    #[test]
    fn system_versions_compare_as_numbers() {
        for (text, expected) in [
            ("14", Some("14.0")),
            ("14.3", Some("14.3")),
            ("14.3.1", Some("14.3.1")),
            (" 9.0.0 ", Some("9.0")),
            ("14.3.1.2", None),
            ("14.", None),
            (".3", None),
            ("", None),
            ("+14", None),
            ("14.3b2", None),
            ("4294967296", None),
        ] {
            assert_eq!(
                text.parse::<OsVersion>().ok().map(|version| version.to_string()),
                expected.map(str::to_owned),
                "{text:?}"
            );
        }
        assert!("9.3".parse::<OsVersion>().unwrap() < "14.0".parse().unwrap());
        assert_eq!(OsVersion::from_packed(0x000e_0301).to_string(), "14.3.1");
    }
}
