use std::cmp::Reverse;

use doctor::{EvidenceKind, Finding, Severity, rules};

use crate::help::help_path;
use crate::install::Offer;
use crate::prose::Prose;
use crate::signing::SigningCard;
use crate::words;

/// A finding as a build's page shows it.
#[derive(Clone, Debug)]
pub struct FindingCard {
    pub(crate) severity: Severity,
    pub(crate) label: String,
    pub(crate) message: Prose,
    pub(crate) likely: &'static str,
    pub(crate) device_shows: Prose,
    pub(crate) fix: Prose,
    pub(crate) help_url: Option<String>,
}

impl FindingCard {
    /// What of these findings says something to a person who is about to install, errors first.
    ///
    /// What is merely assumed is for the publisher, and what signing and offer say already is not said twice. Findings
    /// that differ by their bundle alone are one.
    #[must_use]
    pub fn for_people(findings: &[Finding], signing: Option<&SigningCard>, offer: &Offer) -> Vec<Self> {
        let refusal = match offer {
            Offer::Refused(refusal) => Some(refusal.code),
            Offer::Install(_) => None,
        };
        let said = [signing.and_then(|signing| signing.code), refusal];
        let tells = |finding: &&Finding| {
            finding.evidence_kind != EvidenceKind::Assumed && !said.contains(&Some(finding.code.as_str()))
        };
        let mut told: Vec<&Finding> = findings.iter().filter(tells).collect();
        told.dedup_by(|next, one| next.code == one.code && next.message == one.message);
        told.sort_by_key(|finding| Reverse(finding.severity));
        told.into_iter().map(Self::new).collect()
    }

    fn new(finding: &Finding) -> Self {
        let likely = finding.evidence_kind.likely();
        let label = match finding.severity {
            Severity::Error => format!("{likely}fails"),
            Severity::Warning | Severity::Note => finding.severity.to_string(),
        };
        Self {
            severity: finding.severity,
            label: words::heading(&label),
            message: Prose::sentence(&finding.message),
            likely,
            device_shows: Prose::sentence(&finding.device_shows),
            fix: Prose::sentence(&finding.fix),
            help_url: rules::find(&finding.code).map(help_path),
        }
    }

    /// One of every kind there is, with a text that looks like HTML.
    pub(crate) fn samples() -> Vec<Self> {
        let finding = |name: &str, message: &str| {
            let rule = rules::find(name).expect("a rule of this name");
            Finding {
                code: rule.code.to_owned(),
                name: rule.name.to_owned(),
                severity: rule.severity,
                evidence_kind: rule.evidence,
                station: rule.station,
                bundle: None,
                host: None,
                message: message.to_owned(),
                evidence: Vec::new(),
                device_shows: rule.device_shows.to_owned(),
                fix: rule.fix.to_owned(),
                first_cause: false,
                follows_from: None,
            }
        };
        let findings = [
            finding("needless-zip64", "an end record is in ZIP64 form"),
            finding("needs-online-check", "at its first launch the device must reach ppq.apple.com"),
            finding("profile-expires-soon", "its provisioning profile expires on 2026-12-09"),
            finding("stored-with-descriptor", "the entry \"<b>.png\" is stored and tells its size behind it"),
            finding(
                "nested-identifier-not-prefixed",
                "the extension com.other.share is not named after the app",
            ),
        ];
        Self::for_people(&findings, None, &Offer::Install(String::new()))
    }
}
