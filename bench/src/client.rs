use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use e2e::Protocol;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;

/// An iPhone's installer.
const AGENT: &str =
    "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1";

/// What a socket has room for, and each window of HTTP/2: more would swallow what is to be taken slowly.
const ROOM_BYTES: u32 = 64 << 10;

/// Opens connections to servers on this machine.
#[derive(Clone)]
pub(crate) struct Dialler {
    protocol: Protocol,
    tls: TlsConnector,
}

/// A connection over TLS on which requests go out one after the other or, with HTTP/2, beside each other.
pub(crate) enum Connection {
    Http1(http1::SendRequest<Empty<Bytes>>),
    Http2(http2::SendRequest<Empty<Bytes>>),
}

impl Dialler {
    /// Trusts the root in the PEM file `root`.
    pub(crate) fn new(root: &Path, protocol: Protocol) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&fs::read(root)?).context("a root in PEM")?)?;
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        config.alpn_protocols = vec![match protocol {
            Protocol::Http1 => b"http/1.1".to_vec(),
            Protocol::Http2 => b"h2".to_vec(),
        }];
        Ok(Self { protocol, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Connects, shakes hands, and stays idle.
    pub(crate) async fn connect(&self, port: u16) -> Result<Connection> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(ROOM_BYTES)?;
        let tcp = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        tcp.set_nodelay(true)?;
        let stream = TokioIo::new(self.tls.connect(ServerName::try_from("localhost")?, tcp).await?);
        // A connection that breaks shows in the request that waits for it.
        Ok(match self.protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await?;
                tokio::spawn(connection);
                Connection::Http1(sender)
            }
            Protocol::Http2 => {
                let mut builder = http2::Builder::new(TokioExecutor::new());
                builder.initial_stream_window_size(ROOM_BYTES).initial_connection_window_size(ROOM_BYTES);
                let (sender, connection) = builder.handshake(stream).await?;
                tokio::spawn(connection);
                Connection::Http2(sender)
            }
        })
    }
}

impl Connection {
    /// Asks for `url` as an installer does; the body is read as fast as the caller takes it.
    pub(crate) async fn get(&mut self, url: &str) -> Result<Response<Incoming>> {
        let request = Request::get(url).header(USER_AGENT, AGENT);
        Ok(match self {
            Self::Http1(sender) => {
                let uri: hyper::Uri = url.parse()?;
                let host = uri.authority().context("an address has a host")?.as_str();
                let path = uri.path();
                let request = Request::get(path).header(HOST, host).header(USER_AGENT, AGENT);
                sender.send_request(request.body(Empty::new())?).await?
            }
            Self::Http2(sender) => sender.send_request(request.body(Empty::new())?).await?,
        })
    }

    /// Another handle on the same connection, for requests beside each other; HTTP/1.1 has none.
    pub(crate) fn beside(&self) -> Option<Self> {
        match self {
            Self::Http1(_) => None,
            Self::Http2(sender) => Some(Self::Http2(sender.clone())),
        }
    }
}
