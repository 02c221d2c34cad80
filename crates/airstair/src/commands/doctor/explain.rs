use clap::Args;
use doctor::{Rule, Symptom, rules, symptoms};
use pages::sentence;
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal::{FAINT, STRONG, heading, line, paragraph};
use crate::{markdown, terminal};

/// Explain a finding, or what a device shows
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  airstair explain PRF004
  airstair explain profile-expired
  airstair explain \"Cannot connect to\"
  airstair explain

Exit codes: 0 fine, 1 nothing is known under these words")]
pub(crate) struct Arguments {
    /// A finding's code or name, or words from the device's dialog; without any, the rules are listed
    #[arg(value_name = "CODE|NAME|WORDS")]
    words: Vec<String>,
}

#[derive(Serialize)]
struct RuleAnswer {
    code: &'static str,
    name: &'static str,
    severity: doctor::Severity,
    evidence_kind: doctor::EvidenceKind,
    station: doctor::Station,
    device_shows: &'static str,
    fix: &'static str,
    /// In Markdown.
    page: &'static str,
}

#[derive(Serialize)]
struct Answer {
    rules: Vec<RuleAnswer>,
    symptoms: Vec<&'static Symptom>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    let words = arguments.words.join(" ");
    let words = words.trim();
    let (rules, symptoms): (Vec<&'static Rule>, Vec<&'static Symptom>) = if words.is_empty() {
        (rules::ALL.to_vec(), Vec::new())
    } else if let Some(rule) = rules::find(words) {
        (vec![rule], Vec::new())
    } else {
        (Vec::new(), symptoms::find(words))
    };
    if rules.is_empty() && symptoms.is_empty() {
        return Err(Failure::bad_answer(format_args!("nothing is known under {words:?}"))
            .help("`airstair explain` lists the rules; words are looked for in what devices show, such as \"Unable to Install\""));
    }
    match format {
        Format::Json => {
            terminal::json(&Answer { rules: rules.into_iter().map(RuleAnswer::new).collect(), symptoms });
        }
        Format::Text if words.is_empty() => list(&rules),
        Format::Text => {
            for rule in rules {
                show_rule(rule);
            }
            for symptom in symptoms {
                show_symptom(symptom);
            }
        }
    }
    Ok(Outcome::Fine)
}

impl RuleAnswer {
    fn new(rule: &'static Rule) -> Self {
        let Rule { code, name, severity, evidence, station, device_shows, fix, page, .. } = *rule;
        Self { code, name, severity, evidence_kind: evidence, station, device_shows, fix, page }
    }
}

fn list(rules: &[&Rule]) {
    for group in rules.chunk_by(|one, next| one.station == next.station) {
        heading(group.first().map_or("", |rule| rule.station.title()));
        for rule in group {
            line(format_args!(
                "  {FAINT}{}{FAINT:#}  {:<34}{FAINT}{}{FAINT:#}",
                rule.code, rule.name, rule.severity
            ));
        }
    }
}

fn show_rule(rule: &Rule) {
    markdown::show(rule.page);
    heading("In short");
    let likely = rule.evidence.likely();
    paragraph(2, &sentence(&format!("the device {likely}shows: {}", rule.device_shows)));
    paragraph(2, &sentence(&format!("do this: {}", rule.fix)));
    paragraph(2, &format!("{}, {}, {}.", rule.severity, rule.evidence, rule.station));
}

fn show_symptom(symptom: &Symptom) {
    line(format_args!("{STRONG}{}{STRONG:#}", sentence(symptom.shown)));
    for (place, suspect) in symptom.suspects.iter().enumerate() {
        let rules = suspect.rules.join(", ");
        let rules = if rules.is_empty() { rules } else { format!(" ({rules})") };
        paragraph(2, &format!("{}. {}{rules}", place + 1, sentence(suspect.what)));
    }
    line("");
}
