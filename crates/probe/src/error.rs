use http::StatusCode;

use crate::transport::TransportError;

/// Why a file on a web server can't be read.
///
/// URLs are shown without their query, where tokens live.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// No answer came, or it broke off.
    #[error("{url} could not be fetched")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why no answer came.
        #[source]
        source: TransportError,
    },
    /// The server answered something other than the file.
    #[error("{url} answered {status}, expected 206 Partial Content")]
    Status {
        /// What was asked for, after redirects.
        url: String,
        /// What came.
        status: StatusCode,
    },
    /// The server sends the whole file whatever range is asked for.
    #[error("{url} ignores ranges: it answered 200 OK, expected 206 Partial Content")]
    NoRanges {
        /// What was asked for, after redirects.
        url: String,
    },
    /// The file is another one than when it was opened.
    #[error("{url} changed while it was read")]
    Changed {
        /// What was asked for.
        url: String,
    },
    /// The server compresses the file, so that ranges count other bytes.
    #[error("{url} came with `Content-Encoding: {encoding}`, expected none")]
    Encoded {
        /// What was asked for, after redirects.
        url: String,
        /// The header's value, cut to 100 characters.
        encoding: String,
    },
    /// The server's answer does not say which range of how long a file it is.
    #[error("{url} answered a range with `Content-Range: {seen}`, expected `bytes {expected}`")]
    Range {
        /// What was asked for.
        url: String,
        /// The header's value, cut to 100 characters, or nothing.
        seen: String,
        /// What it should have said.
        expected: String,
    },
    /// The answer broke off, or went on past its range.
    #[error("{url} sent {seen} bytes for a range of {expected} bytes")]
    Length {
        /// What was asked for.
        url: String,
        /// How many bytes came or were announced, as far as they were counted.
        seen: u64,
        /// How many were asked for.
        expected: u64,
    },
}
