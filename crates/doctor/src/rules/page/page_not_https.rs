use super::address;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, PageFacts, Severity, Station};

/// The page comes without TLS.
pub(crate) static RULE: Rule = Rule {
    code: "PAG003",
    name: "page-not-https",
    severity: Severity::Warning,
    evidence: EvidenceKind::Known,
    station: Station::Page,
    device_shows: "\"Not Secure\" in the address bar; some browsers ask first, or open https instead",
    fix: "serve the page by https, and redirect http there",
    explains: &[],
    page: include_str!("page_not_https.md"),
    check: Check::Page(check),
};

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    let is_plain = |url: &str| url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    if !is_plain(&page.fetch.last().url) {
        return clean();
    }
    let was_https = page.fetch.hops.iter().any(|hop| !is_plain(&hop.url));
    let message = if was_https {
        "the page's https address leads back to http"
    } else {
        "the page comes by http, so that anybody on the way can change its link"
    };
    found(Fault::new(message).at(address(page)))
}
