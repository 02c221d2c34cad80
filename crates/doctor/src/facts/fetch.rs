use std::sync::Arc;
use std::time::Duration;

use crate::Host;

/// Something on the road with an address of its own, as it was fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// As the installer asks for it.
    pub by_installer: Fetch,
    /// As a browser asks for it; only where the installer got nothing good.
    pub by_browser: Option<Fetch>,
}

/// A request, where redirects sent it, and what came at last.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Each address that was asked, in order; never empty.
    pub hops: Vec<Hop>,
    /// Why the last hop's redirect was not followed, if it was one.
    pub stopped: Option<RedirectStopped>,
}

/// One address that was asked.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The address, whole. It may hold secrets: show [`shown_url`](Self::shown_url).
    pub url: String,
    /// What answers there. Hops of one host share it.
    pub host: Arc<Host>,
    /// What it answered.
    pub answer: Result<Answer, NoAnswer>,
}

/// An answer of HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header fields in order, names in lower case; values are text, what is not ASCII replaced.
    pub headers: Vec<(String, String)>,
    /// How long the first byte of the answer took, after the request was sent.
    pub after: Duration,
    /// What followed the header, as far as it was read.
    pub body: Body,
}

/// The content of an answer, free of any `Content-Encoding` that could be undone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Body {
    /// The bytes, from the first.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: BodyEnd,
}

/// How reading a body ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BodyEnd {
    /// It was read to its end.
    Whole,
    /// There is more, which nobody wanted to read.
    Unread,
    /// The connection broke before its end.
    CutOff,
    /// Nothing more came.
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// It claims an encoding in which it is not, or one that is not known here.
    Encoded {
        /// The value of `Content-Encoding`.
        encoding: String,
    },
}

/// Why a host gave no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NoAnswer {
    /// It was not reached, or no TLS came about: the host says why.
    NoConnection,
    /// It closed or reset the connection.
    Dropped,
    /// It did not answer.
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// What it sent is no HTTP, or more than is read of a header.
    NotHttp {
        /// What was the matter, in words that go on after a colon.
        reason: String,
    },
}

/// Why a redirect was not followed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RedirectStopped {
    /// It leads back to an address that was asked before.
    Ring,
    /// There were too many before it.
    TooMany,
    /// It leads to no web address: `Location` as it came, or nothing.
    Elsewhere {
        /// The header's value.
        location: Option<String>,
    },
}

/// The package, as a device asks for it.
#[derive(Clone, Debug)]
pub struct PackageFetch {
    /// `HEAD`, by which a device learns the size.
    pub head: Fetch,
    /// `GET`, of which only the beginning was read.
    pub get: Fetched,
    /// `GET` of a few bytes within that beginning, by `Range`; absent where there was nothing to ask a part of.
    pub range: Option<RangeFetch>,
}

/// A part of the package.
#[derive(Clone, Debug)]
pub struct RangeFetch {
    /// The first byte that was asked for.
    pub first: u64,
    /// The last byte that was asked for.
    pub last: u64,
    /// What came.
    pub fetch: Fetch,
}

impl Fetch {
    /// The address that was asked at last.
    ///
    /// # Panics
    ///
    /// When there is none, which no fetch is made without.
    #[must_use]
    pub fn last(&self) -> &Hop {
        self.hops.last().expect("a fetch asks at least once")
    }

    /// The address that was asked first.
    ///
    /// # Panics
    ///
    /// When there is none, which no fetch is made without.
    #[must_use]
    pub fn first(&self) -> &Hop {
        self.hops.first().expect("a fetch asks at least once")
    }

    /// What came at last: no redirect, unless that could not be followed.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.last().answer.as_ref().ok()
    }

    /// What came at last, when its status says that it is what was asked for.
    #[must_use]
    pub fn success(&self) -> Option<&Answer> {
        self.answer().filter(|answer| (200..300).contains(&answer.status))
    }
}

impl Hop {
    /// The address without what may be secret: its query, its fragment, the name and password before its host.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let end = self.url.find(['?', '#']).unwrap_or(self.url.len());
        let url = &self.url[..end];
        let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
        let host_end = rest.find('/').unwrap_or(rest.len());
        let host = &rest[rest[..host_end].rfind('@').map_or(0, |at| at + 1)..];
        format!("{scheme}://{host}")
    }
}

impl Answer {
    /// The first header field of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The media type without its parameters, in lower case: `text/xml`.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// How many bytes were announced, where that is said and a number.
    #[must_use]
    pub fn announced_bytes(&self) -> Option<u64> {
        self.header("content-length")?.trim().parse().ok()
    }

    /// In what the content is encoded on its way, where it is: `gzip`.
    #[must_use]
    pub fn content_encoding(&self) -> Option<&str> {
        let encoding = self.header("content-encoding").map(str::trim);
        encoding.filter(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ipa::Fact;

    use super::{Hop, NoAnswer};
    use crate::{Host, Unreached};

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        let host = Arc::new(Host {
            name: "h.example".to_owned(),
            port: 443,
            addresses: Vec::new(),
            connection: Err(Unreached::NotAllowed),
            tls: Fact::Absent,
        });
        for (url, expected) in [
            ("https://h.example/m.plist?token=secret#part", "https://h.example/m.plist"),
            ("https://me:word@h.example/a@b", "https://h.example/a@b"),
            ("https://me@h.example", "https://h.example"),
            ("https://h.example?x", "https://h.example"),
        ] {
            let hop =
                Hop { url: url.to_owned(), host: Arc::clone(&host), answer: Err(NoAnswer::NoConnection) };
            assert_eq!(hop.shown_url(), expected, "{url}");
        }
    }
}
