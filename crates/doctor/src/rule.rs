use ipa::{Bundle, Fact, InspectError, Package};
use time::UtcDateTime;

use crate::{EvidenceKind, Finding, Severity, Station};

/// One thing that can be wrong, and how to tell.
///
/// Each rule stands in a file of its own, named after it, with its page beside it.
#[derive(Debug)]
pub struct Rule {
    /// Family and number, never reused: `PRF004`.
    pub code: &'static str,
    /// The trouble, not the cure; reads well after "allow": `profile-expired`.
    pub name: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// How sure we are of what devices do.
    pub evidence: EvidenceKind,
    /// Where on the road a device meets it.
    pub station: Station,
    /// What the person with the device sees.
    pub device_shows: &'static str,
    /// The one thing to do.
    pub fix: &'static str,
    /// Its page, in Markdown.
    pub page: &'static str,
    /// How to tell.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug)]
pub enum Check {
    /// The package as a whole, or why it is none.
    Package(fn(&Result<Package, InspectError>, &Facts<'_>) -> Verdict),
    /// The app and every bundle in it that a device judges as it judges the app: extensions, watch apps, clips.
    EachBundle(fn(&Bundle, &Facts<'_>) -> Verdict),
}

/// Everything that was measured.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The moment to judge at.
    pub now: UtcDateTime,
    /// The package, or why it is none.
    pub package: &'a Result<Package, InspectError>,
}

/// What a check says: a sentence for each fault it found, or why it could not look.
pub type Verdict = Result<Vec<String>, NotJudged>;

/// Why a check could not look: the fact it needs was not measured, or is another rule's business.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotJudged {
    /// Measuring it would have cost too much, or was not asked for.
    NotMeasured(String),
    /// It is not there, or can't be read; another rule says so.
    NotMine,
}

/// What is fine.
#[expect(clippy::unnecessary_wraps, reason = "a check ends with it")]
pub(crate) fn clean() -> Verdict {
    Ok(Vec::new())
}

/// What is at fault, in one sentence without a full stop.
#[expect(clippy::unnecessary_wraps, reason = "a check ends with it")]
pub(crate) fn found(message: impl Into<String>) -> Verdict {
    Ok(vec![message.into()])
}

/// The value of a fact, for rules that judge what it says and not whether it is there.
pub(crate) fn measured<T>(fact: &Fact<T>) -> Result<&T, NotJudged> {
    match fact {
        Fact::Known(value) => Ok(value),
        Fact::Absent | Fact::Unreadable(_) => Err(NotJudged::NotMine),
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
    }
}

impl Rule {
    pub(crate) fn finding(&self, bundle: Option<&Bundle>, message: String) -> Finding {
        Finding {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
            severity: self.severity,
            evidence_kind: self.evidence,
            station: self.station,
            bundle: bundle.map(|bundle| bundle.path.clone()),
            message,
            device_shows: self.device_shows.to_owned(),
            fix: self.fix.to_owned(),
        }
    }
}
