use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

/// An answer whose body is still to be read.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The version of HTTP.
    pub version: Version,
    /// The header.
    pub headers: HeaderMap,
    /// How long it took, from when there was a connection to ask on.
    pub after: Duration,
    body: Incoming,
    patience: Duration,
}

/// As much of a body as was read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReadBody {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: Ending,
}

/// How reading ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// At the body's end.
    Whole,
    /// At the limit.
    Limit,
    /// The connection broke.
    CutOff,
    /// Nothing more came.
    Silent {
        /// How long was waited.
        after: Duration,
    },
}

impl Answer {
    pub(crate) fn new(response: Response<Incoming>, after: Duration, patience: Duration) -> Self {
        let (head, body) = response.into_parts();
        Self { status: head.status, version: head.version, headers: head.headers, after, body, patience }
    }

    /// The next bytes of the body; `Ok(None)` at its end.
    ///
    /// # Errors
    ///
    /// [`Ending::CutOff`] or [`Ending::Silent`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Ending> {
        loop {
            let silent = |_| Ending::Silent { after: self.patience };
            match timeout(self.patience, self.body.frame()).await.map_err(silent)? {
                None => return Ok(None),
                Some(Err(_)) => return Err(Ending::CutOff),
                // Trailers are no bytes of the body.
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Reads `limit` bytes of the body, or all of it where it is shorter. A drip that never ends is cut off after ten
    /// times what one wait may take.
    pub async fn read(&mut self, limit: usize) -> ReadBody {
        let longest = self.patience * 10;
        let mut bytes = Vec::new();
        let read = async {
            loop {
                match self.chunk().await {
                    Ok(Some(chunk)) => {
                        let room = limit - bytes.len();
                        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
                        if chunk.len() > room {
                            break Ending::Limit;
                        }
                    }
                    Ok(None) => break Ending::Whole,
                    Err(ending) => break ending,
                }
            }
        };
        let end = timeout(longest, read).await.unwrap_or(Ending::Silent { after: longest });
        ReadBody { bytes, end }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}
