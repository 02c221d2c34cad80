use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use doctor::{Rule, rules};
use pages::sentence;

use super::{MADE, compare};

const HEAD: &str = "\
# Findings

What keeps a device from installing or opening an app, as `airstair doctor`, `inspect`, `share`, `site` and every upload
see it, in the order of the road from the tap to the running app. A code is never given to another rule.

- *Severity*: an `error` means that the device refuses, or does nothing; a `warning` that it fails for some, or soon, or
  that it looks like a mistake; a `note` names a step that the person with the device must take, or a thing worth knowing.
  It is the heaviest that a finding can be.
- *Evidence*: how sure the fact about devices is. `documented`: Apple says so. `known`: everybody who ships apps knows
  it. `observed`: seen on devices or in their software. `assumed`: a hypothesis. What is observed or assumed is worded
  \"likely\".
- *Station*: where on the road the device meets it.

An upload is refused for errors that are documented or known. `airstair publish --allow CODE` lets one pass by code or
name, `--allow-findings` all of them; who let it pass is kept with the build.

`airstair explain CODE` prints a finding's page; `airstair explain \"words of the dialog\"` says what to suspect.

| code | name | severity | evidence | station | what is checked |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn the_pages_of_findings_are_what_the_rules_say() {
    let mut list = format!("{MADE}{HEAD}");
    for rule in rules::ALL {
        let Rule { code, name, severity, evidence, station, .. } = rule;
        let checks = rule.summary().replace('|', "\\|");
        writeln!(
            list,
            "| [{code}](../findings/{code}.md) | `{name}` | {severity} | {evidence} | {station} | {checks} |"
        )
        .unwrap();
        compare(&format!("findings/{code}.md"), &page(rule));
    }
    compare("reference/findings.md", &list);
}

#[test]
fn there_is_no_page_without_a_rule() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/findings");
    let kept: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !rules::ALL.iter().any(|rule| format!("{}.md", rule.code) == *name))
        .collect();
    assert_eq!(kept, BTreeSet::new());
}

/// The rule's page, with what the rule itself knows under its title.
fn page(rule: &Rule) -> String {
    let (title, rest) = rule.page.split_once("\n\n").expect("a page has a title");
    let likely = rule.evidence.likely();
    format!(
        "{MADE}{title}\n\n*{}, {}, {}.* The device {likely}shows: {} In short: {}\n\n{rest}",
        rule.severity,
        rule.evidence,
        rule.station,
        sentence(rule.device_shows),
        sentence(rule.fix),
    )
}
