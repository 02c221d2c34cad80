//! Info.plist.

use super::{Dictionary, Format, Value, encode, texts};

/// An Info.plist to be written; keys keep the order they were set in.
#[derive(Clone, Debug)]
#[must_use]
pub struct InfoPlist {
    keys: Dictionary,
    format: Format,
}

impl InfoPlist {
    /// What every bundle has: identifier, name, executable, versions 1.0 (1), package type such as `APPL`.
    pub fn new(identifier: &str, name: &str, package_type: &str) -> Self {
        Self { keys: Dictionary::new(), format: Format::Binary }
            .set("BuildMachineOSBuild", "24G84")
            .set("CFBundleDevelopmentRegion", "en")
            .set("CFBundleExecutable", name)
            .set("CFBundleIdentifier", identifier)
            .set("CFBundleInfoDictionaryVersion", "6.0")
            .set("CFBundleName", name)
            .set("CFBundlePackageType", package_type)
            .set("CFBundleShortVersionString", "1.0")
            .set("CFBundleSupportedPlatforms", texts(["iPhoneOS"]))
            .set("CFBundleVersion", "1")
            .set("DTPlatformName", "iphoneos")
            .set("DTPlatformVersion", "18.0")
            .set("DTSDKName", "iphoneos18.0")
            .set("DTXcode", "1600")
            .set("MinimumOSVersion", "15.0")
            .set("UIDeviceFamily", Value::Array(vec![Value::Integer(1.into()), Value::Integer(2.into())]))
    }

    /// An app for iPhone and iPad, iOS 15.0 or later.
    pub fn app(identifier: &str, name: &str) -> Self {
        Self::new(identifier, name, "APPL")
            .set("LSRequiresIPhoneOS", true)
            .set("UIRequiredDeviceCapabilities", texts(["arm64"]))
    }

    /// Sets a key, in its old place if it was there.
    pub fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.keys.insert(key.to_owned(), value.into());
        self
    }

    /// Removes a key.
    pub fn without(mut self, key: &str) -> Self {
        self.keys.remove(key);
        self
    }

    /// How it is written.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// The keys so far.
    #[must_use]
    pub fn keys(&self) -> &Dictionary {
        &self.keys
    }

    /// The file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        encode(&Value::Dictionary(self.keys.clone()), self.format)
    }
}
