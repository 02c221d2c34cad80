use time::Duration;

use super::Labelled;
use crate::app::{AppPackage, Bundle, BundleKind};
use crate::codesign::CodeSignature;
use crate::macho::{Arch, MachO};
use crate::pki::{Chain, ChainFault, LeafKind};
use crate::plist::{Value, texts};
use crate::profile::{SigningKind, TEAM};
use crate::zip::{Archive, Descriptor, Entry, Habit, Listing, Zip64};

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

fn bytes(bytes: Vec<u8>) -> PackageFor {
    PackageFor { bytes, udid: None, model: None, ios: None }
}

fn package(package: &AppPackage) -> PackageFor {
    bytes(package.build())
}

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

/// The archive of a sound package with one entry changed.
fn with_entry(name: &str, change: impl FnOnce(Entry) -> Entry) -> PackageFor {
    changed(&notes(), name, change)
}

fn changed(package: &AppPackage, name: &str, change: impl FnOnce(Entry) -> Entry) -> PackageFor {
    let mut archive = package.archive();
    let entries = archive.entries_mut();
    let place =
        entries.iter().position(|entry| entry.name().ends_with(name.as_bytes())).expect("it is there");
    let entry = entries.remove(place);
    entries.insert(place, change(entry));
    bytes(archive.build())
}

fn with_archive(change: impl FnOnce(Archive) -> Archive) -> PackageFor {
    bytes(change(notes().archive()).build())
}

