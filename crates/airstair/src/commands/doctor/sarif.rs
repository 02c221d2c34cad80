//! The answer of `airstair doctor --sarif`.
//!
//! Source: OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*.

use doctor::{Finding, Rule, Severity, rules};
use serde_json::{Value, json};

use super::JudgedRoad;

/// The log with one run.
pub(super) fn log(examined: &[JudgedRoad]) -> Value {
    let results: Vec<Value> = examined
        .iter()
        .flat_map(|one| one.report.findings.iter().map(|finding| result(&one.name, finding)))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "airstair doctor",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules::ALL.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "results": results,
        }],
    })
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.name },
        "fullDescription": { "text": rule.fix },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "station": rule.station, "evidence": rule.evidence },
    })
}

fn result(target: &str, finding: &Finding) -> Value {
    let logical: Vec<Value> = finding
        .bundle
        .iter()
        .map(|bundle| json!({ "fullyQualifiedName": bundle, "kind": "module" }))
        .chain(finding.evidence.iter().map(|place| json!({ "fullyQualifiedName": place.to_string() })))
        .collect();
    json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}.", finding.message, finding.fix) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": target } },
            "logicalLocations": logical,
        }],
        "properties": { "firstCause": finding.first_cause, "station": finding.station },
    })
}

/// SARIF's word.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
