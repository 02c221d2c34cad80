use std::error::Error;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use catalog::StoreError;
use depot::DepotError;
use distribution::{ServeError, TicketKeysError, TicketRefusal};

/// Why a request was not answered as its sender wished.
///
/// The public text names what was seen, what was expected and what to do; a private cause is logged once and never sent.
#[derive(Debug)]
pub(crate) struct HttpError {
    status: StatusCode,
    code: &'static str,
    message: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// An error as the API tells it.
#[derive(Debug, Serialize)]
struct ErrorView<'a> {
    error: &'static str,
    message: &'a str,
}

impl HttpError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), cause: None }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", message)
    }

    /// What the client can't help; the cause goes to the log.
    pub(crate) fn failed(cause: impl Error + Send + Sync + 'static) -> Self {
        let message = "the server failed; its log says why";
        let mut error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server-failed", message);
        error.cause = Some(Box::new(cause));
        error
    }

    /// What passes by itself.
    fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    fn no_room() -> Self {
        let message = "the server's disk is full; tell its owner";
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "no-room", message)
    }

    fn log(&self) {
        if let Some(cause) = &self.cause {
            tracing::error!(error = &**cause as &dyn Error, "a request failed");
        }
    }

    /// One plain sentence, for devices and for people with curl.
    pub(crate) fn into_text(self) -> Response {
        self.log();
        let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        let mut answer = (self.status, no_store, format!("{}\n", self.message)).into_response();
        say_when(&mut answer);
        answer
    }

    /// An object with a stable code, for machines.
    pub(crate) fn into_json(self) -> Response {
        self.log();
        let mut answer =
            (self.status, Json(ErrorView { error: self.code, message: &self.message })).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1, asks for it.
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        say_when(&mut answer);
        answer
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

/// Says of a passing trouble when to come again (RFC 9110, section 10.2.3).
pub(crate) fn say_when(answer: &mut Response) {
    const SECONDS: HeaderValue = HeaderValue::from_static("10");
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        answer.headers_mut().insert(header::RETRY_AFTER, SECONDS);
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(_) => Self::unavailable(
                "busy",
                "the server has too much to do, or its database is away; try again in a moment",
            ),
            full @ StoreError::NoSpace(..) => {
                let mut error = Self::no_room();
                error.cause = Some(Box::new(full));
                error
            }
            other => Self::failed(other),
        }
    }
}

impl From<DepotError> for HttpError {
    fn from(error: DepotError) -> Self {
        match error {
            DepotError::NoSpace(..) => Self::no_room(),
            // The depot has told the log.
            DepotError::Unavailable(..) => Self::unavailable(
                "storage-unavailable",
                "the server's storage does not answer as it should; try again in a moment",
            ),
            DepotError::Refused(..) => Self::unavailable(
                "storage-refused",
                "the server may not use its storage just now; tell its owner, and try again later",
            ),
            lost @ DepotError::Lost(..) => {
                let message = "the server's storage lost a part of the package; upload it again";
                let mut error = Self::unavailable("upload-lost", message);
                error.cause = Some(Box::new(lost));
                error
            }
            other => Self::failed(other),
        }
    }
}

impl From<ServeError> for HttpError {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Refused(refusal) => {
                // Never 401 and never a redirect: a device would ask for a password, or name another host.
                let status = match refusal {
                    TicketRefusal::Invalid(_) => StatusCode::NOT_FOUND,
                    _ => StatusCode::GONE,
                };
                Self::new(status, "ticket-refused", refusal.to_string())
            }
            ServeError::Store(error) | ServeError::Keys(TicketKeysError::Store(error)) => error.into(),
            ServeError::Depot(error) => error.into(),
            other => Self::failed(other),
        }
    }
}
