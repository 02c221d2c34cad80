use testkit::app::AppPackage;
use testkit::labelled::Manifest;

use crate::airstair::{Folder, Run, package, run, run_with_input};

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

/// The names of the findings.
fn names(run: &Run) -> Vec<String> {
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
    assert_eq!(names(&run), Vec::<String>::new());
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
    let listed =
        &["--udid", "00008110-000A1234567890AB", "--device", "iPhone15,2", "--ios", "18.1", "--json"];
    let run = doctor(&notes(), listed);
    assert_eq!((run.code, run.json()["skipped"].as_array().unwrap().len()), (0, 0), "{run:?}");

    let stranger = doctor(&notes(), &["--udid", "00008110-00FFFFFFFFFFFF01", "--json"]);
    assert_eq!((stranger.code, names(&stranger)), (1, vec!["device-not-in-profile".to_owned()]));
    let old = doctor(&notes().minimum_os("17.0"), &["--ios", "16.4", "--json"]);
    assert_eq!((old.code, names(&old)), (1, vec!["os-too-old".to_owned()]));
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
    let run = crate::airstair::run(["doctor", good, "--json"]);
    assert_eq!((run.code, &run.json()["verdict"]), (0, &"cannot-tell".into()), "{run:?}");
    let nothing = run_with_input(["doctor", "-"], "a text without any");
    assert_eq!(nothing.code, 1, "{nothing:?}");
}

#[test]
fn a_repaired_link_is_given_where_it_helps_and_can_be_copied() {
    let broken = "itms-services://?action=download-manifest&url=https://localhost/m.plist?app=7&build=42";
    let repaired = "itms-services://?action=download-manifest&url=https%3A%2F%2Flocalhost%2Fm.plist%3Fapp%3D7%26build%3D42";
    let answer = run(["doctor", broken, "--json"]).json();
    let helps = answer["findings"].as_array().unwrap().iter().map(|finding| {
        let fix = finding["fix"].as_str().unwrap();
        (finding["name"].as_str().unwrap(), fix.ends_with(repaired))
    });
    let expected = [("manifest-url-not-encoded", true), ("manifest-host-is-the-device", false)];
    assert_eq!(helps.collect::<Vec<_>>(), expected, "{answer}");
    let shown = run(["doctor", broken]).stdout;
    assert!(shown.lines().any(|line| line.ends_with(repaired)), "{shown}");
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

#[test]
fn code_hosts_read_the_answer_as_sarif() {
    let run = doctor(&notes().expires_at(AppPackage::NOW), &["--sarif"]);
    let log = run.json();
    assert_eq!((run.code, &log["version"]), (1, &"2.1.0".into()));
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "PRF004");
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
