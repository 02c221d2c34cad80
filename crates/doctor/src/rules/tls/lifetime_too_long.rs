use signed_data::Certificate;
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use super::origin::{Origin, origin};
use super::{at, days, leaf, spoken};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Anchor, EvidenceKind, Facts, Host, Severity, Station};

/// The certificate is good for longer than devices allow.
pub(crate) static RULE: Rule = Rule {
    code: "TLS010",
    name: "lifetime-too-long",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "get a certificate with a shorter life, and renew it automatically",
    explains: &[],
    page: include_str!("lifetime_too_long.md"),
    check: Check::EachHost(check),
};

/// Of any root, for certificates from the second after this on (support.apple.com/103769).
const ANY_ROOT: (UtcDateTime, Duration) = (utc_datetime!(2019-07-01 0:00), Duration::days(825));
/// How much more devices let pass there; read from Apple's published source.
const SLIP: Duration = Duration::hours(1);
/// Of roots that come with devices, for certificates from then on (support.apple.com/102028).
const SHIPPED_ROOT: (UtcDateTime, Duration) = (utc_datetime!(2020-09-01 0:00), Duration::days(398));
/// What public authorities may issue from these days on (CA/Browser Forum, ballot SC-081v3). Devices are not known to
/// count these days.
const AUTHORITIES: [(UtcDateTime, Duration); 3] = [
    (utc_datetime!(2029-03-15 0:00), Duration::days(47)),
    (utc_datetime!(2027-03-15 0:00), Duration::days(100)),
    (utc_datetime!(2026-03-15 0:00), Duration::days(200)),
];

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    let leaf = leaf(tls)?;
    // One that people trust by itself is not counted by devices.
    let is_root_itself = matches!(origin(host, facts), Ok(Origin::Given(root)) if root == leaf);
    let Some(fault) = fault(&host.title(), leaf, tls.anchor) else { return clean() };
    found(
        if is_root_itself { fault.lighter(Severity::Warning) } else { fault }
            .at(at(leaf).seen(format_args!("{} to {}", leaf.not_before().date(), leaf.not_after().date()))),
    )
}

fn fault(title: &str, leaf: &Certificate, anchor: Anchor) -> Option<Fault> {
    let (begin, life) = (leaf.not_before(), leaf.not_after() - leaf.not_before());
    let valid = format!("the certificate of {title} is valid for {} days", days(life));
    let is_after = |since: UtcDateTime, most: Duration| begin >= since && life > most;

    let (since, most) = SHIPPED_ROOT;
    if anchor == Anchor::Shipped && is_after(since, most) {
        let most = most.whole_days();
        return Some(Fault::new(format!(
            "{valid}, where devices allow {most} below a root that they come with"
        )));
    }
    let (since, most) = ANY_ROOT;
    if begin > since && life > most {
        let fault = Fault::new(format!("{valid}, where devices allow {}", most.whole_days()));
        return Some(if life > most + SLIP { fault } else { fault.lighter(Severity::Warning) });
    }
    if !matches!(anchor, Anchor::Shipped | Anchor::Public) {
        return None;
    }
    let (since, most) = AUTHORITIES.into_iter().find(|(since, _)| begin >= *since)?;
    is_after(since, most).then(|| {
        let (most, since) = (most.whole_days(), since.date());
        Fault::new(format!(
            "{valid}, where public authorities may issue for {most} since {since}; devices likely follow"
        ))
        .lighter(Severity::Warning)
    })
}
