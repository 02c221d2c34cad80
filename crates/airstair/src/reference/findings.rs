use std::fmt::Write;

use doctor::{Rule, rules};

use super::{MADE, compare};
use crate::words::sentence;

const HEAD: &str = "\
# Findings

What keeps a device from installing or opening an app, as `airstair inspect`, `share`, `site` and every upload see it. A
code is never given to another rule.

- *Severity*: an `error` means that the device refuses, or does nothing; a `warning` that it fails for some, or soon; a
  `note` names a step that the person with the device must take.
- *Evidence*: how sure the fact about devices is. `documented`: Apple says so. `known`: everybody who ships apps knows
  it. `observed`: seen on devices or in their software. `assumed`: a hypothesis. What is observed or assumed is worded
  \"likely\".
- *Station*: where on the road from the tap to the running app the device meets it.

An upload is refused for errors that are documented or known. `airstair publish --allow CODE` lets one pass by code or
name, `--allow-findings` all of them; who let it pass is kept with the build.

| code | name | severity | evidence | station | what is checked |
| --- | --- | --- | --- | --- | --- |
";

#[test]
fn the_page_of_findings_is_what_the_rules_say() {
    let mut page = format!("{MADE}{HEAD}");
    for rule in rules::ALL {
        let Rule { code, name, severity, station, .. } = rule;
        let anchor = format!("{code}-{name}").to_lowercase();
        let (evidence, checks) = (evidence(rule), first_sentence(rule));
        writeln!(page, "| [{code}](#{anchor}) | `{name}` | {severity} | {evidence} | {station} | {checks} |")
            .unwrap();
    }
    for rule in rules::ALL {
        write_page(&mut page, rule);
    }
    compare("findings.md", &page);
}

/// The word of JSON for it.
fn evidence(rule: &Rule) -> String {
    let word = serde_json::to_value(rule.evidence).unwrap();
    word.as_str().expect("it is a word").to_owned()
}

/// What the rule's page says first of what it checks, in one line.
fn first_sentence(rule: &Rule) -> String {
    let (_, text) = rule.page.split_once("## What it checks\n\n").expect("every page has this section");
    let text = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = text.find(". ").map_or(text.len(), |stop| stop + 1);
    text[..end].replace('|', "\\|")
}

/// The rule's page, one level down, with what the rule itself knows under its title.
fn write_page(page: &mut String, rule: &Rule) {
    let (title, rest) = rule.page.split_once("\n\n").expect("a page has a title");
    let rest = rest.replace("\n## ", "\n### ");
    let likely = if rule.evidence.is_certain() { "" } else { "likely " };
    write!(
        page,
        "\n#{title}\n\n*{}, {}, {}.* The device {likely}shows: {} In short: {}\n\n#{}",
        rule.severity,
        evidence(rule),
        rule.station,
        sentence(rule.device_shows),
        sentence(rule.fix),
        rest.trim_end(),
    )
    .unwrap();
    page.push('\n');
}
