//! What an authority says of the certificate that an app is signed with.

use doctor::{Facts, Report, Revocations, Severity, Standing, judge};
use ipa::{Archive, Depth, Examined, Fact, Inspection, Limits};
use signed_data::{Authorities, Certificate};
use testkit::app::AppPackage;
use time::macros::utc_datetime;

const NAME: &str = "signer-revoked";

fn examined(package: &AppPackage) -> Examined {
    let (bytes, limits) = (package.build(), Limits::default());
    let root = Certificate::read(&AppPackage::root(), &limits.cms).expect("it is a certificate");
    let inspection = Inspection::new(Depth::Signatures).authorities(Authorities::new(vec![root], Vec::new()));
    let archive = Archive::open(&bytes, &limits).expect("it is an archive");
    Examined::watched(&archive, &limits, &inspection, &mut |_| {}).expect("memory can be read")
}

/// The certificate that the app is signed with, and its authorities.
fn chain(package: &Examined) -> Vec<Certificate> {
    let app = &package.package.as_ref().expect("an app").app;
    let signature = app.signature();
    let signature = signature.known().expect("it is signed");
    let chain = signature.signer.known().and_then(|signer| signer.chain.known());
    chain.expect("by somebody").certificates.clone()
}

/// What is said where its authority says this of it; nothing where it was not asked.
fn judged(package: &Examined, said: Option<Fact<Standing>>) -> Report {
    judged_by(package, said.into_iter().collect())
}

/// The same where this is said of the certificate, and then of the authorities above it.
fn judged_by(package: &Examined, said: Vec<Fact<Standing>>) -> Report {
    let mut revocations = Revocations::default();
    for (certificate, said) in chain(package).iter().zip(said) {
        revocations.insert(certificate, said);
    }
    let mut facts = Facts::of_package(AppPackage::NOW, package);
    facts.revocations = Fact::Known(&revocations);
    judge(&facts)
}

/// Why the rule did not judge, and the option that would have it judge.
fn skipped(report: &Report) -> Vec<(&str, Option<&str>)> {
    let skipped = report.skipped.iter().filter(|skipped| skipped.name == NAME);
    skipped.map(|skipped| (skipped.reason.as_str(), skipped.option)).collect()
}

#[test]
fn a_revoked_certificate_is_an_error_in_everything_it_signed() {
    let package = examined(&AppPackage::new("com.example.notes").extension("share"));
    let at = utc_datetime!(2026-03-02 10:20:30);
    for (reason, told) in [(Some("keyCompromise"), " (keyCompromise)"), (None, "")] {
        let report = judged(&package, Some(Fact::Known(Standing::Revoked { at, reason })));
        let found: Vec<_> = report.findings.iter().filter(|finding| finding.name == NAME).collect();
        assert_eq!(found.len(), 2, "the app and its extension: {:?}", report.findings);
        assert!(found.iter().all(|finding| finding.severity == Severity::Error));
        assert_eq!(
            found[0].message,
            format!(
                "the certificate it is signed with, \"Apple Distribution: Example Corp (A1B2C3D4E5)\", was revoked on 2026-03-02{told}"
            )
        );
        assert_eq!(report.first_cause().map(|finding| &*finding.name), Some(NAME));
    }
}

#[test]
fn a_certificate_that_is_good_is_fine() {
    let package = examined(&AppPackage::new("com.example.notes"));
    let report = judged(&package, Some(Fact::Known(Standing::Good { as_of: AppPackage::NOW })));
    assert!(report.findings.iter().all(|finding| finding.name != NAME), "{:?}", report.findings);
    assert_eq!(skipped(&report), []);
}

#[test]
fn an_authority_above_it_that_was_revoked_takes_it_along() {
    let package = examined(&AppPackage::new("com.example.notes"));
    let good = Fact::Known(Standing::Good { as_of: AppPackage::NOW });
    let silent = Fact::NotMeasured("no answer".to_owned());
    let at = utc_datetime!(2026-03-02 10:20:30);
    let revoked = Fact::Known(Standing::Revoked { at, reason: Some("cACompromise") });
    let name = "\"Example Worldwide Developer Relations Certification Authority\"";
    for signer in [&good, &silent] {
        let report = judged_by(&package, vec![signer.clone(), revoked.clone()]);
        let found = report.findings.iter().find(|finding| finding.name == NAME).expect("it is found");
        let message =
            format!("an authority above its signer, {name}, was revoked on 2026-03-02 (cACompromise)");
        assert_eq!(found.message, message);
    }

    let report = judged_by(&package, vec![good.clone(), silent]);
    assert_eq!(skipped(&report), [(&*format!("whether {name} was revoked was not told: no answer"), None)]);
    let report = judged_by(&package, vec![good, Fact::Absent]);
    assert_eq!(skipped(&report), [], "not every authority says whom to ask");
}

#[test]
fn a_silent_authority_is_told_and_an_unasked_one_named_with_the_option() {
    let package = examined(&AppPackage::new("com.example.notes"));
    let begin = "whether \"Apple Distribution: Example Corp (A1B2C3D4E5)\" was revoked was not told: ";
    for (said, why) in [
        (Some(Fact::NotMeasured("ocsp.example did not answer".to_owned())), "ocsp.example did not answer"),
        (Some(Fact::Unreadable("the answer is not signed".to_owned())), "the answer is not signed"),
        (Some(Fact::Absent), "it names nobody to ask"),
    ] {
        let report = judged(&package, said);
        assert_eq!(skipped(&report), [(&*format!("{begin}{why}"), None)]);
    }
    let reason = "--revocation would tell whether the certificate it is signed with was revoked";
    for report in [judge(&Facts::of_package(AppPackage::NOW, &package)), judged(&package, None)] {
        assert_eq!(skipped(&report), [(reason, Some("--revocation"))]);
    }
    let unsigned = examined(&AppPackage::new("com.example.notes").unsigned());
    assert_eq!(skipped(&judge(&Facts::of_package(AppPackage::NOW, &unsigned))), []);
}
