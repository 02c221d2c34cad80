use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tower::Service;

use crate::handshake::shake_hands;
use crate::{ConnectError, Observed, Options, guard, race};

/// Makes connections, and remembers what it saw of each place.
#[derive(Clone, Debug)]
pub(crate) struct Connector(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    options: Options,
    provider: Arc<CryptoProvider>,
    seen: Mutex<HashMap<Place, Arc<Observed>>>,
    /// How many connections are being made.
    connecting: AtomicUsize,
}

/// A host and a port.
pub(crate) type Place = (String, u16);

/// The most places that are remembered; with more, all are forgotten.
const PLACES: usize = 1000;

impl Connector {
    pub(crate) fn new(options: Options) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self(Arc::new(Shared { options, provider, seen: Mutex::default(), connecting: AtomicUsize::new(0) }))
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Whether any connection is being made; if none is, requests wait for answers alone.
    pub(crate) fn is_connecting(&self) -> bool {
        self.0.connecting.load(Ordering::Relaxed) > 0
    }

    pub(crate) fn observed(&self, place: &Place) -> Option<Arc<Observed>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()
    }
}

impl Shared {
    async fn connect(&self, place: Place, is_https: bool) -> Result<Wire, ConnectError> {
        let (name, port) = &place;
        let mut observed = Observed {
            name: name.clone(),
            port: *port,
            addresses: Vec::new(),
            attempts: Vec::new(),
            ended_at: Instant::now(),
            outcome: Ok(None),
        };
        let connecting = Connecting::begin(&self.connecting);
        let made = self.make(&mut observed, is_https).await;
        drop(connecting);
        if let Err(error) = &made {
            observed.outcome = Err(error.clone());
        }
        observed.ended_at = Instant::now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= PLACES {
            seen.clear();
        }
        seen.insert(place, Arc::new(observed));
        made
    }

    async fn make(&self, observed: &mut Observed, is_https: bool) -> Result<Wire, ConnectError> {
        let Options { connect_timeout, .. } = self.options;
        observed.addresses = guard::look_up(&observed.name, observed.port, &self.options).await?;
        let allowed = guard::allowed(&observed.addresses, &self.options)?;
        let raced = race::connect(&allowed, observed.port, connect_timeout).await;
        observed.attempts = raced.attempts;
        let stream = raced.stream.ok_or_else(|| race::verdict(&observed.attempts))?;
        // Requests are small, and each waits for an answer.
        let _ = stream.set_nodelay(true);
        if !is_https {
            return Ok(Wire::Plain(stream));
        }
        let (stream, handshake) =
            shake_hands(stream, &observed.name, &self.provider, connect_timeout).await?;
        observed.outcome = Ok(Some(handshake));
        Ok(Wire::Tls(Box::new(stream)))
    }
}

/// Counts a connection for as long as it is being made, and stops when that is given up.
struct Connecting<'c>(&'c AtomicUsize);

impl<'c> Connecting<'c> {
    fn begin(count: &'c AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Connecting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The host of an address and its port, and whether TLS is spoken there.
pub(crate) fn place(uri: &Uri) -> Option<(Place, bool)> {
    let is_https = uri.scheme_str() == Some("https");
    let host = uri.host()?.trim_matches(['[', ']']);
    // A name that ends in a dot is the same name, and no certificate has the dot.
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    Some(((host, uri.port_u16().unwrap_or(if is_https { 443 } else { 80 })), is_https))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let no_host = || ConnectError::NotResolved { reason: "the address names no host".to_owned() };
            let (place, is_https) = place(&uri).ok_or_else(no_host)?;
            shared.connect(place, is_https).await.map(TokioIo::new)
        })
    }
}

/// A connection, with TLS or without.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        match self {
            Self::Tls(stream) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                Connected::new().negotiated_h2()
            }
            Self::Plain(_) | Self::Tls(_) => Connected::new(),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
