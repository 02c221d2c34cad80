//! Manifests: what is written, what is seen in those of others, and what a device takes from them.

use std::num::NonZeroU64;

use itms_services::bounded_plist::{Dictionary, Format, Kind, Limits, Value, write_binary, write_xml};
use itms_services::{
    AssetKind, ChunkDigests, DigestAlgorithm, DigestCheck, DropReason, Error, Field, IgnoredAsset,
    ItemVerdict, KeyStanding, Manifest, ManifestDocument, ManifestItem, PackageDigests, WhyIgnored,
};
use proptest::prelude::*;

fn read(bytes: &[u8]) -> ManifestDocument {
    ManifestDocument::read(bytes, &Limits::default()).expect("a property list")
}

fn dictionary<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Dictionary::from(pairs).into()
}

fn strings(texts: &[&str]) -> Value {
    texts.iter().copied().collect()
}

/// A document with one item of these assets and this metadata.
fn document(assets: Value, metadata: Value) -> ManifestDocument {
    let item = dictionary([("assets", assets), ("metadata", metadata)]);
    read(&write_xml(&dictionary([("items", vec![item].into())])))
}

fn package() -> Value {
    asset("software-package", "https://h.example/notes.ipa")
}

fn asset(kind: &str, url: &str) -> Value {
    dictionary([("kind", kind.into()), ("url", url.into())])
}

fn metadata() -> Value {
    dictionary([
        ("kind", "software".into()),
        ("bundle-identifier", "com.example.notes".into()),
        ("title", "Notes".into()),
    ])
}

/// `base` with `key` set.
fn with(base: Value, key: &str, value: impl Into<Value>) -> Value {
    let mut base = base.into_dictionary().expect("a dictionary");
    base.insert(key, value);
    base.into()
}

/// `base` with `key` taken out.
fn without(base: Value, key: &str) -> Value {
    let mut base = base.into_dictionary().expect("a dictionary");
    base.remove(key);
    base.into()
}

fn digests(bytes: &[u8], chunk: u64) -> PackageDigests {
    let mut digests = ChunkDigests::new(NonZeroU64::new(chunk).expect("a size"));
    digests.update(bytes);
    digests.finish()
}

#[test]
fn a_manifest_is_written_byte_for_byte() {
    let item = ManifestItem::new(
        "com.example.notes",
        "R&D <β> \"应用\" 🚀",
        "https://h.example/t/1/notes.ipa?a=1&b=2",
    )
    .unwrap()
    .with_bundle_version("42")
    .unwrap()
    .with_subtitle("Example Ltd")
    .unwrap()
    .with_asset(AssetKind::DisplayImage, "https://h.example/t/1/icon-57.png")
    .unwrap()
    .with_asset(AssetKind::FullSizeImage, "https://h.example/t/1/icon-512.png")
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(Manifest::new(item).to_xml()).unwrap());
}

#[test]
fn digests_and_thinned_packages_are_written_too() {
    let item = ManifestItem::new("com.example.notes", "Notes", "https://h.example/notes.ipa")
        .unwrap()
        .with_digests(digests(b"universal", 4))
        .with_thinned_package(
            "https://h.example/15.ipa",
            &["iPhone15,2", "iPhone15,3"],
            Some(digests(b"thin", 10)),
        )
        .unwrap();
    let other = ManifestItem::new("com.example.todo", "Todo", "https://h.example/todo.ipa").unwrap();
    insta::assert_snapshot!(String::from_utf8(Manifest::new(item).with_item(other).to_xml()).unwrap());
}

#[test]
fn md5_stands_beside_sha256_when_it_was_asked_for() {
    let mut digests = ChunkDigests::with_md5(NonZeroU64::new(2).unwrap());
    digests.update(b"abc");
    let item =
        ManifestItem::new("a.b", "A", "https://h.example/a.ipa").unwrap().with_digests(digests.finish());
    let plist = Manifest::new(item).to_plist();
    let package =
        &plist.get("items").unwrap().as_array().unwrap()[0].get("assets").unwrap().as_array().unwrap()[0];
    assert_eq!(package.get("md5-size"), Some(&Value::from(2)));
    let expected = strings(&["187ef4436122d1cc2f40dc2b92f0eba0", "4a8a08f09d37b73795649038408b5f33"]);
    assert_eq!(package.get("md5s"), Some(&expected));
}

