use super::served;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, header, seconds, shown, status_words};
use crate::{Answer, BodyEnd, EvidenceKind, Facts, NoAnswer, PackageFetch, RangeFetch, Severity, Station};

/// Parts of the package can't be had, or are not those that were asked for.
pub(crate) static RULE: Rule = Rule {
    code: "PKG005",
    name: "ranges-not-supported",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::PackageFetch,
    device_shows: "a download that begins anew after every break, or never ends; where wrong parts come, an app that can't be installed",
    fix: "answer `Range` with 206 Partial Content and the bytes that were asked for",
    explains: &[],
    page: include_str!("ranges_not_supported.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let whole = served(fetched)?;
    let range = fetched.range.as_ref().ok_or(NotJudged::NotMine)?;
    let part = match &range.fetch.last().answer {
        Ok(part) => part,
        Err(NoAnswer::NoConnection) => return Err(NotJudged::NotMine),
        Err(why) => return found(seen(range, unanswered(why))),
    };
    let asked = format!("bytes {} to {}", range.first, range.last);
    let fault = match part.status {
        206 => match wrong_part(range, part, whole) {
            Some(wrong) => seen(range, Fault::new(format!("asked for {asked}, the server sends {wrong}"))),
            None if whole.header("accept-ranges").or(part.header("accept-ranges")).is_none() => {
                let message = "parts can be had, and no `Accept-Ranges` says so";
                Fault::new(message).lighter(Severity::Note).at(address(range.fetch.last()))
            }
            None => return clean(),
        },
        200 => seen(range, Fault::new(format!("asked for {asked}, the server sends the whole package"))),
        status => {
            let status = status_words(status);
            seen(range, Fault::new(format!("asked for {asked}, the server answers {status}")))
        }
    };
    found(fault)
}

/// What came in place of the part, if something did. The header is wrong, or the bytes are.
fn wrong_part(range: &RangeFetch, part: &Answer, whole: &Answer) -> Option<String> {
    let Some(content_range) = part.header("content-range") else {
        return Some("a part without `Content-Range`, so that nobody knows which".to_owned());
    };
    let bytes = content_range.trim().strip_prefix("bytes ").and_then(|rest| rest.split_once('/'));
    if bytes.map(|(bytes, _)| bytes.trim()) != Some(&format!("{}-{}", range.first, range.last)) {
        return Some("another part".to_owned());
    }
    let wanted = range.last.saturating_sub(range.first).saturating_add(1);
    let came = part.body.bytes.len() as u64;
    if part.content_encoding().is_some() || whole.content_encoding().is_some() {
        // Its parts are of what it is encoded to.
        return None;
    }
    match &part.body.end {
        BodyEnd::CutOff => return Some(format!("{came} bytes and closes the connection")),
        BodyEnd::Silent { after } => {
            return Some(format!("{came} bytes and nothing more within {}", seconds(*after)));
        }
        BodyEnd::Whole if came != wanted => return Some(format!("{came} bytes, not {wanted}")),
        _ => {}
    }
    let start = usize::try_from(range.first).ok()?;
    let same = whole.body.bytes.get(start..)?;
    let differs = part.body.bytes.iter().zip(same).position(|(one, other)| one != other)? as u64;
    let at = range.first.saturating_add(differs);
    Some(format!("other bytes than it sends in the whole, from byte {at} on"))
}

fn unanswered(why: &NoAnswer) -> Fault {
    Fault::new(match why {
        NoAnswer::Silent { after } => {
            format!("asked for a part, the server sends nothing within {}", seconds(*after))
        }
        NoAnswer::NotHttp { reason } => {
            format!("asked for a part, the server sends no HTTP: {}", shown(reason))
        }
        _ => "asked for a part, the server closes the connection".to_owned(),
    })
}

/// The fault with what was asked for and what came.
fn seen(range: &RangeFetch, fault: Fault) -> Fault {
    let fault = fault
        .at(address(range.fetch.last()))
        .at(header("Range", &format!("bytes={}-{}", range.first, range.last)));
    let Some(answer) = range.fetch.answer() else { return fault };
    let fields = [("Content-Range", "content-range"), ("Accept-Ranges", "accept-ranges")];
    let seen = fields.into_iter().filter_map(|(name, lower)| Some(header(name, answer.header(lower)?)));
    seen.fold(fault, Fault::at)
}
