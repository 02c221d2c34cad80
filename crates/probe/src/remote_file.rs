use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, IF_MATCH,
    LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use ipa::ReadAt;
use tokio::runtime::Handle;
use tokio::time::timeout;
use url::Url;

use crate::RemoteError;
use crate::transport::{Received, Transport, TransportError};

/// A file on a web server, read by `Range` requests (RFC 9110, section 14).
///
/// Reads block: use it inside `spawn_blocking`, on the runtime it was opened on. Each read is one request; put an
/// [`ipa::BlockCache`] before it.
///
/// ```no_run
/// use std::sync::Arc;
///
/// use ipa::{BlockCache, Limits};
/// use probe::RemoteFile;
///
/// # async fn inspect(client: reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let url = "https://apps.example.com/notes.ipa".parse()?;
/// let file = RemoteFile::open(Arc::new(client), url).await?;
/// let read = move || {
///     let source = BlockCache::new(file);
///     ipa::inspect(&source, &Limits::remote())
/// };
/// let package = tokio::task::spawn_blocking(read).await??;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RemoteFile {
    transport: Arc<dyn Transport>,
    url: Url,
    edition: Edition,
    len: u64,
    runtime: Handle,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// What reading has cost so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Traffic {
    /// Requests sent; redirects are not counted.
    pub requests: u64,
    /// Bytes of bodies received.
    pub bytes: u64,
}

/// How long one range may take in all, so that a server which sends a byte now and then does not hold a reader for ever.
const RANGE_TIMEOUT: Duration = Duration::from_mins(2);

impl RemoteFile {
    /// Asks for the file's first byte, and so for its length and whether ranges work.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] says what the server answered instead.
    pub async fn open(transport: Arc<dyn Transport>, url: Url) -> Result<Self, RemoteError> {
        let mut file = Self {
            transport,
            url,
            edition: Edition::default(),
            len: 0,
            runtime: Handle::current(),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        };
        let response = file.request(0, 0).await?;
        let range = content_range(&response.headers);
        let total =
            range.and_then(|text| text.strip_prefix("bytes 0-0/")).and_then(|total| total.parse().ok());
        // Zero would contradict the byte that was sent.
        let total = total.filter(|total| *total > 0);
        file.len = total.ok_or_else(|| file.wrong_range(range, "0-0/LENGTH"))?;
        file.edition = Edition::of(&response.headers);
        // Later ranges go straight to where the first was answered from.
        file.url = response.url.clone();
        file.body(response, 1).await?;
        Ok(file)
    }

    /// Where the file was found, after redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What reading has cost so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic { requests: self.requests.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }

    async fn range(&self, first: u64, last: u64) -> Result<Vec<u8>, RemoteError> {
        let response = self.request(first, last).await?;
        if !self.edition.may_be(&Edition::of(&response.headers)) {
            return Err(RemoteError::Changed { url: shown(&self.url) });
        }
        let expected = format!("{first}-{last}/{}", self.len);
        let range = content_range(&response.headers);
        if range.and_then(|text| text.strip_prefix("bytes ")) != Some(&expected) {
            return Err(self.wrong_range(range, &expected));
        }
        self.body(response, last - first + 1).await
    }