#[test]
fn what_cannot_be_right_is_not_built() {
    let item = |id: &str, title: &str, url: &str| ManifestItem::new(id, title, url).map(drop);
    let url = "https://h.example/notes.ipa";
    for (built, message) in [
        (item("", "Notes", url), "bundle-identifier is empty"),
        (item("com.example notes", "Notes", url), "bundle-identifier holds the character ' '"),
        (item("com.example.notes\n", "Notes", url), "bundle-identifier holds the character '\\n'"),
        (item("com.example.notes", "", url), "title is empty"),
        (item("com.example.notes", " \u{a0}\n\u{7}", url), "title is empty"),
        (
            item("com.example.notes", "Notes", "http://h/"),
            "the url's scheme is http, devices accept only https",
        ),
        (
            item("com.example.notes", "Notes", "notes.ipa"),
            "the url \"notes.ipa\" is not absolute, it must start with https:// and a host",
        ),
    ] {
        assert_eq!(built.unwrap_err().to_string(), message);
    }
    let item = ManifestItem::new("com.example.notes", "Notes", url).unwrap();
    for (built, message) in [
        (item.clone().with_bundle_version(""), "bundle-version is empty"),
        (item.clone().with_subtitle(" "), "subtitle is empty"),
        (item.clone().with_asset(AssetKind::SoftwarePackage, url), "the item has a software-package already"),
        (
            item.clone()
                .with_asset(AssetKind::DisplayImage, url)
                .and_then(|item| item.with_asset(AssetKind::DisplayImage, url)),
            "the item has a display-image already",
        ),
        (item.clone().with_thinned_package(url, &[], None), "variantIds is empty"),
        (item.with_thinned_package(url, &["iPhone15, 2"], None), "variantIds holds the character ' '"),
    ] {
        assert_eq!(built.unwrap_err().to_string(), message);
    }
}

#[test]
fn titles_are_trimmed_and_cut_as_devices_do() {
    let rockets = "🚀".repeat(251);
    let letters = "x".repeat(501);
    for (title, expected, why) in [
        ("  Notes\n", "Notes", "white space around it"),
        ("N", "N", "one character is enough for devices"),
        ("a\tb\u{0}c", "a b c", "control characters become spaces"),
        ("a\u{ffff}b", "ab", "what XML cannot carry goes"),
        ("R&D <β> \"应用\" 🚀", "R&D <β> \"应用\" 🚀", "everything else survives"),
        (&letters[..500], &letters[..500], "at the limit"),
        (&letters, &letters[..500], "one over it"),
        (&rockets, &rockets[..1000], "two units each, none cut in half"),
        (&format!("{} y", &letters[..499]), &letters[..499], "no white space is left at the end"),
    ] {
        let item = ManifestItem::new("a.b", title, "https://h.example/a.ipa").unwrap();
        assert_eq!(item.title(), expected, "{why}");
        let document = read(&Manifest::new(item).to_xml());
        let view = document.device_view(None);
        assert_eq!(view.offered().map(|app| app.title).collect::<Vec<_>>(), [expected], "{why}");
    }
}

#[test]
fn devices_cut_long_titles_of_others() {
    let long = "x".repeat(501);
    let document = document(vec![package()].into(), with(metadata(), "title", format!(" {long}")));
    let view = document.device_view(None);
    assert_eq!(view.offered().next().unwrap().title.len(), 500);
}

