use std::time::Duration;

use super::served;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, seconds, seen_on, status_words};
use crate::{EvidenceKind, Facts, NoAnswer, PackageFetch, Severity, Station};

/// How long a device waits for the answer to `HEAD`.
const PATIENCE: Duration = Duration::from_secs(30);

/// The package can be had, and the answer to `HEAD` can't.
pub(crate) static RULE: Rule = Rule {
    code: "PKG003",
    name: "head-refused",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::PackageFetch,
    device_shows: "no progress on the icon, and \"Waiting…\" for up to half a minute where HEAD is not answered at all",
    fix: "let the package's address answer HEAD as it answers GET",
    explains: &[],
    page: include_str!("head_refused.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    served(fetched)?;
    let head = &fetched.head;
    let fault = match &head.last().answer {
        Ok(answer) if head.success().is_none() => {
            let status = status_words(answer.status);
            let fault = seen_on(head, Fault::new(format!("GET is answered, and HEAD with {status}")));
            match mending(answer.status) {
                Some(mending) => fault.mended_by(mending),
                None => fault,
            }
        }
        Ok(_) => {
            let after: Duration =
                head.hops.iter().filter_map(|hop| Some(hop.answer.as_ref().ok()?.after)).sum();
            if after <= PATIENCE {
                return clean();
            }
            Fault::new(format!(
                "HEAD is answered after {}, and a device waits {}",
                seconds(after),
                seconds(PATIENCE)
            ))
        }
        Err(NoAnswer::NoConnection) => return Err(NotJudged::NotMine),
        Err(NoAnswer::Dropped) => {
            Fault::new("GET is answered, and HEAD is not: the server closes the connection")
        }
        Err(NoAnswer::Silent { after }) => {
            Fault::new(format!("GET is answered, and HEAD is not: nothing came within {}", seconds(*after)))
        }
        Err(NoAnswer::NotHttp { reason }) => {
            Fault::new(format!("GET is answered, and the answer to HEAD is no HTTP: {reason}"))
        }
    };
    found(fault.at(address(head.last())))
}

fn mending(status: u16) -> Option<&'static str> {
    match status {
        401 | 403 => Some(
            "let HEAD pass where GET does; a presigned address is signed for GET alone, so put a public path before it",
        ),
        404 | 405 | 501 => Some("have whatever answers GET for the package answer HEAD, too"),
        _ => None,
    }
}
