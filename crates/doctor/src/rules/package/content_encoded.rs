use super::served;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, header, is_known_encoding, shown};
use crate::{BodyEnd, EvidenceKind, Facts, PackageFetch, Severity, Station};

/// The package is compressed once more on its way, or is said to be.
pub(crate) static RULE: Rule = Rule {
    code: "PKG006",
    name: "content-encoded",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "no progress on the icon; \"Unable to Download App\" where what comes can't be decoded",
    fix: "send the package as it is, without `Content-Encoding`",
    explains: &[
        "length-missing-or-wrong",
        "ranges-not-supported",
        "package-not-a-zip",
        "digest-mismatch",
        "not-an-archive",
        "truncated-archive",
    ],
    page: include_str!("content_encoded.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.get.by_installer;
    let answer = fetch.success().ok_or(NotJudged::NotMine)?;
    let (encoding, can_be_decoded) = match &answer.body.end {
        BodyEnd::Encoded { encoding } => (encoding.as_str(), !is_known_encoding(encoding)),
        _ => match served(fetched)?.content_encoding() {
            Some(encoding) => (encoding, true),
            None => return clean(),
        },
    };
    let shown = shown(encoding);
    let fault = if can_be_decoded {
        Fault::new(format!("the package is compressed on its way, as {shown}")).lighter(Severity::Warning)
    } else {
        Fault::new(format!("the package is said to be encoded as {shown}, and can't be decoded"))
    };
    found(fault.at(address(fetch.last())).at(header("Content-Encoding", encoding)))
}
