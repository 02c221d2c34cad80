use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use ipa::ReadAt;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, IF_MATCH, RANGE};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::runtime::Handle;

/// A file on a web server, read by `Range` requests (RFC 9110, section 14).
///
/// Reads block: use it inside `spawn_blocking`, on the runtime it was opened on.
#[derive(Debug)]
pub struct RemoteFile {
    client: Client,
    url: Url,
    etag: Option<String>,
    len: u64,
    runtime: Handle,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// What reading has cost so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Traffic {
    /// Requests sent.
    pub requests: u64,
    /// Bytes of bodies received.
    pub bytes: u64,
}

/// Why a file on a web server can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No answer came.
    #[error("{url} could not be fetched")]
    Unreachable {
        /// What was asked for.
        url: Url,
        /// Why no answer came.
        #[source]
        source: reqwest::Error,
    },
    /// The server answered something other than the file.
    #[error("{url} answered {status}, expected 206 Partial Content")]
    Status {
        /// What was asked for.
        url: Url,
        /// What came.
        status: StatusCode,
    },
    /// The server sends the whole file whatever range is asked for.
    #[error("{url} ignores ranges: it answered 200 OK with the whole file")]
    NoRanges {
        /// What was asked for.
        url: Url,
    },
    /// The server's answer does not say which range of how long a file it is.
    #[error("{url} answered a range with `Content-Range: {seen}`, expected `bytes {expected}`")]
    Range {
        /// What was asked for.
        url: Url,
        /// The header's value, or nothing.
        seen: String,
        /// What it should have said.
        expected: String,
    },
    /// The answer broke off, or went on past its range.
    #[error("{url} sent {seen} bytes for a range of {expected} bytes")]
    Length {
        /// What was asked for.
        url: Url,
        /// How many bytes came, as far as they were counted.
        seen: u64,
        /// How many were asked for.
        expected: u64,
    },
}

impl RemoteFile {
    /// Asks for the file's first byte, and so for its length and whether ranges work.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] says what the server answered instead.
    pub async fn open(client: Client, url: Url) -> Result<Self, RemoteError> {
        let mut file = Self {
            client,
            url,
            etag: None,
            len: 0,
            runtime: Handle::current(),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        };
        let response = file.request(0, 0).await?;
        let range = content_range(response.headers());
        let total = range.and_then(|text| text.strip_prefix("bytes 0-0/")).and_then(|total| total.parse().ok());
        file.len = total.ok_or_else(|| file.wrong_range(range, "0-0/LENGTH"))?;
        file.etag = strong_etag(response.headers());
        // Later ranges go straight to where the first was answered from.
        file.url = response.url().clone();
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
        let expected = format!("{first}-{last}/{}", self.len);
        let range = content_range(response.headers());
        if range.and_then(|text| text.strip_prefix("bytes ")) != Some(&expected) {
            return Err(self.wrong_range(range, &expected));
        }
        self.body(response, last - first + 1).await
    }

    async fn request(&self, first: u64, last: u64) -> Result<Response, RemoteError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request = self.client.get(self.url.clone()).header(RANGE, format!("bytes={first}-{last}"));
        // A compressed answer's ranges would count other bytes than the file's.
        request = request.header(ACCEPT_ENCODING, "identity");
        if let Some(etag) = &self.etag {
            request = request.header(IF_MATCH, etag);
        }
        let response = request.send().await.map_err(|source| self.unreachable(source))?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT => Ok(response),
            StatusCode::OK => Err(RemoteError::NoRanges { url: self.url.clone() }),
            status => Err(RemoteError::Status { url: self.url.clone(), status }),
        }
    }

    async fn body(&self, mut response: Response, expected: u64) -> Result<Vec<u8>, RemoteError> {
        let wrong_length = |seen| RemoteError::Length { url: self.url.clone(), seen, expected };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| self.unreachable(source))? {
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

    fn unreachable(&self, source: reqwest::Error) -> RemoteError {
        RemoteError::Unreachable { url: self.url.clone(), source: source.without_url() }
    }

    fn wrong_range(&self, seen: Option<&str>, expected: &str) -> RemoteError {
        let seen = seen.unwrap_or_default().chars().take(100).collect();
        RemoteError::Range { url: self.url.clone(), seen, expected: expected.to_owned() }
    }
}

impl ReadAt for RemoteFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let wanted = (buf.len() as u64).min(self.len.saturating_sub(offset));
        if wanted == 0 {
            return Ok(0);
        }
        let bytes = self.runtime.block_on(self.range(offset, offset + wanted - 1)).map_err(io::Error::other)?;
        buf[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

fn content_range(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_RANGE)?.to_str().ok()
}

fn strong_etag(headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    (!etag.starts_with("W/")).then(|| etag.to_owned())
}