#[test]
fn each_reason_to_drop_an_item_is_named() {
    let assets = || Value::from(vec![package()]);
    let kind = |found: Option<&str>| DropReason::KindNotSoftware { found: found.map(str::to_owned) };
    for (document, expected, why) in [
        (document(assets(), without(metadata(), "kind")), vec![kind(None)], "no kind"),
        (
            document(assets(), with(metadata(), "kind", "Software")),
            vec![kind(Some("Software"))],
            "kind in capitals",
        ),
        (document(assets(), with(metadata(), "kind", 1)), vec![kind(None)], "kind of another kind"),
        (document(assets(), without(metadata(), "title")), vec![DropReason::TitleMissing], "no title"),
        (
            document(assets(), with(metadata(), "title", " \n")),
            vec![DropReason::TitleMissing],
            "a blank title",
        ),
        (
            document(assets(), with(metadata(), "title", true)),
            vec![DropReason::TitleMissing],
            "a title that is no text",
        ),
        (
            document(assets(), with(metadata(), "bundle-identifier", "")),
            vec![DropReason::BundleIdentifierMissing],
            "an empty identifier",
        ),
        (
            document(assets(), with(metadata(), "platform-identifier", "com.apple.platform.macosx")),
            vec![DropReason::OtherPlatform { found: "com.apple.platform.macosx".to_owned() }],
            "another platform",
        ),
        (document(strings(&[]), metadata()), vec![DropReason::PackageMissing], "no assets"),
        (
            document(vec![asset("display-image", "https://h/i.png")].into(), metadata()),
            vec![DropReason::PackageMissing],
            "no package among them",
        ),
        (document(package(), metadata()), vec![DropReason::PackageMissing], "assets that are no array"),
        (
            document(assets(), "none".into()),
            vec![DropReason::MetadataMissing],
            "metadata that is no dictionary",
        ),
        (
            document(strings(&[]), dictionary([])),
            vec![
                kind(None),
                DropReason::BundleIdentifierMissing,
                DropReason::TitleMissing,
                DropReason::PackageMissing,
            ],
            "everything at once, in order",
        ),
    ] {
        let view = document.device_view(None);
        let [ItemVerdict::Dropped { index: 0, reasons }] = &view.items[..] else { panic!("{why}: {view:?}") };
        assert_eq!(reasons, &expected, "{why}");
        assert_eq!(view.shown_reason(), expected.first(), "{why}");
    }
}

#[test]
fn good_items_survive_bad_ones() {
    let good = dictionary([("assets", vec![package()].into()), ("metadata", metadata())]);
    let watch = with(metadata(), "platform-identifier", "com.apple.platform.watchos");
    let watch = dictionary([("assets", vec![package()].into()), ("metadata", watch)]);
    let items = vec![Value::from("no dictionary"), good.clone(), dictionary([]), watch];
    let document = read(&write_xml(&dictionary([("items", items.into())])));
    let view = document.device_view(None);
    assert!(matches!(view.items[0], ItemVerdict::Dropped { index: 0, .. }));
    assert!(matches!(&view.items[1], ItemVerdict::Offered(app) if app.index == 1 && app.title == "Notes"));
    assert!(matches!(view.items[2], ItemVerdict::Dropped { index: 2, .. }));
    assert!(matches!(view.items[3], ItemVerdict::ForWatch { index: 3 }));
    assert_eq!(view.shown_reason(), None);
    let phone = with(metadata(), "platform-identifier", "com.apple.platform.iphoneos");
    assert_eq!(self::document(vec![package()].into(), phone).device_view(None).offered().count(), 1);
}

#[test]
fn roots_without_items_offer_nothing() {
    for (root, why) in [
        (dictionary([]), "no items"),
        (dictionary([("items", "x".into())]), "items that are no array"),
        (dictionary([("items", strings(&[]))]), "no item among them"),
        (Value::from(vec![dictionary([])]), "an array at the root"),
    ] {
        let document = read(&write_xml(&root));
        assert!(document.device_view(None).items.is_empty(), "{why}");
        assert_eq!(document.root(), &root, "{why}");
    }
    assert_eq!(read(b"<plist><dict/></plist>").items(), Field::Absent);
    let text = read(b"<plist><dict><key>items</key><string/></dict></plist>");
    assert_eq!(text.items(), Field::OtherKind(&Value::from("")));
}

