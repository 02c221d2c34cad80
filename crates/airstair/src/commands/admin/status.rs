use catalog::SelfCheck;
use distribution::Administration;
use doctor::{Finding, Verdict};
use serde::Serialize;

use super::store_failure;
use crate::cli::Format;
use crate::failure::Failure;
use crate::findings;
use crate::outcome::Outcome;
use crate::terminal::{self, BAD, FAINT, GOOD, STRONG, WARNING};

/// How a server stands, as `--json` shows it.
#[derive(Debug, Serialize)]
struct StatusView<'a> {
    /// `null` where no server has examined its own address.
    self_check: Option<SelfCheckView<'a>>,
}

/// What a server found on its own road.
#[derive(Debug, Serialize)]
struct SelfCheckView<'a> {
    at: String,
    public_url: &'a str,
    verdict: Verdict,
    findings: &'a [Finding],
}

pub(super) async fn run(administration: &Administration, format: Format) -> Result<Outcome, Failure> {
    let check = administration.last_self_check().await.map_err(|error| store_failure(&error))?;
    match format {
        Format::Json => terminal::json(&StatusView { self_check: check.as_ref().map(SelfCheckView::from) }),
        Format::Text => show(check.as_ref()),
    }
    let is_bad = check.is_some_and(|check| check.errors().next().is_some());
    Ok(if is_bad { Outcome::Bad } else { Outcome::Fine })
}

fn show(check: Option<&SelfCheck>) {
    let Some(check) = check else {
        return terminal::remark("no server has examined its own address yet; one does when it starts");
    };
    let (style, said) = match check.errors().count() {
        0 if check.findings.is_empty() => (GOOD, "devices can install"),
        0 => (WARNING, "some devices can't install, or soon can't"),
        _ => (BAD, "devices can't install"),
    };
    terminal::line(format_args!(
        "{STRONG}{}{STRONG:#}  {style}{said}{style:#}",
        terminal::plain(&check.public_url)
    ));
    terminal::line(format_args!("  {FAINT}examined by the server itself at {}{FAINT:#}", check.at));
    findings::show(&check.findings, |row| terminal::line(row));
}

impl<'a> From<&'a SelfCheck> for SelfCheckView<'a> {
    fn from(check: &'a SelfCheck) -> Self {
        Self {
            at: check.at.to_string(),
            public_url: &check.public_url,
            verdict: check.verdict,
            findings: &check.findings,
        }
    }
}
