use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, SET_COOKIE, TRANSFER_ENCODING,
    WWW_AUTHENTICATE,
};
use reqwest::{Response, StatusCode, Version};

use crate::DeviceError;

/// What the server answered to one request, checked for what holds of everything a device is sent.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The version of HTTP that was spoken.
    pub version: Version,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// What was asked for, for messages.
    pub(crate) what: &'static str,
}

/// An answer, and what kept the rest of it from coming.
pub(crate) struct Part {
    pub(crate) answer: Answer,
    pub(crate) broken: Option<reqwest::Error>,
}

impl Answer {
    /// Reads at most `limit_bytes` of the body, then lets the connection go.
    pub(crate) async fn read(
        what: &'static str,
        response: Response,
        limit_bytes: u64,
    ) -> Result<Self, DeviceError> {
        let Part { answer, broken } = Self::read_part(what, response, limit_bytes).await;
        broken.map_or(Ok(answer), |source| Err(DeviceError::Connection { what, source }))
    }

    /// The same, keeping what came before the connection broke.
    pub(crate) async fn read_part(what: &'static str, mut response: Response, limit_bytes: u64) -> Part {
        let (status, version, headers) = (response.status(), response.version(), response.headers().clone());
        let mut body = Vec::new();
        let mut broken = None;
        while (body.len() as u64) < limit_bytes {
            match response.chunk().await {
                Ok(Some(piece)) => body.extend_from_slice(&piece),
                Ok(None) => break,
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        body.truncate(usize::try_from(limit_bytes).unwrap_or(usize::MAX));
        Part { answer: Self { status, version, headers, body, what }, broken }
    }

    /// The value of a header field, where there is one and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn fault(&self, sentence: impl Into<String>) -> DeviceError {
        DeviceError::fault(self.what, sentence)
    }

    /// Checks what no device may meet: a redirect, a cookie, a question for a password, rewritten bytes.
    pub(crate) fn expect(&self, status: StatusCode, content_type: &str) -> Result<(), DeviceError> {
        for (name, why) in [
            (LOCATION, "it leads elsewhere, and packages' redirects are not followed"),
            (SET_COOKIE, "it sets a cookie, and installers keep none"),
            (WWW_AUTHENTICATE, "it asks for a password"),
            (CONTENT_ENCODING, "its bytes are encoded"),
        ] {
            if let Some(value) = self.headers.get(&name) {
                return Err(self.fault(format!("{why}: {name} {value:?}")));
            }
        }
        if self.status != status {
            let text = self.text().chars().take(400).collect();
            return Err(DeviceError::Status { what: self.what, status: self.status, text });
        }
        let seen = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        if seen.split(';').next().map(str::trim) != Some(content_type) {
            return Err(self.fault(format!("its content type is {seen:?}, not {content_type}")));
        }
        Ok(())
    }

    /// The length the server announces, which must be exact and plain.
    pub(crate) fn announced_bytes(&self) -> Result<u64, DeviceError> {
        if self.headers.contains_key(TRANSFER_ENCODING) {
            return Err(self.fault("it comes in chunks, without its length"));
        }
        let seen = self.header(CONTENT_LENGTH.as_str());
        seen.and_then(|text| text.parse().ok())
            .ok_or_else(|| self.fault(format!("its length is {seen:?}, not a number")))
    }

    /// Checks that the body is as long as announced.
    pub(crate) fn expect_whole(&self) -> Result<(), DeviceError> {
        let (announced, seen) = (self.announced_bytes()?, self.body.len() as u64);
        if announced == seen {
            return Ok(());
        }
        Err(self.fault(format!("{announced} bytes were announced, {seen} bytes came")))
    }
}
