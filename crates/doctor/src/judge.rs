use ipa::{Bundle, BundleKind, Package};

use crate::rule::{Check, Facts, NotJudged, Rule, Verdict};
use crate::{Finding, rules};

/// What the doctor says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// What is wrong, in the order in which a device would meet it.
    pub findings: Vec<Finding>,
    /// What could not be judged. Never the same as fine.
    pub skipped: Vec<Skipped>,
}

/// A rule that could not be applied somewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Skipped {
    /// The rule's code.
    pub code: &'static str,
    /// The bundle it could not be applied to, `None` when it is the package.
    pub bundle: Option<String>,
    /// Why.
    pub reason: String,
}

/// Applies every rule to what was measured.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Report {
    let mut report = Report::default();
    for rule in rules::ALL {
        match rule.check {
            Check::Package(check) => report.add(rule, None, check(facts.package, facts)),
            Check::EachBundle(check) => {
                let bundles = facts.package.iter().flat_map(Package::bundles);
                for bundle in bundles.filter(|bundle| bundle.kind != BundleKind::Framework) {
                    report.add(rule, Some(bundle), check(bundle, facts));
                }
            }
        }
    }
    report.findings.sort_by_key(|finding| finding.station);
    report
}

impl Report {
    fn add(&mut self, rule: &Rule, bundle: Option<&Bundle>, verdict: Verdict) {
        match verdict {
            Ok(messages) => {
                self.findings.extend(messages.into_iter().map(|message| rule.finding(bundle, message)));
            }
            Err(NotJudged::NotMeasured(reason)) => {
                let bundle = bundle.map(|bundle| bundle.path.clone());
                self.skipped.push(Skipped { code: rule.code, bundle, reason });
            }
            Err(NotJudged::NotMine) => {}
        }
    }
}