#[test]
fn the_first_usable_asset_of_each_kind_wins() {
    let assets = vec![
        Value::from("no dictionary"),
        asset("sofware-package", "https://h/typo.ipa"),
        dictionary([("kind", "software-package".into())]),
        asset("software-package", "/relative.ipa"),
        asset("software-package", "http://h/first.ipa"),
        asset("software-package", "https://h/second.ipa"),
        asset("display-image", "https://h/icon.png"),
    ];
    let document = document(assets.into(), metadata());
    let view = document.device_view(None);
    let app = view.offered().next().unwrap();
    let taken: Vec<_> = app.assets.iter().map(|asset| (asset.path.as_str(), asset.url)).collect();
    assert_eq!(
        taken,
        [("items[0].assets[4]", "http://h/first.ipa"), ("items[0].assets[6]", "https://h/icon.png")]
    );
    let ignored = |index: usize, why| IgnoredAsset { path: format!("items[0].assets[{index}]"), why };
    let expected = [
        ignored(0, WhyIgnored::NoKind),
        ignored(1, WhyIgnored::UnknownKind("sofware-package".to_owned())),
        ignored(2, WhyIgnored::NoUrl),
        ignored(3, WhyIgnored::NoHost),
        ignored(5, WhyIgnored::Repeated(AssetKind::SoftwarePackage)),
    ];
    assert_eq!(app.ignored, expected);
}

#[test]
fn thinned_packages_serve_their_models() {
    let item = ManifestItem::new("a.b", "A", "https://h.example/universal.ipa")
        .unwrap()
        .with_asset(AssetKind::DisplayImage, "https://h.example/icon.png")
        .unwrap()
        .with_thinned_package("https://h.example/15.ipa", &["iPhone15,2", "iPhone15,3"], None)
        .unwrap()
        .with_thinned_package("https://h.example/ipad.ipa", &["iPad13,4"], None)
        .unwrap();
    let document = read(&Manifest::new(item).to_xml());
    for (model, url, ignored) in [
        (None, "https://h.example/universal.ipa", 0),
        (Some("iPhone15,3"), "https://h.example/15.ipa", 1),
        (Some("iPad13,4"), "https://h.example/ipad.ipa", 1),
        (Some("iPhone15"), "https://h.example/universal.ipa", 0),
    ] {
        let view = document.device_view(model);
        let app = view.offered().next().unwrap();
        assert_eq!(app.asset(AssetKind::SoftwarePackage).unwrap().url, url, "{model:?}");
        assert_eq!(app.assets.len(), 2, "{model:?}");
        assert_eq!(app.ignored.len(), ignored, "{model:?}");
    }
}

