//! What the doctor says, on the terminal: the one place that prints findings, and the one look they have.

use anstyle::Style;
use doctor::{Evidence, Finding, Report, Severity};
use pages::sentence;
use web::FindingView;

use crate::terminal::{BAD, FAINT, GOOD, STRONG, WARNING, hanging, heading, line, plain};
use crate::words;

/// A finding of this machine or of a server, as people see it. Its text may be hostile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShownFinding<'a> {
    severity: &'a str,
    code: &'a str,
    name: &'a str,
    bundle: Option<&'a str>,
    message: &'a str,
    evidence: &'a [Evidence],
    device_shows: &'a str,
    is_certain: bool,
    fix: &'a str,
}

/// Prints every finding, and how many rules could not be applied.
pub(crate) fn show_report(report: &Report) {
    if report.findings.is_empty() {
        line("");
        line(format_args!("{GOOD}No faults found.{GOOD:#}"));
    } else {
        heading("Findings");
        show(&report.findings, |row| line(row));
    }
    let unasked = report.skipped.iter().filter(|skipped| skipped.option.is_some()).count();
    if report.skipped.len() > unasked {
        let rules = words::count(report.skipped.len() - unasked, "check");
        line("");
        line(format_args!("{FAINT}{rules} skipped, since what they need was not measured{FAINT:#}"));
    }
}

/// Whether a device would refuse what was judged.
pub(crate) fn has_error(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Prints findings line by line. Neighbours that differ by their bundle alone are one.
pub(crate) fn show<'a, F>(findings: &'a [F], print: impl Fn(&str))
where
    ShownFinding<'a>: From<&'a F>,
{
    let shown: Vec<ShownFinding<'_>> = findings.iter().map(ShownFinding::from).collect();
    for group in shown.chunk_by(|one, next| one.code == next.code && one.message == next.message) {
        for row in rows(group) {
            print(&row);
        }
    }
}

/// The lines of findings that differ by their bundle alone.
fn rows(group: &[ShownFinding<'_>]) -> Vec<String> {
    let Some(finding) = group.first() else { return Vec::new() };
    let style = match finding.severity {
        "error" => BAD,
        "warning" => WARNING,
        _ => STRONG,
    };
    let [severity, code, name] = [finding.severity, finding.code, finding.name].map(plain);
    let mut rows =
        vec![format!("{style}{severity}{style:#} {FAINT}{code}{FAINT:#} {STRONG}{name}{STRONG:#}")];
    let mut add = |label, text: &str| rows.extend(hanging(2, label, text, Style::new()));
    add("", &sentence(finding.message));
    for bundle in group.iter().filter_map(|finding| finding.bundle) {
        add("in: ", bundle);
    }
    for place in finding.evidence {
        add("at: ", &place.to_string());
    }
    add(if finding.is_certain { "device: " } else { "device, likely: " }, &sentence(finding.device_shows));
    add("do: ", &sentence(finding.fix));
    rows
}

impl<'a> From<&'a Finding> for ShownFinding<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            severity: finding.severity.as_str(),
            code: &finding.code,
            name: &finding.name,
            bundle: finding.bundle.as_deref(),
            message: &finding.message,
            evidence: &finding.evidence,
            device_shows: &finding.device_shows,
            is_certain: finding.evidence_kind.is_certain(),
            fix: &finding.fix,
        }
    }
}

impl<'a> From<&'a FindingView> for ShownFinding<'a> {
    fn from(finding: &'a FindingView) -> Self {
        Self {
            severity: &finding.severity,
            code: &finding.code,
            name: &finding.name,
            bundle: finding.bundle.as_deref(),
            message: &finding.message,
            evidence: &finding.evidence,
            device_shows: &finding.device_shows,
            is_certain: matches!(&*finding.evidence_kind, "documented" | "known"),
            fix: &finding.fix,
        }
    }
}
