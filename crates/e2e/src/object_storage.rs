use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, Method, Request, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use s3s::auth::SimpleAuth;
use s3s::host::{S3Host, VirtualHost};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Result};
use s3s_fs::FileSystem;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::Certificates;

/// A server of the S3 protocol over a folder, with one bucket and one key; it ends when this is dropped.
///
/// Requests may name the bucket in the path, or in a host such as `airstair.localhost`.
#[derive(Debug)]
pub struct ObjectStorage {
    folder: tempfile::TempDir,
    endpoint: String,
    seen: Seen,
    serving: JoinHandle<()>,
}

/// How storage departs from what Amazon's does at presigned addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quirk {
    /// In nothing.
    None,
    /// An address for `GET` answers `HEAD` too, as a gateway before the storage may do it.
    AnswersHead,
    /// Every answer is whole.
    IgnoresRanges,
}

/// A request as it came, without its body.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// `PUT` and the like.
    pub method: Method,
    /// The path, and the query where there was one.
    pub target: String,
    /// The host it was sent to, with its port.
    pub host: String,
    /// The headers.
    pub headers: HeaderMap,
}

impl SeenRequest {
    /// A header's text; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

type Seen = Arc<Mutex<Vec<SeenRequest>>>;

impl ObjectStorage {
    /// The bucket's name.
    pub const BUCKET: &str = "airstair";
    /// The key's id.
    pub const KEY_ID: &str = "AK";
    /// The key's secret.
    pub const SECRET: &str = "SK";

    /// Starts on a port that is free, on the runtime it is called on.
    ///
    /// # Errors
    ///
    /// When there is no folder or no port to be had.
    pub async fn start() -> io::Result<Self> {
        Self::listen(None, Quirk::None).await
    }

    /// The same over TLS, at `localhost`, by HTTP/1.1 and HTTP/2.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), or when the certificate can't be read.
    pub async fn start_secured(certificates: &Certificates, quirk: Quirk) -> io::Result<Self> {
        Self::listen(Some(acceptor(certificates)?), quirk).await
    }

    async fn listen(tls: Option<TlsAcceptor>, quirk: Quirk) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join(Self::BUCKET))?;
        let files = FileSystem::new(folder.path()).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(Self::KEY_ID, Self::SECRET));
        service.set_host(BucketInHost);
        let service = service.build();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let endpoint = match &tls {
            None => format!("http://{address}"),
            Some(_) => format!("https://localhost:{}", address.port()),
        };
        let seen = Seen::default();
        let log = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (service, log, tls) = (service.clone(), Arc::clone(&log), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(socket, service, log, quirk).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                serve(socket, service, log, quirk).await;
                            }
                        }
                    }
                });
            }
        });
        Ok(Self { folder, endpoint, seen, serving })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Where it keeps an object.
    #[must_use]
    pub fn object(&self, name: &str) -> PathBuf {
        self.folder.path().join(Self::BUCKET).join(name)
    }

    /// The files with the parts of uploads that were neither completed nor given up.
    ///
    /// # Panics
    ///
    /// When the folder can't be read.
    #[must_use]
    pub fn unfinished_parts(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("a folder");
        let paths = entries.map(|entry| entry.expect("a folder that can be read").path());
        paths.filter(|path| path.to_string_lossy().contains(".upload_id-")).collect()
    }

    /// The requests that came until now, in their order.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRequest> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for ObjectStorage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn acceptor(certificates: &Certificates) -> io::Result<TlsAcceptor> {
    // Only the first call can succeed, and every call means the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = CertificateDer::pem_file_iter(certificates.chain())
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(certificates.key()).map_err(io::Error::other)?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
    let mut config = config.map_err(io::Error::other)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(
    socket: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    service: S3Service,
    log: Seen,
    quirk: Quirk,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let seen = seen(&request);
        let asks_for_head = seen.method == Method::HEAD;
        if seen.target.contains("X-Amz-Signature") {
            quirk.show(&mut request);
        }
        log.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        let service = service.clone();
        // What has begun ends, also for a client that has gone away: else half of it would stay.
        let answering = tokio::spawn(async move { service.call(request.map(Body::from)).await });
        async move {
            let answer = answering.await.map_err(io::Error::other)?.map_err(io::Error::other)?;
            // Over HTTP/2 nobody else holds the body back.
            Ok::<_, io::Error>(if asks_for_head { answer.map(|_| Body::empty()) } else { answer })
        }
    });
    // A client that goes away is no trouble.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
}

impl Quirk {
    fn show(self, request: &mut Request<Incoming>) {
        match self {
            Self::None => {}
            // Whoever asked for the head gets no body all the same.
            Self::AnswersHead => *request.method_mut() = Method::GET,
            Self::IgnoresRanges => drop(request.headers_mut().remove(header::RANGE)),
        }
    }
}

fn seen(request: &Request<Incoming>) -> SeenRequest {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = named.or(request.uri().authority().map(http::uri::Authority::as_str)).unwrap_or_default();
    SeenRequest {
        method: request.method().clone(),
        target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        host: host.to_owned(),
        headers: request.headers().clone(),
    }
}

/// Knows the bucket by a host below `localhost`, else leaves it to the path.
struct BucketInHost;

impl S3Host for BucketInHost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        Ok(match host.split_once(".localhost") {
            Some((bucket, _)) => VirtualHost::new("localhost").with_bucket(bucket),
            None => VirtualHost::new(host),
        })
    }
}
