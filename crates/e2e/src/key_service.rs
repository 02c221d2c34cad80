use std::convert::Infallible;
use std::io;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ObjectStorage;

/// Lends the key of [`ObjectStorage`] as clouds lend keys: to a machine by its role (the instance metadata service,
/// second version), and to a container that shows a token. It ends when this is dropped.
#[derive(Debug)]
pub struct KeyService {
    endpoint: String,
    serving: JoinHandle<()>,
}

impl KeyService {
    /// What a container shows to be lent the key.
    pub const CONTAINER_TOKEN: &str = "the container's token";
    /// The session's token of a key that was lent.
    pub const SESSION_TOKEN: &str = "lent-for-a-while";

    /// What a machine shows, once it has asked for it.
    const MACHINE_TOKEN: &str = "the machine's token";
    const ROLE: &str = "publisher";

    /// Starts on a port that is free, on the runtime it is called on.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    let answer = service_fn(async |request| Ok::<_, Infallible>(answer(&request)));
                    // A client that goes away is no trouble.
                    let _ = server.serve_connection(TokioIo::new(socket), answer).await;
                });
            }
        });
        Ok(Self { endpoint, serving })
    }

    /// Where machines ask.
    #[must_use]
    pub fn machine_url(&self) -> &str {
        &self.endpoint
    }

    /// Where containers ask.
    #[must_use]
    pub fn container_url(&self) -> String {
        format!("{}/container", self.endpoint)
    }
}

impl Drop for KeyService {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let shows = |name: &str, token: &str| request.headers().get(name).is_some_and(|seen| seen == token);
    let known_machine = shows("x-aws-ec2-metadata-token", KeyService::MACHINE_TOKEN);
    let known_container = shows(header::AUTHORIZATION.as_str(), KeyService::CONTAINER_TOKEN);
    let body = match (request.method(), request.uri().path()) {
        (&Method::PUT, "/latest/api/token") => Some(KeyService::MACHINE_TOKEN.to_owned()),
        (&Method::GET, ROLES) if known_machine => Some(KeyService::ROLE.to_owned()),
        (&Method::GET, path) if known_machine && path.strip_prefix(ROLES) == Some(KeyService::ROLE) => {
            Some(lent())
        }
        (&Method::GET, "/container") if known_container => Some(lent()),
        _ => None,
    };
    let status = if body.is_some() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    let mut response = Response::new(Full::from(body.unwrap_or_default()));
    *response.status_mut() = status;
    response
}

fn lent() -> String {
    serde_json::json!({
        "AccessKeyId": ObjectStorage::KEY_ID,
        "SecretAccessKey": ObjectStorage::SECRET,
        "Token": KeyService::SESSION_TOKEN,
        "Expiration": "2099-01-01T00:00:00Z",
    })
    .to_string()
}
