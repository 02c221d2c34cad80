use std::fmt;

/// One thing that is wrong with an install link.
///
/// Variants stand in the order in which they are reported: from the front of the link to the end of the manifest URL.
/// Offsets (`at`) count bytes of [`LinkReading::link`](super::LinkReading::link); those of the manifest URL are where
/// the value of `url` starts. Messages name parameters but never their values, since tokens live there.
///
/// Each variant says what devices do and how sure that is: *read* from decompiled daemons (may differ by version),
/// *observed* on devices, or *our rule*.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LinkFault {
    /// The text does not start with `itms-services://?`: another or a misspelt scheme, a missing `//` or `?`.
    /// Browsers and apps do not open it, or the device finds no parameters (observed).
    WrongScheme {
        /// What stands before the parameters, at most 64 characters.
        found: String,
    },
    /// The scheme holds capital letters; the device compares it with lower-case `itms-services` (read).
    SchemeNotLowercase {
        /// The scheme as it stands.
        found: String,
    },
    /// An `&` reaches the device as `&amp;` or another character reference: it was escaped twice, or outside HTML.
    /// The next parameter is then called `amp;url`, and nothing happens (read).
    DoubleEscapedAmpersand {
        /// Where the first such ampersand stands.
        at: usize,
        /// The whole reference, such as `&amp;`.
        escape: String,
    },
    /// `action` is not exactly `download-manifest`: the link is ignored without a message (read).
    ActionMissingOrWrong {
        /// The value as it stands, at most 64 characters; `None` when the parameter is absent.
        found: Option<String>,
    },
    /// There is no `url`, or it is empty: the link is ignored without a message (read).
    ManifestUrlMissing,
    /// An install link stands where the manifest URL belongs, or right behind the scheme: the prefix was added twice
    /// (observed). A device refuses it, since it is not `https`.
    LinkInsideLink {
        /// Where the inner link starts.
        at: usize,
    },
    /// The manifest URL is encoded more than once, so what the device decodes is no URL (read).
    ManifestUrlEncodedTwice {
        /// Where the manifest URL starts.
        at: usize,
        /// How often it is encoded; at least 2.
        times: usize,
        /// The URL with every layer taken off.
        intended: String,
    },
    /// The manifest URL stands in the link unencoded and does not survive it: the device requests another address
    /// (read). Unencoded URLs that arrive unchanged are no fault.
    ManifestUrlNotEncoded {
        /// Where the manifest URL starts.
        at: usize,
        /// Names of the parameters the device does not see; empty when it is percent-encoding that gets undone.
        lost: Vec<String>,
        /// The URL as it was meant.
        intended: String,
    },
    /// The manifest URL is not a URL: iOS 16 and older ignore the link (observed); newer systems may mend illegal
    /// characters (uncertain).
    ManifestUrlInvalid {
        /// Where the manifest URL starts.
        at: usize,
        /// What is wrong with it.
        problem: UrlProblem,
        /// The URL with illegal characters encoded, where that is enough.
        intended: Option<String>,
    },
    /// The manifest URL has no scheme or no host: the link is ignored without a message (read).
    ManifestUrlNotAbsolute {
        /// Where the manifest URL starts.
        at: usize,
        /// The URL without its query, at most 80 characters.
        found: String,
    },
    /// The manifest URL is not `https`: error 852 (read).
    ManifestUrlNotHttps {
        /// Where the manifest URL starts.
        at: usize,
        /// Its scheme.
        scheme: String,
    },
    /// The manifest's host is a loopback or unspecified address or `localhost`: error 850 (read; observed too).
    ManifestHostIsTheDevice {
        /// Where the manifest URL starts.
        at: usize,
        /// The host as a resolver would read it.
        host: String,
    },
    /// The manifest URL carries what looks like a secret in its query. It works (our rule): but copies of the link
    /// that lose their encoding lose it, and proxies log it. Put tokens into the path.
    SecretInQuery {
        /// Where the manifest URL starts.
        at: usize,
        /// Names of the parameters.
        parameters: Vec<String>,
    },
}

/// Why a text is no URL to a device.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UrlProblem {
    /// A character stands in it that no URL may hold unencoded: white space, non-ASCII, `"<>\^{|}` or a backtick, or a
    /// `%` without two hexadecimal digits.
    IllegalCharacter {
        /// The character.
        character: char,
        /// Its byte offset in the decoded manifest URL.
        offset: usize,
    },
    /// The link's own percent-encoding is broken: a `%` without two hexadecimal digits, or bytes that are not UTF-8.
    BrokenEncoding,
    /// Its host or port is impossible.
    Malformed {
        /// What the URL parser says.
        reason: String,
    },
}

