use ipa::Bundle;

use super::{certificate, signature};
use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// Signature, certificate and profile speak of different teams.
pub(crate) static RULE: Rule = Rule {
    code: "SIG010",
    name: "team-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "sign with a certificate and a profile of one team",
    explains: &[],
    page: include_str!("team_mismatch.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    let Some(team) = measured(&profile.team_ids)?.first() else { return clean() };
    if let Some(signed) = signature(bundle)?.strongest().team.known()
        && signed != team.as_str()
    {
        let message = format!("it is signed for team {signed}, and its profile is team {team}'s");
        return found(
            Fault::new(message)
                .at(Evidence::key(bundle, "embedded.mobileprovision", "TeamIdentifier").seen(team)),
        );
    }
    match certificate(bundle)?.subject().organizational_unit() {
        Some(unit) if unit != team.as_str() => {
            let message =
                format!("it is signed with a certificate of team {unit}, and its profile is team {team}'s");
            found(
                Fault::new(message)
                    .at(Evidence::key(bundle, "embedded.mobileprovision", "TeamIdentifier").seen(team)),
            )
        }
        _ => clean(),
    }
}
