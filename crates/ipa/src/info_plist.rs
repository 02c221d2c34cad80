//! `Info.plist`: what a bundle says about itself.

use bounded_plist::{Dictionary, Format, Integer, Value};

use crate::{BuildNumber, BundleId, DeviceFamily, Fact, OsVersion, Platform, Version};

/// The longest text that is kept of a key, in bytes of UTF-8; identifiers and versions are shorter still.
const TEXT_LIMIT_BYTES: usize = 1024;

/// The keys of an `Info.plist` that say who an app is and where it runs.
///
/// Each key is a fact of its own: one of a wrong type is [`Fact::Unreadable`] and leaves the others as they are.
/// Source: Apple, *Bundle Resources, Information Property List*.
///
/// ```
/// use ipa::{Fact, InfoPlist, Limits};
///
/// let plist = b"<plist><dict>
///     <key>CFBundleIdentifier</key><string>com.example.notes</string>
///     <key>CFBundleName</key><string>Notes</string>
///     <key>UIDeviceFamily</key><string>no array</string>
/// </dict></plist>";
/// let info = InfoPlist::read(plist, &Limits::default().plist)?;
/// assert_eq!(info.title(), Some("Notes"));
/// assert!(matches!(info.device_families, Fact::Unreadable(_)));
/// assert_eq!(info.version, Fact::Absent);
/// # Ok::<(), ipa::InfoPlistError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InfoPlist {
    /// XML or binary.
    pub format: Format,
    /// `CFBundleIdentifier`.
    pub bundle_id: Fact<BundleId>,
    /// `CFBundleShortVersionString`.
    pub version: Fact<Version>,
    /// `CFBundleVersion`.
    pub build_number: Fact<BuildNumber>,
    /// `CFBundleDisplayName`.
    pub display_name: Fact<String>,
    /// `CFBundleName`.
    pub name: Fact<String>,
    /// `CFBundleExecutable`: the name of a file in the bundle.
    pub executable: Fact<String>,
    /// `MinimumOSVersion`.
    pub minimum_os: Fact<OsVersion>,
    /// `UIDeviceFamily`; families of unknown numbers are left out.
    pub device_families: Fact<Vec<DeviceFamily>>,
    /// `CFBundleSupportedPlatforms`; unknown ones are left out.
    pub supported_platforms: Fact<Vec<Platform>>,
    /// `DTPlatformName`.
    pub platform_name: Fact<Platform>,
    /// `UIRequiredDeviceCapabilities`, in either of its forms.
    pub capabilities: Fact<Vec<Capability>>,
    /// `CFBundleURLSchemes` of all `CFBundleURLTypes`.
    pub url_schemes: Fact<Vec<String>>,
    /// `UISupportedDevices`: the models that a thinned build is for, such as `iPhone15,2`.
    pub supported_devices: Fact<Vec<String>>,
    /// The icons it names.
    pub icons: IconNames,
    /// `DTXcode`: the Xcode that built it, such as `1540` for 15.4.
    pub xcode: Fact<String>,
    /// `DTSDKName`, such as `iphoneos17.5`.
    pub sdk: Fact<String>,
    /// What kind of extension it is (`NSExtensionPointIdentifier`, `EXExtensionPointIdentifier`).
    pub extension_point: Fact<String>,
    /// `WKCompanionAppBundleIdentifier`: the app on the phone that a watch app belongs to.
    pub companion: Fact<BundleId>,
}

/// Something that a device must have, or must not have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Capability {
    /// Its name, such as `arm64`.
    pub name: String,
    /// Whether it must be there.
    pub demand: Demand,
}

/// Whether a capability must be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Demand {
    /// The device must have it.
    Present,
    /// The device must not have it.
    Lacking,
}

/// Where an `Info.plist` says that icons are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IconNames {
    /// Names of files, often without size and ending (`AppIcon60x60`), the phone's before the tablet's, each once.
    pub files: Vec<String>,
    /// Names in an asset catalogue (`AppIcon`), each once.
    pub assets: Vec<String>,
}

/// Why an `Info.plist` cannot be read at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InfoPlistError {
    /// It is no property list.
    #[error(transparent)]
    Plist(#[from] bounded_plist::ReadError),
    /// Its outermost value is something else than a dictionary.
    #[error("found a value of type {found}, expected a dictionary")]
    Kind {
        /// What it is.
        found: &'static str,
    },
}

