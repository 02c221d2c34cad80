use doctor::{Outcome, Report, Severity, Skipped, StationReport, Verdict};

use super::JudgedRoad;
use crate::findings;
use crate::terminal::{BAD, FAINT, GOOD, STRONG, WARNING, faint_paragraph, heading, line, plain};
use crate::words::count;

pub(super) fn show(examined: &[JudgedRoad]) {
    for (place, JudgedRoad { name, report, .. }) in examined.iter().enumerate() {
        if place > 0 {
            line("");
        }
        line(format_args!("{STRONG}{}{STRONG:#}", plain(name)));
        line("");
        show_road(report);
        show_findings(report);
        show_skipped(report);
        line("");
        show_verdict(report);
    }
}

/// The stations with a mark each. Behind the one where it fails no device comes, so only what is wrong there counts.
fn show_road(report: &Report) {
    for station in &report.stations {
        let is_reached = report.fails_at.is_none_or(|end| station.station <= end);
        let (mark, style, remark) = match station.outcome {
            Outcome::Fails => ("✗", BAD, ""),
            Outcome::Warns => ("!", WARNING, ""),
            Outcome::Unknown | Outcome::Passes if station.judged == 0 => ("?", FAINT, "not looked at"),
            Outcome::Unknown => ("?", WARNING, "not wholly looked at"),
            Outcome::Passes if is_reached => ("✓", GOOD, ""),
            Outcome::Passes => ("✓", FAINT, "a device does not get here"),
        };
        let title = station.station.title();
        if remark.is_empty() {
            line(format_args!("  {style}{mark}{style:#} {title}"));
        } else {
            line(format_args!("  {style}{mark}{style:#} {title:<23}{FAINT}{remark}{FAINT:#}"));
        }
    }
}

/// The first cause, and then what is wrong besides, station by station.
fn show_findings(report: &Report) {
    if let Some(cause) = report.first_cause() {
        heading(if cause.evidence_kind.is_certain() {
            "What keeps it from being installed"
        } else {
            "What likely keeps it from being installed"
        });
        findings::show(std::slice::from_ref(cause), |row| line(row));
    }
    let others: Vec<_> = report.findings.iter().filter(|finding| !finding.first_cause).cloned().collect();
    for group in others.chunk_by(|one, next| one.station == next.station) {
        let title = group.first().map_or("", |finding| finding.station.title());
        let besides = if report.fails_at.is_some() { "Besides: " } else { "" };
        heading(format_args!("{besides}{title}"));
        findings::show(group, |row| line(row));
    }
}

fn show_skipped(report: &Report) {
    let unasked = |skipped: &&Skipped| skipped.option.is_some();
    let mut rows: Vec<String> = Vec::new();
    for group in grouped(report.skipped.iter().filter(unasked)) {
        rows.push(format!("{} not made: {}", count(group.1, "check"), group.0));
    }
    for group in grouped(report.skipped.iter().filter(|skipped| !unasked(skipped))) {
        rows.push(format!("{} skipped: {}", count(group.1, "check"), group.0));
    }
    if report.ignored > 0 {
        rows.push(format!("{} ignored, as asked", count(report.ignored, "finding")));
    }
    if !rows.is_empty() {
        line("");
    }
    for row in rows {
        faint_paragraph(2, &row);
    }
}

/// Reasons in the order in which they come, and how many rules each stopped.
fn grouped<'a>(skipped: impl Iterator<Item = &'a Skipped>) -> Vec<(&'a str, usize)> {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for one in skipped {
        match groups.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, rules)) => *rules += 1,
            None => groups.push((&one.reason, 1)),
        }
    }
    groups
}

fn show_verdict(report: &Report) {
    let verdict = match (report.verdict, report.first_cause()) {
        (Verdict::Fails, Some(cause)) => {
            let likely = if cause.evidence_kind.is_certain() { "Fails" } else { "Likely fails" };
            let (code, name) = (&cause.code, &cause.name);
            format!(
                "{BAD}{likely} at: {}{BAD:#} ({code} {name}; `airstair explain {code}`)",
                cause.station.title()
            )
        }
        (Verdict::Installs, _) if report.worst() >= Some(Severity::Warning) => {
            let warnings = report.findings.iter().filter(|one| one.severity == Severity::Warning);
            let mut codes: Vec<&str> = warnings.map(|one| &*one.code).collect();
            codes.dedup();
            format!("{WARNING}Installs, unless a warning comes true{WARNING:#} ({})", codes.join(", "))
        }
        (Verdict::Installs, _) => format!("{GOOD}Installs{GOOD:#}, as far as can be told without the device"),
        _ => {
            let unknown: Vec<&str> =
                report.stations.iter().filter(|one| is_unknown(one)).map(|one| one.station.title()).collect();
            format!("{WARNING}Cannot tell{WARNING:#}: not all was looked at ({})", unknown.join(", "))
        }
    };
    line(verdict);
}

fn is_unknown(station: &StationReport) -> bool {
    station.not_judged > 0
}
