use std::borrow::Cow;

use url::Url;

use super::parameters::{ManifestParameter, Parameters};
use super::query::{Piece, Query, decode, shortened, starts_with};
use super::{ACTION, InstallLink, LinkFault, SCHEME, UrlProblem};
use crate::device_host::is_the_device;
use crate::https_url::{HttpsUrl, first_illegal, has_authority, scheme_of, without_query};

/// What is wrong with a link, and the link as it was meant.
#[derive(Debug, Default)]
pub(super) struct Diagnosis {
    pub(super) faults: Vec<LinkFault>,
    pub(super) intended_url: Option<String>,
    pub(super) repaired: Option<InstallLink>,
}

/// How many layers of links in links and of encoding are taken off; nobody gets further by accident.
const MAX_LAYERS: usize = 8;

/// Names every fault of `link` once.
///
/// Each fault found is mended before the search goes on, so that what only follows from it is not reported as well.
pub(super) fn diagnose(link: &str) -> Diagnosis {
    let mut search = Search::default();
    search.link(link, Offsets::Shifted(0), 0);
    let Search { mut faults, intended } = search;
    faults.sort_by_key(LinkFault::rank);
    faults.dedup_by_key(|fault| fault.rank());
    let spelling_is_wrong = faults.iter().any(|fault| {
        !matches!(fault, LinkFault::ManifestHostIsTheDevice { .. } | LinkFault::SecretInQuery { .. })
    });
    let repaired = intended.as_deref().filter(|_| spelling_is_wrong);
    let repaired = repaired.and_then(|url| InstallLink::new(url).ok());
    Diagnosis { faults, intended_url: intended, repaired }
}

/// How offsets in the text under examination lead back to the link that was given.
#[derive(Clone, Copy)]
enum Offsets {
    /// The text starts at this byte of it.
    Shifted(usize),
    /// The text was decoded out of the value at this byte.
    Within(usize),
}

impl Offsets {
    fn at(self, offset: usize) -> usize {
        match self {
            Self::Shifted(start) => start + offset,
            Self::Within(value) => value,
        }
    }
}

#[derive(Default)]
struct Search {
    faults: Vec<LinkFault>,
    /// The manifest URL as it was meant.
    intended: Option<String>,
}

impl Search {
    fn link(&mut self, link: &str, offsets: Offsets, layer: usize) {
        let (scheme, rest) = match scheme_of(link) {
            Some(scheme) => (scheme, &link[scheme.len() + 1..]),
            None => ("", link),
        };
        let body = rest.trim_start_matches('/');
        let body_at = link.len() - body.len();
        let lacks_question_mark = ["action=", "url=", "&"].iter().any(|start| body.starts_with(start));
        let query_at = match link.find('?') {
            _ if lacks_question_mark => body_at,
            Some(mark) => mark + 1,
            None => link.len(),
        };
        let query = Query::intended(link, query_at);

        let is_ours = scheme.eq_ignore_ascii_case(SCHEME);
        if is_ours && scheme != SCHEME {
            self.faults.push(LinkFault::SchemeNotLowercase { found: scheme.to_owned() });
        }
        if !is_ours || !rest.starts_with("//") || lacks_question_mark {
            self.faults.push(LinkFault::WrongScheme { found: shortened(&link[..query_at]) });
        }
        let resembles_ours = scheme.is_empty() || starts_with(scheme, "itms");
        if !is_ours && !(resembles_ours && (query.has("action") || query.has("url"))) {
            return;
        }
        if starts_with(body, "itms-services:") {
            self.faults.push(LinkFault::LinkInsideLink { at: offsets.at(body_at) });
        }
        if let Some(escape) = query.escaped_ampersand {
            let (at, escape) = (offsets.at(escape.at), escape.text.to_owned());
            self.faults.push(LinkFault::DoubleEscapedAmpersand { at, escape });
        }

        let parameters = Parameters::of(&query);
        self.action(parameters.action);
        match parameters.manifest {
            Some(manifest) => self.parameter(link, &manifest, offsets, layer),
            None => self.faults.push(LinkFault::ManifestUrlMissing),
        }
    }

