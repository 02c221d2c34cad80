mod diagnosis;
mod fault;
mod parameters;
mod query;
mod reading;
mod rendering;

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

pub use fault::{LinkFault, UrlProblem};
pub use reading::{LinkOutcome, LinkReading, Refusal};
pub use rendering::{HtmlAttribute, JavaScriptString, JsonString, MarkdownDestination, PlainText};

use crate::Error;
use crate::https_url::HttpsUrl;

/// A link that makes an iPhone or iPad fetch a manifest and offer to install the apps in it.
///
/// Right by construction: the manifest URL is absolute `https` with a host, in its normal form, and encoded exactly
/// once. The text is made of `A-Z a-z 0-9 - _ . ~ %` and the five signs `: / ? = &` alone, so it needs next to no
/// escaping anywhere; where it does, the renderings do it: [`to_html_attribute`](Self::to_html_attribute) and its
/// neighbours each return a type of their own, so a link escaped for one place does not end in another by mistake.
///
/// The grammar is Apple's (*Distribute proprietary in-house apps to Apple devices*); what devices tolerate beyond it was read from
/// decompiled daemons and observed, see [`LinkFault`].
///
/// ```
/// use itms_services::InstallLink;
///
/// let link = InstallLink::new("https://h.example/m.plist?t=a+b")?;
/// assert_eq!(
///     link.as_str(),
///     "itms-services://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm.plist%3Ft%3Da%2Bb"
/// );
/// # Ok::<(), itms_services::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct InstallLink {
    text: String,
    manifest_url: HttpsUrl,
}

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(crate) const SCHEME: &str = "itms-services";
pub(crate) const ACTION: &str = "download-manifest";

impl InstallLink {
    /// Makes the link to the manifest at `manifest_url`.
    ///
    /// The URL is brought to its normal form first: lower-case scheme and host, punycode for international names,
    /// percent-encoding for whatever a URL may not hold. Put tokens into its path rather than its query: then even
    /// copies of the link that lost their encoding work.
    ///
    /// Hosts that mean the device itself are not refused here, since they serve in tests of one machine;
    /// [`parse`](Self::parse) names them.
    ///
    /// # Errors
    ///
    /// [`Error::UrlNotAbsolute`], [`Error::UrlNotHttps`], [`Error::UrlInvalid`].
    pub fn new(manifest_url: &str) -> Result<Self, Error> {
        let manifest_url = HttpsUrl::parse(manifest_url)?;
        let encoded = utf8_percent_encode(manifest_url.as_str(), RESERVED);
        let text = format!("{SCHEME}://?action={ACTION}&url={encoded}");
        Ok(Self { text, manifest_url })
    }

    /// Reads any text as a device does that is handed it as a link: what it would do, and every fault.
    ///
    /// The text is the link as the device gets it. White space around it is no part of it. Text out of an HTML
    /// attribute belongs to [`from_html_attribute`](Self::from_html_attribute).
    ///
    /// ```
    /// use itms_services::{InstallLink, LinkFault};
    ///
    /// let reading = InstallLink::parse(
    ///     "itms-services://?action=download-manifest&url=https://h.example/m.plist?a=1&b=2",
    /// );
    /// assert_eq!(reading.manifest_url(), Some("https://h.example/m.plist?a=1"));
    /// let [LinkFault::ManifestUrlNotEncoded { lost, intended, .. }] = reading.faults() else { panic!() };
    /// assert_eq!(lost, &["b"]);
    /// assert_eq!(intended, "https://h.example/m.plist?a=1&b=2");
    /// assert_eq!(reading.repaired(), InstallLink::new(intended).ok().as_ref());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> LinkReading {
        reading::read(text.trim_ascii())
    }

    /// Reads the value of an HTML attribute (`href`) as a browser and then a device does.
    ///
    /// Character references are decoded by the rules for attribute values (WHATWG HTML, 13.2.5.72 onwards), then tabs
    /// and line ends inside are dropped as in every URL (WHATWG URL, 4.4). So `&amp;url=` and a bare `&url=` are both
    /// right here.
    ///
    /// ```
    /// use itms_services::InstallLink;
    ///
    /// let href = "itms-services://?action=download-manifest&amp;url=https%3A%2F%2Fh.example%2Fm.plist";
    /// assert!(InstallLink::from_html_attribute(href).faults().is_empty());
    /// assert!(!InstallLink::parse(href).faults().is_empty());
    /// ```
    #[must_use]
    pub fn from_html_attribute(value: &str) -> LinkReading {
        let decoded = htmlize::unescape_attribute(value);
        let url: String = decoded.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        reading::read(url.trim_matches(|c: char| c <= ' '))
    }

    /// The link as it stands, unescaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The manifest URL in its normal form, not encoded for the link.
    #[must_use]
    pub fn manifest_url(&self) -> &str {
        self.manifest_url.as_str()
    }
}

impl fmt::Display for InstallLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
