//! From a package's certificates, over what their authority answers, to what the doctor says.

use doctor::{Facts, Report, judge};
use ipa::{Archive, Depth, Examined, Fact, Inspection, Limits};
use probe::Question;
use testkit::app::AppPackage;
use testkit::pki::Identity;

use crate::authority::Authority;
use crate::{NOW, check};

/// A package with an extension, both signed with this certificate.
fn package(authority: &Authority, leaf: &Identity) -> Examined {
    let chain = authority.signing_chain(leaf);
    let bytes = AppPackage::new("com.example.notes").extension("widget").chain(&chain).build();
    let limits = Limits::default();
    let archive = Archive::open(&bytes, &limits).unwrap();
    Examined::watched(&archive, &limits, &Inspection::new(Depth::Signatures), &mut |_| {}).unwrap()
}

async fn judged(authority: &Authority, leaf: &Identity) -> Report {
    let examined = package(authority, leaf);
    let questions = Question::about_signers(examined.package.as_ref().unwrap());
    let revocations = check(true).ask(questions).await;
    judge(&Facts { revocations: Fact::Known(&revocations), ..Facts::of_package(NOW, &examined) })
}

#[tokio::test]
async fn an_app_of_a_revoked_signer_is_found_and_no_other() {
    let authority = Authority::start().await;
    for (leaf, expected) in [
        (authority.certificate("a", &["good"], &[]), None),
        (authority.certificate("b", &["revoked"], &[]), Some("was revoked on 2026-05-04 (keyCompromise)")),
        (authority.certificate("c", &["later"], &["list"]), None),
        (authority.listed(), Some("was revoked on 2026-05-04 (superseded)")),
    ] {
        let report = judged(&authority, &leaf).await;
        let found: Vec<_> = report.findings.iter().filter(|one| one.name == "signer-revoked").collect();
        assert_eq!(found.is_empty(), expected.is_none(), "{expected:?}: {found:?}");
        assert!(found.iter().all(|one| expected.is_some_and(|text| one.message.contains(text))), "{found:?}");
        assert!(report.skipped.iter().all(|one| one.name != "signer-revoked"), "{:?}", report.skipped);
    }
    assert_eq!(authority.requests(), 5, "a signer of several bundles is asked about once");
}

#[tokio::test]
async fn what_was_not_told_is_skipped_with_the_address() {
    let authority = Authority::start().await;
    for (manner, expected) in
        [("unknown", "does not know"), ("stale", "is stale"), ("garbage", "bytes"), ("later", "tryLater")]
    {
        let report = judged(&authority, &authority.certificate("leaf", &[manner], &[])).await;
        let skipped: Vec<_> = report.skipped.iter().filter(|one| one.name == "signer-revoked").collect();
        assert!(!skipped.is_empty(), "{manner}");
        for one in skipped {
            assert!(
                one.reason.contains(expected) && one.reason.contains(&authority.url(manner)),
                "{}",
                one.reason
            );
        }
    }
}