    fn action(&mut self, action: Option<Piece<'_>>) {
        let found = action.and_then(|piece| piece.value);
        if found.and_then(decode).as_deref() != Some(ACTION) {
            self.faults.push(LinkFault::ActionMissingOrWrong { found: found.map(shortened) });
        }
    }

    fn parameter(&mut self, link: &str, manifest: &ManifestParameter<'_>, offsets: Offsets, layer: usize) {
        let raw = manifest.raw;
        let at = offsets.at(manifest.at);
        let rest = &link[manifest.at..];
        if starts_with(raw, "itms-services:") && has_plain_url(rest) {
            // Unencoded, so the rest of the outer link is the rest of the inner one.
            let start = match offsets {
                Offsets::Shifted(start) => Offsets::Shifted(start + manifest.at),
                within @ Offsets::Within(_) => within,
            };
            return self.inner_link(rest, at, start, layer);
        }
        let decoded = decode(raw);
        if manifest.has_lost() || (raw.contains("://") && decoding_changes(raw, decoded.as_deref())) {
            let intended = manifest.unencoded();
            let lost = manifest.lost_names();
            self.faults.push(LinkFault::ManifestUrlNotEncoded { at, lost, intended: intended.clone() });
            return self.manifest_url(&intended, at);
        }
        let Some(decoded) = decoded else {
            let intended = HttpsUrl::parse(raw).ok().map(String::from);
            self.intended.clone_from(&intended);
            self.faults.push(LinkFault::ManifestUrlInvalid {
                at,
                problem: UrlProblem::BrokenEncoding,
                intended,
            });
            return;
        };
        let unwrapped = unwrap(decoded);
        if unwrapped.times > 1 {
            let (times, intended) = (unwrapped.times, unwrapped.text.clone());
            self.faults.push(LinkFault::ManifestUrlEncodedTwice { at, times, intended });
        }
        if is_encoded(&unwrapped.text) {
            return;
        }
        if starts_with(&unwrapped.text, "itms-services:") {
            return self.inner_link(&unwrapped.text, at, Offsets::Within(at), layer);
        }
        self.manifest_url(&unwrapped.text, at);
    }

    /// Looks for the manifest URL in a link that stands where the manifest URL belongs.
    fn inner_link(&mut self, inner: &str, at: usize, offsets: Offsets, layer: usize) {
        // The inner link has what the outer one lacks; what the outer one says counts.
        self.faults.retain(|fault| !matches!(fault, LinkFault::ActionMissingOrWrong { found: None }));
        self.faults.push(LinkFault::LinkInsideLink { at });
        if layer == MAX_LAYERS {
            return;
        }
        let mut search = Self::default();
        search.link(inner, offsets, layer + 1);
        self.intended = search.intended;
        // How the inner link spells its own prefix matters to nobody once it is taken off.
        self.faults.extend(search.faults.into_iter().filter(|fault| {
            !matches!(
                fault,
                LinkFault::WrongScheme { .. }
                    | LinkFault::SchemeNotLowercase { .. }
                    | LinkFault::ActionMissingOrWrong { .. }
                    | LinkFault::LinkInsideLink { .. }
            )
        }));
    }

    fn manifest_url(&mut self, url: &str, at: usize) {
        let Some(scheme) = scheme_of(url) else {
            self.faults.push(LinkFault::ManifestUrlNotAbsolute { at, found: without_query(url) });
            return;
        };
        let is_http = scheme.eq_ignore_ascii_case("http");
        if !is_http && !scheme.eq_ignore_ascii_case("https") {
            self.faults.push(LinkFault::ManifestUrlNotHttps { at, scheme: shortened(scheme) });
            return;
        }
        if !has_authority(url) {
            self.faults.push(LinkFault::ManifestUrlNotAbsolute { at, found: without_query(url) });
            return;
        }
        let secure =
            if is_http { Cow::Owned(format!("https{}", &url["http".len()..])) } else { Cow::Borrowed(url) };
        let mended = HttpsUrl::parse(&secure);
        if let Some((offset, character)) = first_illegal(url) {
            let problem = UrlProblem::IllegalCharacter { character, offset };
            let intended = mended.as_ref().ok().filter(|_| !is_http).map(|url| url.as_str().to_owned());
            self.faults.push(LinkFault::ManifestUrlInvalid { at, problem, intended });
        } else if let Err(error) = &mended {
            let problem = UrlProblem::Malformed { reason: reason(error) };
            self.faults.push(LinkFault::ManifestUrlInvalid { at, problem, intended: None });
        }
        if is_http {
            self.faults.push(LinkFault::ManifestUrlNotHttps { at, scheme: shortened(scheme) });
        }
        let Ok(parsed) = Url::parse(&secure) else { return };
        if let Some(host) = parsed.host().filter(is_the_device) {
            self.faults.push(LinkFault::ManifestHostIsTheDevice { at, host: host.to_string() });
        }
        let parameters = secret_parameters(&parsed);
        if !parameters.is_empty() {
            self.faults.push(LinkFault::SecretInQuery { at, parameters });
        }
        // Where `http` names a port, `https` is not likely to answer on the same one.
        if !is_http || parsed.port().is_none() {
            self.intended = mended.ok().map(String::from);
        }
    }
}