impl LinkFault {
    /// The fault's stable name: `manifest-url-not-encoded`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongScheme { .. } => "wrong-scheme",
            Self::SchemeNotLowercase { .. } => "scheme-not-lowercase",
            Self::DoubleEscapedAmpersand { .. } => "double-escaped-ampersand",
            Self::ActionMissingOrWrong { .. } => "action-missing-or-wrong",
            Self::ManifestUrlMissing => "manifest-url-missing",
            Self::LinkInsideLink { .. } => "link-inside-link",
            Self::ManifestUrlEncodedTwice { .. } => "manifest-url-encoded-twice",
            Self::ManifestUrlNotEncoded { .. } => "manifest-url-not-encoded",
            Self::ManifestUrlInvalid { .. } => "manifest-url-invalid",
            Self::ManifestUrlNotAbsolute { .. } => "manifest-url-not-absolute",
            Self::ManifestUrlNotHttps { .. } => "manifest-url-not-https",
            Self::ManifestHostIsTheDevice { .. } => "manifest-host-is-the-device",
            Self::SecretInQuery { .. } => "secret-in-query",
        }
    }

    /// Where it is, counted in bytes of [`LinkReading::link`](super::LinkReading::link); `None` for what is missing.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::WrongScheme { .. } | Self::SchemeNotLowercase { .. } => Some(0),
            Self::DoubleEscapedAmpersand { at, .. }
            | Self::LinkInsideLink { at }
            | Self::ManifestUrlEncodedTwice { at, .. }
            | Self::ManifestUrlNotEncoded { at, .. }
            | Self::ManifestUrlInvalid { at, .. }
            | Self::ManifestUrlNotAbsolute { at, .. }
            | Self::ManifestUrlNotHttps { at, .. }
            | Self::ManifestHostIsTheDevice { at, .. }
            | Self::SecretInQuery { at, .. } => Some(*at),
            Self::ActionMissingOrWrong { .. } | Self::ManifestUrlMissing => None,
        }
    }

    /// Its place in the order of reporting.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::WrongScheme { .. } => 0,
            Self::SchemeNotLowercase { .. } => 1,
            Self::DoubleEscapedAmpersand { .. } => 2,
            Self::ActionMissingOrWrong { .. } => 3,
            Self::ManifestUrlMissing => 4,
            Self::LinkInsideLink { .. } => 5,
            Self::ManifestUrlEncodedTwice { .. } => 6,
            Self::ManifestUrlNotEncoded { .. } => 7,
            Self::ManifestUrlInvalid { .. } => 8,
            Self::ManifestUrlNotAbsolute { .. } => 9,
            Self::ManifestUrlNotHttps { .. } => 10,
            Self::ManifestHostIsTheDevice { .. } => 11,
            Self::SecretInQuery { .. } => 12,
        }
    }
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongScheme { found } => {
                write!(f, "the link starts with {found:?} instead of \"itms-services://?\"")
            }
            Self::SchemeNotLowercase { found } => {
                write!(f, "the scheme is {found:?} instead of \"itms-services\"")
            }
            Self::DoubleEscapedAmpersand { at, escape } => {
                write!(f, "the ampersand at byte {at} is escaped as {escape:?}, twice or outside HTML")
            }
            Self::ActionMissingOrWrong { found: Some(found) } => {
                write!(f, "the action is {found:?} instead of \"download-manifest\"")
            }
            Self::ActionMissingOrWrong { found: None } => f.write_str("there is no action=download-manifest"),
            Self::ManifestUrlMissing => f.write_str("there is no manifest url"),
            Self::LinkInsideLink { at } => write!(f, "another install link starts at byte {at}"),
            Self::ManifestUrlEncodedTwice { times, .. } => {
                write!(f, "the manifest url is encoded {times} times")
            }
            Self::ManifestUrlNotEncoded { lost, .. } if lost.is_empty() => {
                f.write_str("the manifest url is not encoded, so its own percent-encoding is undone")
            }
            Self::ManifestUrlNotEncoded { lost, .. } => {
                f.write_str("the manifest url is not encoded, so the device does not see ")?;
                names(f, lost)
            }
            Self::ManifestUrlInvalid { problem, .. } => write!(f, "the manifest url {problem}"),
            Self::ManifestUrlNotAbsolute { found, .. } => {
                write!(
                    f,
                    "the manifest url {found:?} is not absolute, it must start with https:// and a host"
                )
            }
            Self::ManifestUrlNotHttps { scheme, .. } => {
                write!(f, "the manifest url's scheme is {scheme:?}, devices accept only https")
            }
            Self::ManifestHostIsTheDevice { host, .. } => {
                write!(f, "the manifest's host {host:?} is the device itself")
            }
            Self::SecretInQuery { parameters, .. } => {
                f.write_str("the manifest url carries a secret in its query: ")?;
                names(f, parameters)
            }
        }
    }
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IllegalCharacter { character, offset } => {
                write!(f, "holds {character:?} at its byte {offset}")
            }
            Self::BrokenEncoding => f.write_str("is encoded in a way that cannot be decoded"),
            Self::Malformed { reason } => write!(f, "is not valid: {reason}"),
        }
    }
}

fn names(f: &mut fmt::Formatter<'_>, names: &[String]) -> fmt::Result {
    for (index, name) in names.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{name:?}")?;
    }
    Ok(())
}
