use std::net::TcpListener;

use ipa::{Archive, Limits};
use testkit::app::{AppPackage, Bundle, BundleKind};
use testkit::labelled::Manifest;
use testkit::pki::{Chain, LeafKind};
use testkit::plist::texts;
use testkit::zip::Content;

use crate::airstair::{Folder, Run, package, run, run_with_input};
use crate::remote::Server;

/// A moment at which the packages of these tests are sound.
const AT: &str = "--at=2026-06-02";

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

fn doctor(package: &AppPackage, words: &[&str]) -> Run {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", package);
    run([&["doctor", file.to_str().unwrap(), AT], words].concat())
}

/// What is found of every package of these tests: it is signed below a root of their own.
const UNTRUSTED: [&str; 2] = ["unknown-authority", "profile-untrusted"];

/// The names of the findings, but for those of every package.
fn names(run: &Run) -> Vec<String> {
    all_names(run).into_iter().filter(|name| !UNTRUSTED.contains(&name.as_str())).collect()
}

fn all_names(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_sound_package_installs() {
    let run = doctor(&notes(), &["--json"]);
    let answer = run.json();
    assert_eq!(
        (run.code, &answer["verdict"], &answer["version"]),
        (0, &"installs".into(), &1.into()),
        "{answer}"
    );
    assert_eq!(all_names(&run), UNTRUSTED);
    assert!(answer["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "warning"));
    let skipped = answer["skipped"].as_array().unwrap();
    assert!(
        skipped.iter().all(|skipped| skipped["option"].is_string()),
        "only what was not asked for is left out"
    );
}

#[test]
fn the_first_cause_comes_first_and_the_verdict_last() {
    let run = doctor(&notes().expires_at(AppPackage::NOW), &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stdout.contains("What keeps it from being installed\nerror PRF004 profile-expired\n"),
        "{}",
        run.stdout
    );
    let last = run.stdout.lines().last().unwrap();
    assert_eq!(last, "Fails at: profile (PRF004 profile-expired; `airstair explain PRF004`)");
    assert!(!run.stdout.contains('\u{1b}'), "no colours outside of terminals");
}

#[test]
fn a_device_is_judged_when_it_is_named() {
    let listed = &[
        "--udid",
        "00008110-000A1234567890AB",
        "--device",
        "iPhone15,2",
        "--ios",
        "18.1",
        "--deep",
        "--json",
    ];
    let run = doctor(&notes(), listed);
    let answer = run.json();
    let unasked: Vec<_> =
        answer["skipped"].as_array().unwrap().iter().map(|skipped| &skipped["option"]).collect();
    assert_eq!((run.code, unasked), (0, vec![&"--revocation".into()]), "{run:?}");

    let stranger = doctor(&notes(), &["--udid", "00008110-00FFFFFFFFFFFF01", "--json"]);
    assert_eq!((stranger.code, names(&stranger)), (1, vec!["device-not-in-profile".to_owned()]));
    let old = doctor(&notes().minimum_os("17.0"), &["--ios", "16.4", "--json"]);
    assert_eq!((old.code, names(&old)), (1, vec!["os-too-old".to_owned()]));

    let radio = notes().info("UIRequiredDeviceCapabilities", texts(["arm64", "telephony"]));
    let tablet = doctor(&radio, &["--device", "iPad14,1", "--json"]);
    assert_eq!((tablet.code, names(&tablet)), (1, vec!["capability-missing".to_owned()]));
    let phone = doctor(&radio, &["--device", "iPhone15,2", "--json"]);
    assert_eq!((phone.code, names(&phone)), (0, vec![]));
}

#[test]
fn a_moment_decides_what_has_expired() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &notes());
    for (at, code) in [("2026-06-02", 0), ("2036-06-02", 1)] {
        assert_eq!(run(["doctor", file.to_str().unwrap(), "--at", at]).code, code, "{at}");
    }
    assert_eq!(run(["doctor", file.to_str().unwrap(), "--at", "soon"]).code, 2);
}

#[test]
fn rules_are_chosen_and_ignored_by_code_or_name() {
    let expired = notes().expires_at(AppPackage::NOW);
    let ignored = doctor(&expired, &["--ignore", "PRF004", "--json"]);
    assert_eq!((ignored.code, &ignored.json()["ignored"]), (0, &1.into()));
    let only = doctor(&expired.without_icon(), &["--only", "profile-expired", "--json"]);
    assert_eq!(names(&only), ["profile-expired"]);
    let unknown = doctor(&notes(), &["--only", "PRF999"]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
}

#[test]
fn links_are_found_in_whatever_text_they_stand() {
    let page = r#"<html><body><a href="itms-services://?action=download-manifest&amp;amp;url=https%3A%2F%2Fapps.example%2Fm.plist">Install</a></body></html>"#;
    let run = run_with_input(["doctor", "-", "--json"], page);
    assert_eq!((run.code, names(&run)), (1, vec!["double-escaped-ampersand".to_owned()]), "{run:?}");
    let good = "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist";
    let run = crate::airstair::run(["doctor", good, "--offline", "--json"]);
    assert_eq!((run.code, &run.json()["verdict"]), (0, &"cannot-tell".into()), "{run:?}");
    let nothing = run_with_input(["doctor", "-"], "a text without any");
    assert_eq!(nothing.code, 1, "{nothing:?}");
}

#[test]
fn offline_asks_nobody_whatever_is_named() {
    let folder = Folder::new();
    let server = Server::of_files(&folder.path("."));
    for address in [format!("{}/Notes.ipa", server.address), "https://apps.example/beta".to_owned()] {
        let run = run(["doctor", "--offline", "--allow-private", &address]);
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.stderr.contains("--offline asks nobody"), "{run:?}");
    }
}

#[test]
fn a_repaired_link_is_given_where_it_helps_and_can_be_copied() {
    let broken = "itms-services://?action=download-manifest&url=https://localhost/m.plist?app=7&build=42";
    let repaired = "itms-services://?action=download-manifest&url=https%3A%2F%2Flocalhost%2Fm.plist%3Fapp%3D7%26build%3D42";
    let answer = run(["doctor", broken, "--offline", "--json"]).json();
    let helps = answer["findings"].as_array().unwrap().iter().map(|finding| {
        let fix = finding["fix"].as_str().unwrap();
        (finding["name"].as_str().unwrap(), fix.ends_with(repaired))
    });
    let expected = [("manifest-url-not-encoded", true), ("manifest-host-is-the-device", false)];
    assert_eq!(helps.collect::<Vec<_>>(), expected, "{answer}");
    let shown = run(["doctor", broken, "--offline"]).stdout;
    assert!(shown.lines().any(|line| line.ends_with(repaired)), "{shown}");
}

#[test]
fn a_link_is_taken_for_what_its_text_shows() {
    let good = "itms-services://?action=download-manifest&amp;url=https://apps.example/m.plist";
    let old = good.replace("https:", "http:");
    let list =
        |root: &str| format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{root}</dict></plist>");
    for (what, text, expected) in [
        ("a bookmark", list(&format!("<key>URL</key><string>{good}</string>")), &[][..]),
        (
            "a web clip",
            list(&format!(
                "<key>PayloadContent</key><array><dict><key>URL</key><string>{old}</string></dict></array>"
            )),
            &["manifest-url-not-https"],
        ),
        (
            "a manifest whose package is a link",
            String::from_utf8(Manifest::default().package_url(good).build()).unwrap(),
            &["package-url-not-https"],
        ),
        ("a comment beside the link", format!("<!-- {old} --><a href=\"{good}\">x</a>"), &[]),
        ("a comment alone", format!("<p><!-- {old} --></p>"), &["manifest-url-not-https"]),
    ] {
        let run = run_with_input(["doctor", "-", "--json"], &text);
        let told = names(&run);
        assert!(expected.iter().all(|name| told.contains(&(*name).to_owned())), "{what}: {told:?}");
        assert!(!expected.is_empty() || told.is_empty(), "{what}: {told:?}");
    }
}

#[test]
fn a_manifest_and_its_package_are_one_road() {
    let folder = Folder::new();
    let file = folder.package("Notes.ipa", &notes());
    let manifest = folder.file(
        "manifest.plist",
        Manifest::default().metadata("bundle-identifier", "com.example.other").build(),
    );
    let run = run(["doctor", manifest.to_str().unwrap(), file.to_str().unwrap(), AT, "--json"]);
    assert_eq!((run.code, names(&run)), (1, vec!["bundle-identifier-mismatch".to_owned()]), "{run:?}");
}

/// The bytes of a file in a package, with one changed.
fn spoiled(package: &AppPackage, path: &str, place: usize) -> Vec<u8> {
    let bytes = package.build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    let entry = archive.find(&format!("Payload/Notes.app/{path}")).expect("it is there");
    let mut content = archive.read(&entry, 1 << 20).unwrap();
    content[place] ^= 1;
    content
}

#[test]
fn deep_finds_whatever_was_changed_after_signing() {
    let made = notes()
        .file("config.json", "{}")
        .framework("Kit")
        .nested(Bundle::new(BundleKind::Extension, "com.example.notes.share", "share").file("a.json", "{}"))
        .nested(Bundle::new(BundleKind::WatchApp, "com.example.notes.watch", "watch").file("b.json", "{}"));
    let code = spoiled(&made, "Notes", 0x2345);
    let kit = spoiled(&made, "Frameworks/Kit.framework/Kit", 0x2345);
    let after = |path: &str, content: Content| made.clone().file_after_signing(path, content);
    let app = "Payload/Notes.app";
    for (package, expected) in [
        (made.clone(), &[][..]),
        (after("config.json", "[]".into()), &[(app, "config.json changed after signing")]),
        (after("added.json", "[]".into()), &[(app, "added.json was added after signing")]),
        (
            made.clone().bundle(|app| app.without_file_after_signing("config.json")),
            &[(app, "config.json was signed and is gone")],
        ),
        (
            after("Notes", code.into()),
            &[(app, "page 3 of 9 of its arm64 code changed after signing, from byte 8192 on")],
        ),
        (
            after("Frameworks/Kit.framework/Kit", kit.into()),
            &[
                (app, "Frameworks/Kit.framework/Kit changed after signing"),
                (
                    "Payload/Notes.app/Frameworks/Kit.framework",
                    "page 3 of 9 of its arm64 code changed after signing, from byte 8192 on",
                ),
            ],
        ),
        (
            after("PlugIns/share.appex/a.json", "[]".into()),
            &[
                (app, "PlugIns/share.appex/a.json changed after signing"),
                ("Payload/Notes.app/PlugIns/share.appex", "a.json changed after signing"),
            ],
        ),
        (
            after("Watch/watch.app/b.json", "[]".into()),
            &[
                (app, "Watch/watch.app/b.json changed after signing"),
                ("Payload/Notes.app/Watch/watch.app", "b.json changed after signing"),
            ],
        ),
    ] {
        let run = doctor(&package, &["--deep", "--only", "sealed-file-changed", "--json"]);
        let answer = run.json();
        let found: Vec<(&str, &str)> = answer["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (finding["bundle"].as_str().unwrap(), finding["message"].as_str().unwrap()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!((run.code, run.stderr.as_str()), (i32::from(!expected.is_empty()), ""), "{expected:?}");
        assert_eq!(answer["skipped"].as_array().unwrap().len(), 0, "{answer}");

        // Whoever does not ask is told so.
        let shallow = doctor(&package, &["--only", "sealed-file-changed", "--json"]);
        let answer = shallow.json();
        assert_eq!((shallow.code, &answer["skipped"][0]["option"]), (0, &"--deep".into()), "{answer}");
    }
}

#[test]
fn deep_reads_all_of_a_package_at_an_address() {
    let folder = Folder::new();
    let changed = notes().file("config.json", "{}").file_after_signing("config.json", "[]");
    let file = folder.package("Notes.ipa", &changed);
    let server = Server::of_files(file.parent().unwrap());
    let address = format!("{}/Notes.ipa", server.address);
    let remote = run(["doctor", &address, AT, "--deep", "--allow-private", "--json"]);
    let local = run(["doctor", file.to_str().unwrap(), AT, "--deep", "--json"]);
    let found = all_names(&remote);
    assert!(all_names(&local).iter().all(|name| found.contains(name)), "{remote:?}");
    let not_asked = |run: &Run| {
        let skipped = run.json()["skipped"].as_array().unwrap().clone();
        skipped.into_iter().filter(|one| one["option"].is_null()).count()
    };
    assert_eq!((remote.code, not_asked(&remote)), (1, not_asked(&local)), "{remote:?}");
    assert_eq!(
        remote.json()["findings"].as_array().unwrap().iter().find(|one| one["first_cause"] == true).unwrap()
            ["name"],
        "sealed-file-changed"
    );
}

#[test]
fn deep_compares_a_package_with_the_digests_of_its_manifest() {
    let folder = Folder::new();
    let package = notes().file("large.bin", Content::HalfNoise { bytes: 200_000, seed: 7 }).build();
    let manifest = folder.file("manifest.plist", Manifest::default().digests(&package, 50_000).build());

    let mut other = package.clone();
    other[60_001] ^= 1;
    let chunks = package.len().div_ceil(50_000);
    let differs =
        format!("chunk 2 of {chunks}, bytes 50000 to 99999, has another sha256 than the manifest says");
    for (bytes, code, expected) in [(&package, 0, None), (&other, 1, Some(&*differs))] {
        let file = folder.file("Notes.ipa", bytes);
        let doctor = |options: &[&str]| {
            let targets = ["doctor", manifest.to_str().unwrap(), file.to_str().unwrap(), AT];
            run([&targets, options].concat())
        };
        let deep = doctor(&["--deep", "--only", "digest-mismatch", "--json"]);
        assert_eq!((deep.code, deep.json()["findings"][0]["message"].as_str()), (code, expected), "{deep:?}");
        let shallow = doctor(&["--only", "digest-mismatch", "--json"]);
        assert_eq!((shallow.code, &shallow.json()["skipped"][0]["option"]), (0, &"--deep".into()));
    }
}

#[test]
fn code_hosts_read_the_answer_as_sarif() {
    let run = doctor(&notes().expires_at(AppPackage::NOW), &["--sarif"]);
    let log = run.json();
    assert_eq!((run.code, &log["version"]), (1, &"2.1.0".into()));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let ids: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["SIG011", "PRF003", "PRF004"]);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "PRF004"));
}

