use std::error::Error;
use std::fmt::Debug;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use url::Url;

use crate::Agent;

/// What sends the requests of a [`RemoteFile`](crate::RemoteFile).
pub trait Transport: Debug + Send + Sync {
    /// Asks for `url` with these header fields. It may follow redirects.
    fn get(&self, url: Url, headers: HeaderMap) -> BoxFuture<'_, Result<Received, TransportError>>;
}

/// Why nothing came, or no more.
pub type TransportError = Box<dyn Error + Send + Sync>;

/// An answer whose body is still coming.
pub struct Received {
    /// Where it came from, after redirects.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its header.
    pub headers: HeaderMap,
    /// Its body.
    pub body: BoxStream<'static, Result<Bytes, TransportError>>,
}

impl Transport for reqwest::Client {
    fn get(&self, url: Url, headers: HeaderMap) -> BoxFuture<'_, Result<Received, TransportError>> {
        Box::pin(async move {
            let response = self.get(url).headers(headers).send().await?;
            Ok(Received {
                url: response.url().clone(),
                status: response.status(),
                headers: response.headers().clone(),
                body: response.bytes_stream().map_err(TransportError::from).boxed(),
            })
        })
    }
}

/// The guarded client in the words of the installer. It follows no redirect.
#[derive(Clone, Debug)]
pub(crate) struct Installer(pub(crate) egress::Client);

impl Transport for Installer {
    fn get(&self, url: Url, mut headers: HeaderMap) -> BoxFuture<'_, Result<Received, TransportError>> {
        headers.insert(USER_AGENT, HeaderValue::from_static(Agent::Installer.user_agent()));
        Box::pin(async move {
            let mut request = Request::get(url.as_str()).body(egress::Body::default())?;
            *request.headers_mut() = headers;
            let answer = self.0.send(request).await?;
            let (status, headers) = (answer.status, answer.headers.clone());
            let body = stream::try_unfold(answer, |mut answer| async move {
                let broken = |ending| TransportError::from(format!("the answer broke off: {ending:?}"));
                Ok(answer.chunk().await.map_err(broken)?.map(|bytes| (bytes, answer)))
            });
            Ok(Received { url, status, headers, body: body.boxed() })
        })
    }
}
