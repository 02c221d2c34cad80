use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;

use egress::{Body, Client, Ending};
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, USER_AGENT};
use itms_services::DigestComparison;
use url::Url;

use crate::Agent;

/// Told how far a download has come.
#[derive(Clone)]
pub struct DownloadWatch(Arc<dyn Fn(Downloaded) + Send + Sync>);

/// How far a download has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Downloaded {
    /// The bytes that have come.
    pub done_bytes: u64,
    /// All of them, where the server says so.
    pub total_bytes: Option<u64>,
}

/// The most that is downloaded, in bytes.
const LIMIT: u64 = 16 << 30;

/// Why a package could not be downloaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error(transparent)]
    Send(#[from] egress::SendError),
    #[error("it answered {0} this time")]
    Status(http::StatusCode),
    #[error("it came compressed, as `{0}`")]
    Encoded(String),
    #[error("it broke off after {0} bytes")]
    CutOff(u64),
    #[error("nothing more came after {0} bytes")]
    Silent(u64),
    #[error("it has more than {LIMIT} bytes")]
    TooLong,
    #[error("it could not be kept: {0}")]
    Disk(#[from] io::Error),
}

impl DownloadWatch {
    /// Calls this after every piece.
    pub fn new(watch: impl Fn(Downloaded) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }
}

impl fmt::Debug for DownloadWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DownloadWatch")
    }
}

/// Fetches all of a package as the installer would, into a file without a name, which is gone when it is closed.
pub(crate) async fn download(
    client: &Client,
    url: &Url,
    mut comparison: Option<&mut DigestComparison<'_>>,
    watch: Option<&DownloadWatch>,
) -> Result<File, DownloadError> {
    let request = http::Request::get(url.as_str())
        .header(USER_AGENT, Agent::Installer.user_agent())
        .header(ACCEPT_ENCODING, "identity")
        .body(Body::default())
        .map_err(io::Error::other)?;
    let mut answer = client.send(request).await?;
    if answer.status != http::StatusCode::OK {
        return Err(DownloadError::Status(answer.status));
    }
    if let Some(encoding) = answer.headers.get("content-encoding") {
        return Err(DownloadError::Encoded(String::from_utf8_lossy(encoding.as_bytes()).into_owned()));
    }
    let length = answer.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut file = tempfile::tempfile()?;
    let mut done_bytes = 0;
    loop {
        let chunk = answer.chunk().await.map_err(|ending| match ending {
            Ending::Silent { .. } => DownloadError::Silent(done_bytes),
            _ => DownloadError::CutOff(done_bytes),
        })?;
        let Some(chunk) = chunk else { return Ok(file) };
        done_bytes += chunk.len() as u64;
        if done_bytes > LIMIT {
            return Err(DownloadError::TooLong);
        }
        file.write_all(&chunk)?;
        if let Some(comparison) = &mut comparison {
            comparison.update(&chunk);
        }
        if let Some(DownloadWatch(watch)) = watch {
            watch(Downloaded { done_bytes, total_bytes: length });
        }
    }
}
