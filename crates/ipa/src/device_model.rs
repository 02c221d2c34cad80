//! Which device a model identifier stands for.
//!
//! Common knowledge, put together by hand: iPhones, iPads and iPods with 64 bits, up to the autumn of 2025. What is not
//! in the table is not known, and nothing may be concluded from its absence.

use crate::{DeviceFamily, OsVersion};

/// A model of iPhone, iPad or iPod touch.
///
/// ```
/// use ipa::{DeviceFamily, DeviceModel};
///
/// let model = DeviceModel::find("iPhone15,2").ok_or("not known")?;
/// assert_eq!((model.name, model.family), ("iPhone 14 Pro", DeviceFamily::Phone));
/// assert_eq!(model.has_capability("nfc"), Some(true));
/// assert_eq!(model.has_capability("driverkit"), Some(false));
/// assert_eq!(model.has_capability("what-comes-next-year"), None);
/// assert_eq!(DeviceModel::find("iPhone99,1"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeviceModel {
    /// The name people know; models that differ in their radio alone share it.
    pub name: &'static str,
    /// Its family.
    pub family: DeviceFamily,
    /// The system it was sold with first.
    pub first_os: OsVersion,
    /// The last major version of its system; `None` where iOS 26 is not too new for it.
    pub last_major_os: Option<u32>,
    chip: Chip,
}

/// The processor: its line, and its generation there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Chip {
    A(u8),
    M(u8),
}

impl DeviceModel {
    /// The model of this identifier, such as `iPhone15,2`, if it is in the table.
    #[must_use]
    pub fn find(identifier: &str) -> Option<Self> {
        let (_, name, chip, first_os, last_major_os) =
            ROWS.iter().find(|(identifiers, ..)| identifiers.contains(&identifier))?;
        // An iPod touch runs what is made for the phone.
        let family = if name.starts_with("iPad") { DeviceFamily::Pad } else { DeviceFamily::Phone };
        let (major, minor) = *first_os;
        let first_os = OsVersion { major, minor, patch: 0 };
        Some(Self { name, family, first_os, last_major_os: *last_major_os, chip: *chip })
    }

    /// Whether every model has what `UIRequiredDeviceCapabilities` names so: those in the table, and those to come.
    #[must_use]
    pub fn all_have(capability: &str) -> bool {
        COMMON.contains(&capability)
    }

    /// Whether it has what `UIRequiredDeviceCapabilities` names so; `None` where that is not known.
    ///
    /// Source: Apple, *Required Device Capabilities*, and the names in *Bundle Resources*.
    #[must_use]
    pub fn has_capability(&self, name: &str) -> Option<bool> {
        let is_tablet = self.family == DeviceFamily::Pad;
        let is_touch = self.name.starts_with("iPod");
        let is_iphone = !is_tablet && !is_touch;
        let since = |a: u8| match self.chip {
            Chip::A(generation) => generation >= a,
            Chip::M(_) => true,
        };
        Some(match name {
            _ if Self::all_have(name) => true,
            "telephony" | "sms" => is_iphone,
            "magnetometer" => !is_touch,
            // Core NFC starts with the iPhone 7; the iPhone 6 has the radio for payments alone.
            "nfc" => is_iphone && since(10),
            "arkit" => since(9),
            "iphone-ipad-minimum-performance-a12" => since(12),
            "iphone-performance-gaming-tier" => since(17),
            "driverkit" => matches!(self.chip, Chip::M(_)),
            // Tablets have GPS with a mobile radio alone, a flash in some years, health data since iPadOS 17.
            "gps" | "camera-flash" | "healthkit" if is_iphone => true,
            "gps" | "healthkit" if is_touch => name == "healthkit",
            _ => return None,
        })
    }
}