#[test]
fn digests_are_weighed_as_devices_do() {
    use DigestAlgorithm::{Md5, Sha256};
    let check = |pairs: &[(&str, Value)]| {
        let mut asset = package();
        for (key, value) in pairs {
            asset = with(asset, key, value.clone());
        }
        let document = document(vec![asset].into(), metadata());
        let view = document.device_view(None);
        let app = view.offered().next().unwrap();
        format!("{:?}", app.assets[0].digest_check)
    };
    let two = || strings(&["aa", "bb"]);
    for (pairs, expected, why) in [
        (vec![], DigestCheck::None, "none"),
        (
            vec![("sha256", "aa".into())],
            DigestCheck::Whole { algorithm: Sha256, digest: "aa" },
            "one for the whole",
        ),
        (
            vec![("sha256s", strings(&["aa"]))],
            DigestCheck::Whole { algorithm: Sha256, digest: "aa" },
            "a list of one needs no size",
        ),
        (
            vec![("sha256s", two()), ("sha256-size", 10_485_760.into()), ("md5", "cc".into())],
            DigestCheck::Chunks { algorithm: Sha256, chunk_bytes: 10_485_760, digests: vec!["aa", "bb"] },
            "SHA-256 wins over MD5",
        ),
        (vec![("sha256s", two())], DigestCheck::Ignored { algorithm: Sha256, count: 2 }, "no size"),
        (
            vec![("sha256s", two()), ("sha256-size", 0.into())],
            DigestCheck::Ignored { algorithm: Sha256, count: 2 },
            "a size of nothing",
        ),
        (
            vec![("sha256s", two()), ("sha256-size", 1.into())],
            DigestCheck::Chunks { algorithm: Sha256, chunk_bytes: 1, digests: vec!["aa", "bb"] },
            "the smallest size",
        ),
        (
            vec![("sha256s", two()), ("sha256-size", "10485760".into())],
            DigestCheck::Ignored { algorithm: Sha256, count: 2 },
            "a size that is text",
        ),
        (
            vec![("sha256s", vec![Value::from("aa"), Value::from(7)].into()), ("sha256-size", 1.into())],
            DigestCheck::Ignored { algorithm: Sha256, count: 2 },
            "a digest that is no text",
        ),
        (vec![("md5", "cc".into())], DigestCheck::Whole { algorithm: Md5, digest: "cc" }, "MD5 alone"),
        (
            vec![("md5s", two()), ("md5-size", 5.into())],
            DigestCheck::Chunks { algorithm: Md5, chunk_bytes: 5, digests: vec!["aa", "bb"] },
            "MD5 in chunks",
        ),
    ] {
        assert_eq!(check(&pairs), format!("{expected:?}"), "{why}");
    }
}

#[test]
fn every_key_is_seen_with_its_standing() {
    let asset = with(with(package(), "needs-shine", true), "sha256-size", "7");
    let metadata =
        with(with(metadata(), "sizeInBytes", 1), "platform-identifier", "com.apple.platform.iphoneos");
    let item = with(
        dictionary([("assets", vec![asset].into()), ("metadata", metadata)]),
        "thinned-assets",
        dictionary([]),
    );
    let document = read(&write_xml(&dictionary([("items", vec![item].into()), ("version", 1.into())])));
    let odd: Vec<_> = document
        .keys()
        .into_iter()
        .filter(|key| key.standing != KeyStanding::Documented || key.is_of_other_kind())
        .map(|key| (key.path.clone(), key.standing, key.is_of_other_kind().then_some(key.found)))
        .collect();
    let expected = [
        ("version", KeyStanding::Unknown, None),
        ("items[0].thinned-assets", KeyStanding::Thinning, Some(Kind::Dictionary)),
        ("items[0].assets[0].needs-shine", KeyStanding::Removed, None),
        ("items[0].assets[0].sha256-size", KeyStanding::Documented, Some(Kind::String)),
        ("items[0].metadata.sizeInBytes", KeyStanding::Removed, None),
        ("items[0].metadata.platform-identifier", KeyStanding::Undocumented, None),
    ];
    assert_eq!(odd, expected.map(|(path, standing, kind)| (path.to_owned(), standing, kind)));
    assert_eq!(document.keys().len(), 14);
}

#[test]
fn binary_manifests_are_read_like_xml() {
    let item = ManifestItem::new("a.b", "R&D 🚀", "https://h.example/a.ipa").unwrap();
    let manifest = Manifest::new(item);
    let binary = read(&write_binary(&manifest.to_plist()));
    let xml = read(&manifest.to_xml());
    assert_eq!((binary.format(), xml.format()), (Some(Format::Binary), Some(Format::Xml)));
    assert_eq!(binary.root(), xml.root());
    assert_eq!(binary.device_view(None).offered().next().unwrap().title, "R&D 🚀");
}

#[test]
fn what_is_no_property_list_is_refused() {
    for bytes in [&b""[..], b"<html><body>404</body></html>", b"{}", b"bplist00"] {
        let error = ManifestDocument::read(bytes, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::NotAPropertyList(_)), "{error:?}");
    }
}