    async fn request(&self, first: u64, last: u64) -> Result<Received, RemoteError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut headers = HeaderMap::new();
        let value = |text: String| HeaderValue::from_str(&text).ok();
        headers.extend(value(format!("bytes={first}-{last}")).map(|range| (RANGE, range)));
        // A compressed answer's ranges would count other bytes than the file's.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let etag = self.edition.strong_etag().and_then(|etag| value(etag.to_owned()));
        headers.extend(etag.map(|etag| (IF_MATCH, etag)));
        let asked = timeout(RANGE_TIMEOUT, self.transport.get(self.url.clone(), headers)).await;
        let response = asked.map_err(|_| self.slow())?.map_err(|source| self.unreachable(source))?;
        let url = || shown(&response.url);
        match response.status {
            StatusCode::PARTIAL_CONTENT => {}
            StatusCode::OK => return Err(RemoteError::NoRanges { url: url() }),
            StatusCode::PRECONDITION_FAILED => return Err(RemoteError::Changed { url: url() }),
            status => return Err(RemoteError::Status { url: url(), status }),
        }
        match text(&response.headers, &CONTENT_ENCODING) {
            None | Some("identity") => Ok(response),
            Some(encoding) => Err(RemoteError::Encoded { url: url(), encoding: cut(encoding) }),
        }
    }

    async fn body(&self, response: Received, expected: u64) -> Result<Vec<u8>, RemoteError> {
        let reading = timeout(RANGE_TIMEOUT, self.received(response, expected));
        reading.await.map_err(|_| self.slow())?
    }

    async fn received(&self, mut response: Received, expected: u64) -> Result<Vec<u8>, RemoteError> {
        let wrong_length = |seen| RemoteError::Length { url: shown(&self.url), seen, expected };
        let declared = text(&response.headers, &CONTENT_LENGTH).and_then(|length| length.parse().ok());
        if let Some(declared) = declared.filter(|declared| *declared != expected) {
            return Err(wrong_length(declared));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.body.next().await {
            let chunk = chunk.map_err(|source| self.unreachable(source))?;
            self.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            body.extend_from_slice(&chunk);
            if body.len() as u64 > expected {
                return Err(wrong_length(body.len() as u64));
            }
        }
        if (body.len() as u64) < expected {
            return Err(wrong_length(body.len() as u64));
        }
        Ok(body)
    }

    fn unreachable(&self, source: TransportError) -> RemoteError {
        let source = match source.downcast::<reqwest::Error>() {
            // It would repeat the query.
            Ok(error) => error.without_url().into(),
            Err(source) => source,
        };
        RemoteError::Unreachable { url: shown(&self.url), source }
    }

    fn slow(&self) -> RemoteError {
        let reason = format!("a range took longer than {} s", RANGE_TIMEOUT.as_secs());
        self.unreachable(io::Error::new(io::ErrorKind::TimedOut, reason).into())
    }

    fn wrong_range(&self, seen: Option<&str>, expected: &str) -> RemoteError {
        let seen = cut(seen.unwrap_or_default());
        RemoteError::Range { url: shown(&self.url), seen, expected: expected.to_owned() }
    }
}

impl ReadAt for RemoteFile {
    fn len(&self) -> u64 {
        self.len
    }

    /// Fails with an error whose source is a [`RemoteError`].
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = (buf.len() as u64).min(self.len.saturating_sub(offset));
        if wanted == 0 {
            return Ok(0);
        }
        let bytes =
            self.runtime.block_on(self.range(offset, offset + wanted - 1)).map_err(io::Error::other)?;
        buf[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

/// What tells one edition of a file from the next, as far as the server says.
#[derive(Debug, Default)]
struct Edition {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Edition {
    fn of(headers: &HeaderMap) -> Self {
        let value = |name| text(headers, &name).map(str::to_owned);
        Self { etag: value(ETAG), last_modified: value(LAST_MODIFIED) }
    }

    /// The entity tag, when the server vouches for every byte with it: what `If-Match` compares (RFC 9110, 13.1.1).
    fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|etag| !etag.starts_with("W/"))
    }

    /// Whether nothing speaks against `later` being the same edition; what one of the two does not say, does not.
    fn may_be(&self, later: &Self) -> bool {
        let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        agree(&self.etag, &later.etag) && agree(&self.last_modified, &later.last_modified)
    }
}

fn content_range(headers: &HeaderMap) -> Option<&str> {
    text(headers, &CONTENT_RANGE)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// A header's value, fit for an error.
fn cut(value: &str) -> String {
    value.chars().take(100).collect()
}

/// `url` without what may be secret: its query, its fragment, the name and password before its host.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // A URL that can't have these has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
