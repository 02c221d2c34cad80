use ipa::{Bundle, BundleKind, Capability, DeviceFamily, Fact, InfoPlist, OsVersion};
use time::UtcDateTime;

use crate::{Evidence, EvidencePlace};

/// What a bundle demands of the device and of the moment.
///
/// Its package says it, and so does the little that a server keeps of a build. The rules that need no more judge either.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Demands {
    /// The bundle's path in its package; `None` where the package is not at hand.
    pub bundle: Option<String>,
    /// What kind of bundle it is.
    pub kind: BundleKind,
    /// `MinimumOSVersion`.
    pub minimum_os: Fact<OsVersion>,
    /// `UIDeviceFamily`.
    pub device_families: Fact<Vec<DeviceFamily>>,
    /// `UISupportedDevices`.
    pub supported_devices: Fact<Vec<String>>,
    /// `UIRequiredDeviceCapabilities`.
    pub capabilities: Fact<Vec<Capability>>,
    /// Until when its provisioning profile is good.
    pub profile_expires_at: Fact<UtcDateTime>,
}

impl Demands {
    /// As the bundle itself says it.
    #[must_use]
    pub fn of(bundle: &Bundle) -> Self {
        Self {
            bundle: Some(bundle.path.clone()),
            kind: bundle.kind,
            minimum_os: said(bundle, |info| &info.minimum_os),
            device_families: said(bundle, |info| &info.device_families),
            supported_devices: said(bundle, |info| &info.supported_devices),
            capabilities: said(bundle, |info| &info.capabilities),
            profile_expires_at: bundle.profile.as_ref().and_then(|profile| profile.expires_at.clone()),
        }
    }

    /// A key of one of the bundle's files: `Info.plist`, `embedded.mobileprovision`.
    pub(crate) fn key(&self, file: &str, key: &str) -> Evidence {
        let folder = self.bundle.as_ref().map(|path| format!("{path}/")).unwrap_or_default();
        Evidence::at(EvidencePlace::KeyPath, format_args!("{folder}{file}: {key}"))
    }
}

/// What stands under a key. That there is no `Info.plist` at all does not mean that the key was left out of it.
fn said<T: Clone>(bundle: &Bundle, key: impl Fn(&InfoPlist) -> &Fact<T>) -> Fact<T> {
    match &bundle.info {
        Fact::Known(info) => key(info).clone(),
        Fact::Absent => Fact::Unreadable("there is no Info.plist".to_owned()),
        Fact::Unreadable(reason) => Fact::Unreadable(reason.clone()),
        Fact::NotMeasured(reason) => Fact::NotMeasured(reason.clone()),
    }
}
