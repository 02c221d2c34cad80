use super::served;
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::rules::answer::{address, header};
use crate::{Answer, EvidenceKind, Facts, Fetch, PackageFetch, Severity, Station};

/// The package's length is not told, or not told the same way twice.
pub(crate) static RULE: Rule = Rule {
    code: "PKG004",
    name: "length-missing-or-wrong",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "no progress on the icon, or one that is wrong",
    fix: "send the package's length as `Content-Length`, with HEAD and with GET",
    explains: &[],
    page: include_str!("length_missing_or_wrong.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let get = served(fetched)?;
    let head = fetched.head.success();
    let part = fetched.range.as_ref().map(|range| &range.fetch);
    let part = part.and_then(|fetch| Some((fetch, fetch.success()?)));
    let mut faults: Vec<Fault> = Vec::new();
    faults.extend(untold(get, "GET", &fetched.get.by_installer));
    faults.extend(head.and_then(|head| untold(head, "HEAD", &fetched.head)));

    let of_head = head.and_then(Answer::announced_bytes).filter(|bytes| *bytes > 0);
    let of_get = get.announced_bytes();
    if let (Some(of_head), Some(of_get)) = (of_head, of_get)
        && of_head != of_get
    {
        let message = format!("HEAD says {of_head} bytes, and GET {of_get}");
        faults.push(Fault::new(message).at(address(fetched.head.last())));
    }
    // What is compressed on its way has another length than its parts are of.
    let whole = of_get.or(of_head).filter(|_| get.content_encoding().is_none());
    if let (Some((fetch, part)), Some(whole)) = (part, whole)
        && let Some(total) = total(part).filter(|total| *total != whole)
    {
        let message = format!("a part is said to be of {total} bytes, and the whole has {whole}");
        let range = part.header("content-range").unwrap_or_default();
        faults.push(Fault::new(message).at(address(fetch.last())).at(header("Content-Range", range)));
    }
    found_all(faults)
}

fn untold(answer: &Answer, method: &str, fetch: &Fetch) -> Option<Fault> {
    let message = match (answer.header("content-length"), answer.announced_bytes()) {
        (Some(_), Some(0)) => format!("the answer to {method} says that the package has 0 bytes"),
        (Some(_), Some(_)) => return None,
        (Some(_), None) => format!("the `Content-Length` with which {method} is answered is no number"),
        (None, _) => format!("the answer to {method} has no `Content-Length`"),
    };
    let fault = Fault::new(message).at(address(fetch.last()));
    let fields = [("Content-Length", "content-length"), ("Transfer-Encoding", "transfer-encoding")];
    let seen = fields.into_iter().filter_map(|(name, lower)| Some(header(name, answer.header(lower)?)));
    Some(seen.fold(fault, Fault::at))
}

/// The length of the whole, as a part tells it: `bytes 0-99/1000`.
fn total(part: &Answer) -> Option<u64> {
    part.header("content-range")?.rsplit_once('/')?.1.trim().parse().ok()
}
