use ipa::{
    BundleId, BundleKind, Capability, Companion, Demand, DeviceFamily, Fact, InfoPlist, Limits,
    LocalizedName, Package, Platform, SigningKind,
};
use testkit::app::{AppPackage, Bundle};
use testkit::plist::{self, Format, StringsFormat, Value, strings_file, texts};
use testkit::zip::{self, Entry};

fn inspect(package: &AppPackage) -> Package {
    ipa::inspect(&package.build(), &Limits::default()).unwrap()
}

fn app_info(package: &AppPackage) -> InfoPlist {
    inspect(package).app.info.into_known().unwrap()
}

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

fn known(names: &[&str]) -> Fact<Vec<String>> {
    Fact::Known(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn a_sound_package_is_told_whole() {
    for format in [Format::Binary, Format::Xml] {
        let package = notes()
            .name("Notes")
            .display_name("My Notes")
            .version("2.4.1")
            .build_number("417")
            .minimum_os("14.3")
            .families(&[1, 2])
            .info_format(format);
        let found = inspect(&package);
        let info = found.app.info.known().unwrap();
        assert_eq!(found.app.path, "Payload/Notes.app");
        assert_eq!((found.app.kind, found.app.file_name()), (BundleKind::App, "Notes.app"));
        assert_eq!(info.bundle_id, Fact::Known(BundleId::parse("com.example.notes").unwrap()));
        assert_eq!(info.version.known().unwrap().as_str(), "2.4.1");
        assert_eq!(info.build_number.known().unwrap().as_str(), "417");
        assert_eq!(info.title(), Some("My Notes"));
        assert_eq!(info.minimum_os, Fact::Known("14.3".parse().unwrap()));
        assert_eq!(info.device_families, Fact::Known(vec![DeviceFamily::Phone, DeviceFamily::Pad]));
        assert_eq!(info.platforms(), Fact::Known(vec![Platform::Ios]));
        assert_eq!(info.executable, Fact::Known("Notes".to_owned()));
        assert_eq!(
            (&info.xcode, &info.sdk),
            (&Fact::Known("1600".into()), &Fact::Known("iphoneos18.0".into()))
        );
        let profile = found.app.profile.known().unwrap();
        assert_eq!(profile.kind, SigningKind::AdHoc);
        let executable = found.app.executable.known().unwrap();
        assert_eq!(executable.slices[0].platform, Fact::Known(Platform::Ios));
        assert_eq!(found.size_bytes, package.build().len() as u64);
        assert_eq!(found.surroundings, ipa::Surroundings::default());
        assert!(found.nested.is_empty());
    }
}

#[test]
fn nested_bundles_are_told_with_what_they_are() {
    let watch = Bundle::new(testkit::app::BundleKind::WatchApp, "com.example.notes.watch", "Watch")
        .nested_as(testkit::app::BundleKind::Extension, "watch.kit");
    let found = inspect(&notes().extension("widget").app_clip("clip").framework("core").nested(watch));
    let mut nested: Vec<_> = found
        .nested
        .iter()
        .map(|bundle| {
            let info = bundle.info.known().unwrap();
            assert!(bundle.executable.known().is_some(), "{}", bundle.path);
            assert_eq!(bundle.profile.is_absent(), bundle.kind == BundleKind::Framework, "{}", bundle.path);
            (bundle.kind, info.bundle_id.known().unwrap().as_str())
        })
        .collect();
    nested.sort_by_key(|(_, id)| id.len());
    assert_eq!(nested.len(), 5, "{nested:?}");
    let kinds: Vec<_> = found.nested.iter().map(|bundle| bundle.kind).collect();
    for kind in [BundleKind::Extension, BundleKind::WatchApp, BundleKind::AppClip, BundleKind::Framework] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let watch_extension = found
        .nested
        .iter()
        .find(|bundle| bundle.path.contains("/Watch/") && bundle.path.contains("/PlugIns/"));
    assert_eq!(watch_extension.map(|bundle| bundle.kind), Some(BundleKind::Extension));
    assert_eq!(found.bundles().count(), 6);
}

#[test]
fn names_fall_back_from_one_key_to_the_next() {
    for (display_name, name, expected) in [
        (Some("Display"), Some("Name"), "Display"),
        (Some("  "), Some("Name"), "Name"),
        (None, Some("Name"), "Name"),
        (None, None, "com.example.notes"),
        (None, Some(""), "com.example.notes"),
    ] {
        let package = notes().edit_info(move |mut info| {
            info = info.without("CFBundleName");
            for (key, value) in [("CFBundleDisplayName", display_name), ("CFBundleName", name)] {
                if let Some(value) = value {
                    info = info.set(key, value);
                }
            }
            info
        });
        assert_eq!(app_info(&package).title(), Some(expected), "{display_name:?}, {name:?}");
    }
}

#[test]
fn a_key_of_a_wrong_type_hides_no_other() {
    let wrong = || Value::Dictionary(plist::Dictionary::new());
    let package = [
        "CFBundleShortVersionString",
        "CFBundleVersion",
        "CFBundleDisplayName",
        "MinimumOSVersion",
        "UIDeviceFamily",
        "CFBundleSupportedPlatforms",
        "CFBundleURLTypes",
        "UISupportedDevices",
        "CFBundleIcons",
        "DTXcode",
    ]
    .into_iter()
    .fold(notes(), |package, key| package.info(key, wrong()))
    .info("UIRequiredDeviceCapabilities", true)
    .info("NSExtension", "none");
    let info = app_info(&package);
    assert_eq!(info.bundle_id.known().map(BundleId::as_str), Some("com.example.notes"));
    assert_eq!(info.executable, Fact::Known("Notes".to_owned()));
    assert_eq!(info.version, Fact::Unreadable("found a value of type dictionary, expected text".to_owned()));
    for (fact, key) in [
        (info.build_number.map(drop), "build number"),
        (info.display_name.map(drop), "display name"),
        (info.minimum_os.map(drop), "minimum OS"),
        (info.device_families.map(drop), "families"),
        (info.supported_platforms.map(drop), "platforms"),
        (info.url_schemes.map(drop), "schemes"),
        (info.supported_devices.map(drop), "devices"),
        (info.capabilities.map(drop), "capabilities"),
        (info.xcode.map(drop), "Xcode"),
        (info.extension_point.map(drop), "extension point"),
    ] {
        assert!(matches!(fact, Fact::Unreadable(_)), "{key}: {fact:?}");
    }
}

#[test]
fn odd_values_are_read_for_what_they_mean() {
    let executable = |name: &'static str| app_info(&notes().info("CFBundleExecutable", name)).executable;
    for name in ["../Notes", "a/b", "..", ".", "a\\b"] {
        assert!(matches!(executable(name), Fact::Unreadable(_)), "{name}");
    }
    let families = |value: Value| app_info(&notes().info("UIDeviceFamily", value)).device_families;
    let number = |number: i64| Value::Integer(number.into());
    for (value, expected, why) in [
        (number(2), Fact::Known(vec![DeviceFamily::Pad]), "a number by itself"),
        (texts(["1", "2"]), Fact::Known(vec![DeviceFamily::Phone, DeviceFamily::Pad]), "numbers as text"),
        (Value::Array(vec![number(1), number(1)]), Fact::Known(vec![DeviceFamily::Phone]), "twice"),
        (Value::Array(vec![number(1), number(99)]), Fact::Known(vec![DeviceFamily::Phone]), "one unknown"),
        (
            Value::Array(vec![number(99)]),
            Fact::Unreadable("it names the unknown device family 99".to_owned()),
            "all unknown",
        ),
        (
            Value::Array(vec![number(-1)]),
            Fact::Unreadable("it names the unknown device family -1".to_owned()),
            "below zero",
        ),
        (
            texts(["phone"]),
            Fact::Unreadable("it names the unknown device family \"phone\"".to_owned()),
            "no number",
        ),
        (Value::Array(vec![]), Fact::Known(vec![]), "none"),
    ] {
        assert_eq!(families(value), expected, "{why}");
    }
    let mut named = plist::Dictionary::new();
    named.insert("nfc".to_owned(), true.into());
    named.insert("gamekit".to_owned(), false.into());
    let capability = |name: &str, demand| Capability { name: name.to_owned(), demand };
    assert_eq!(
        app_info(&notes().info("UIRequiredDeviceCapabilities", Value::Dictionary(named))).capabilities,
        Fact::Known(vec![capability("nfc", Demand::Present), capability("gamekit", Demand::Lacking)])
    );
    assert_eq!(app_info(&notes()).capabilities, Fact::Known(vec![capability("arm64", Demand::Present)]));
    let platforms = |names: &'static [&'static str]| {
        app_info(&notes().info("CFBundleSupportedPlatforms", texts(names.iter().copied()))).platforms()
    };
    assert_eq!(platforms(&["iPhoneSimulator"]), Fact::Known(vec![Platform::IosSimulator]));
    assert!(matches!(platforms(&["Toaster"]), Fact::Unreadable(_)));
    let without = notes().without_info("CFBundleSupportedPlatforms");
    assert_eq!(app_info(&without).platforms(), Fact::Known(vec![Platform::Ios]), "from DTPlatformName");
}

#[test]
fn schemes_devices_and_icons_are_collected() {
    let dictionary = |pairs: Vec<(&str, Value)>| {
        Value::Dictionary(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    let primary = |files: &[&str], name: &str| {
        let icon = dictionary(vec![
            ("CFBundleIconFiles", texts(files.iter().copied())),
            ("CFBundleIconName", Value::String(name.to_owned())),
        ]);
        dictionary(vec![("CFBundlePrimaryIcon", icon)])
    };
    let types = Value::Array(vec![
        dictionary(vec![("CFBundleURLSchemes", texts(["notes", "notes-dev"]))]),
        dictionary(vec![("CFBundleTypeRole", "Viewer".into())]),
        dictionary(vec![("CFBundleURLSchemes", texts(["fb1"]))]),
    ]);
    let info = app_info(
        &notes()
            .info("CFBundleURLTypes", types)
            .info("UISupportedDevices", texts(["iPhone15,2", "iPhone15,3"]))
            .info("CFBundleIcons", primary(&["AppIcon20x20", "AppIcon60x60"], "AppIcon"))
            .info("CFBundleIcons~ipad", primary(&["AppIcon60x60", "AppIcon76x76"], "AppIcon"))
            .info("CFBundleIconFile", "icon.png"),
    );
    assert_eq!(info.url_schemes, known(&["notes", "notes-dev", "fb1"]));
    assert_eq!(info.supported_devices, known(&["iPhone15,2", "iPhone15,3"]));
    assert_eq!(info.icons.files, ["AppIcon20x20", "AppIcon60x60", "AppIcon76x76", "icon.png"]);
    assert_eq!(info.icons.assets, ["AppIcon"]);
}

#[test]
fn names_in_other_languages_are_read_in_every_form() {
    // The languages that these packages have anyway.
    let bare = || {
        ["de", "en", "fr", "sv"].into_iter().fold(notes(), |package, language| {
            package.without_file(&format!("{language}.lproj/InfoPlist.strings"))
        })
    };
    let mut package = bare();
    for (language, name, format) in [
        ("fr", "Carnet \"é\"", StringsFormat::OldStyle),
        ("ja", "メモ", StringsFormat::OldStyleUtf16),
        ("de", "Notizen", StringsFormat::Binary),
        ("zh-Hans", "备忘录", StringsFormat::Xml),
    ] {
        let file = strings_file(&[("CFBundleDisplayName", name)], format);
        package = package.file(&format!("{language}.lproj/InfoPlist.strings"), file);
    }
    package = package
        .file("Base.lproj/Main.storyboardc/Info.plist", "")
        .file("it.lproj/InfoPlist.strings", strings_file(&[("CFBundleName", "Note")], StringsFormat::Xml))
        .file(
            "es.lproj/InfoPlist.strings",
            strings_file(&[("NSCameraUsageDescription", "¿?")], StringsFormat::Xml),
        )
        .file("pt.lproj/InfoPlist.strings", "\"CFBundleDisplayName\" = ");
    let names = inspect(&package).app.localized_names.into_known().unwrap();
    let name = |language: &str, name: &str| LocalizedName {
        language: language.to_owned(),
        name: Fact::Known(name.to_owned()),
    };
    let (unreadable, read): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| matches!(name.name, Fact::Unreadable(_)));
    assert_eq!(
        read,
        [
            name("de", "Notizen"),
            name("fr", "Carnet \"é\""),
            name("it", "Note"),
            name("ja", "メモ"),
            name("zh-Hans", "备忘录")
        ]
    );
    assert_eq!(unreadable.iter().map(|name| &*name.language).collect::<Vec<_>>(), ["pt"]);
    assert!(inspect(&bare()).app.localized_names.is_absent());
}

#[test]
fn packages_without_the_one_app_are_named_for_what_they_are() {
    let files =
        |names: &[&str]| zip::Archive::new().entries(names.iter().map(|name| Entry::file(*name, ""))).build();
    for (bytes, expected) in [
        (
            files(&["Demo/Payload/Demo.app/Info.plist", "__MACOSX/x"]),
            "\"Payload\" lies within the folder \"Demo\", and must be at the top level: pack the content of that folder",
        ),
        (
            files(&["Demo.app/Info.plist"]),
            "the app \"Demo.app\" lies at the top level, and must be in a folder \"Payload\"",
        ),
        (
            files(&["Notes.xcarchive/Products/Applications/Notes.app/Info.plist"]),
            "this is an Xcode archive, \"Notes.xcarchive\", packed as it is; export an app from it and take that",
        ),
        (
            files(&["Info.plist", "Products/Applications/Notes.app/Info.plist"]),
            "this is an Xcode archive, without its own folder, packed as it is; export an app from it and take that",
        ),
        (
            files(&["README", "build/x", "Notes.ipa"]),
            "this is an archive with a package in it, \"Notes.ipa\"; unpack it and take that",
        ),
        (
            files(&["README", "docs/x"]),
            "the package has no folder \"Payload\"; at its top level are \"README\", \"docs\"; export the app from \
             Xcode again",
        ),
        (
            files(&[]),
            "the package has no folder \"Payload\"; at its top level are nothing at all; export the app from Xcode \
             again",
        ),
        (
            files(&["Payload/Demo.app", "Payload/.app/x", "Payload/x/Demo.app/Info.plist"]),
            "\"Payload\" holds no folder whose name ends in \".app\", but \".app\", \"Demo.app\", \"x\"",
        ),
        (files(&["Payload/"]), "\"Payload\" holds no folder whose name ends in \".app\", but nothing at all"),
        (
            files(&["Payload/A.app/Info.plist", "Payload/B.app/Info.plist"]),
            "\"Payload\" holds 2 apps, and one is the most: \"A.app\", \"B.app\"",
        ),
        (
            files(&["payload/A.app/Info.plist", "\u{1b}[31m"]),
            "the package has no folder \"Payload\"; at its top level are \"\\u{1b}[31m\", \"payload\"; export the \
             app from Xcode again",
        ),
    ] {
        assert_eq!(ipa::inspect(&bytes, &Limits::default()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn the_app_is_found_wherever_its_entries_stand() {
    let mut archive = notes().extension("widget").archive();
    archive.entries_mut().reverse();
    let found = ipa::inspect(&archive.build(), &Limits::default()).unwrap();
    assert_eq!(found.app.path, "Payload/Notes.app");
    assert_eq!(found.nested.len(), 1);
}

#[test]
fn what_is_missing_is_absent() {
    let found = inspect(&notes().without_file("Info.plist"));
    assert!(found.app.info.is_absent());
    assert_eq!(found.app.executable, Fact::NotMeasured("its name is not known from Info.plist".to_owned()));
    let found = inspect(&notes().bundle(Bundle::without_executable).without_profile());
    assert!(found.app.executable.is_absent());
    assert!(found.app.profile.is_absent());
}

#[test]
fn files_that_may_hold_the_icon_are_told_without_opening_them() {
    let named = |names: &str| {
        let info = format!(
            "<plist><dict><key>CFBundleIdentifier</key><string>com.example.notes</string>
             <key>CFBundleIconFiles</key><array>{names}</array></dict></plist>"
        );
        Entry::file("Payload/Notes.app/Info.plist", info)
    };
    let file = |name: &str| Entry::file(format!("Payload/Notes.app/{name}"), "not opened");
    for (entries, loose, has_catalog, why) in [
        (vec![named("<string>AppIcon60x60</string>"), file("AppIcon60x60@2x.png")], 1, false, "named"),
        (vec![named("<string>AppIcon60x60</string>"), file("AppIcon76x76.png")], 0, false, "another's name"),
        (vec![named(""), file("Icon@2x.png"), file("Icon.png")], 2, false, "nothing named"),
        (vec![named(""), file("Assets.car")], 0, true, "in a catalogue"),
        (vec![named("")], 0, false, "none"),
    ] {
        let bytes = testkit::zip::Archive::new().entries(entries).build();
        let found = ipa::inspect(&bytes, &Limits::remote()).unwrap().app.icon_files;
        let told = found
            .known()
            .map_or((0, false), |files| (files.loose.count, files.asset_catalog_bytes.is_some()));
        assert_eq!(told, (loose, has_catalog), "{why}");
        assert_eq!(found.is_absent(), loose == 0 && !has_catalog, "{why}");
    }
}

#[test]
fn what_lies_beside_the_app_is_told() {
    let file = |name: &str| Entry::file(name, "");
    let package = notes()
        .top_level(file("SwiftSupport/iphoneos/libswiftCore.dylib"))
        .top_level(file("Symbols/x.symbols"))
        .top_level(file("WatchKitSupport2/WK"))
        .top_level(file("iTunesMetadata.plist"))
        .top_level(file("__MACOSX/._Payload"))
        .top_level(file("Payload/.DS_Store"))
        .top_level(file("Payload/../../escape"))
        .top_level(file("Payload/Notes.app/SC_Info/Notes.sinf"))
        .top_level(file("Payload/Notes.app/SC_Info/Notes.supp"))
        .top_level(Entry::symlink("Payload/Notes.app/link", "/etc/passwd"))
        .top_level(file("Payload/Notes.app/Info.plist"));
    let bytes = package.build();
    let found = ipa::inspect(&bytes, &Limits::default()).unwrap().surroundings;
    assert_eq!(
        found.companions,
        [Companion::SwiftSupport, Companion::Symbols, Companion::WatchKitSupport, Companion::StoreMetadata]
    );
    assert_eq!(found.top_level_strays.first, ["__MACOSX"]);
    assert_eq!(found.payload_strays.first, ["..", ".DS_Store"]);
    assert_eq!(found.faulty_names.first, ["Payload/../../escape"]);
    assert_eq!(found.sc_info.first, ["Payload/Notes.app"]);
    assert_eq!(found.symlinks.first, ["Payload/Notes.app/link"]);
    assert_eq!(found.duplicate_names.first, ["Payload/Notes.app/Info.plist"]);
}

#[test]
fn many_strays_are_counted_and_the_first_kept() {
    let package =
        (0..50).fold(notes(), |package, number| package.top_level(Entry::file(format!("s{number}"), "")));
    let strays = inspect(&package).surroundings.top_level_strays;
    assert_eq!((strays.count, strays.first.len()), (50, ipa::Seen::<String>::KEPT));
}

#[test]
fn budgets_are_spent_on_what_matters_first() {
    let bytes = notes().framework("core").extension("widget").build();
    let inspect = |limits: Limits| ipa::inspect(&bytes, &limits).unwrap();

    let found = inspect(Limits { opened_entries: 6, ..Limits::default() });
    for bundle in found.bundles() {
        let expected = bundle.kind != BundleKind::Framework;
        assert_eq!(bundle.info.known().is_some(), expected, "{}", bundle.path);
    }
    let found = inspect(Limits { opened_entries: 0, ..Limits::default() });
    assert_eq!(found.app.info, Fact::NotMeasured("0 files have been read, and that is the limit".to_owned()));

    let found = inspect(Limits { inspected_bytes: 1, ..Limits::default() });
    assert!(found.app.info.known().is_some());
    assert!(matches!(found.app.executable, Fact::NotMeasured(_)));

    let found = inspect(Limits { depth: 0, ..Limits::default() });
    assert_eq!((found.nested.len(), found.unseen_bundles), (0, 2));
    let found = inspect(Limits { bundles: 1, ..Limits::default() });
    assert_eq!((found.nested.len(), found.unseen_bundles), (1, 1));
    let found = inspect(Limits { languages: 0, ..Limits::default() });
    assert!(matches!(found.app.localized_names, Fact::NotMeasured(_)));
}

#[test]
fn a_symbolic_link_is_not_followed() {
    let package = notes()
        .without_file("Info.plist")
        .top_level(Entry::symlink("Payload/Notes.app/Info.plist", "/etc/passwd"));
    assert_eq!(
        inspect(&package).app.info,
        Fact::Unreadable("it is a symbolic link, expected a file".to_owned())
    );
}