impl InfoPlist {
    /// Reads the bytes of an `Info.plist`.
    ///
    /// # Errors
    ///
    /// [`InfoPlistError`] when it is no property list with a dictionary, or goes beyond a limit.
    pub fn read(bytes: &[u8], limits: &bounded_plist::Limits) -> Result<Self, InfoPlistError> {
        let format = Format::of(bytes).unwrap_or(Format::Xml);
        let value = bounded_plist::read(bytes, limits)?;
        let keys =
            value.into_dictionary().map_err(|other| InfoPlistError::Kind { found: other.kind().as_str() })?;
        Ok(Self {
            format,
            bundle_id: parsed(&keys, "CFBundleIdentifier", BundleId::parse),
            version: parsed(&keys, "CFBundleShortVersionString", Version::parse),
            build_number: parsed(&keys, "CFBundleVersion", BuildNumber::parse),
            display_name: text(&keys, "CFBundleDisplayName"),
            name: text(&keys, "CFBundleName"),
            executable: text(&keys, "CFBundleExecutable").and_then(file_name),
            minimum_os: parsed(&keys, "MinimumOSVersion", str::parse),
            device_families: device_families(&keys),
            supported_platforms: supported_platforms(&keys),
            platform_name: parsed(&keys, "DTPlatformName", str::parse),
            capabilities: capabilities(&keys),
            url_schemes: url_schemes(&keys),
            supported_devices: texts(&keys, "UISupportedDevices"),
            icons: IconNames::of(&keys),
            xcode: text(&keys, "DTXcode"),
            sdk: text(&keys, "DTSDKName"),
            extension_point: extension_point(&keys),
            companion: parsed(&keys, "WKCompanionAppBundleIdentifier", BundleId::parse),
        })
    }

    /// The name to show: the display name, else the name, else the identifier.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        let names = [&self.display_name, &self.name].into_iter().find_map(Fact::known);
        names.map(String::as_str).or_else(|| self.bundle_id.known().map(BundleId::as_str))
    }

    /// The platforms it is for: `CFBundleSupportedPlatforms`, or where that is absent `DTPlatformName`.
    #[must_use]
    pub fn platforms(&self) -> Fact<Vec<Platform>> {
        self.supported_platforms.clone().or_else(|| self.platform_name.clone().map(|platform| vec![platform]))
    }
}

fn wrong_kind<T>(value: &Value, expected: &str) -> Fact<T> {
    Fact::Unreadable(format!("found a value of type {}, expected {expected}", value.kind().as_str()))
}

/// A text, trimmed; one that is empty counts as absent, as devices take it.
fn text(keys: &Dictionary, key: &str) -> Fact<String> {
    match keys.get(key) {
        None => Fact::Absent,
        Some(Value::String(text)) => {
            let text = text.trim();
            if text.len() > TEXT_LIMIT_BYTES {
                Fact::Unreadable(format!(
                    "it is {} bytes long, {TEXT_LIMIT_BYTES} bytes are the most",
                    text.len()
                ))
            } else if text.is_empty() {
                Fact::Absent
            } else {
                Fact::Known(text.to_owned())
            }
        }
        Some(other) => wrong_kind(other, "text"),
    }
}

fn parsed<T, E: std::fmt::Display>(
    keys: &Dictionary,
    key: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Fact<T> {
    match keys.get(key) {
        None => Fact::Absent,
        Some(Value::String(text)) => parse(text).into(),
        Some(other) => wrong_kind(other, "text"),
    }
}

/// The texts of an array; what else is in it makes all of it unreadable.
fn texts(keys: &Dictionary, key: &str) -> Fact<Vec<String>> {
    match keys.get(key) {
        None => Fact::Absent,
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or(value))
            .collect::<Result<_, _>>()
            .map_or_else(|value| wrong_kind(value, "an array of texts"), Fact::Known),
        Some(other) => wrong_kind(other, "an array of texts"),
    }
}

/// A name that stays in its folder.
fn file_name(name: String) -> Fact<String> {
    if name.contains(['/', '\\', '\0']) || name == "." || name == ".." {
        return Fact::Unreadable("it is a path, expected the name of a file in the bundle".to_owned());
    }
    Fact::Known(name)
}

/// An array of numbers; single numbers and numbers as text are seen too, and meant the same.
fn device_families(keys: &Dictionary) -> Fact<Vec<DeviceFamily>> {
    let Some(value) = keys.get("UIDeviceFamily") else {
        return Fact::Absent;
    };
    let values = value.as_array().unwrap_or(std::slice::from_ref(value));
    let mut families = Vec::new();
    let mut unknown = None;
    for value in values {
        let (code, shown) = match value {
            Value::Integer(code) => (Integer::as_u64(*code), code.as_i128().to_string()),
            Value::String(text) => {
                (text.trim().parse().ok(), format!("{:?}", text.chars().take(64).collect::<String>()))
            }
            other => return wrong_kind(other, "an array of numbers"),
        };
        match code.and_then(DeviceFamily::from_code) {
            Some(family) if !families.contains(&family) => families.push(family),
            Some(_) => {}
            None => unknown = Some(shown),
        }
    }
    match unknown {
        Some(shown) if families.is_empty() => {
            Fact::Unreadable(format!("it names the unknown device family {shown}"))
        }
        _ => Fact::Known(families),
    }
}