/// Packages of an app `com.example.notes`, to be judged at [`AppPackage::NOW`].
#[must_use]
pub fn packages() -> Vec<Labelled<PackageFor>> {
    let mut rows = archives();
    rows.extend(bundles());
    rows.extend(signatures());
    rows.extend(profiles());
    rows.extend(devices());
    rows
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn archives() -> Vec<Labelled<PackageFor>> {
    let whole = notes().build();
    let mut damaged = whole.clone();
    let directory = whole.windows(4).position(|part| part == b"PK\x01\x02").expect("there is a directory");
    damaged[directory] = 0;
    let mut rows = vec![
        Labelled::clean("a sound package", bytes(whole.clone())),
        Labelled::error(
            &["stored-with-descriptor"],
            "a stored entry that tells its size behind",
            with_entry("Info.plist", |entry| entry.stored().descriptor(Descriptor::Signed)),
        ),
        Labelled::clean(
            "a deflated entry that does",
            with_entry("Info.plist", |entry| entry.deflated().descriptor(Descriptor::Signed)),
        ),
        Labelled::error(
            &["directory-with-descriptor"],
            "a folder that tells a size behind",
            with_archive(|archive| {
                archive
                    .entry(Entry::directory("Payload/Notes.app/Base.lproj/").descriptor(Descriptor::Signed))
            }),
        ),
        Labelled::clean(
            "a folder as folders are",
            with_archive(|archive| archive.entry(Entry::directory("Payload/Notes.app/Base.lproj/"))),
        ),
        Labelled::error(
            &["headers-disagree"],
            "another checksum in front",
            changed(&notes().habit(Habit::InfoZip), "Info.plist", |entry| {
                entry.edit_local(|header| header.crc32 ^= 1)
            }),
        ),
        Labelled::error(
            &["unsupported-method"],
            "an icon compressed by LZMA",
            with_archive(|archive| {
                archive.entry(
                    Entry::file("Payload/Notes.app/notes.txt", "text").edit_both(|header| header.method = 14),
                )
            }),
        ),
        Labelled::error(
            &["encrypted-entry"],
            "a password",
            with_archive(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/notes.txt", "text").encrypted_flag())
            }),
        ),
        Labelled::error(
            &["bytes-before-archive"],
            "a warning in front",
            with_archive(|archive| archive.prefix("Warning: cannot modify header\n")),
        ),
        Labelled::error(&["truncated-archive"], "the first half", bytes(whole[..whole.len() / 2].to_vec())),
        Labelled::error(
            &["truncated-archive"],
            "all but the last byte",
            bytes(whole[..whole.len() - 1].to_vec()),
        ),
        Labelled::error(&["archive-damaged"], "a directory of nonsense", bytes(damaged)),
        Labelled::error(
            &["overlapping-entries"],
            "an entry longer than its place",
            changed(&notes().habit(Habit::InfoZip), "embedded.mobileprovision", |entry| {
                entry.edit_both(|header| header.compressed_size += 40)
            }),
        ),
        Labelled::error(
            &["not-an-archive"],
            "a page",
            bytes(b"<!DOCTYPE html><title>Sign in</title>".to_vec()),
        ),
        Labelled::error(&["not-an-archive"], "nothing", bytes(Vec::new())),
        Labelled::error(
            &["no-app-in-payload"],
            "Payload under another name",
            package(&notes().payload_folder("payload")),
        ),
        Labelled::error(
            &["several-apps"],
            "two apps",
            with_archive(|archive| archive.entry(Entry::file("Payload/Other.app/Info.plist", "x"))),
        ),
        Labelled::remark(
            &["stray-files-in-payload"],
            "what the Finder leaves",
            with_archive(|archive| archive.entry(Entry::file("Payload/.DS_Store", "x"))),
        ),
        Labelled::error(
            &["unsafe-name"],
            "a path upwards",
            with_archive(|archive| archive.entry(Entry::file("Payload/Notes.app/../../x", "x"))),
        ),
        Labelled::error(
            &["link-leaves-bundle"],
            "a link to the device's own files",
            with_archive(|archive| archive.entry(Entry::symlink("Payload/Notes.app/etc", "/etc"))),
        ),
        Labelled::clean(
            "a link within the app",
            with_archive(|archive| archive.entry(Entry::symlink("Payload/Notes.app/link", "Info.plist"))),
        ),
        Labelled::remark(
            &["duplicate-name"],
            "a file twice",
            with_archive(|archive| {
                archive
                    .entry(Entry::file("Payload/Notes.app/a.txt", "one"))
                    .entry(Entry::file("Payload/Notes.app/a.txt", "one"))
            }),
        ),
        Labelled::remark(
            &["needless-zip64"],
            "a small file in the large format",
            with_entry("Info.plist", |entry| entry.zip64(Zip64::Always)),
        ),
        Labelled::remark(
            &["store-metadata-present"],
            "what the store adds",
            package(&notes().top_level(Entry::file("iTunesMetadata.plist", "x"))),
        ),
        Labelled::remark(
            &["entry-not-listed"],
            "a deleted entry",
            with_archive(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/old.png", "x").listing(Listing::LocalOnly))
            }),
        ),
        Labelled::remark(
            &["gap-between-entries"],
            "room left for alignment",
            with_entry("Info.plist", |entry| entry.gap_before([0; 64])),
        ),
    ];
    rows.extend(
        Habit::ALL.map(|habit| Labelled::clean("packed by a known tool", package(&notes().habit(habit)))),
    );
    rows
}

