//! The labelled targets: each is judged by all rules, and the right name comes out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use doctor::{Device, Facts, ManifestFacts, Report, Verdict, judge};
use ipa::{Archive, Depth, Examined, Fact, Inspection, Limits, Udid};
use itms_services::bounded_plist;
use itms_services::{InstallLink, ManifestDocument};
use testkit::app::AppPackage;
use testkit::labelled::{Labelled, Manifest, PackageFor, links, manifests, packages};

/// All that can be told of a package, its code signatures included.
fn look(bytes: &[u8]) -> Examined {
    let bytes = bytes.to_vec();
    let limits = Limits::default();
    let examined = match Archive::open(&bytes, &limits) {
        Ok(archive) => Examined::watched(&archive, &limits, &Inspection::new(Depth::Signatures), &mut |_| {}),
        Err(error) => Examined::of_unopened(&bytes, error, &limits),
    };
    examined.expect("bytes can be read")
}

fn link_report(link: &str) -> Report {
    let reading = InstallLink::parse(link);
    let mut facts = Facts::at(AppPackage::NOW);
    facts.link = Fact::Known(&reading);
    judge(&facts)
}

/// A sound package of the app that the labelled manifests speak of.
static PACKAGE: LazyLock<Examined> = LazyLock::new(|| {
    let package = AppPackage::new("com.example.notes").build();
    look(&package)
});

fn manifest_report(bytes: &[u8]) -> Report {
    let document = ManifestDocument::read(bytes, &bounded_plist::Limits::default());
    let mut facts = Facts::of_package(AppPackage::NOW, &PACKAGE);
    facts.manifest = Fact::Known(ManifestFacts { bytes, document: &document });
    judge(&facts)
}

fn package_report(target: &PackageFor) -> Report {
    let examined = look(&target.bytes);
    let mut facts = Facts::of_package(AppPackage::NOW, &examined);
    facts.device = Device {
        udid: target.udid.map(|udid| Udid::parse(udid).expect("it is an id")),
        model: target.model.map(str::to_owned),
        os: target.ios.map(|version| version.parse().expect("it is a version")),
    };
    judge(&facts)
}

fn check<T>(rows: Vec<Labelled<T>>, examine: impl Fn(&T) -> Report) -> BTreeSet<&'static str> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for Labelled { what, target, findings, first_cause } in rows {
        let report = examine(&target);
        let names: Vec<&str> = report.findings.iter().map(|finding| &*finding.name).collect();
        let cause = report.first_cause().map(|finding| &*finding.name);
        if names != findings || cause != first_cause {
            wrong.push(format!("{what}: {names:?}, first {cause:?}; expected {findings:?}, {first_cause:?}"));
        }
        seen.extend(findings);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    seen
}

#[test]
fn every_labelled_target_gets_its_diagnosis_and_every_rule_has_one() {
    let mut seen = check(links(), |link| link_report(link));
    seen.extend(check(manifests(), |bytes| manifest_report(bytes)));
    seen.extend(check(packages(), package_report));
    let without: Vec<&str> =
        doctor::rules::ALL.iter().map(|rule| rule.name).filter(|name| !seen.contains(name)).collect();
    assert!(without.is_empty(), "no labelled target shows {without:?}");
}

#[test]
fn a_warning_explains_no_error() {
    // A placeholder in the title is a warning; the same rule's errors explain an address without a host.
    let manifest = Manifest::default().metadata("title", "{{ title }}").package_url("notes.ipa").build();
    let report = manifest_report(&manifest);
    let cause = report.first_cause().map(|finding| &*finding.name);
    assert_eq!((report.verdict, cause), (Verdict::Fails, Some("package-url-not-absolute")));
}
