use std::io::{IsTerminal, Read};

use itms_services::{
    FoundLink, InstallLink, LinkFault, LinkOutcome, LinkReading, Refusal, SearchLimits, find_links,
};
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::terminal::{self, BAD, FAINT, GOOD, STRONG, WARNING, heading, line, paragraph, plain};
use crate::words;

/// The most text that links are looked for in, in bytes.
const INPUT_BYTES: u64 = 32 << 20;

/// The answer of `airstair link --decode LINK --json`, and of each link found in standard input.
#[derive(Serialize)]
struct Answer {
    /// As the device gets it.
    link: String,
    /// The line of the input it was found in, from 1.
    line: Option<usize>,
    /// Whether a device would fetch the manifest that was meant.
    installs: bool,
    /// `fetched`, `fetched-by-newer-systems`, `refused`, `ignored` or `not-opened`.
    outcome: &'static str,
    /// What that means, in a sentence.
    explanation: &'static str,
    /// In `ASDErrorDomain`, where a device refuses the link.
    error_code: Option<u16>,
    /// What the device requests.
    manifest_url: Option<String>,
    digest: Option<String>,
    faults: Vec<FaultAnswer>,
    /// The link as it was meant.
    repaired: Option<String>,
    repaired_manifest_url: Option<String>,
}

/// The answer for standard input.
#[derive(Serialize)]
struct Answers {
    links: Vec<Answer>,
}

#[derive(Serialize)]
struct FaultAnswer {
    name: &'static str,
    message: String,
    /// Where in `link` it is, counted in bytes from 0.
    at_byte: Option<usize>,
}

pub(super) fn run(
    text: Option<&str>,
    rest: &[String],
    is_html: bool,
    format: Format,
) -> Result<Outcome, Failure> {
    let Some(link) = text.filter(|text| *text != "-") else { return run_over_input(format) };
    if !rest.is_empty() {
        return Err(Failure::usage(format_args!("behind the link stands {:?}", rest.join(" ")))
            .help("put the link in single quotes: a shell cuts it at an `&` and at spaces"));
    }
    let reading = if is_html { InstallLink::from_html_attribute(link) } else { InstallLink::parse(link) };
    let answer = Answer::new(&reading, None);
    match format {
        Format::Json => terminal::json(&answer),
        Format::Text => {
            show(&answer);
            if !is_html
                && reading
                    .faults()
                    .iter()
                    .any(|fault| matches!(fault, LinkFault::DoubleEscapedAmpersand { .. }))
            {
                terminal::remark(
                    "If the link comes from the source of a page, add --html: there `&amp;` is right.",
                );
            }
        }
    }
    Ok(outcome(answer.installs))
}

fn run_over_input(format: Format) -> Result<Outcome, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        terminal::remark("Paste text with links in it, and end it with Ctrl-D:");
    }
    let mut bytes = Vec::new();
    stdin
        .lock()
        .take(INPUT_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::not_done("standard input could not be read").because(&error))?;
    if bytes.len() as u64 > INPUT_BYTES {
        return Err(Failure::not_done(format_args!(
            "standard input is longer than {}",
            pages::size(INPUT_BYTES)
        ))
        .help("give the page or the mail alone"));
    }
    let limits = SearchLimits { bytes: bytes.len(), ..SearchLimits::default() };
    let found = find_links(&bytes, &limits).map_err(|error| {
        Failure::bad_answer("there is no itms-services link in the text")
            .because(&error)
            .help("a page may make its link by a script: copy the link itself from the browser")
    })?;
    let in_text = |link: &FoundLink| link.mail_part.is_none().then_some(link.line);
    let links: Vec<_> = found.links.iter().map(|link| Answer::new(&link.reading, in_text(link))).collect();
    let all_install = links.iter().all(|answer| answer.installs);
    match format {
        Format::Json => terminal::json(&Answers { links }),
        Format::Text => {
            for (place, answer) in links.iter().enumerate() {
                if place > 0 {
                    line("");
                }
                if let Some(number) = answer.line {
                    line(format_args!("{FAINT}line {number}{FAINT:#}"));
                }
                show(answer);
            }
            if links.len() > 1 {
                line("");
                let bad = links.iter().filter(|answer| !answer.installs).count();
                line(format_args!("{}, {bad} of them faulty", words::count(links.len(), "link")));
            }
        }
    }
    Ok(outcome(all_install))
}

fn outcome(installs: bool) -> Outcome {
    if installs { Outcome::Fine } else { Outcome::Bad }
}