/// What every device with 64 bits has.
const COMMON: &[&str] = &[
    "accelerometer",
    "arm64",
    "armv7",
    "auto-focus-camera",
    "bluetooth-le",
    "front-facing-camera",
    "gamekit",
    "gyroscope",
    "location-services",
    "metal",
    "microphone",
    "opengles-1",
    "opengles-2",
    "opengles-3",
    "peer-peer",
    "still-camera",
    "video-camera",
    "wifi",
];

/// Identifiers, name, processor, first system, last major system.
type Row = (&'static [&'static str], &'static str, Chip, (u32, u32), Option<u32>);

use Chip::{A, M};

const ROWS: &[Row] = &[
    (&["iPhone6,1", "iPhone6,2"], "iPhone 5s", A(7), (7, 0), Some(12)),
    (&["iPhone7,2"], "iPhone 6", A(8), (8, 0), Some(12)),
    (&["iPhone7,1"], "iPhone 6 Plus", A(8), (8, 0), Some(12)),
    (&["iPhone8,1"], "iPhone 6s", A(9), (9, 0), Some(15)),
    (&["iPhone8,2"], "iPhone 6s Plus", A(9), (9, 0), Some(15)),
    (&["iPhone8,4"], "iPhone SE", A(9), (9, 3), Some(15)),
    (&["iPhone9,1", "iPhone9,3"], "iPhone 7", A(10), (10, 0), Some(15)),
    (&["iPhone9,2", "iPhone9,4"], "iPhone 7 Plus", A(10), (10, 0), Some(15)),
    (&["iPhone10,1", "iPhone10,4"], "iPhone 8", A(11), (11, 0), Some(16)),
    (&["iPhone10,2", "iPhone10,5"], "iPhone 8 Plus", A(11), (11, 0), Some(16)),
    (&["iPhone10,3", "iPhone10,6"], "iPhone X", A(11), (11, 0), Some(16)),
    (&["iPhone11,2"], "iPhone XS", A(12), (12, 0), Some(18)),
    (&["iPhone11,4", "iPhone11,6"], "iPhone XS Max", A(12), (12, 0), Some(18)),
    (&["iPhone11,8"], "iPhone XR", A(12), (12, 0), Some(18)),
    (&["iPhone12,1"], "iPhone 11", A(13), (13, 0), None),
    (&["iPhone12,3"], "iPhone 11 Pro", A(13), (13, 0), None),
    (&["iPhone12,5"], "iPhone 11 Pro Max", A(13), (13, 0), None),
    (&["iPhone12,8"], "iPhone SE (2nd generation)", A(13), (13, 4), None),
    (&["iPhone13,1"], "iPhone 12 mini", A(14), (14, 2), None),
    (&["iPhone13,2"], "iPhone 12", A(14), (14, 1), None),
    (&["iPhone13,3"], "iPhone 12 Pro", A(14), (14, 1), None),
    (&["iPhone13,4"], "iPhone 12 Pro Max", A(14), (14, 2), None),
    (&["iPhone14,4"], "iPhone 13 mini", A(15), (15, 0), None),
    (&["iPhone14,5"], "iPhone 13", A(15), (15, 0), None),
    (&["iPhone14,2"], "iPhone 13 Pro", A(15), (15, 0), None),
    (&["iPhone14,3"], "iPhone 13 Pro Max", A(15), (15, 0), None),
    (&["iPhone14,6"], "iPhone SE (3rd generation)", A(15), (15, 4), None),
    (&["iPhone14,7"], "iPhone 14", A(15), (16, 0), None),
    (&["iPhone14,8"], "iPhone 14 Plus", A(15), (16, 0), None),
    (&["iPhone15,2"], "iPhone 14 Pro", A(16), (16, 0), None),
    (&["iPhone15,3"], "iPhone 14 Pro Max", A(16), (16, 0), None),
    (&["iPhone15,4"], "iPhone 15", A(16), (17, 0), None),
    (&["iPhone15,5"], "iPhone 15 Plus", A(16), (17, 0), None),
    (&["iPhone16,1"], "iPhone 15 Pro", A(17), (17, 0), None),
    (&["iPhone16,2"], "iPhone 15 Pro Max", A(17), (17, 0), None),
    (&["iPhone17,3"], "iPhone 16", A(18), (18, 0), None),
    (&["iPhone17,4"], "iPhone 16 Plus", A(18), (18, 0), None),
    (&["iPhone17,1"], "iPhone 16 Pro", A(18), (18, 0), None),
    (&["iPhone17,2"], "iPhone 16 Pro Max", A(18), (18, 0), None),
    (&["iPhone17,5"], "iPhone 16e", A(18), (18, 3), None),
    (&["iPhone18,3"], "iPhone 17", A(19), (26, 0), None),
    (&["iPhone18,1"], "iPhone 17 Pro", A(19), (26, 0), None),
    (&["iPhone18,2"], "iPhone 17 Pro Max", A(19), (26, 0), None),
    (&["iPhone18,4"], "iPhone Air", A(19), (26, 0), None),
    (&["iPod7,1"], "iPod touch (6th generation)", A(8), (8, 4), Some(12)),
    (&["iPod9,1"], "iPod touch (7th generation)", A(10), (12, 3), Some(15)),
    (&["iPad4,1", "iPad4,2", "iPad4,3"], "iPad Air", A(7), (7, 0), Some(12)),
    (&["iPad4,4", "iPad4,5", "iPad4,6"], "iPad mini 2", A(7), (7, 0), Some(12)),
    (&["iPad4,7", "iPad4,8", "iPad4,9"], "iPad mini 3", A(7), (8, 0), Some(12)),
    (&["iPad5,1", "iPad5,2"], "iPad mini 4", A(8), (9, 0), Some(15)),
    (&["iPad5,3", "iPad5,4"], "iPad Air 2", A(8), (8, 1), Some(15)),
    (&["iPad6,11", "iPad6,12"], "iPad (5th generation)", A(9), (10, 2), Some(16)),
    (&["iPad6,3", "iPad6,4"], "iPad Pro 9.7-inch", A(9), (9, 3), Some(16)),
    (&["iPad6,7", "iPad6,8"], "iPad Pro 12.9-inch", A(9), (9, 1), Some(16)),
    (&["iPad7,5", "iPad7,6"], "iPad (6th generation)", A(10), (11, 2), Some(17)),
    (&["iPad7,11", "iPad7,12"], "iPad (7th generation)", A(10), (13, 1), Some(18)),
    (&["iPad7,1", "iPad7,2"], "iPad Pro 12.9-inch (2nd generation)", A(10), (10, 3), Some(17)),
    (&["iPad7,3", "iPad7,4"], "iPad Pro 10.5-inch", A(10), (10, 3), Some(17)),
    (&["iPad8,1", "iPad8,2", "iPad8,3", "iPad8,4"], "iPad Pro 11-inch", A(12), (12, 1), None),
    (
        &["iPad8,5", "iPad8,6", "iPad8,7", "iPad8,8"],
        "iPad Pro 12.9-inch (3rd generation)",
        A(12),
        (12, 1),
        None,
    ),
    (&["iPad8,9", "iPad8,10"], "iPad Pro 11-inch (2nd generation)", A(12), (13, 4), None),
    (&["iPad8,11", "iPad8,12"], "iPad Pro 12.9-inch (4th generation)", A(12), (13, 4), None),
    (&["iPad11,1", "iPad11,2"], "iPad mini (5th generation)", A(12), (12, 2), None),
    (&["iPad11,3", "iPad11,4"], "iPad Air (3rd generation)", A(12), (12, 2), None),
    (&["iPad11,6", "iPad11,7"], "iPad (8th generation)", A(12), (14, 0), None),
    (&["iPad12,1", "iPad12,2"], "iPad (9th generation)", A(13), (15, 0), None),
    (&["iPad13,1", "iPad13,2"], "iPad Air (4th generation)", A(14), (14, 1), None),
    (
        &["iPad13,4", "iPad13,5", "iPad13,6", "iPad13,7"],
        "iPad Pro 11-inch (3rd generation)",
        M(1),
        (14, 5),
        None,
    ),
    (
        &["iPad13,8", "iPad13,9", "iPad13,10", "iPad13,11"],
        "iPad Pro 12.9-inch (5th generation)",
        M(1),
        (14, 5),
        None,
    ),
    (&["iPad13,16", "iPad13,17"], "iPad Air (5th generation)", M(1), (15, 4), None),
    (&["iPad13,18", "iPad13,19"], "iPad (10th generation)", A(14), (16, 1), None),
    (&["iPad14,1", "iPad14,2"], "iPad mini (6th generation)", A(15), (15, 0), None),
    (&["iPad14,3", "iPad14,4"], "iPad Pro 11-inch (4th generation)", M(2), (16, 1), None),
    (&["iPad14,5", "iPad14,6"], "iPad Pro 12.9-inch (6th generation)", M(2), (16, 1), None),
    (&["iPad14,8", "iPad14,9"], "iPad Air 11-inch (M2)", M(2), (17, 4), None),
    (&["iPad14,10", "iPad14,11"], "iPad Air 13-inch (M2)", M(2), (17, 4), None),
    (&["iPad15,3", "iPad15,4"], "iPad Air 11-inch (M3)", M(3), (18, 3), None),
    (&["iPad15,5", "iPad15,6"], "iPad Air 13-inch (M3)", M(3), (18, 3), None),
    (&["iPad15,7", "iPad15,8"], "iPad (A16)", A(16), (18, 3), None),
    (&["iPad16,1", "iPad16,2"], "iPad mini (A17 Pro)", A(17), (18, 0), None),
    (&["iPad16,3", "iPad16,4"], "iPad Pro 11-inch (M4)", M(4), (17, 4), None),
    (&["iPad16,5", "iPad16,6"], "iPad Pro 13-inch (M4)", M(4), (17, 4), None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_stands_once_and_with_its_family() {
        let mut identifiers: Vec<&str> = ROWS.iter().flat_map(|row| row.0).copied().collect();
        for identifier in &identifiers {
            let model = DeviceModel::find(identifier).unwrap();
            assert_eq!(identifier.starts_with("iPad"), model.family == DeviceFamily::Pad, "{identifier}");
            let product = identifier.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
            assert!(model.name.starts_with(product), "{identifier}: {}", model.name);
            assert!(model.last_major_os.is_none_or(|last| last >= model.first_os.major), "{identifier}");
        }
        let count = identifiers.len();
        identifiers.sort_unstable();
        identifiers.dedup();
        assert_eq!(identifiers.len(), count);
    }

    #[test]
    fn capabilities_are_known_or_not_known() {
        for (identifier, capability, expected) in [
            ("iPhone6,1", "arm64", Some(true)),
            ("iPhone8,1", "nfc", Some(false)),
            ("iPhone9,1", "nfc", Some(true)),
            ("iPad16,3", "nfc", Some(false)),
            ("iPhone7,2", "arkit", Some(false)),
            ("iPad6,11", "arkit", Some(true)),
            ("iPod9,1", "telephony", Some(false)),
            ("iPod9,1", "gps", Some(false)),
            ("iPad13,18", "gps", None),
            ("iPad13,18", "driverkit", Some(false)),
            ("iPad13,16", "driverkit", Some(true)),
            ("iPhone11,2", "iphone-ipad-minimum-performance-a12", Some(true)),
            ("iPhone15,2", "iphone-performance-gaming-tier", Some(false)),
            ("iPhone16,1", "iphone-performance-gaming-tier", Some(true)),
            ("iPhone16,1", "teleportation", None),
        ] {
            let model = DeviceModel::find(identifier).unwrap();
            assert_eq!(model.has_capability(capability), expected, "{identifier}, {capability}");
        }
    }
}
