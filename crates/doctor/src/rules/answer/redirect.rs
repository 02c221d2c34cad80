use super::{address, shown, status_words};
use crate::rule::Fault;
use crate::{Fetch, Hop, RedirectStopped};

/// What redirects did to a fetch.
pub(in crate::rules) enum Redirect<'a> {
    /// They were followed, and led here.
    Followed {
        /// The last address.
        to: &'a Hop,
        /// Whether it is at another host than the first.
        is_elsewhere: bool,
    },
    /// They do not lead to anything that a device would take.
    Fails(Fault),
}

/// What redirects did to the fetch of this, if there were any.
pub(in crate::rules) fn redirect<'a>(fetch: &'a Fetch, what: &str) -> Option<Redirect<'a>> {
    if let Some(stopped) = &fetch.stopped {
        return Some(Redirect::Fails(seen_on(fetch, not_followed(fetch, stopped, what))));
    }
    let (first, redirected) = fetch.hops.split_first()?;
    let to = redirected.last()?;
    match redirected.iter().find(|hop| is_plain(hop) && !is_plain(first)) {
        Some(hop) => {
            let message =
                format!("the {what}'s address redirects to plain http: {}", shown(&hop.shown_url()));
            let fault =
                Fault::new(message).mended_by("redirect to https addresses only, or better not at all");
            Some(Redirect::Fails(seen_on(fetch, fault)))
        }
        None => Some(Redirect::Followed { to, is_elsewhere: !to.host.is_same_place(&first.host) }),
    }
}

/// The same fault, with each address that redirected.
pub(in crate::rules) fn seen_on(fetch: &Fetch, fault: Fault) -> Fault {
    let redirects = fetch.hops.iter().filter_map(|hop| Some((hop, hop.answer.as_ref().ok()?)));
    let redirects = redirects.filter(|(_, answer)| (300..400).contains(&answer.status));
    redirects.fold(fault, |fault, (hop, answer)| fault.at(address(hop).seen(status_words(answer.status))))
}

fn not_followed(fetch: &Fetch, stopped: &RedirectStopped, what: &str) -> Fault {
    match stopped {
        RedirectStopped::Ring => Fault::new(format!(
            "the {what}'s address redirects in a ring: it leads back to where it was"
        ))
        .mended_by(
            "break the ring: often a proxy that redirects to https is itself asked over http by another",
        ),
        RedirectStopped::TooMany => {
            let count = fetch.hops.len();
            Fault::new(format!("the {what}'s address redirects {count} times and more, and leads to no end"))
        }
        RedirectStopped::Elsewhere { location: Some(location) } => {
            let location = location.split(['?', '#']).next().unwrap_or_default();
            Fault::new(format!(
                "the {what}'s address redirects to {:?}, which is no web address",
                shown(location)
            ))
        }
        RedirectStopped::Elsewhere { location: None } => Fault::new(format!(
            "the {what}'s address redirects, and does not say where to: there is no `Location`"
        )),
    }
}

fn is_plain(hop: &Hop) -> bool {
    hop.url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
}
