use ipa::{ArchiveWalk, Bundle, Examined, Fact, Package};
use itms_services::{LinkReading, ManifestDocument};

use crate::facts::{Fetched, Host, Icon, ManifestFacts, PackageFetch, PageFacts};
use crate::judge::Place;
use crate::{Demands, Evidence, EvidenceKind, Facts, Finding, Severity, Station};

/// One thing that can be wrong, and how to tell.
///
/// Each rule stands in a file of its own, named after it, with its page beside it. Code, name, severity, evidence and
/// station are also in the table of all codes, `codes.md`.
#[derive(Debug)]
pub struct Rule {
    /// Family and number, never reused: `PRF004`.
    pub code: &'static str,
    /// The trouble, not the cure; reads well after "allow" and "ignore": `profile-expired`.
    pub name: &'static str,
    /// How much it weighs at most.
    pub severity: Severity,
    /// How sure we are of what devices do.
    pub evidence: EvidenceKind,
    /// Where on the road a device meets it.
    pub station: Station,
    /// What the person with the device sees.
    pub device_shows: &'static str,
    /// The one thing to do.
    pub fix: &'static str,
    /// Names of the rules whose findings in the same place follow from this one's.
    pub explains: &'static [&'static str],
    /// Its page, in Markdown.
    pub page: &'static str,
    /// How to tell.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// The page.
    Page(fn(&PageFacts<'_>, &Facts<'_>) -> Checked),
    /// Each host that is asked for the page, the manifest or the package. What is wrong with one that the manifest's
    /// fetch does not meet is told where the page or the package is fetched, and of a page's it is at most a warning.
    EachHost(fn(&Host, &Facts<'_>) -> Checked),
    /// The requests for the manifest and for the package alike; of the package's it is told where that is fetched.
    EachFetch(fn(&Fetched, &Facts<'_>) -> Checked),
    /// The request for the manifest and its answer.
    ManifestFetch(fn(&Fetched, &Facts<'_>) -> Checked),
    /// Each icon that the manifest names, and its answer.
    EachIcon(fn(&Icon, &Facts<'_>) -> Checked),
    /// The requests for the package and their answers.
    PackageFetch(fn(&PackageFetch, &Facts<'_>) -> Checked),
    /// The install link.
    Link(fn(&LinkReading, &Facts<'_>) -> Checked),
    /// The bytes of the manifest.
    ManifestBytes(fn(&ManifestFacts<'_>, &Facts<'_>) -> Checked),
    /// What the manifest says, where it can be read.
    Manifest(fn(&ManifestDocument, &Facts<'_>) -> Checked),
    /// What should be a package, whatever it is.
    Examined(fn(&Examined, &Facts<'_>) -> Checked),
    /// The package as an archive, where it is one.
    Archive(fn(&ArchiveWalk, &Facts<'_>) -> Checked),
    /// What lies in the package, where it has an app.
    Package(fn(&Package, &Facts<'_>) -> Checked),
    /// The app and every bundle in it that a device judges as it judges the app: extensions, watch apps, clips.
    EachBundle(fn(&Bundle, &Facts<'_>) -> Checked),
    /// What the app, and every bundle that is judged as it is, demands of the device and the moment; of the app alone where
    /// its package is not at hand.
    Demands(fn(&Demands, &Facts<'_>) -> Checked),
    /// Every bundle, frameworks too.
    EachCode(fn(&Bundle, &Facts<'_>) -> Checked),
}

/// What a check says: each fault it found, or why it could not look.
pub type Checked = Result<Vec<Fault>, NotJudged>;

/// One fault that a check found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    message: String,
    evidence: Vec<Evidence>,
    severity: Option<Severity>,
    fix: Option<String>,
}

impl Fault {
    /// What is wrong, in one sentence without a full stop, with the value that was seen.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), evidence: Vec::new(), severity: None, fix: None }
    }

    /// Where to see it.
    pub(crate) fn at(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// There are so many more of the kind.
    pub(crate) fn and_more(mut self, more: usize) -> Self {
        self.message = format!("{}; so it is with {more} more", self.message);
        self
    }

    /// This one weighs no more than this, which is less than the rule's faults do in general.
    pub(crate) fn lighter(self, severity: Severity) -> Self {
        let severity = self.severity.map_or(severity, |own| own.min(severity));
        Self { severity: Some(severity), ..self }
    }

    /// What to do about this one, where that is more exact than the rule's own advice.
    pub(crate) fn mended_by(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }
}

/// Why a check could not look.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NotJudged {
    /// The fact it needs was to be had and was not obtained.
    NotMeasured(String),
    /// Nobody asked for it: the option that asks, and what it adds, as in `--udid` and "whose device it is".
    NotAsked {
        /// The option of `airstair doctor`.
        option: &'static str,
        /// What the option would have told.
        tells: &'static str,
    },
    /// There is nothing here to judge, or another rule says what is the matter with it.
    NotMine,
}

/// What is fine.
#[expect(clippy::unnecessary_wraps, reason = "a check ends with it")]
pub(crate) fn clean() -> Checked {
    Ok(Vec::new())
}

/// What is at fault.
#[expect(clippy::unnecessary_wraps, reason = "a check ends with it")]
pub(crate) fn found(fault: Fault) -> Checked {
    Ok(vec![fault])
}

/// Everything that is at fault.
#[expect(clippy::unnecessary_wraps, reason = "a check ends with it")]
pub(crate) fn found_all(faults: impl IntoIterator<Item = Fault>) -> Checked {
    Ok(faults.into_iter().collect())
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
    /// What its page says first of what it checks: one sentence of Markdown, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let (_, text) = self.page.split_once("## What it checks\n\n").unwrap_or_default();
        let text = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let end = text.find(". ").map_or(text.len(), |stop| stop + 1);
        text[..end].to_owned()
    }

    /// The finding of a fault that a device meets at this place.
    pub(crate) fn finding(&self, place: Place<'_>, fault: Fault) -> Finding {
        Finding {
            code: self.code.to_owned(),
            name: self.name.to_owned(),
            severity: fault.severity.map_or(self.severity, |severity| severity.min(self.severity)),
            evidence_kind: self.evidence,
            station: place.station,
            bundle: place.bundle.map(|bundle| bundle.path.clone()),
            host: place.host.map(Host::title),
            message: fault.message,
            evidence: fault.evidence,
            device_shows: self.device_shows.to_owned(),
            fix: fault.fix.unwrap_or_else(|| self.fix.to_owned()),
            first_cause: false,
            follows_from: None,
        }
    }
}
