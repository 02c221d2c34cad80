use ipa::{Bundle, BundleKind, Examined, Fact, Package};

use crate::report::{Outcome, Report, Skipped, StationReport, Verdict};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean};
use crate::selection::Selection;
use crate::{Demands, Facts, Fetched, Finding, Host, Severity, Station, rules};

/// Applies every rule to what was measured.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Report {
    judge_selected(facts, &Selection::default())
}

/// As [`judge`], by some of the rules only. What is ignored is counted, and weighs nothing.
#[must_use]
pub fn judge_selected(facts: &Facts<'_>, selection: &Selection) -> Report {
    let mut bench = Bench {
        selection,
        has_parts_alone: facts.package_is_in_parts && facts.package.known().is_some(),
        tallies: Vec::new(),
        findings: Vec::new(),
        skipped: Vec::new(),
        ignored: 0,
    };
    for rule in rules::ALL {
        if selection.includes(rule) {
            apply(rule, facts, &mut bench);
        }
    }
    bench.report()
}

/// What was found in a package before, as it stands now: what its app demands is judged anew, by facts that
/// [`Facts::of_demands`] makes.
#[must_use]
pub fn judge_again(found: &[Finding], facts: &Facts<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        found.iter().filter(|finding| !is_of_demands(finding)).cloned().collect();
    findings.extend(judge(facts).findings);
    findings.sort_by_key(|finding| finding.station);
    find_causes(&mut findings);
    findings
}

/// Whether it is about what the app itself demands, rather than something in it.
fn is_of_demands(finding: &Finding) -> bool {
    let is_nested = finding.bundle.as_ref().is_some_and(|path| path.contains(".app/"));
    !is_nested && rules::find(&finding.code).is_some_and(|rule| matches!(rule.check, Check::Demands(_)))
}

fn apply(rule: &'static Rule, facts: &Facts<'_>, bench: &mut Bench<'_>) {
    match rule.check {
        Check::Page(check) => bench.part(rule, &facts.page, |page| check(page, facts)),
        Check::EachHost(check) => bench.hosts(rule, facts, check),
        Check::EachFetch(check) => {
            let place = Place::of(rule);
            bench.fetched(rule, place, &facts.manifest_fetch, |fetched| check(fetched, facts));
            let place = Place { station: Station::PackageFetch, ..place };
            let get = facts.package_fetch.as_ref().map(|fetched| &fetched.get);
            bench.fetched(rule, place, &get, |fetched| check(fetched, facts));
        }
        Check::ManifestFetch(check) => {
            bench.fetched(rule, Place::of(rule), &facts.manifest_fetch, |fetched| check(fetched, facts));
        }
        Check::EachIcon(check) => match &facts.icons {
            Fact::Known(icons) => {
                for icon in *icons {
                    let place = Place { host: Some(&icon.fetch.last().host), ..Place::of(rule) };
                    bench.add(place, rule, check(icon, facts));
                }
            }
            unseen => bench.part(rule, unseen, |_| clean()),
        },
        Check::PackageFetch(check) => {
            let host = facts.package_fetch.known().map(|fetched| &*fetched.get.by_installer.last().host);
            let place = Place { host, ..Place::of(rule) };
            bench.part_at(place, rule, &facts.package_fetch, |fetched| check(fetched, facts));
        }
        Check::Link(check) => bench.part(rule, &facts.link, |link| check(link, facts)),
        Check::ManifestBytes(check) => bench.part(rule, &facts.manifest, |manifest| check(manifest, facts)),
        Check::Manifest(check) => bench.part(rule, &facts.manifest, |manifest| match manifest.document {
            Ok(document) => check(document, facts),
            Err(_) => Err(NotJudged::NotMine),
        }),
        Check::Examined(check) => bench.part(rule, &facts.package, |examined| check(examined, facts)),
        Check::Archive(check) => bench.part(rule, &facts.package, |examined| match &examined.archive {
            Ok(walk) => check(walk, facts),
            Err(_) => Err(NotJudged::NotMine),
        }),
        Check::Package(check) => bench.part(rule, &facts.package, |examined| match &examined.package {
            Ok(package) => check(package, facts),
            Err(_) => Err(no_app()),
        }),
        Check::EachBundle(check) => bench.bundles(rule, facts, is_judged_as_app, check),
        Check::Demands(check) => {
            bench.bundles(rule, facts, is_judged_as_app, |bundle, facts| check(&Demands::of(bundle), facts));
            if facts.package.is_absent() {
                bench.part(rule, &facts.demands, |demands| check(demands, facts));
            }
        }
        Check::EachCode(check) => bench.bundles(rule, facts, |_| true, check),
    }
}

