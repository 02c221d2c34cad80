use std::fmt::Write;

use super::breakage::Change::Link as Changed;
use super::{Breakage, Neighbour};

/// An install link to be written: sound, until something is changed.
#[derive(Clone, Debug)]
#[must_use]
pub struct Link {
    start: String,
    action: String,
    joint: String,
    scheme: String,
    host: String,
    path: String,
    query: String,
    encoding: fn(&str) -> String,
    url: Option<String>,
    whole: Option<String>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            start: "itms-services://".to_owned(),
            action: "action=download-manifest".to_owned(),
            joint: "&".to_owned(),
            scheme: "https".to_owned(),
            host: "apps.example".to_owned(),
            path: "/m/Ab3.plist".to_owned(),
            query: String::new(),
            encoding: encoded,
            url: None,
            whole: None,
        }
    }
}

impl Link {
    /// What stands before the question mark.
    pub fn start(mut self, start: &str) -> Self {
        start.clone_into(&mut self.start);
        self
    }

    /// The whole parameter for the action.
    pub fn action(mut self, action: &str) -> Self {
        action.clone_into(&mut self.action);
        self
    }

    /// What joins action and address.
    pub fn joint(mut self, joint: &str) -> Self {
        joint.clone_into(&mut self.joint);
        self
    }

    /// The scheme of the manifest's address.
    pub fn scheme(mut self, scheme: &str) -> Self {
        scheme.clone_into(&mut self.scheme);
        self
    }

    /// The host of the manifest's address, with its port if it has one.
    pub fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The path of the manifest's address.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The query of the manifest's address.
    pub fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// How the manifest's address is written as a value.
    pub fn encoding(mut self, encoding: fn(&str) -> String) -> Self {
        self.encoding = encoding;
        self
    }

    /// The whole parameter for the address.
    pub fn url(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    /// Something else altogether.
    pub fn whole(mut self, whole: &str) -> Self {
        self.whole = Some(whole.to_owned());
        self
    }

    /// The link.
    #[must_use]
    pub fn build(&self) -> String {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        let Self { start, action, joint, scheme, host, path, query, .. } = self;
        let origin = if host.is_empty() { String::new() } else { format!("{scheme}://{host}") };
        let question = if query.is_empty() { "" } else { "?" };
        let address = (self.encoding)(&format!("{origin}{path}{question}{query}"));
        let url = self.url.clone().unwrap_or_else(|| format!("url={address}"));
        let joint = if action.is_empty() || url.is_empty() { "" } else { joint };
        format!("{start}?{action}{joint}{url}")
    }
}

/// Everything but letters, digits and `-_.~` as percent signs and digits.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes it");
        }
        out
    })
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["wrong-scheme"],
            "a letter missing",
            &["start"],
            Changed(|link| link.start("itms-service://")),
        ),
        Breakage::error(
            &["wrong-scheme"],
            "no slashes",
            &["start"],
            Changed(|link| link.start("itms-services:")),
        ),
        Breakage::error(
            &["wrong-scheme"],
            "the manifest itself",
            &["start", "action", "joint", "url"],
            Changed(|link| link.whole("https://apps.example/m.plist")),
        ),
        Breakage::error(
            &["scheme-not-lowercase"],
            "a capital letter",
            &["start"],
            Changed(|link| link.start("Itms-Services://")),
        ),
        Breakage::error(
            &["action-missing-or-wrong"],
            "an underscore for the hyphen",
            &["action"],
            Changed(|link| link.action("action=download_manifest")),
        ),
        Breakage::error(
            &["action-missing-or-wrong"],
            "no action",
            &["action", "joint"],
            Changed(|link| link.action("")),
        ),
        Breakage::error(
            &["double-escaped-ampersand"],
            "escaped outside HTML",
            &["joint"],
            Changed(|link| link.joint("&amp;")),
        ),
        Breakage::error(
            &["manifest-url-missing"],
            "no address",
            &["url", "joint"],
            Changed(|link| link.url("")),
        ),
        Breakage::error(
            &["manifest-url-missing"],
            "an empty address",
            &["url"],
            Changed(|link| link.url("url=")),
        ),
        Breakage::error(
            &["manifest-url-not-encoded"],
            "a query of two parameters",
            &["url/encoding", "url/query"],
            Changed(|link| link.encoding(str::to_owned).query("app=7&build=42")),
        ),
        Breakage::error(
            &["manifest-url-encoded-twice"],
            "two rounds",
            &["url/encoding"],
            Changed(|link| link.encoding(|address| encoded(&encoded(address)))),
        ),
        Breakage::error(
            &["manifest-url-not-https"],
            "plain http",
            &["url/scheme"],
            Changed(|link| link.scheme("http")),
        ),
        Breakage::error(
            &["manifest-url-not-absolute"],
            "a path alone",
            &["url/scheme", "url/host"],
            Changed(|link| link.host("")),
        ),
        Breakage::error(
            &["manifest-url-invalid"],
            "a space",
            &["url/path"],
            Changed(|link| link.path("/My App.plist")),
        ),
        Breakage::error(
            &["link-inside-link"],
            "the prefix twice",
            &["url"],
            Changed(|link| {
                link.url(
                    "url=itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist",
                )
            }),
        ),
        Breakage::error(
            &["manifest-host-is-the-device"],
            "localhost",
            &["url/host"],
            Changed(|link| link.host("localhost:8443")),
        ),
        Breakage::remark(
            &["secret-in-query"],
            "a token",
            &["url/query"],
            Changed(|link| link.query("token=A1b2C3")),
        ),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    [
        (
            "a good link",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm%2FAb3.plist",
        ),
        (
            "its parameters the other way round",
            "itms-services://?url=https%3A%2F%2Fapps.example%2Fm%2FAb3.plist&action=download-manifest",
        ),
        (
            "an unencoded address that survives",
            "itms-services://?action=download-manifest&url=https://apps.example/m/Ab3.plist",
        ),
        (
            "a space, encoded in the address and in the link",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2FMy%2520App.plist",
        ),
        (
            "a private address",
            "itms-services://?action=download-manifest&url=https%3A%2F%2F192.168.1.7%2Fm.plist",
        ),
        (
            "a number in the query",
            "itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example%2Fm.plist%3Fbuild%3D42",
        ),
    ]
    .map(|(what, link)| Neighbour::clean(what, link))
    .to_vec()
}
