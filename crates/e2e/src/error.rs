use reqwest::StatusCode;

/// Why a device did not install.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The connection was not made, or broke: what happens when a server goes away.
    #[error("the connection for {what} failed")]
    Connection {
        /// What was asked for.
        what: &'static str,
        /// The client's own words.
        source: reqwest::Error,
    },
    /// The server answered, but not with what was asked for.
    #[error("{what} was answered with {status}: {text}")]
    Status {
        /// What was asked for.
        what: &'static str,
        /// What came.
        status: StatusCode,
        /// The answer's text.
        text: String,
    },
    /// Something in an answer that a device would not put up with, or that is not as promised.
    #[error("{what}: {sentence}")]
    Fault {
        /// What was asked for.
        what: &'static str,
        /// What is the matter.
        sentence: String,
    },
}

impl DeviceError {
    pub(crate) fn fault(what: &'static str, sentence: impl Into<String>) -> Self {
        Self::Fault { what, sentence: sentence.into() }
    }
}