fn bundles() -> Vec<Labelled<PackageFor>> {
    vec![
        Labelled::clean(
            "an app with all that can be nested",
            package(&notes().extension("share").watch_app("watch").app_clip("clip").framework("Kit")),
        ),
        Labelled::error(
            &["info-plist-missing"],
            "no Info.plist",
            package(&notes().without_file("Info.plist")),
        ),
        Labelled::error(
            &["info-plist-unreadable"],
            "an Info.plist of nonsense",
            package(&notes().file("Info.plist", "nonsense")),
        ),
        Labelled::error(
            &["executable-missing"],
            "no executable",
            package(&notes().bundle(Bundle::without_executable)),
        ),
        Labelled::error(
            &["executable-missing"],
            "another executable's name",
            package(&notes().info("CFBundleExecutable", "Other")),
        ),
        Labelled::error(
            &["bundle-identifier-invalid"],
            "an underscore",
            package(&notes().info("CFBundleIdentifier", "com.example.my_notes").profile(|profile| {
                profile.entitlement("application-identifier", format!("{}.*", crate::profile::TEAM))
            })),
        ),
        Labelled::error(
            &["build-number-missing"],
            "no build number",
            package(&notes().without_info("CFBundleVersion")),
        ),
        Labelled {
            what: "a simulator's",
            target: package(
                &notes()
                    .info("CFBundleSupportedPlatforms", texts(["iPhoneSimulator"]))
                    .executable(|_| MachO::executable(Arch::X86_64)),
            ),
            findings: &["simulator-build", "no-device-architecture"],
            first_cause: Some("simulator-build"),
        },
        Labelled::error(
            &["not-an-ios-app"],
            "an Apple TV's",
            package(&notes().info("CFBundleSupportedPlatforms", texts(["AppleTVOS"]))),
        ),
        Labelled::error(
            &["encrypted-executable"],
            "a copy from the store",
            package(&notes().executable(|macho| macho.encrypted(1))),
        ),
        Labelled::error(
            &["no-device-architecture"],
            "32 bits alone",
            package(&notes().executable(|_| MachO::executable(Arch::Armv7))),
        ),
        Labelled::error(
            &["nested-identifier-not-prefixed"],
            "a stranger's extension",
            package(&notes().nested(Bundle::new(BundleKind::Extension, "com.example.widget", "Widget"))),
        ),
        Labelled {
            what: "an extension of the app's own name",
            target: package(&notes().nested(Bundle::new(
                BundleKind::Extension,
                "com.example.notes",
                "Share",
            ))),
            findings: &["nested-identifier-not-prefixed", "duplicate-nested-identifier"],
            first_cause: Some("duplicate-nested-identifier"),
        },
        Labelled::error(
            &["duplicate-nested-identifier"],
            "two extensions of one name",
            package(
                &notes()
                    .nested(Bundle::new(BundleKind::Extension, "com.example.notes.share", "Share"))
                    .nested(Bundle::new(BundleKind::Extension, "com.example.notes.share", "Twin")),
            ),
        ),
        Labelled::remark(
            &["icon-missing"],
            "no icon",
            package(&notes().without_icon().without_info("CFBundleIcons").without_info("CFBundleIcons~ipad")),
        ),
    ]
}

fn signatures() -> Vec<Labelled<PackageFor>> {
    let expired = Chain::with_fault(TEAM, LeafKind::Distribution, AppPackage::NOW, ChainFault::LeafExpired);
    let ending = Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW - Duration::days(280));
    let other = Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW);
    vec![
        Labelled::error(&["not-signed"], "no signature", package(&notes().unsigned())),
        Labelled::error(
            &["not-signed"],
            "nobody's signature",
            package(&notes().signature(CodeSignature::ad_hoc)),
        ),
        Labelled::error(
            &["signature-unreadable"],
            "a signature of another kind",
            package(&notes().signature(|signature| signature.edit(|bytes| bytes[0] ^= 0xff))),
        ),
        Labelled::error(
            &["sealed-file-changed"],
            "the list of files changed",
            package(&notes().file_after_signing("_CodeSignature/CodeResources", "x")),
        ),
        Labelled::error(
            &["signature-too-old"],
            "an old CodeDirectory",
            package(&notes().signature(|signature| signature.version(0x20200))),
        ),
        Labelled::error(
            &["no-der-entitlements"],
            "entitlements in one form",
            package(&notes().signature(CodeSignature::without_der_entitlements)),
        ),
        Labelled::error(
            &["signer-not-in-profile"],
            "another certificate",
            package(&notes().signature(move |signature| signature.signed_by(&other))),
        ),
        Labelled::error(&["signer-expired"], "a certificate of old", package(&notes().chain(&expired))),
        Labelled::remark(
            &["signer-expires-soon"],
            "a certificate near its end",
            package(&notes().chain(&ending)),
        ),
        Labelled::error(
            &["team-mismatch"],
            "another team",
            package(&notes().signature(|signature| signature.team("F6G7H8I9J0"))),
        ),
        Labelled::error(
            &["entitlement-not-allowed"],
            "a claim beyond the profile",
            package(
                &notes().signature(|signature| signature.entitlement("com.apple.developer.healthkit", true)),
            ),
        ),
    ]
}

