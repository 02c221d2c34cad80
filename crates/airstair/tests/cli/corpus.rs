//! Packages of other people's: every one gets an answer. Nothing of them is printed here.

use std::path::PathBuf;

use crate::airstair::{Folder, run};

fn packages() -> Option<Vec<PathBuf>> {
    #[expect(clippy::disallowed_methods, reason = "tests find their samples by it")]
    let folder = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let mut packages: Vec<_> = std::fs::read_dir(folder.join("ipa"))
        .ok()?
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ipa"))
        .collect();
    packages.sort();
    Some(packages)
}

/// Whether devices took the package while its profile was valid: for iOS, whole, and signed for listed devices or anybody.
fn was_installed(package: &serde_json::Value) -> bool {
    let app = &package["app"];
    let kind = app["profile"]["signing_kind"].as_str().unwrap_or_default();
    matches!(kind, "development" | "ad-hoc" | "in-house")
        && app["platforms"].as_array().is_some_and(|platforms| platforms.contains(&"iOS".into()))
}

#[test]
fn packages_that_were_installed_once_have_no_error_as_of_then() {
    let Some(packages) = packages() else {
        eprintln!("SKIPPED: there is no corpus; set AIRSTAIR_CORPUS to its folder");
        return;
    };
    let mut judged = 0;
    for (place, path) in packages.iter().enumerate() {
        let path = path.to_str().unwrap();
        let package = run(["inspect", path, "--json"]).json()["package"].clone();
        if !was_installed(&package) {
            continue;
        }
        let created_at = package["app"]["profile"]["created_at"].as_str().unwrap().to_owned();
        let run = run(["doctor", path, "--json", "--at", &created_at]);
        let errors: Vec<_> = run.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["severity"] == "error")
            .map(|finding| finding["code"].clone())
            .collect();
        assert!(errors.is_empty() && run.code == 0, "package {place}: {errors:?}");
        judged += 1;
    }
    assert!(judged >= 5, "{judged} packages");
}

#[test]
fn every_package_of_the_corpus_gets_an_answer() {
    let Some(packages) = packages() else {
        eprintln!("SKIPPED: there is no corpus; set AIRSTAIR_CORPUS to its folder");
        return;
    };
    assert!(packages.len() >= 10, "{} packages", packages.len());
    for (place, package) in packages.iter().enumerate() {
        let package = package.to_str().unwrap();
        let text = run(["inspect", package, "--entitlements"]);
        let json = run(["inspect", package, "--json"]);
        // All of them have expired since, or are broken on purpose.
        assert_eq!((text.code, json.code), (1, 1), "package {place}");
        assert!(text.stderr.is_empty() && json.stderr.is_empty(), "package {place}");
        assert!(text.stdout.lines().count() > 1, "package {place}");
        let answer = json.json();
        assert_ne!(answer["package"].is_null(), answer["problem"].is_null(), "package {place}");

        let folder = Folder::new();
        let site = run([
            "site",
            package,
            "--base-url",
            "https://apps.example.com/x",
            "-o",
            folder.path("site").to_str().unwrap(),
        ]);
        let has_id = answer["package"]["app"]["bundle_id"].is_string();
        assert_eq!(site.code, i32::from(!has_id), "package {place}");
        assert_eq!(folder.names(), if has_id { vec!["site".to_owned()] } else { vec![] }, "package {place}");
    }
}
