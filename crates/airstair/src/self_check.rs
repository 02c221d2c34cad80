//! The server walks its own road from its public address, as a device would, and says when that changes for the worse.

use std::sync::Arc;
use std::time::Duration;

use catalog::{SelfCheck, StoreError};
use distribution::Distribution;
use doctor::{Device, Finding, Selection, Severity, judge_selected, rules};
use egress::Pin;
use ipa::Depth;
use itms_services::InstallLink;
use probe::{Options, Probe, Target};
use signed_data::Certificate;
use tokio::sync::Notify;

/// How often the road is walked where nothing happens. Servers that were started together drift apart.
const EVERY: Duration = Duration::from_hours(1);
/// The families of rules that speak of the way to a package, not of the package.
const OF_THE_WAY: [&str; 7] = ["PAG", "LNK", "NET", "TLS", "FET", "MAN", "PKG"];
/// Those that speak of a host, whatever it serves.
const OF_THE_HOST: [&str; 2] = ["NET", "TLS"];

/// Walks the road of a server again and again.
pub(crate) struct SelfChecks {
    pub(crate) distribution: Arc<Distribution>,
    /// The root of the server's own authority, which phones are told to trust.
    pub(crate) root: Option<Certificate>,
    /// Where the name leads that the server itself answers for. It is not looked up: it may not be claimed yet.
    pub(crate) own_name: Option<Pin>,
    /// Is notified when there is a reason to check before the time.
    pub(crate) due: Arc<Notify>,
}

impl SelfChecks {
    /// Checks at once, and from then on from time to time; one after the other.
    pub(crate) async fn run(self) {
        loop {
            // A catalog that fails has told the log.
            if let Ok(check) = self.check().await {
                let before = self.distribution.note_self_check(check.clone());
                tell(before.as_deref(), &check);
                let _ = self.distribution.keep_self_check(&check).await;
            }
            // Whether the time is over or the certificate is new, it is due.
            let _ = tokio::time::timeout(EVERY + drift(), self.due.notified()).await;
        }
    }

    async fn check(&self) -> Result<SelfCheck, StoreError> {
        let road = self.distribution.own_road().await?;
        let probe = Probe::new(Options {
            egress: egress::Options {
                may_reach_private: true,
                pins: self.own_name.iter().cloned().collect(),
                ..egress::Options::default()
            },
            trusted: self.root.iter().cloned().collect(),
            depth: Depth::Outline,
            ..Options::default()
        });
        let link = InstallLink::parse(road.link.as_str());
        let (walk, families) = match &road.page_url {
            Some(page) => (probe.walk_own(page, link).await, &OF_THE_WAY[..]),
            None => (probe.walk(Target::Link(link)).await, &OF_THE_HOST[..]),
        };
        let at = self.distribution.now();
        let [walked] = &walk.roads[..] else { unreachable!("one link is one road") };
        let facts = walk.facts(walked, at.into(), Device::default());
        let report = judge_selected(&facts, &selection(families));
        let mut findings = causes(report.findings);
        for finding in &mut findings {
            road.redact(finding);
        }
        Ok(SelfCheck {
            at,
            public_url: self.distribution.policy().public_url.to_string(),
            verdict: report.verdict,
            findings,
        })
    }
}

/// The errors and warnings that follow from no other, each once for a host, wherever on the road it is met.
fn causes(findings: Vec<Finding>) -> Vec<Finding> {
    let mut causes: Vec<Finding> = Vec::new();
    for finding in findings {
        let is_same = |cause: &Finding| {
            (&cause.code, &cause.host, &cause.message) == (&finding.code, &finding.host, &finding.message)
        };
        let is_cause = finding.severity > Severity::Note && finding.follows_from.is_none();
        if is_cause && !causes.iter().any(is_same) {
            causes.push(finding);
        }
    }
    causes
}

fn selection(families: &[&str]) -> Selection {
    let is_wanted = |code: &&str| families.iter().any(|family| code.starts_with(family));
    let codes: Vec<_> = rules::ALL.iter().map(|rule| rule.code).filter(is_wanted).collect();
    Selection::default().only(&codes).expect("the rules there are")
}

/// Up to four minutes.
fn drift() -> Duration {
    let mut byte = [0];
    // Without randomness it is done on the hour.
    let _ = getrandom::fill(&mut byte);
    Duration::from_secs(u64::from(byte[0]))
}

/// Tells the log what is new, as loud when it is over.
fn tell(before: Option<&SelfCheck>, check: &SelfCheck) {
    let before = before.map_or(&[][..], |before| &before.findings);
    let is_new = |finding: &&Finding| {
        !before.iter().any(|known| known.code == finding.code && known.host == finding.host)
    };
    for Finding { code, name, severity, message, fix, .. } in check.findings.iter().filter(is_new) {
        if *severity == Severity::Error {
            tracing::error!(code, fix, "devices can't install from here, likely: {name}: {message}");
        } else {
            tracing::warn!(code, fix, "some devices can't install from here, likely: {name}: {message}");
        }
    }
    if check.findings.is_empty() && !before.is_empty() {
        tracing::warn!("devices can install from here again: nothing is wrong on the way");
    }
}
