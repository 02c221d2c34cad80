//! Signs that a URL reached us without its end, because a shell took an unquoted `&` for "run this in the background".
//!
//! None is a proof, so each is worded as likely and none refuses.

use std::fs;

use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use super::Warning;

/// Parameters that never come alone: those of addresses that a storage service has signed.
const NEVER_ALONE: [&str; 10] = [
    "AWSAccessKeyId",
    "Expires",
    "GoogleAccessId",
    "Policy",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Goog-Algorithm",
    "X-Goog-Credential",
    "rlkey",
    "sv",
];

/// How this process was started, as far as it tells of an `&`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Start {
    Foreground,
    Background,
}

/// What speaks for `url` being cut; `rest` is what else stood on the command line.
pub(super) fn warnings(url: &str, rest: &[String]) -> Vec<Warning> {
    signs(url, rest, start()).into_iter().collect()
}

fn signs(url: &str, rest: &[String], start: Start) -> Option<Warning> {
    let likely = |what: String, whole: &str| {
        let help = format!("put it in single quotes: airstair link '{whole}'");
        Some(Warning {
            name: "url-likely-cut",
            message: format!("the URL was likely cut by the shell: {what}"),
            help: Some(help),
        })
    };
    if !rest.is_empty() {
        let is_parameters = rest.iter().all(|part| part.trim_start_matches('&').contains('='));
        let parted_by = if is_parameters { "&" } else { "%20" };
        let whole = [&[url.to_owned()], rest].concat().join(parted_by);
        return likely(format!("behind it stands {:?}", rest.join(" ")), &whole);
    }
    // One that holds an `&` came through whole: a shell cuts at the first.
    let (_, query) = url.split_once('?').filter(|(_, query)| !query.contains('&'))?;
    let whole = format!("{url}&…");
    if start == Start::Background {
        return likely(
            "this command was started in the background, as an unquoted `&` does".to_owned(),
            &whole,
        );
    }
    let name = query.split('=').next().unwrap_or_default();
    if NEVER_ALONE.contains(&name) {
        return likely(format!("the parameter {name:?} never comes alone"), &whole);
    }
    if query.is_empty() || query.ends_with('=') {
        return likely("its query has no end".to_owned(), &whole);
    }
    None
}

/// A shell with job control gives a background job a process group of its own; one without starts it with interrupts
/// ignored and standard input from nowhere (POSIX, Shell Command Language, 2.9.3.1 and 2.11).
fn start() -> Start {
    let stdin = std::io::stdin();
    let has_own_group = tcgetpgrp(&stdin).is_ok_and(|foreground| foreground != getpgrp());
    if has_own_group || ignores_interrupts() { Start::Background } else { Start::Foreground }
}

/// Whether SIGINT and SIGQUIT are both ignored, as far as the system tells: Linux does.
fn ignores_interrupts() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| ignored_signals(&status) & 0b110 == 0b110)
}

/// The signals that are ignored, the first in the lowest bit.
fn ignored_signals(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_told_by_what_is_missing_or_left_over() {
        use Start::{Background, Foreground};
        for (url, rest, start, expected) in [
            ("https://h.example/m.plist", &[][..], Foreground, None),
            ("https://h.example/m.plist", &[], Background, None),
            ("https://h.example/m.plist?a=1", &[], Foreground, None),
            ("https://h.example/m.plist?a=1&b=2", &[], Foreground, None),
            ("https://h.example/m.plist?a=1&b=2", &[], Background, None),
            ("https://h.example/m.plist?a=1", &[], Background, Some("in the background")),
            ("https://h.example/m.plist?a=1", &["b=2"], Foreground, Some("behind it stands \"b=2\"")),
            ("https://h.example/My", &["App.plist"], Foreground, Some("behind it stands \"App.plist\"")),
            ("https://h.example/m.plist?a=", &[], Foreground, Some("no end")),
            ("https://h.example/m.plist?", &[], Foreground, Some("no end")),
            (
                "https://b.example/m?X-Amz-Algorithm=AWS4-HMAC-SHA256",
                &[],
                Foreground,
                Some("\"X-Amz-Algorithm\""),
            ),
            ("https://b.example/m?X-Amz-Algorithm=A&X-Amz-Signature=b", &[], Foreground, None),
            ("https://b.example/m?sv=2024-01-01", &[], Foreground, Some("\"sv\"")),
        ] {
            let rest: Vec<_> = rest.iter().map(|part| (*part).to_owned()).collect();
            let found = signs(url, &rest, start).map(|warning| warning.message);
            match expected {
                None => assert_eq!(found, None, "{url}"),
                Some(part) => {
                    assert!(found.as_ref().is_some_and(|found| found.contains(part)), "{url}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn the_whole_url_is_put_together_again() {
        let help = |url: &str, rest: &str| {
            signs(url, &[rest.to_owned()], Start::Foreground).and_then(|warning| warning.help).unwrap()
        };
        assert!(help("https://h.example/m?a=1", "b=2").contains("'https://h.example/m?a=1&b=2'"));
        assert!(help("https://h.example/My", "App.plist").contains("'https://h.example/My%20App.plist'"));
    }

    #[test]
    fn ignored_signals_are_read_from_the_process_status() {
        for (status, expected) in [
            ("Name:\tairstair\nSigIgn:\t0000000000001006\nSigCgt:\t0\n", 0x1006),
            ("SigIgn:\tno number\n", 0),
            ("", 0),
        ] {
            assert_eq!(ignored_signals(status), expected);
        }
    }
}