#[test]
fn a_finding_is_explained_by_code_name_and_words() {
    for words in ["PRF004", "profile-expired"] {
        let run = run(["explain", words]);
        assert!(run.code == 0 && run.stdout.starts_with("PRF004 profile-expired\n"), "{run:?}");
    }
    let symptom = run(["explain", "Cannot connect to"]);
    assert!(symptom.code == 0 && symptom.stdout.contains("chain-incomplete"), "{symptom:?}");
    assert_eq!(run(["explain", "green elephants"]).code, 1);
    assert!(run(["explain"]).stdout.contains("device-not-in-profile"));
}

#[test]
fn what_a_package_says_cannot_steer_the_terminal() {
    let run = doctor(&package().info("CFBundleIdentifier", "com.example.\u{1b}[31mnotes"), &[]);
    assert!(run.code == 1 && !run.stdout.contains('\u{1b}'), "{run:?}");
}

#[test]
fn authorities_are_asked_only_on_request_and_never_at_private_addresses() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let responder = format!("http://{}/ocsp", listener.local_addr().unwrap());
    let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, AppPackage::NOW);
    let leaf = Chain::leaf_builder("A1B2C3D4E5", LeafKind::Distribution, AppPackage::NOW)
        .information_access(&[&responder], &[])
        .issued_by(&chain.intermediate, chain.leaf.key.clone());
    let package = notes().chain(&Chain { leaf, ..chain });

    let unasked = doctor(&package, &[]);
    assert!(unasked.stdout.contains("--revocation"), "{unasked:?}");
    assert!(unasked.stdout.contains("Installs"), "{unasked:?}");

    let asked = doctor(&package, &["--revocation"]);
    let expected = format!("{responder}: 127.0.0.1 may not be reached: it is not public");
    let words = asked.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&expected) && words.contains("Cannot tell"), "{asked:?}");
    assert!(listener.accept().is_err(), "nobody came");
}
