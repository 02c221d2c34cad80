use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rustix::net::sockopt::set_socket_linger;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::ObjectStorage;

/// Stands between a server and its [`ObjectStorage`], and misbehaves when it is told to; it ends when this is dropped.
#[derive(Debug)]
pub struct FaultyStorage {
    endpoint: String,
    orders: Orders,
    serving: JoinHandle<()>,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StorageRequest {
    /// Whatever it is.
    Any,
    /// The bytes of an object.
    Get,
    /// Whether an object is there.
    Head,
    /// Which objects there are.
    List,
    /// A whole object.
    Put,
    /// The beginning of an upload in parts.
    BeginUpload,
    /// One of its parts.
    Part,
    /// The end of an upload in parts.
    CompleteUpload,
    /// Objects or uploads to be removed.
    Remove,
}

/// What comes instead of the right answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StorageFault {
    /// A status, with the storage's code for it.
    Answer(StatusCode, &'static str),
    /// Nothing, for ever.
    Silence,
    /// So many bytes of the answer, and then nothing, for ever.
    StallAfter(u64),
    /// So many bytes of the answer, and then the connection's end.
    CutAfter(u64),
    /// The connection's end, with a reset.
    Reset,
    /// The connection's end, after all that was asked for was done.
    LostAnswer,
}

impl StorageFault {
    /// What storage answers that failed.
    pub const INTERNAL_ERROR: Self = Self::Answer(StatusCode::INTERNAL_SERVER_ERROR, "InternalError");
    /// What storage answers that has too much to do.
    pub const SLOW_DOWN: Self = Self::Answer(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    /// What storage answers that forgot an upload.
    pub const NO_SUCH_UPLOAD: Self = Self::Answer(StatusCode::NOT_FOUND, "NoSuchUpload");
    /// What storage answers to a key that may not do it.
    pub const ACCESS_DENIED: Self = Self::Answer(StatusCode::FORBIDDEN, "AccessDenied");
    /// What storage answers to a key with another secret.
    pub const WRONG_SIGNATURE: Self = Self::Answer(StatusCode::FORBIDDEN, "SignatureDoesNotMatch");
    /// What storage answers to a key it does not know.
    pub const UNKNOWN_KEY: Self = Self::Answer(StatusCode::FORBIDDEN, "InvalidAccessKeyId");
}

/// What storage repeats of a request that it refuses, and nobody may read in a log.
pub const REPEATED_BY_STORAGE: &str = "AWS4-HMAC-SHA256 x-amz-security-token:TOP-SECRET";

type Body = UnsyncBoxBody<Bytes, io::Error>;

#[derive(Clone, Debug)]
struct Orders {
    standing: Arc<Mutex<Vec<Order>>>,
    /// How many requests met a fault.
    met: watch::Sender<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Order {
    request: StorageRequest,
    fault: StorageFault,
    times: u64,
}

impl FaultyStorage {
    /// Starts on a port that is free, and behaves.
    ///
    /// # Errors
    ///
    /// When there is no port to be had.
    pub async fn before(storage: &ObjectStorage) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let orders = Orders { standing: Arc::default(), met: watch::Sender::new(0) };
        let way = Way {
            orders: orders.clone(),
            storage: storage.endpoint().to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        };
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(way.clone().serve(socket));
            }
        });
        Ok(Self { endpoint, orders, serving })
    }

    /// Where it answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Misbehaves on such requests until it [heals](Self::heal).
    pub fn break_down(&self, request: StorageRequest, fault: StorageFault) {
        self.break_down_for(u64::MAX, request, fault);
    }

    /// Misbehaves on the next `times` such requests.
    pub fn break_down_for(&self, times: u64, request: StorageRequest, fault: StorageFault) {
        self.orders.lock().push(Order { request, fault, times });
    }

    /// Behaves again. Answers that are stalled already stay so.
    pub fn heal(&self) {
        self.orders.lock().clear();
    }

    /// How many requests met a fault so far.
    #[must_use]
    pub fn met(&self) -> u64 {
        *self.orders.met.borrow()
    }

    /// Waits until `count` requests have met a fault.
    pub async fn has_met(&self, count: u64) {
        // The sender lives as long as this does.
        let _ = self.orders.met.subscribe().wait_for(|met| *met >= count).await;
    }
}

