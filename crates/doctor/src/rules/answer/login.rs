use super::web_page::has_password_field;
use super::{address, header, is_web_page, shown, status_words, title};
use crate::rule::Fault;
use crate::{Answer, Evidence, EvidencePlace, Fetch, Hop};

/// How a fetch showed that a login is wanted.
pub(in crate::rules) enum Login<'a> {
    /// The status says so.
    Asked {
        /// The answer.
        answer: &'a Answer,
    },
    /// There is a page to sign in.
    Page {
        /// Where.
        hop: &'a Hop,
    },
}

/// Whether what a fetch was for is behind a login, as far as can be seen.
pub(in crate::rules) fn login(fetch: &Fetch) -> Option<Login<'_>> {
    let answer = fetch.answer()?;
    if matches!(answer.status, 401 | 407) {
        return Some(Login::Asked { answer });
    }
    let page = &answer.body.bytes;
    let is_shown_in_place = is_web_page(answer) && matches!(answer.status, 200..300 | 403);
    if is_shown_in_place && (has_password_field(page) || title(page).is_some_and(is_of_login)) {
        return Some(Login::Page { hop: fetch.last() });
    }
    // Where nothing is there, or the server failed, that is what is the matter, however the address reads.
    let is_kept_away = fetch.stopped.is_some()
        || answer.status == 403
        || is_web_page(answer) && !matches!(answer.status, 404 | 410 | 500..600);
    let hop = fetch.hops.iter().skip(1).rev().find(|hop| leads_to_login(hop));
    hop.filter(|_| is_kept_away).map(|hop| Login::Page { hop })
}

impl Login<'_> {
    /// What is to be told of it, where it keeps this away.
    pub(in crate::rules) fn fault(&self, fetch: &Fetch, what: &str) -> Fault {
        match self {
            Login::Asked { answer } => asked(answer, what).at(address(fetch.last())),
            Login::Page { hop } => {
                let verb = if std::ptr::eq(*hop, fetch.first()) { "answers with" } else { "leads to" };
                let fault =
                    Fault::new(format!("the {what}'s address {verb} a page to sign in")).at(address(hop));
                let page = hop.answer.as_ref().ok().filter(|answer| is_web_page(answer));
                match page.and_then(|page| title(&page.body.bytes)) {
                    Some(title) => fault.at(Evidence::at(EvidencePlace::KeyPath, "title").seen(shown(title))),
                    None => fault,
                }
            }
        }
    }
}

fn asked(answer: &Answer, what: &str) -> Fault {
    let name = if answer.status == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
    let challenge = answer.header(&name.to_ascii_lowercase());
    let scheme = challenge.and_then(|challenge| challenge.split_whitespace().next()).unwrap_or_default();
    let status = status_words(answer.status);
    let fault = Fault::new(match scheme.to_ascii_lowercase().as_str() {
        "basic" | "digest" => {
            format!("the {what}'s address answers {status}: it asks for a name and a password ({scheme})")
        }
        "" => format!("the {what}'s address answers {status}: it wants a login"),
        _ => format!(
            "the {what}'s address answers {status}: it wants a login that devices do not have ({})",
            shown(scheme)
        ),
    });
    match challenge {
        Some(challenge) => fault.at(header(name, challenge)),
        None => fault,
    }
}

/// Words in addresses of pages to sign in, without hyphens and underscores.
const WORDS: [&str; 18] = [
    "login",
    "logon",
    "signin",
    "signon",
    "sso",
    "auth",
    "authn",
    "authenticate",
    "authentication",
    "authorize",
    "oauth",
    "oauth2",
    "oidc",
    "openid",
    "saml",
    "saml2",
    "adfs",
    "idp",
];

/// Hosts that do nothing but let people sign in, and those below them.
const PROVIDERS: [&str; 15] = [
    "accounts.google.com",
    "amazoncognito.com",
    "appleid.apple.com",
    "auth0.com",
    "b2clogin.com",
    "cloudflareaccess.com",
    "duosecurity.com",
    "id.atlassian.com",
    "idmsa.apple.com",
    "microsoftonline.com",
    "okta.com",
    "okta-emea.com",
    "oktapreview.com",
    "onelogin.com",
    "pingidentity.com",
];

/// Whether an address looks like that of a page to sign in.
fn leads_to_login(hop: &Hop) -> bool {
    let host = hop.host.name.to_ascii_lowercase();
    let is_of = |provider: &str| {
        host.strip_suffix(provider).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if PROVIDERS.into_iter().any(is_of) {
        return true;
    }
    // The last two labels are the name of somebody, not of a service.
    let labels: Vec<&str> = host.split('.').collect();
    let service = &labels[..labels.len().saturating_sub(2)];
    let shown = hop.shown_url();
    let path =
        shown.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    service.iter().copied().chain(path.split(['/', '.', ';'])).any(is_word_of_login)
}

/// Whether a piece of an address is, or has, a word of login: `sign_in`, `wp-login`.
fn is_word_of_login(piece: &str) -> bool {
    let piece = piece.to_ascii_lowercase();
    let whole = piece.replace(['-', '_'], "");
    WORDS.contains(&whole.as_str()) || piece.split(['-', '_']).any(|word| WORDS.contains(&word))
}

/// Whether a page's title says that one signs in there.
fn is_of_login(title: &str) -> bool {
    let title = title.to_lowercase();
    let words: Vec<&str> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let pairs = [["sign", "in"], ["log", "in"], ["log", "on"], ["single", "sign"]];
    words
        .iter()
        .any(|word| matches!(*word, "login" | "logon" | "signin" | "anmelden" | "anmeldung" | "connexion"))
        || words.windows(2).any(|pair| pairs.iter().any(|words| words == pair))
}
