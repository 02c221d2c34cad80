use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How long a client may take to say hello and to send a request's head.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long what is under way may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(20);

/// What a connection may hold of an answer that its client does not take, beside one piece of the depot's: with that,
/// a slow client costs less than 512 KiB.
const SEND_BUFFER_BYTES: usize = 128 << 10;

/// What an upload may have under way: the default of 64 KiB would make it wait for every round trip.
const RECEIVE_WINDOW_BYTES: u32 = 1 << 20;

/// The first byte of a TLS handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Answers on one port: TLS where it is terminated here, HTTP/1.1 and HTTP/2.
pub struct Listener {
    tcp: TcpListener,
    router: Router,
    tls: Option<Secured>,
}

struct Secured {
    acceptor: TlsAcceptor,
    plain: Router,
}

impl Listener {
    /// Answers plain HTTP, behind a proxy that terminates TLS.
    #[must_use]
    pub fn plain(tcp: TcpListener, router: Router) -> Self {
        Self { tcp, router, tls: None }
    }

    /// Answers HTTPS with `router`. Who comes by plain HTTP to the same port gets `plain`: the way to the right address.
    #[must_use]
    pub fn secured(tcp: TcpListener, acceptor: TlsAcceptor, router: Router, plain: Router) -> Self {
        Self { tcp, router, tls: Some(Secured { acceptor, plain }) }
    }

    /// Answers until `stop` is done, then lets what is under way end for 20 seconds.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let mut stop = pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = self.tcp.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((tcp, _)) => self.answer(tcp, graceful.watcher()),
                Err(error) => pause_after(&error).await,
            }
        }
        drop(self.tcp);
        tokio::select! {
            () = graceful.shutdown() => {}
            () = tokio::time::sleep(GRACE) => tracing::warn!("connections were cut that did not end in time"),
        }
    }

    fn answer(&self, tcp: TcpStream, watcher: Watcher) {
        // Without this the last bytes of an answer wait for an acknowledgement.
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "answers may be delayed");
        }
        let router = self.router.clone();
        let Some(Secured { acceptor, plain }) = &self.tls else {
            tokio::spawn(serve(tcp, router, watcher));
            return;
        };
        let (acceptor, plain) = (acceptor.clone(), plain.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(PATIENCE, begins_tls(&tcp)).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => return serve(tcp, plain, watcher).await,
                Ok(Err(_)) | Err(_) => return,
            }
            match tokio::time::timeout(PATIENCE, acceptor.accept(tcp)).await {
                Ok(Ok(tls)) => serve(tls, router, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
        });
    }
}

async fn begins_tls(tcp: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    match tcp.peek(&mut first).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(first[0] == TLS_HANDSHAKE),
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    router: Router,
    watcher: Watcher,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(SEND_BUFFER_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PATIENCE)
        .initial_stream_window_size(RECEIVE_WINDOW_BYTES)
        .initial_connection_window_size(2 * RECEIVE_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES);
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error = &*error, "a connection broke");
    }
}

/// A connection that broke before it was accepted is nobody's business; running out of descriptors passes.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "no connection can be accepted just now");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