fn supported_platforms(keys: &Dictionary) -> Fact<Vec<Platform>> {
    texts(keys, "CFBundleSupportedPlatforms").and_then(|names| {
        let (mut platforms, mut unknown) = (Vec::new(), None);
        for name in &names {
            match name.parse::<Platform>() {
                Ok(platform) => platforms.push(platform),
                Err(error) => unknown = Some(error),
            }
        }
        match unknown {
            Some(error) if platforms.is_empty() => Fact::Unreadable(error.to_string()),
            _ => Fact::Known(platforms),
        }
    })
}

/// An array of what must be there, or a dictionary of what must and what must not.
fn capabilities(keys: &Dictionary) -> Fact<Vec<Capability>> {
    const KEY: &str = "UIRequiredDeviceCapabilities";
    let Some(Value::Dictionary(named)) = keys.get(KEY) else {
        return texts(keys, KEY).map(|names| {
            names.into_iter().map(|name| Capability { name, demand: Demand::Present }).collect()
        });
    };
    let mut capabilities = Vec::new();
    for (name, value) in named {
        let demand = match value.as_bool() {
            Some(true) => Demand::Present,
            Some(false) => Demand::Lacking,
            None => return wrong_kind(value, "a truth value for each capability"),
        };
        capabilities.push(Capability { name: name.to_owned(), demand });
    }
    Fact::Known(capabilities)
}

fn url_schemes(keys: &Dictionary) -> Fact<Vec<String>> {
    let types = match keys.get("CFBundleURLTypes") {
        None => return Fact::Absent,
        Some(Value::Array(types)) => types,
        Some(other) => return wrong_kind(other, "an array"),
    };
    let mut schemes = Vec::new();
    for one in types {
        let Some(one) = one.as_dictionary() else {
            return wrong_kind(one, "a dictionary for each type");
        };
        match texts(one, "CFBundleURLSchemes") {
            Fact::Known(more) => schemes.extend(more),
            Fact::Unreadable(reason) => return Fact::Unreadable(reason),
            Fact::Absent | Fact::NotMeasured(_) => {}
        }
    }
    Fact::Known(schemes)
}

fn extension_point(keys: &Dictionary) -> Fact<String> {
    let within = |outer: &str, inner: &str| match keys.get(outer) {
        None => Fact::Absent,
        Some(Value::Dictionary(attributes)) => text(attributes, inner),
        Some(other) => wrong_kind(other, "a dictionary"),
    };
    within("NSExtension", "NSExtensionPointIdentifier")
        .or_else(|| within("EXAppExtensionAttributes", "EXExtensionPointIdentifier"))
}

impl IconNames {
    /// Today's keys for phone and tablet, then those of iOS 3.2 and of iPhone OS 2. What is of a wrong type names none.
    fn of(keys: &Dictionary) -> Self {
        let mut names = Self::default();
        for key in ["CFBundleIcons", "CFBundleIcons~ipad"] {
            let primary = keys.get(key).and_then(|icons| icons.get("CFBundlePrimaryIcon"));
            match primary {
                Some(Value::Dictionary(primary)) => names.add(primary),
                // On Apple TV the primary icon is the name of an asset.
                Some(Value::String(asset)) => add_once(&mut names.assets, asset),
                _ => {}
            }
        }
        names.add(keys);
        if let Some(Value::String(file)) = keys.get("CFBundleIconFile") {
            add_once(&mut names.files, file);
        }
        names
    }

    fn add(&mut self, keys: &Dictionary) {
        if let Some(Value::String(asset)) = keys.get("CFBundleIconName") {
            add_once(&mut self.assets, asset);
        }
        let files = keys.get("CFBundleIconFiles").and_then(Value::as_array).unwrap_or_default();
        for file in files.iter().filter_map(Value::as_str) {
            add_once(&mut self.files, file);
        }
    }
}

fn add_once(names: &mut Vec<String>, name: &str) {
    /// Real apps name a dozen.
    const NAMES: usize = 64;
    let name = name.trim();
    if !name.is_empty()
        && name.len() <= TEXT_LIMIT_BYTES
        && names.len() < NAMES
        && !names.iter().any(|known| known == name)
    {
        names.push(name.to_owned());
    }
}