/// Whether the query of `link` shows a `url` before anything is decoded.
fn has_plain_url(link: &str) -> bool {
    link.find('?').is_some_and(|mark| Query::intended(link, mark + 1).has("url"))
}

/// Whether decoding turns an unencoded manifest URL into another one.
///
/// Encoders treat all signs of a sort alike, so an escaped one beside a plain one tells that nobody encoded the URL for
/// the link: `%2F` beside `://`, `%2B` behind a plain `?`. An escaped `&` is left out: people put it there by hand to
/// mend the link. A `#` that appears hides the rest from the server, which nobody wants.
fn decoding_changes(raw: &str, decoded: Option<&str>) -> bool {
    let was_legal = first_illegal(raw).is_none();
    let Some(decoded) = decoded else { return was_legal };
    let becomes_illegal = was_legal && first_illegal(decoded).is_some();
    let slashes = |url: &str| url.split(['?', '#']).next().unwrap_or_default().matches('/').count();
    let has_plain_path = slashes(raw) > 2;
    let plus_is_undone =
        raw.split_once('?').is_some_and(|(_, query)| query.contains("%2B") || query.contains("%2b"));
    becomes_illegal
        || (has_plain_path && (slashes(raw) != slashes(decoded) || decoded.contains('#')))
        || plus_is_undone
}

struct Unwrapped {
    text: String,
    /// How often the text was encoded, the once that is right included.
    times: usize,
}

/// Takes further layers of encoding off a URL that was decoded once.
fn unwrap(decoded: Cow<'_, str>) -> Unwrapped {
    let mut unwrapped = Unwrapped { text: decoded.into_owned(), times: 1 };
    while unwrapped.times < MAX_LAYERS && is_encoded(&unwrapped.text) {
        let Some(text) = decode(&unwrapped.text).map(Cow::into_owned) else { break };
        unwrapped = Unwrapped { text, times: unwrapped.times + 1 };
    }
    unwrapped
}

/// Whether `text` is a URL that is still encoded: `%3A` or `%253A` instead of the colon behind its scheme, or `%2F`
/// instead of the slash it begins with.
fn is_encoded(text: &str) -> bool {
    let is_escaped = |text: &str, digits| {
        text.strip_prefix('%').is_some_and(|rest| starts_with(rest.trim_start_matches("25"), digits))
    };
    ["https", "http", SCHEME]
        .iter()
        .any(|scheme| starts_with(text, scheme) && is_escaped(&text[scheme.len()..], "3a"))
        || is_escaped(text, "2f")
}

/// Names of the parameters in `url`'s query that look as if they carried a secret.
fn secret_parameters(url: &Url) -> Vec<String> {
    const WHOLE: [&str; 8] = ["auth", "authorization", "hmac", "jwt", "passwd", "pwd", "sid", "sig"];
    const ENDS: [&str; 8] =
        ["accesskey", "apikey", "credential", "password", "secret", "sessionid", "signature", "token"];
    url.query_pairs()
        .filter(|(name, value)| {
            let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            let bare = bare.to_ascii_lowercase();
            !value.is_empty()
                && (WHOLE.contains(&bare.as_str()) || ENDS.iter().any(|end| bare.ends_with(end)))
        })
        .map(|(name, _)| shortened(&name))
        .collect()
}

fn reason(error: &crate::Error) -> String {
    match error {
        crate::Error::UrlInvalid { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}
