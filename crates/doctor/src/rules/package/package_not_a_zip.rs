use ipa::{Examined, Fact, FileKind};

use super::is_archive;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, find, header, login, shown, title};
use crate::{Answer, BodyEnd, Evidence, EvidenceKind, EvidencePlace, Facts, PackageFetch, Severity, Station};

/// What comes from the package's address begins as no archive does.
pub(crate) static RULE: Rule = Rule {
    code: "PKG009",
    name: "package-not-a-zip",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "a grey icon that says \"Waiting…\", and then \"Unable to Download App\"",
    fix: "let the address answer with the package itself, which begins with the letters `PK`",
    explains: &["digest-mismatch", "not-an-archive", "truncated-archive", "no-app-in-payload"],
    page: include_str!("package_not_a_zip.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, facts: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    let answer = fetch.success().ok_or(NotJudged::NotMine)?;
    let kind = FileKind::of(&answer.body.bytes);
    if is_archive(kind) {
        return clean();
    }
    let is_encoded = matches!(answer.body.end, BodyEnd::Encoded { .. });
    // Of an empty answer that is not at its end nothing is known.
    let is_unknown = kind == FileKind::Empty && answer.body.end != BodyEnd::Whole;
    if is_encoded || is_unknown || login(fetch).is_some() || is_archive_behind_bytes(facts) {
        return Err(NotJudged::NotMine);
    }
    let fault = Fault::new(format!("what comes is no zip archive but {kind}")).at(address(fetch.last()));
    let fault = match said(answer, kind) {
        Some(said) => fault.at(said),
        None => fault,
    };
    let fault = match answer.header("content-type") {
        Some(content_type) => fault.at(header("Content-Type", content_type)),
        None => fault,
    };
    found(match advice(kind) {
        Some(advice) => fault.mended_by(advice),
        None => fault,
    })
}

/// Whether there is an archive all the same: what stands before it is the archive's matter.
fn is_archive_behind_bytes(facts: &Facts<'_>) -> bool {
    matches!(&facts.package, Fact::Known(Examined { archive: Ok(_), .. }))
}

/// What the server says in what it sent: the title of a page, the code of a bucket's error, the message of an API's.
fn said(answer: &Answer, kind: FileKind) -> Option<Evidence> {
    let bytes = &answer.body.bytes;
    let (place, text) = match kind {
        FileKind::Html => ("title", title(bytes)?),
        FileKind::Xml => ("Error.Code", between(bytes, b"<Code>", b"</Code>")?),
        FileKind::Json | FileKind::Text => {
            ("text", str::from_utf8(&bytes[..bytes.len().min(200)]).ok()?.trim())
        }
        _ => return None,
    };
    Some(Evidence::at(EvidencePlace::KeyPath, place).seen(format_args!("{:?}", shown(text))))
}

fn between<'a>(bytes: &'a [u8], start: &[u8], end: &[u8]) -> Option<&'a str> {
    let rest = &bytes[find(bytes, start)? + start.len()..];
    str::from_utf8(&rest[..find(rest, end)?]).ok()
}

fn advice(kind: FileKind) -> Option<&'static str> {
    Some(match kind {
        FileKind::Html => {
            "find out which page it is, and let the address answer with the package in its place"
        }
        FileKind::Xml | FileKind::Json => {
            "look at the error that is sent in the package's place, and answer it with its status"
        }
        FileKind::LfsPointer => "run `git lfs pull` before the files are copied to the server",
        FileKind::Gzip | FileKind::Bzip2 | FileKind::Xz | FileKind::Zstandard | FileKind::Tar => {
            "put the package itself there: unpack what was packed around it"
        }
        FileKind::Empty | FileKind::Zeros => "copy the package to the server again, and compare its size",
        _ => return None,
    })
}
