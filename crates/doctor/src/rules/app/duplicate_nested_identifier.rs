use ipa::{Bundle, BundleKind, Examined, Fact};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// Two bundles in the package have the same identifier.
pub(crate) static RULE: Rule = Rule {
    code: "APP009",
    name: "duplicate-nested-identifier",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "give each bundle an identifier of its own",
    explains: &["nested-identifier-not-prefixed"],
    page: include_str!("duplicate_nested_identifier.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let own = measured(&measured(&bundle.info)?.bundle_id)?;
    let Fact::Known(Examined { package: Ok(package), .. }) = &facts.package else { return clean() };
    let earlier = package.bundles().take_while(|other| other.path != bundle.path);
    let twin = earlier
        .filter(|other| other.kind != BundleKind::Framework)
        .find(|other| other.info.known().and_then(|info| info.bundle_id.known()) == Some(own));
    match twin {
        Some(twin) => {
            let message = format!("its identifier {own} is that of {} as well", twin.file_name());
            found(Fault::new(message).at(Evidence::key(bundle, "Info.plist", "CFBundleIdentifier").seen(own)))
        }
        None => clean(),
    }
}
