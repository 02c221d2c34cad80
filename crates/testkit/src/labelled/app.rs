use super::breakage::Change::{App, Bundle as Changed};
use super::{APP, Breakage, Neighbour};
use crate::app::{AppPackage, Bundle, BundleKind};
use crate::macho::{Arch, MachO};
use crate::plist::texts;

fn extension(identifier: &str, name: &str) -> Bundle {
    Bundle::new(BundleKind::Extension, identifier, name)
}

pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["info-plist-missing"],
            "no Info.plist",
            &["info"],
            Changed(|bundle| bundle.without_file("Info.plist")),
        ),
        Breakage::error(
            &["info-plist-unreadable"],
            "an Info.plist of nonsense",
            &["info"],
            Changed(|bundle| bundle.file("Info.plist", "nonsense")),
        ),
        Breakage::error(
            &["simulator-build", "no-device-architecture"],
            "a simulator's",
            &["info/platforms", "executable"],
            Changed(|bundle| {
                bundle
                    .info(|info| info.set("CFBundleSupportedPlatforms", texts(["iPhoneSimulator"])))
                    .executable(|_| MachO::executable(Arch::X86_64))
            }),
        ),
        Breakage::error(
            &["not-an-ios-app"],
            "an Apple TV's",
            &["info/platforms"],
            App(|app| app.info("CFBundleSupportedPlatforms", texts(["AppleTVOS"]))),
        ),
        Breakage::error(
            &["executable-missing"],
            "no executable",
            &["executable"],
            Changed(Bundle::without_executable),
        ),
        Breakage::error(
            &["executable-missing"],
            "another executable's name",
            &["info/executable"],
            Changed(|bundle| bundle.info(|info| info.set("CFBundleExecutable", "Other"))),
        ),
        Breakage::error(
            &["bundle-identifier-invalid"],
            "an underscore in an extension's identifier",
            &["extensions/Odd"],
            App(|app| app.nested(extension("com.example.notes.my_share", "Odd"))),
        ),
        Breakage::error(
            &["build-number-missing"],
            "no build number",
            &["info/build-number"],
            Changed(|bundle| bundle.info(|info| info.without("CFBundleVersion"))),
        ),
        Breakage::error(
            &["encrypted-executable"],
            "a copy from the store",
            &["executable"],
            Changed(|bundle| bundle.executable(|macho| macho.encrypted(1))),
        ),
        Breakage::error(
            &["no-device-architecture"],
            "32 bits alone",
            &["executable"],
            Changed(|bundle| bundle.executable(|_| MachO::executable(Arch::Armv7))),
        ),
        Breakage::error(
            &["nested-identifier-not-prefixed"],
            "a stranger's extension",
            &["extensions/Widget"],
            App(|app| app.nested(extension("com.example.widget", "Widget"))),
        ),
        Breakage::error(
            &["duplicate-nested-identifier", "nested-identifier-not-prefixed"],
            "an extension of the app's own name",
            &["extensions/Copy"],
            App(|app| app.nested(extension(APP, "Copy"))),
        ),
        Breakage::error(
            &["duplicate-nested-identifier"],
            "two extensions of one name",
            &["extensions/Twin"],
            App(|app| {
                app.nested(extension("com.example.notes.twin", "Twin"))
                    .nested(extension("com.example.notes.twin", "Twin2"))
            }),
        ),
        Breakage::remark(
            &["icon-missing"],
            "no icon",
            &["info/icons"],
            App(|app| app.without_icon().without_info("CFBundleIcons").without_info("CFBundleIcons~ipad")),
        ),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let notes = AppPackage::new(APP);
    vec![
        Neighbour::clean(
            "an app with all that can be nested",
            notes.clone().extension("share").watch_app("watch").app_clip("clip").framework("Kit"),
        ),
        Neighbour::error(
            &["bundle-identifier-invalid"],
            "an underscore in the app's identifier",
            notes.clone().info("CFBundleIdentifier", "com.example.my_notes").profile(|profile| {
                profile.entitlement("application-identifier", format!("{}.*", crate::profile::TEAM))
            }),
        ),
        Neighbour::clean("an executable for two processors", {
            notes.bundle(|app| app.slice(MachO::executable(Arch::Armv7)))
        }),
    ]
}
