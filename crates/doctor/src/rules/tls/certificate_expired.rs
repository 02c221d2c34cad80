use signed_data::Certificate;
use time::{Duration, UtcDateTime};

use super::{at, called, leaf, spoken, up_to_private_root};
use crate::rule::{Check, Checked, Fault, Rule, clean, found, found_all};
use crate::{EvidenceKind, Facts, Host, Severity, Station, Tls};

/// The certificate has run out.
pub(crate) static RULE: Rule = Rule {
    code: "TLS001",
    name: "certificate-expired",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, from that moment on",
    fix: "renew the certificate, and let the server load it",
    explains: &[],
    page: include_str!("certificate_expired.md"),
    check: Check::EachHost(check),
};

/// What is left of a certificate when it is told, unless a part of its life is less.
const AHEAD: Duration = Duration::days(14);
/// The part of its life that has to be left: one of so many. Automatic renewal comes at a third.
const PART: i32 = 6;

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    let leaf = leaf(tls)?;
    let expired: Vec<_> = certificates(tls, leaf).iter().filter(|one| one.not_after() < now(facts)).collect();
    if !expired.is_empty() {
        return found_all(expired.into_iter().map(|one| {
            let message =
                format!("{} of {} expired on {}", called(tls, one), host.title(), one.not_after().date());
            Fault::new(message).at(at(one).seen_moment(one.not_after()))
        }));
    }
    let left = leaf.not_after() - facts.now;
    let life = leaf.not_after() - leaf.not_before();
    if left >= AHEAD.min(life / PART) {
        return clean();
    }
    let message = format!(
        "the certificate of {} expires on {}, and was not renewed yet",
        host.title(),
        leaf.not_after().date()
    );
    found(
        Fault::new(message)
            .lighter(Severity::Warning)
            .at(at(leaf).seen_moment(leaf.not_after()))
            .mended_by("look why it was not renewed, and whether the server loads the new one"),
    )
}

/// Those whose dates a device looks at. A root that comes with devices is theirs to renew.
fn certificates<'a>(tls: &'a Tls, leaf: &'a Certificate) -> &'a [Certificate] {
    match up_to_private_root(tls) {
        [] => std::slice::from_ref(leaf),
        chain => chain,
    }
}

/// The moment, in the seconds that certificates know.
fn now(facts: &Facts<'_>) -> UtcDateTime {
    facts.now.truncate_to_second()
}