fn plist_value() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "items",
        "assets",
        "thinned-assets",
        "metadata",
        "kind",
        "url",
        "sha256s",
        "sha256-size",
        "md5s",
        "variantIds",
        "title",
        "bundle-identifier",
        "platform-identifier",
        "x",
    ]);
    let leaf = prop_oneof![
        prop::sample::select(vec!["software-package", "software", "https://h/a", "iPhone15,2", ""])
            .prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().collect::<Dictionary>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = ManifestDocument::read(&bytes, &Limits::default());
    }

    #[test]
    fn no_property_list_makes_it_panic(items in plist_value()) {
        let document = read(&write_binary(&dictionary([("items", items)])));
        let view = document.device_view(Some("iPhone15,2"));
        for app in view.offered() {
            prop_assert!(app.asset(AssetKind::SoftwarePackage).is_some() && !app.title.is_empty());
        }
        for item in &view.items {
            if let ItemVerdict::Dropped { reasons, .. } = item {
                prop_assert!(!reasons.is_empty());
            }
        }
        let _ = document.keys();
    }

    #[test]
    fn what_is_built_is_offered_as_built(title in "\\PC{1,40}", version in "[0-9.]{1,9}", path in "[a-z/]{0,9}") {
        let url = format!("https://h.example/{path}");
        let Ok(item) = ManifestItem::new("com.example.notes", &title, &url) else {
            prop_assert!(title.trim().is_empty());
            return Ok(());
        };
        let item = item.with_bundle_version(&version).unwrap().with_digests(digests(title.as_bytes(), 7));
        let manifest = Manifest::new(item);
        let document = read(&manifest.to_xml());
        let view = document.device_view(None);
        let app = view.offered().next().unwrap();
        prop_assert_eq!(app.title, manifest.items()[0].title());
        prop_assert_eq!(app.title, title.trim());
        prop_assert_eq!(app.bundle_version, Some(version.as_str()));
        prop_assert!(app.ignored.is_empty());
        let is_checked = matches!(app.assets[0].digest_check, DigestCheck::Whole { .. } | DigestCheck::Chunks { .. });
        prop_assert!(is_checked);
        prop_assert!(document.keys().iter().all(|key| key.standing == KeyStanding::Documented && !key.is_of_other_kind()));
    }
}

#[test]
fn digests_that_no_file_can_have_are_told() {
    let good = "a".repeat(64);
    let xml = format!(
        "<plist><dict><key>items</key><array><dict><key>assets</key><array><dict>
            <key>sha256s</key><array><string>{good}</string><string>{}</string><string>ab</string><integer>1</integer></array>
            <key>md5</key><string>{}</string>
        </dict></array></dict></array></dict></plist>",
        good.replacen('a', "g", 1),
        "F".repeat(32),
    );
    let document = ManifestDocument::read(xml.as_bytes(), &Limits::default()).unwrap();
    let items = document.items().seen().unwrap();
    let found = items[0].assets().seen().unwrap()[0].odd_digests();
    let told: Vec<_> = found
        .iter()
        .map(|odd| (odd.path.as_str(), odd.found_characters, odd.odd_character, odd.is_no_text))
        .collect();
    assert_eq!(
        told,
        [
            ("items[0].assets[0].sha256s[1]", 64, Some('g'), false),
            ("items[0].assets[0].sha256s[2]", 2, None, false),
            ("items[0].assets[0].sha256s[3]", 0, None, true),
        ]
    );
}

#[test]
fn values_that_nobody_filled_in_are_told_with_their_path() {
    let xml = b"<plist><dict><key>items</key><array><dict>
        <key>assets</key><array><dict><key>url</key><string>https://apps.acme.test/$(NAME).ipa</string></dict></array>
        <key>metadata</key><dict><key>title</key><string>YOUR_APP</string><key>subtitle</key><string>Acme</string></dict>
    </dict></array></dict></plist>";
    let document = ManifestDocument::read(xml, &Limits::default()).unwrap();
    let found = document.placeholders();
    let told: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.found.as_str())).collect();
    assert_eq!(told, [("items[0].assets[0].url", "$(NAME)"), ("items[0].metadata.title", "YOUR_APP")]);
}
