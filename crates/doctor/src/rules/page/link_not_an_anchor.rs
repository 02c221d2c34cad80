use itms_services::LinkPlace;

use super::address;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::quoted;
use crate::{EvidenceKind, Facts, PageFacts, PageLink, Severity, Station};

/// The page's install link is not where a tap alone would follow it.
pub(crate) static RULE: Rule = Rule {
    code: "PAG002",
    name: "link-not-an-anchor",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Page,
    device_shows: "nothing when the page is tapped, or a prompt that depends on a script",
    fix: "put the link into the `href` of an `<a>`",
    explains: &[],
    page: include_str!("link_not_an_anchor.md"),
    check: Check::Page(check),
};

fn check(page: &PageFacts<'_>, _: &Facts<'_>) -> Checked {
    let (place, line) = match page.link {
        PageLink::Found { place, line, .. } => (place, line),
        PageLink::Redirect => {
            let message = "the page's address leads on to the install link without a tap";
            return found(Fault::new(message).lighter(Severity::Note).at(address(page)));
        }
        PageLink::None { .. } | PageLink::Partial => return clean(),
    };
    let stands = match place {
        LinkPlace::Attribute { element, .. } if element.eq_ignore_ascii_case("meta") => {
            "in a <meta> that sends the browser on without a tap".to_owned()
        }
        LinkPlace::Attribute { element, attribute } => {
            format!("in the attribute {} of a {}", quoted(attribute), quoted(element))
        }
        LinkPlace::PageText | LinkPlace::Alone | LinkPlace::Text => {
            "in text, where it can be read and not tapped".to_owned()
        }
        LinkPlace::Markdown => "in Markdown, which a browser shows as text".to_owned(),
        LinkPlace::Json => "in JSON, which a browser shows as text".to_owned(),
        LinkPlace::UrlParameter => "in a parameter of another address".to_owned(),
        // An anchor; or what other rules tell.
        _ => return clean(),
    };
    let place = address(page).seen(format_args!("line {line}"));
    found(Fault::new(format!("the install link stands {stands}")).at(place))
}