impl Drop for FaultyStorage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Orders {
    fn lock(&self) -> MutexGuard<'_, Vec<Order>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault that a request meets.
    fn take(&self, request: StorageRequest) -> Option<StorageFault> {
        let fault = {
            let mut standing = self.lock();
            let concerned = |order: &Order| [request, StorageRequest::Any].contains(&order.request);
            let place = standing.iter().position(concerned)?;
            standing[place].times -= 1;
            let fault = standing[place].fault;
            standing.retain(|order| order.times > 0);
            fault
        };
        self.met.send_modify(|met| *met += 1);
        Some(fault)
    }
}

#[derive(Clone)]
struct Way {
    orders: Orders,
    storage: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Way {
    async fn serve(self, socket: TcpStream) {
        let Ok(descriptor) = socket.as_fd().try_clone_to_owned() else { return };
        let descriptor = Arc::new(descriptor);
        let service = service_fn(move |request| self.clone().answer(request, Arc::clone(&descriptor)));
        // A connection that breaks is what this is for.
        let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
    }

    async fn answer(self, request: Request<Incoming>, socket: Arc<OwnedFd>) -> io::Result<Response<Body>> {
        let fault = self.orders.take(purpose(&request));
        match fault {
            None => self.pass(request).await,
            Some(StorageFault::Answer(status, code)) => {
                // As storage does, after it has read what was sent.
                request.into_body().collect().await.map_err(io::Error::other)?;
                Ok(refusal(status, code))
            }
            Some(StorageFault::Silence) => std::future::pending().await,
            Some(StorageFault::Reset) => {
                // Closing then drops what is on its way instead of ending it.
                set_socket_linger(&*socket, Some(Duration::ZERO))?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
            Some(StorageFault::LostAnswer) => {
                self.pass(request).await?.into_body().collect().await?;
                Err(io::ErrorKind::ConnectionAborted.into())
            }
            Some(StorageFault::CutAfter(left)) => self.shorten(request, left, End::Cut).await,
            Some(StorageFault::StallAfter(left)) => self.shorten(request, left, End::Stalled).await,
        }
    }

    async fn shorten(&self, request: Request<Incoming>, left: u64, end: End) -> io::Result<Response<Body>> {
        Ok(self.pass(request).await?.map(|body| Shortened { body, left, end }.boxed_unsync()))
    }

    /// Asks the storage, with the host that the request was signed for.
    async fn pass(&self, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let (mut head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.storage).parse().map_err(io::Error::other)?;
        let asked = Request::from_parts(head, Full::new(body));
        let answer = self.client.request(asked).await.map_err(io::Error::other)?;
        Ok(answer.map(|body| body.map_err(io::Error::other).boxed_unsync()))
    }
}

fn purpose(request: &Request<Incoming>) -> StorageRequest {
    use StorageRequest::{Any, BeginUpload, CompleteUpload, Get, Head, List, Part, Put, Remove};
    let query = request.uri().query().unwrap_or_default();
    let says = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match *request.method() {
        Method::HEAD => Head,
        Method::GET if says("list-type") => List,
        Method::GET => Get,
        Method::PUT if says("partNumber") => Part,
        Method::PUT => Put,
        Method::POST if says("uploads") => BeginUpload,
        Method::POST if says("uploadId") => CompleteUpload,
        Method::POST | Method::DELETE => Remove,
        _ => Any,
    }
}

/// An error as S3 words it, which repeats the request.
fn refusal(status: StatusCode, code: &str) -> Response<Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>The double was told to say \
         so.</Message><StringToSign>{REPEATED_BY_STORAGE}</StringToSign></Error>"
    );
    let body = Full::new(Bytes::from(text)).map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/xml"));
    answer
}

/// The first bytes of a body, and then what comes instead of the rest.
struct Shortened {
    body: Body,
    left: u64,
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Cut,
    Stalled,
}

impl hyper::body::Body for Shortened {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return match self.end {
                End::Cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
                End::Stalled => Poll::Pending,
            };
        }
        let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
            return Poll::Ready(None);
        };
        let Ok(data) = frame?.into_data() else { return Poll::Ready(None) };
        let kept = data.slice(..data.len().min(usize::try_from(self.left).unwrap_or(usize::MAX)));
        self.left -= kept.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(kept))))
    }
}
