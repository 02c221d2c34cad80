use testkit::app::AppPackage;
use testkit::plist::Value;
use testkit::profile::SigningKind;
use testkit::zip::Entry;

use crate::airstair::{Folder, Run, now, package, redacted, run, run_with_input};

fn inspect(package: &AppPackage, words: &[&str]) -> Run {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", package);
    run([&["inspect", file.to_str().unwrap()], words].concat())
}

/// An app with a bit of everything.
fn rich() -> AppPackage {
    let types = Value::Array(vec![Value::Dictionary(
        [("CFBundleURLSchemes".to_owned(), Value::Array(vec!["notes".into(), "notes-beta".into()]))]
            .into_iter()
            .collect(),
    )]);
    package()
        .display_name("Notes")
        .info("CFBundleURLTypes", types)
        .info("UIRequiredDeviceCapabilities", Value::Array(vec!["arm64".into(), "metal".into()]))
        .file("de.lproj/InfoPlist.strings", &b"\"CFBundleDisplayName\" = \"Notizen\";"[..])
        .devices(["00008110-001A2B3C4D5E6F78", "0123456789abcdef0123456789abcdef01234567"])
        .extension("widget")
        .watch_app("watch")
        .framework("core")
        .top_level(Entry::file("__MACOSX/._Payload", b"x".to_vec()))
}

#[test]
fn a_package_is_described_for_people() {
    let run = inspect(&rich(), &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "no colours outside of terminals");
    redacted().bind(|| insta::assert_snapshot!("inspect_text", run.stdout));
}

#[test]
fn a_package_is_described_for_programs() {
    let run = inspect(&rich(), &["--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    redacted().bind(|| insta::assert_snapshot!("inspect_json", run.stdout));
}

#[test]
fn devices_and_entitlements_are_listed_on_demand() {
    let udid = "00008110-001A2B3C4D5E6F78";
    assert!(!inspect(&rich(), &[]).stdout.contains(udid));
    assert!(inspect(&rich(), &["--devices"]).stdout.contains(udid));
    assert_eq!(
        inspect(&rich(), &["--json"]).json()["package"]["app"]["profile"]["device_ids"],
        serde_json::Value::Null
    );
    let listed = inspect(&rich(), &["--json", "--devices"]).json();
    assert_eq!(listed["package"]["app"]["profile"]["device_ids"][0], udid);
    assert!(inspect(&rich(), &["--entitlements"]).stdout.contains("\"application-identifier\""));
}

#[test]
fn faults_are_findings_and_the_exit_code() {
    let expired = now() - time::Duration::days(3);
    for (package, finding, why) in [
        (package().expires_at(expired), "profile-expired", "an expired profile"),
        (package().without_profile(), "profile-missing", "no profile"),
        (package().signing(SigningKind::AppStore), "app-store-profile", "an App Store build"),
    ] {
        let run = inspect(&package, &["--json"]);
        assert_eq!(run.code, 1, "{why}");
        let names: Vec<_> =
            run.json()["findings"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert!(names.iter().any(|name| name == finding), "{why}: {names:?}");
        let text = inspect(&package, &[]);
        assert_eq!(text.code, 1, "{why}");
        let told = text.stdout.lines().any(|line| line.starts_with("error ") && line.ends_with(finding));
        assert!(told, "{why}: {}", text.stdout);
    }
    let run = inspect(&package().expires_at(expired), &[]);
    assert!(run.stdout.contains("Expired "), "{}", run.stdout);
}

#[test]
fn what_is_no_package_is_told_from_what_cannot_be_read() {
    let folder = Folder::new();
    let path = |name: &str| folder.path(name).to_str().unwrap().to_owned();
    folder.file("text.ipa", "hello");
    folder.file("empty.ipa", "");
    folder.package("bare.ipa", &package().payload_folder("Content"));
    std::fs::create_dir(folder.path("Notes.app")).unwrap();
    for (name, code, expected) in [
        ("text.ipa", 1, "no zip archive"),
        ("empty.ipa", 1, "an empty file"),
        ("bare.ipa", 1, "Payload"),
        ("absent.ipa", 3, "could not be opened"),
        ("Notes.app", 2, "is a folder, expected an .ipa file"),
    ] {
        let run = run(["inspect", &path(name)]);
        assert_eq!(run.code, code, "{name}: {run:?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(expected), "{name}: {run:?}");
        assert_eq!(run.stderr.contains("help:"), code > 1, "{name}: {run:?}");
        let machine = crate::airstair::run(["inspect", &path(name), "--json"]).json();
        let said = if code == 1 { &machine["problem"] } else { &machine["error"]["message"] };
        assert!(said.is_string(), "{name}: {machine}");
    }
}

#[test]
fn text_out_of_a_package_cannot_steer_the_terminal() {
    let nasty = "\u{1b}[2J\u{1b}]0;owned\u{7}N\u{202e}otes\r\n";
    let folder = Folder::new();
    let package = package()
        .display_name(nasty)
        .info("CFBundleShortVersionString", nasty)
        .info("CFBundleURLTypes", Value::String(nasty.into()))
        .top_level(Entry::file(nasty, b"x".to_vec()));
    let file = folder.package("Notes.ipa", &package);
    for words in [&["inspect"][..], &["inspect", "--entitlements", "--devices"]] {
        let run = run(words.iter().map(AsRef::as_ref).chain([file.as_os_str()]));
        let odd = |text: &str| text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!((odd(&run.stdout), odd(&run.stderr)), (None, None), "{run:?}");
    }
}

#[test]
fn broken_and_hostile_packages_end_in_an_answer() {
    let whole = package().build();
    let folder = Folder::new();
    let mut cases: Vec<(String, Vec<u8>)> = testkit::plist::hostile::cases()
        .into_iter()
        .map(|case| (case.what.clone(), package().file("Info.plist", case.bytes).build()))
        .collect();
    cases.extend(
        [1, 4, 30, whole.len() / 2, whole.len() - 1]
            .map(|cut| (format!("cut at {cut}"), whole[..cut].to_vec())),
    );
    cases.push(("a broken profile".into(), package().profile_bytes(vec![0x30; 5000]).build()));
    cases.push(("a broken executable".into(), package().executable_bytes(vec![0xfe; 5000]).build()));
    cases.push(("a broken icon".into(), package().icon_bytes(vec![0x89; 5000]).build()));
    for (name, bytes) in cases {
        let file = folder.file("Odd.ipa", bytes);
        for format in [&[][..], &["--json"]] {
            let run = run([&["inspect", file.to_str().unwrap()], format].concat());
            assert!(matches!(run.code, 0 | 1), "{name}: {run:?}");
            assert!(!run.stdout.is_empty() && !run.stderr.contains("panicked"), "{name}: {run:?}");
        }
    }
}

#[test]
fn the_icon_is_written_as_a_png() {
    let folder = Folder::new();
    let (file, icon) = (folder.package("Notes.ipa", &package()), folder.path("icon.png"));
    let words = ["inspect".as_ref(), file.as_os_str(), "--icon".as_ref(), icon.as_os_str()];
    assert_eq!(run(words).code, 0);
    assert!(std::fs::read(&icon).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    let nowhere = folder.path("absent/icon.png");
    let run =
        run_with_input(["inspect".as_ref(), file.as_os_str(), "--icon".as_ref(), nowhere.as_os_str()], "");
    assert_eq!(run.code, 3, "{run:?}");
}
