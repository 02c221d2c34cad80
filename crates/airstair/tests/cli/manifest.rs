use crate::airstair::{Folder, package, run, run_with_input};

const URL: &str = "https://apps.example.com/My%20Notes.ipa";

#[test]
fn a_manifest_is_written_as_devices_want_it() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package().display_name("R&D <β> 🚀"));
    let run = run([
        "manifest",
        file.to_str().unwrap(),
        "--url",
        "https://apps.example.com/My Notes.ipa",
        "--icon-url",
        "https://apps.example.com/57.png",
        "--full-size-icon-url",
        "https://apps.example.com/512.png",
        "--subtitle",
        "Example Ltd",
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    insta::assert_snapshot!("manifest", run.stdout);
}

#[test]
fn what_is_written_passes_the_check() {
    let folder = Folder::new();
    let (file, plist) = (folder.package("Notes.ipa", &package()), folder.path("manifest.plist"));
    let (file, plist) = (file.to_str().unwrap(), plist.to_str().unwrap());
    for digests in ["sha256", "md5"] {
        let written = run(["manifest", file, "--url", URL, "--digests", digests, "-o", plist, "--json"]);
        assert_eq!(
            (written.code, written.json()["bundle_id"].as_str()),
            (0, Some("com.example.notes")),
            "{written:?}"
        );
        let xml = std::fs::read_to_string(plist).unwrap();
        assert_eq!(xml.contains("<key>md5s</key>"), digests == "md5");
        let checked = run(["manifest", file, "--check", plist, "--json"]);
        let answer = checked.json();
        assert_eq!((checked.code, answer["accepted"].as_bool()), (0, Some(true)), "{checked:?}");
        let asset = &answer["items"][0]["assets"][0];
        assert_eq!(
            (asset["url"].as_str(), asset["digests"].as_str()),
            (Some(URL), Some("it is checked by one sha256 digest"))
        );
    }
}

#[test]
fn others_manifests_are_judged_as_a_device_does() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    let manifest = run(["manifest", file.to_str().unwrap(), "--url", URL]).stdout;
    let other = folder.package("Other.ipa", &testkit::app::AppPackage::new("com.example.other"));
    for (text, code, expected) in [
        (manifest.clone(), 0, "offers to install 1 app."),
        (manifest.replace(">software<", ">music<"), 1, "metadata.kind is \"music\""),
        (manifest.replace("https://", "http://"), 1, "not https"),
        (manifest.replace("<key>items</key>", "<key>things</key>"), 1, "no items"),
        ("<!doctype html><p>Log in".to_owned(), 1, "web page"),
        (String::new(), 1, "is no manifest"),
    ] {
        let run = run_with_input(["manifest", "--check", "-"], &text);
        assert_eq!(run.code, code, "{run:?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(expected), "{expected}: {run:?}");
    }
    let run = run_with_input(["manifest", other.to_str().unwrap(), "--check", "-"], &manifest);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("com.example.other"), "{run:?}");
}

#[test]
fn what_cannot_be_in_a_manifest_is_refused_with_advice() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &package());
    let nameless = folder.package("Nameless.ipa", &package().without_info("CFBundleIdentifier"));
    let text = folder.file("text.ipa", "hello");
    let nowhere = folder.path("absent/m.plist");
    for (words, code, expected) in [
        (vec![file.to_str().unwrap(), "--url", "http://h/a.ipa"], 2, "devices accept only https"),
        (vec![file.to_str().unwrap(), "--url", URL, "--icon-url", "57.png"], 2, "--icon-url"),
        (vec![file.to_str().unwrap()], 2, "--url"),
        (vec![nameless.to_str().unwrap(), "--url", URL], 1, "CFBundleIdentifier"),
        (vec![text.to_str().unwrap(), "--url", URL], 1, "no app package"),
        (
            vec![file.to_str().unwrap(), "--url", URL, "-o", nowhere.to_str().unwrap()],
            3,
            "could not be written",
        ),
        (vec!["--check", "absent.plist"], 3, "could not be read"),
    ] {
        let run = run([&["manifest"], &words[..]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{words:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{words:?}: {run:?}");
    }
}