impl Answer {
    fn new(reading: &LinkReading, line: Option<usize>) -> Self {
        let installs = installs(reading);
        let (outcome, explanation) = explain(reading.outcome(), installs);
        Self {
            link: reading.link().to_owned(),
            line,
            installs,
            outcome,
            explanation,
            error_code: match reading.outcome() {
                LinkOutcome::Refused(refusal) => Some(refusal.code()),
                _ => None,
            },
            manifest_url: reading.manifest_url().map(str::to_owned),
            digest: match reading.outcome() {
                LinkOutcome::Fetched { digest, .. } | LinkOutcome::FetchedByNewerSystems { digest, .. } => {
                    digest.clone()
                }
                _ => None,
            },
            faults: reading.faults().iter().map(FaultAnswer::new).collect(),
            repaired: reading.repaired().map(ToString::to_string),
            repaired_manifest_url: reading.repaired().map(|link| link.manifest_url().to_owned()),
        }
    }
}

/// Whether every device fetches the manifest, and the one that was meant.
fn installs(reading: &LinkReading) -> bool {
    let LinkOutcome::Fetched { manifest_url, .. } = reading.outcome() else { return false };
    let is_another = reading.faults().iter().any(|fault| {
        matches!(
            fault,
            LinkFault::ManifestUrlNotEncoded { .. }
                | LinkFault::ManifestUrlEncodedTwice { .. }
                | LinkFault::LinkInsideLink { .. }
        )
    });
    let is_meant = reading.repaired().is_none_or(|repaired| {
        InstallLink::new(manifest_url).is_ok_and(|fetched| fetched.manifest_url() == repaired.manifest_url())
    });
    is_meant && !is_another
}

/// A name for the outcome, and what it means; "likely" where nobody documents it.
fn explain(outcome: &LinkOutcome, installs: bool) -> (&'static str, &'static str) {
    match outcome {
        LinkOutcome::NotOpened => ("not-opened", "Likely nothing happens: browsers and apps do not open it."),
        LinkOutcome::Ignored => {
            ("ignored", "Likely nothing happens: a device opens the link and ignores it without a message.")
        }
        LinkOutcome::Refused(Refusal::NotHttps) => {
            ("refused", "A device likely refuses it with error 852: the manifest is not on https.")
        }
        LinkOutcome::Refused(Refusal::HostIsTheDevice) => (
            "refused",
            "A device likely refuses it with error 850: the manifest's host is the device itself.",
        ),
        LinkOutcome::Refused(_) => ("refused", "A device likely refuses it with an alert."),
        LinkOutcome::Fetched { .. } if installs => {
            ("fetched", "A device fetches the manifest and offers what is in it.")
        }
        LinkOutcome::Fetched { .. } => (
            "fetched",
            "A device fetches another address than was likely meant, and finds no manifest there.",
        ),
        LinkOutcome::FetchedByNewerSystems { .. } => (
            "fetched-by-newer-systems",
            "Likely ignored on iOS 16 and older; newer systems may mend the address and fetch the manifest.",
        ),
        _ => ("unknown", "What a device does is not known."),
    }
}

impl FaultAnswer {
    fn new(fault: &LinkFault) -> Self {
        Self { name: fault.name(), message: fault.to_string(), at_byte: fault.offset() }
    }
}

fn show(answer: &Answer) {
    let style = if answer.installs { GOOD } else { BAD };
    line(format_args!("{style}{}{style:#}", answer.explanation));
    line("");
    line(format_args!("  {FAINT}link{FAINT:#}      {}", plain(&answer.link)));
    if let Some(url) = &answer.manifest_url {
        line(format_args!("  {FAINT}requests{FAINT:#}  {}", plain(url)));
    }
    if let Some(digest) = &answer.digest {
        line(format_args!("  {FAINT}digest{FAINT:#}    {}", plain(digest)));
        paragraph(
            12,
            "An undocumented digest of the manifest: where it does not match, the installation stops.",
        );
    }
    if !answer.faults.is_empty() {
        heading("Faults");
        for fault in &answer.faults {
            let style = if answer.installs { WARNING } else { BAD };
            line(format_args!("  {style}{}{style:#}", fault.name));
            paragraph(4, &pages::sentence(&fault.message));
            if let Some(at) = fault.at_byte {
                point(&answer.link, at);
            }
        }
    }
    if let Some(repaired) = &answer.repaired {
        heading("As it was likely meant");
        line(format_args!("  {STRONG}{}{STRONG:#}", plain(repaired)));
    }
}

/// Shows the part of `link` around the byte `at`, and points at it.
fn point(link: &str, at: usize) {
    const BEFORE: usize = 24;
    const SHOWN: usize = 64;
    // What is escaped on the terminal would shift the mark.
    if !link.is_ascii() || link.bytes().any(|byte| byte.is_ascii_control()) || at > link.len() {
        return;
    }
    let start = if link.len() <= SHOWN { 0 } else { at.saturating_sub(BEFORE) };
    let end = link.len().min(start + SHOWN);
    let (front, back) = (if start > 0 { "…" } else { "" }, if end < link.len() { "…" } else { "" });
    let column = at - start + front.chars().count();
    line(format_args!("      {front}{}{back}", &link[start..end]));
    line(format_args!("      {:column$}{WARNING}^{WARNING:#}", ""));
}
