//! What came of a request, in the words of rules.

mod break_off;
mod delay;
mod login;
mod redirect;
mod status;
mod web_page;

pub(super) use self::break_off::broken_off;
pub(super) use self::delay::{delayed, seconds};
pub(super) use self::login::login;
pub(super) use self::redirect::{Redirect, redirect, seen_on};
pub(super) use self::status::{failed_status, status_words};
pub(super) use self::web_page::{find, is_web_page, title};

use crate::{Evidence, EvidencePlace, Fetch, Hop, NoAnswer};

/// The most characters of a server's text that are shown.
const SHOWN_CHARS: usize = 100;

/// Text of a server's, short enough to be shown.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// An address that was asked.
pub(super) fn address(hop: &Hop) -> Evidence {
    Evidence::at(EvidencePlace::Address, shown(&hop.shown_url()))
}

/// A header field, with its value.
pub(super) fn header(name: &str, value: &str) -> Evidence {
    Evidence::at(EvidencePlace::Header, name).seen(shown(value))
}

/// Whether a body in this encoding is decoded when it is fetched, so that one which was not is something else.
pub(super) fn is_known_encoding(encoding: &str) -> bool {
    ["gzip", "x-gzip", "deflate"].iter().any(|known| known.eq_ignore_ascii_case(encoding.trim()))
}

/// Whether there was somebody to ask. Where not, the host's own rules say why.
pub(super) fn is_reached(fetch: &Fetch) -> bool {
    !matches!(fetch.last().answer, Err(NoAnswer::NoConnection))
}
