//! What the doctor says, on the terminal.

use doctor::{Finding, Report, Severity};

use crate::terminal::{BAD, FAINT, GOOD, STRONG, WARNING, faint_paragraph, heading, line, paragraph};
use crate::words::{self, sentence};

/// Prints every finding, and how many rules could not be applied.
pub(crate) fn show(report: &Report) {
    if report.findings.is_empty() {
        line("");
        line(format_args!("{GOOD}No faults found.{GOOD:#}"));
    } else {
        heading("Findings");
        for group in
            report.findings.chunk_by(|one, next| one.code == next.code && one.message == next.message)
        {
            show_group(group);
        }
    }
    if !report.skipped.is_empty() {
        let rules = words::count(report.skipped.len(), "check");
        line(format_args!("{FAINT}{rules} skipped, since what they need was not measured{FAINT:#}"));
    }
}

/// Whether a device would refuse what was judged.
pub(crate) fn has_error(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// Prints findings that differ by their bundle alone.
fn show_group(group: &[Finding]) {
    let Some(finding) = group.first() else { return };
    let style = match finding.severity {
        Severity::Error => BAD,
        Severity::Warning => WARNING,
        Severity::Note => STRONG,
    };
    let Finding { code, name, severity, .. } = finding;
    line(format_args!("  {style}{severity}{style:#} {STRONG}{name}{STRONG:#} {FAINT}{code}{FAINT:#}"));
    for bundle in group.iter().filter_map(|finding| finding.bundle.as_deref()) {
        faint_paragraph(4, &format!("in {bundle}"));
    }
    paragraph(4, &sentence(&finding.message));
    let place = if finding.evidence_kind.is_certain() { "On the device" } else { "On the device, likely" };
    paragraph(4, &format!("{place}: {}", sentence(&finding.device_shows)));
    paragraph(4, &format!("To mend it: {}", sentence(&finding.fix)));
    line("");
}