fn profiles() -> Vec<Labelled<PackageFor>> {
    vec![
        Labelled::error(&["profile-missing"], "no profile", package(&notes().without_profile())),
        Labelled::error(
            &["profile-unreadable"],
            "a profile of nonsense",
            package(&notes().profile_bytes(*b"nonsense")),
        ),
        Labelled::error(&["profile-expired"], "at its end", package(&notes().expires_at(AppPackage::NOW))),
        Labelled::remark(
            &["profile-expires-soon"],
            "a month before its end",
            package(&notes().expires_at(AppPackage::NOW + Duration::days(30))),
        ),
        Labelled::clean(
            "more than a month before its end",
            package(&notes().expires_at(AppPackage::NOW + Duration::days(31))),
        ),
        Labelled::error(
            &["app-store-profile"],
            "a build for the store",
            package(&notes().signing(SigningKind::AppStore)),
        ),
        Labelled {
            what: "a free team's",
            target: package(
                &notes().signing(SigningKind::Development).profile(crate::profile::Profile::free_team),
            ),
            findings: &["profile-expires-soon", "free-team-profile", "needs-developer-mode"],
            first_cause: None,
        },
        Labelled::error(
            &["application-identifier-mismatch"],
            "another app's profile",
            package(&notes().profile(|profile| {
                let other = format!("{}.com.example.other", crate::profile::TEAM);
                profile.entitlement("application-identifier", other)
            })),
        ),
        Labelled::clean(
            "a profile for all apps",
            package(&notes().profile(|profile| {
                profile.entitlement("application-identifier", format!("{}.*", crate::profile::TEAM))
            })),
        ),
        Labelled::error(
            &["platform-mismatch"],
            "an Apple TV's profile",
            package(&notes().profile(|profile| profile.platforms(["tvOS"]))),
        ),
        Labelled::remark(
            &["needs-developer-mode"],
            "signed for development",
            package(&notes().signing(SigningKind::Development)),
        ),
        Labelled {
            what: "signed in-house",
            target: package(&notes().signing(SigningKind::InHouse)),
            findings: &["needs-trust", "needs-online-check"],
            first_cause: None,
        },
        Labelled::remark(
            &["needs-online-check"],
            "a profile that demands it",
            package(&notes().profile(|profile| profile.set("PPQCheck", true))),
        ),
    ]
}

fn devices() -> Vec<Labelled<PackageFor>> {
    const LISTED: &str = crate::profile::DEVICES[0];
    let app = package(&notes().minimum_os("17.0"));
    let phone =
        PackageFor { model: Some("iPhone15,2"), ios: Some("17.0"), udid: Some(LISTED), ..app.clone() };
    let pad_only = package(&notes().families(&[2]));
    let thinned = package(&notes().info("UISupportedDevices", Value::Array(vec!["iPhone14,7".into()])));
    vec![
        Labelled::clean("a device of the profile, new enough", phone.clone()),
        Labelled::error(
            &["device-not-in-profile"],
            "another device",
            PackageFor { udid: Some("00008110-00FFFFFFFFFFFF01"), ..phone.clone() },
        ),
        Labelled::error(
            &["os-too-old"],
            "an older system",
            PackageFor { ios: Some("16.7.2"), ..phone.clone() },
        ),
        Labelled::error(
            &["wrong-device-family"],
            "an app for iPad alone",
            PackageFor { model: Some("iPhone15,2"), ..pad_only.clone() },
        ),
        Labelled::clean("the same on an iPad", PackageFor { model: Some("iPad14,1"), ..pad_only }),
        Labelled::clean(
            "an app for iPhone alone on an iPad",
            PackageFor { model: Some("iPad14,1"), ..package(&notes().families(&[1])) },
        ),
        Labelled::error(
            &["thinned-for-other-models"],
            "a thinned package",
            PackageFor { model: Some("iPhone15,2"), ..thinned.clone() },
        ),
        Labelled::clean("the same on its model", PackageFor { model: Some("iPhone14,7"), ..thinned }),
    ]
}
