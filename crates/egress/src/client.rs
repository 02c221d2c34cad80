use std::error::Error as _;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use hyper_util::client::legacy::{self, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout_at;
use url::Url;

use crate::connector::{Connector, place};
use crate::{Answer, ConnectError, Observed, Options, SendError};

/// What a request sends after its header; empty by default.
pub type Body = Full<Bytes>;

/// The guarded client. A clone shares connections and what was observed.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<Connector, Body>,
    connector: Connector,
}

/// The most that is read of an answer's header, in bytes.
const HEADER_BYTES: u16 = 32 << 10;
/// The most fields of an answer's header.
const HEADER_FIELDS: usize = 200;

impl Client {
    /// A client that goes about it like this.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let connector = Connector::new(options);
        let http = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(HEADER_BYTES.into())
            .http1_max_headers(HEADER_FIELDS)
            .http2_max_header_list_size(HEADER_BYTES.into())
            .build(connector.clone());
        Self { http, connector }
    }

    /// Sends a request, and waits for the header of its answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`SendError`] says why there is no answer; what was seen of the host by then is [`observed`](Self::observed).
    pub async fn send(&self, request: Request<Body>) -> Result<Answer, SendError> {
        let scheme = request.uri().scheme_str().unwrap_or_default();
        if !matches!(scheme, "https" | "http") {
            return Err(SendError::Scheme { scheme: scheme.to_owned() });
        }
        let place = place(request.uri()).map(|(place, _)| place);
        let ready_at = || Some(self.connector.observed(place.as_ref()?)?.ended_at);
        let begun = Instant::now();
        let sent_at = || ready_at().map_or(begun, |ready_at| ready_at.max(begun));
        let mut response = pin!(self.http.request(request));
        let Options { connect_timeout, answer_timeout, .. } = *self.connector.options();
        // For a look-up, a connection and a handshake; then the answer has its own time.
        let mut deadline = begun + connect_timeout * 3 + answer_timeout;
        let response = loop {
            let wait = deadline.min(Instant::now() + answer_timeout);
            match timeout_at(wait.into(), &mut response).await {
                Ok(response) => break response.map_err(|error| reason(&error))?,
                Err(_) if !self.connector.is_connecting() => {
                    deadline = deadline.min(sent_at() + answer_timeout);
                }
                Err(_) => {}
            }
            if Instant::now() >= deadline {
                return Err(SendError::Silent { after: answer_timeout });
            }
        };
        Ok(Answer::new(response, sent_at().elapsed(), answer_timeout))
    }

    /// What was observed of the host of `url` when it was connected to last; `None` where it was not.
    #[must_use]
    pub fn observed(&self, url: &Url) -> Option<Arc<Observed>> {
        let uri: Uri = url.as_str().parse().ok()?;
        self.connector.observed(&place(&uri)?.0)
    }
}

fn reason(error: &ClientError) -> SendError {
    let mut cause = error.source();
    while let Some(found) = cause {
        if let Some(connect) = found.downcast_ref::<ConnectError>() {
            return connect.clone().into();
        }
        if let Some(http) = found.downcast_ref::<hyper::Error>() {
            if http.is_incomplete_message() || http.is_closed() || http.is_canceled() {
                return SendError::Dropped;
            }
            if http.is_parse() {
                return SendError::NotHttp { reason: http.to_string() };
            }
        }
        if found.downcast_ref::<io::Error>().is_some() {
            return SendError::Dropped;
        }
        cause = found.source();
    }
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    SendError::NotHttp { reason: cause }
}