/// Where a rule looked.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Where on the road.
    pub(crate) station: Station,
    /// The bundle that was looked at.
    pub(crate) bundle: Option<&'a Bundle>,
    /// The host that was looked at, or that answered.
    pub(crate) host: Option<&'a Host>,
}

impl Place<'_> {
    /// Where the rule says, at nothing in particular.
    pub(crate) fn of(rule: &Rule) -> Self {
        Self { station: rule.station, bundle: None, host: None }
    }
}

/// The option that has all of a package read.
const DEEP: &str = "--deep";

/// Where findings gather.
struct Bench<'a> {
    selection: &'a Selection,
    /// Whether what was not measured of the package lies in parts that were not fetched.
    has_parts_alone: bool,
    /// Each station of the road once, as rules come to it.
    tallies: Vec<StationReport>,
    findings: Vec<Finding>,
    skipped: Vec<Skipped>,
    ignored: usize,
}

impl Bench<'_> {
    /// Applies a rule to a part of the road, if the road has it.
    fn part<T>(&mut self, rule: &'static Rule, part: &Fact<T>, check: impl FnOnce(&T) -> Checked) {
        self.part_at(Place::of(rule), rule, part, check);
    }

    /// Applies a rule to what was fetched, which the last host that was asked answers for.
    fn fetched(
        &mut self,
        rule: &'static Rule,
        place: Place<'_>,
        part: &Fact<&Fetched>,
        check: impl FnOnce(&Fetched) -> Checked,
    ) {
        let host = part.known().map(|fetched| &*fetched.by_installer.last().host);
        self.part_at(Place { host, ..place }, rule, part, |fetched| check(fetched));
    }

    fn part_at<T>(
        &mut self,
        place: Place<'_>,
        rule: &'static Rule,
        part: &Fact<T>,
        check: impl FnOnce(&T) -> Checked,
    ) {
        match part {
            Fact::Known(part) => self.add(place, rule, check(part)),
            Fact::Absent => {}
            Fact::Unreadable(reason) | Fact::NotMeasured(reason) => {
                self.add(place, rule, Err(NotJudged::NotMeasured(reason.clone())));
            }
        }
    }

    fn hosts(
        &mut self,
        rule: &'static Rule,
        facts: &Facts<'_>,
        check: impl Fn(&Host, &Facts<'_>) -> Checked,
    ) {
        for (met_at, host) in facts.hosts() {
            let checked = check(host, facts);
            let (station, checked) = match met_at {
                Station::Network => (rule.station, checked),
                Station::Page => (met_at, of_the_page_alone(rule, host, checked)),
                _ => (met_at, checked),
            };
            self.add(Place { station, bundle: None, host: Some(host) }, rule, checked);
        }
        if let Fact::NotMeasured(reason) = &facts.manifest_fetch {
            self.add(Place::of(rule), rule, Err(NotJudged::NotMeasured(reason.clone())));
        }
    }

    fn bundles(
        &mut self,
        rule: &'static Rule,
        facts: &Facts<'_>,
        is_judged: impl Fn(&Bundle) -> bool,
        check: impl Fn(&Bundle, &Facts<'_>) -> Checked,
    ) {
        match &facts.package {
            Fact::Known(Examined { package: Ok(package), .. }) => {
                for bundle in package.bundles().filter(|bundle| is_judged(bundle)) {
                    let place = Place { bundle: Some(bundle), ..Place::of(rule) };
                    self.add(place, rule, check(bundle, facts));
                }
                self.note_unseen(rule, package);
            }
            Fact::Known(Examined { package: Err(_), .. }) => self.add(Place::of(rule), rule, Err(no_app())),
            Fact::Absent => {}
            Fact::Unreadable(reason) | Fact::NotMeasured(reason) => {
                self.add(Place::of(rule), rule, Err(NotJudged::NotMeasured(reason.clone())));
            }
        }
    }

    fn note_unseen(&mut self, rule: &'static Rule, package: &Package) {
        if package.unseen_bundles > 0 {
            let reason = format!("{} more bundles lie beyond what is looked at", package.unseen_bundles);
            self.add(Place::of(rule), rule, Err(NotJudged::NotMeasured(reason)));
        }
    }

    fn add(&mut self, place: Place<'_>, rule: &'static Rule, checked: Checked) {
        let Place { station, bundle, .. } = place;
        let selection = self.selection;
        let is_elsewhere = self.has_parts_alone && station >= Station::Archive;
        let tally = self.tally(station);
        let (reason, option) = match checked {
            Ok(faults) => {
                tally.judged += 1;
                if selection.ignores(rule) {
                    self.ignored += faults.len();
                } else {
                    self.findings.extend(faults.into_iter().map(|fault| rule.finding(place, fault)));
                }
                return;
            }
            Err(NotJudged::NotMine) => return,
            Err(NotJudged::NotMeasured(_)) if is_elsewhere => (
                format!("{DEEP} would tell what lies in the parts of the package that were not fetched"),
                Some(DEEP),
            ),
            Err(NotJudged::NotMeasured(reason)) => {
                tally.not_judged += 1;
                (reason, None)
            }
            Err(NotJudged::NotAsked { option, tells }) => {
                (format!("{option} would tell {tells}"), Some(option))
            }
        };
        let Rule { code, name, .. } = *rule;
        let bundle = bundle.map(|bundle| bundle.path.clone());
        let skipped = Skipped { code, name, station, bundle, reason, option };
        // Of several hosts nothing tells one from another.
        if !self.skipped.contains(&skipped) {
            self.skipped.push(skipped);
        }
    }

    fn tally(&mut self, station: Station) -> &mut StationReport {
        let place = self.tallies.iter().position(|tally| tally.station == station).unwrap_or_else(|| {
            self.tallies.push(StationReport { station, outcome: Outcome::Passes, judged: 0, not_judged: 0 });
            self.tallies.len() - 1
        });
        &mut self.tallies[place]
    }

    fn report(self) -> Report {
        let mut findings = self.findings;
        // At one station they stay in the order of the rules.
        findings.sort_by_key(|finding| finding.station);
        find_causes(&mut findings);

        let mut stations = self.tallies;
        stations.sort_by_key(|tally| tally.station);
        for tally in &mut stations {
            tally.outcome = outcome(tally, &findings);
        }
        let fails_at = findings.iter().find(|finding| finding.first_cause).map(|finding| finding.station);
        let is_unknown = stations.iter().any(|tally| tally.not_judged > 0);
        let verdict = match fails_at {
            Some(_) => Verdict::Fails,
            None if is_unknown || stations.is_empty() => Verdict::CannotTell,
            None => Verdict::Installs,
        };
        Report { verdict, fails_at, stations, findings, skipped: self.skipped, ignored: self.ignored }
    }
}

/// A browser asks whether to go on with a bad certificate, where the installer would stop; what keeps the page from being
/// reached at all weighs as much as anywhere.
fn of_the_page_alone(rule: &Rule, host: &Host, checked: Checked) -> Checked {
    let is_passed = rule.station == Station::Tls && host.spoken().is_some();
    let lighter = |fault: Fault| if is_passed { fault.lighter(Severity::Warning) } else { fault };
    checked.map(|faults| faults.into_iter().map(lighter).collect())
}

fn is_judged_as_app(bundle: &Bundle) -> bool {
    bundle.kind != BundleKind::Framework
}

fn no_app() -> NotJudged {
    NotJudged::NotMeasured("there is no app to look at".to_owned())
}

fn outcome(tally: &StationReport, findings: &[Finding]) -> Outcome {
    let here = findings.iter().filter(|finding| finding.station == tally.station);
    match here.map(|finding| finding.severity).max() {
        Some(Severity::Error) => Outcome::Fails,
        _ if tally.not_judged > 0 => Outcome::Unknown,
        Some(Severity::Warning) => Outcome::Warns,
        Some(Severity::Note) | None => Outcome::Passes,
    }
}

/// Tells which finding follows from which, and marks the first error that follows from none.
fn find_causes(findings: &mut [Finding]) {
    for place in 0..findings.len() {
        let finding = &findings[place];
        let cause = findings.iter().find(|other| explains(other, finding)).map(|other| other.code.clone());
        findings[place].follows_from = cause;
        findings[place].first_cause = false;
    }
    let first = findings
        .iter_mut()
        .find(|finding| finding.severity == Severity::Error && finding.follows_from.is_none());
    if let Some(first) = first {
        first.first_cause = true;
    }
}

/// Whether `finding` follows from `cause`: the cause's rule says so, and they are in one place. What is wrong with no
/// bundle in particular is in every place, and so it is with hosts.
fn explains(cause: &Finding, finding: &Finding) -> bool {
    let is_one = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    is_one(&cause.bundle, &finding.bundle)
        && is_one(&cause.host, &finding.host)
        && cause.station <= finding.station
        // What is lighter keeps nothing from being installed, and so can't be why something heavier does.
        && cause.severity >= finding.severity
        && rules::find(&cause.code).is_some_and(|rule| rule.explains.contains(&finding.name.as_str()))
}
