use super::breakage::Change::{App, Bundle as Changed};
use super::{APP, Breakage, Neighbour};
use crate::app::AppPackage;
use crate::plist::texts;
use crate::profile::DEVICES;

/// A package, and the device it is judged for.
#[derive(Clone, Debug)]
pub struct PackageFor {
    /// The package.
    pub bytes: Vec<u8>,
    /// The device's id.
    pub udid: Option<&'static str>,
    /// Its model.
    pub model: Option<&'static str>,
    /// Its system's version.
    pub ios: Option<&'static str>,
}

impl PackageFor {
    /// Whatever the device.
    #[must_use]
    pub fn anybody(bytes: Vec<u8>) -> Self {
        Self { bytes, udid: None, model: None, ios: None }
    }

    /// An iPhone with iOS 17.0, which sound profiles list.
    #[must_use]
    pub fn phone(bytes: Vec<u8>) -> Self {
        Self { bytes, udid: Some(DEVICES[0]), model: Some("iPhone15,2"), ios: Some("17.0") }
    }
}

/// What [`PackageFor::phone`] can't have.
pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["os-too-old"],
            "an app for the system after",
            &["info/minimum-os"],
            App(|app| app.minimum_os("18.0")),
        ),
        Breakage::error(
            &["wrong-device-family"],
            "an app for iPad alone",
            &["info/families"],
            App(|app| app.families(&[2])),
        ),
        Breakage::error(
            &["capability-missing"],
            "an app that needs what phones lack",
            &["info/capabilities"],
            App(|app| app.info("UIRequiredDeviceCapabilities", texts(["arm64", "driverkit"]))),
        ),
        Breakage::error(
            &["thinned-for-other-models"],
            "a package thinned for another model",
            &["info/models"],
            App(|app| app.info("UISupportedDevices", texts(["iPhone14,7"]))),
        ),
        Breakage::error(
            &["device-not-in-profile"],
            "another device's profile",
            &["profile/devices"],
            Changed(|bundle| bundle.profile(|profile| profile.devices([DEVICES[1]]))),
        )
        // A watch has an id of its own.
        .not_in_a_watch_app(),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let notes = AppPackage::new(APP);
    let phone = PackageFor::phone(notes.clone().minimum_os("17.0").build());
    let on_pad = |families: &[i64]| {
        let bytes = notes.clone().families(families).build();
        PackageFor { model: Some("iPad14,1"), ..PackageFor::anybody(bytes) }
    };
    let on = |model, app: &AppPackage| PackageFor { model: Some(model), ..PackageFor::anybody(app.build()) };
    let calling = notes.clone().info("UIRequiredDeviceCapabilities", texts(["arm64", "telephony"]));
    let thinned = notes.clone().info("UISupportedDevices", texts(["iPhone14,7"])).build();
    vec![
        Neighbour::clean("a device of the profile, just new enough", phone.clone()),
        Neighbour::error(
            &["device-not-in-profile"],
            "another device",
            PackageFor { udid: Some("00008110-00FFFFFFFFFFFF01"), ..phone.clone() },
        ),
        Neighbour::error(&["os-too-old"], "an older system", PackageFor { ios: Some("16.7.2"), ..phone }),
        Neighbour::clean("an app for iPad alone on an iPad", on_pad(&[2])),
        Neighbour::clean("an app for iPhone alone on an iPad", on_pad(&[1])),
        Neighbour::error(&["capability-missing"], "an app that calls, on an iPad", on("iPad14,1", &calling)),
        Neighbour::clean("an app that calls, on an iPhone", on("iPhone14,7", &calling)),
        Neighbour::clean("an app for any device, on one not known", on("iPhone99,1", &notes)),
        Neighbour::clean(
            "a thinned package on its model",
            PackageFor { model: Some("iPhone14,7"), ..PackageFor::anybody(thinned) },
        ),
    ]
}
