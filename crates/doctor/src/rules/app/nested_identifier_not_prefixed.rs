use ipa::{Bundle, BundleId, BundleKind, Examined, Fact};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// An extension, watch app or app clip has an identifier that does not begin with its app's.
pub(crate) static RULE: Rule = Rule {
    code: "APP008",
    name: "nested-identifier-not-prefixed",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "begin the identifier with that of the app it lies in, and a full stop",
    explains: &[],
    page: include_str!("nested_identifier_not_prefixed.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    if bundle.kind == BundleKind::App {
        return clean();
    }
    let own = measured(&measured(&bundle.info)?.bundle_id)?.as_str();
    let Some(host) = host(bundle, facts) else { return clean() };
    let host_id = measured(&measured(&host.info)?.bundle_id)?;
    if is_under(own, host_id) {
        return clean();
    }
    let message =
        format!("its identifier {own:?} does not begin with that of the {} it lies in, {host_id}", host.kind);
    let key = Evidence::key(bundle, "Info.plist", "CFBundleIdentifier").seen(own);
    found(
        Fault::new(message).at(key).mended_by(format!("give it an identifier that begins with `{host_id}.`")),
    )
}

/// The bundle that this one lies in.
fn host<'a>(bundle: &Bundle, facts: &Facts<'a>) -> Option<&'a Bundle> {
    let Fact::Known(Examined { package: Ok(package), .. }) = &facts.package else { return None };
    let around = package
        .bundles()
        .filter(|host| bundle.path.strip_prefix(&*host.path).is_some_and(|rest| rest.starts_with('/')));
    around.filter(|host| host.kind != BundleKind::Framework).max_by_key(|host| host.path.len())
}

fn is_under(own: &str, host: &BundleId) -> bool {
    own.strip_prefix(host.as_str()).is_some_and(|rest| rest.len() > 1 && rest.starts_with('.'))
}
