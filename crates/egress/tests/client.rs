//! The client against real sockets: where it will not go, what it sees of a host, and what it makes of bad answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress::{
    Answer, Body, Client, ConnectError, Ending, HandshakeError, Options, ProtocolVersion, SendError,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How long the client waits in tests where it waits for nothing.
const IMPATIENT: Duration = Duration::from_millis(200);

fn within_reach() -> Options {
    Options { may_reach_private: true, ..Options::default() }
}

fn impatient() -> Options {
    Options { connect_timeout: IMPATIENT, answer_timeout: IMPATIENT, ..within_reach() }
}

/// Serves every connection by `serve`, and counts them.
async fn listen<F, S>(serve: F) -> (SocketAddr, Arc<AtomicUsize>)
where
    F: Fn(TcpStream) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let taken = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            taken.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(serve(stream));
        }
    });
    (address, count)
}

/// Reads a request and sends `answer`, which is all it does.
async fn answering(answer: &'static [u8]) -> SocketAddr {
    let serve = move |mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(answer).await;
    };
    listen(serve).await.0
}

async fn read_request(stream: &mut TcpStream) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        seen.push(stream.read_u8().await.unwrap());
    }
}

async fn get(client: &Client, url: &str) -> Result<Answer, SendError> {
    client.send(http::Request::get(url).body(Body::default()).unwrap()).await
}

fn connect_error(answer: Result<Answer, SendError>) -> ConnectError {
    let error = match answer {
        Err(SendError::Connect(error)) => Ok(error),
        other => Err(other.map(|answer| answer.status)),
    };
    error.unwrap()
}

#[tokio::test]
async fn an_address_that_is_not_public_is_not_touched_whatever_it_looks_like() {
    let (address, connections) = listen(|_| async {}).await;
    let port = address.port();
    let pins = vec!["bench.example:127.0.0.1".parse().unwrap()];
    let client = Client::new(Options { pins, ..Options::default() });
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "224.0.0.1",
        "bench.example",
    ] {
        let url = url::Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let error = connect_error(get(&client, url.as_str()).await);
        assert!(matches!(error, ConnectError::NotAllowed { .. }), "{host}: {error}");
        assert!(!client.observed(&url).unwrap().addresses.is_empty(), "{host}");
    }
    assert_eq!(connections.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_pin_stands_for_the_name_everywhere() {
    let address = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await;
    let pins = vec!["bench.example:127.0.0.1".parse().unwrap()];
    let client = Client::new(Options { pins, ..within_reach() });
    let url = format!("http://bench.example:{}/a", address.port());
    let mut answer = get(&client, &url).await.unwrap();
    let body = answer.read(100).await;
    assert_eq!((answer.status.as_u16(), &*body.bytes, body.end), (200, &b"hi"[..], Ending::Whole));
    let observed = client.observed(&url.parse().unwrap()).unwrap();
    assert_eq!(observed.connected().unwrap().0, address.ip());
    assert!(observed.handshake().is_none());
}

#[tokio::test]
async fn a_handshake_is_finished_and_shown_whatever_the_certificate_is() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    let sent = cert.der().clone();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert_with_ocsp(vec![sent.clone()], key, b"stapled".to_vec())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let serve = move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut buf = [0; 4096];
            let _ = stream.read(&mut buf).await;
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        }
    };
    let (address, _) = listen(serve).await;
    let client = Client::new(within_reach());
    let url = format!("https://localhost:{}/", address.port());
    assert_eq!(get(&client, &url).await.unwrap().status.as_u16(), 204);
    let observed = client.observed(&url.parse().unwrap()).unwrap();
    let handshake = observed.handshake().unwrap();
    assert_eq!(handshake.chain, [sent]);
    assert_eq!(handshake.stapled, b"stapled");
    assert!(!handshake.asks_for_certificate);
    assert_eq!(handshake.version, ProtocolVersion::TLSv1_3);
}

#[tokio::test]
async fn what_keeps_tls_from_coming_about_is_told() {
    let alert = |alert: &'static [u8]| {
        listen(move |mut stream: TcpStream| async move {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(alert).await;
        })
    };
    // TLS records that hold a fatal alert: type 21, version, length 2, level 2, and what is the matter.
    let old = alert(&[21, 3, 1, 0, 2, 2, 70]).await.0;
    let suites = alert(&[21, 3, 3, 0, 2, 2, 40]).await.0;
    let closing = listen(|_| async {}).await.0;
    let hanging = listen(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let hanging = hanging.await.0;
    for (address, expected) in [
        (old, HandshakeError::OldVersion),
        (suites, HandshakeError::NoCommonSuite),
        (closing, HandshakeError::Dropped),
        (hanging, HandshakeError::Silent { after: IMPATIENT }),
    ] {
        let client = Client::new(impatient());
        let error = connect_error(get(&client, &format!("https://localhost:{}/", address.port())).await);
        assert_eq!(error, ConnectError::Handshake(expected));
    }
}

/// A server of TLS that wants a certificate of its client, and answers no request.
async fn wanting_a_certificate(version: &'static SupportedProtocolVersion) -> SocketAddr {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(clients)
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let serve = move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move { drop(acceptor.accept(stream).await) }
    };
    listen(serve).await.0
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_the_client_is_told() {
    let client = Client::new(within_reach());
    let url = |address: SocketAddr| format!("https://localhost:{}/", address.port());

    let refusing = url(wanting_a_certificate(&TLS12).await);
    let error = connect_error(get(&client, &refusing).await);
    assert_eq!(error, ConnectError::Handshake(HandshakeError::CertificateWanted));

    // Here the client takes the handshake for done before the server does.
    let late = url(wanting_a_certificate(&TLS13).await);
    assert!(get(&client, &late).await.is_err());
    let observed = client.observed(&late.parse().unwrap()).unwrap();
    assert!(observed.handshake().unwrap().asks_for_certificate);
}

#[tokio::test]
async fn a_server_without_tls_is_told() {
    let (address, _) = listen(|mut stream: TcpStream| async move {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let client = Client::new(within_reach());
    let error = connect_error(get(&client, &format!("https://localhost:{}/", address.port())).await);
    assert_eq!(error, ConnectError::Handshake(HandshakeError::NotTls));
}

#[tokio::test]
async fn hosts_that_are_not_there_are_told() {
    let client = Client::new(within_reach());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = connect_error(get(&client, &format!("http://{free}/")).await);
    assert_eq!(error, ConnectError::Refused);
    let error = connect_error(get(&client, "http://nobody.invalid/").await);
    assert!(matches!(error, ConnectError::NotResolved { .. }), "{error}");
    let error = get(&client, "ftp://h.example/").await.unwrap_err();
    assert!(matches!(error, SendError::Scheme { .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_is_told() {
    let flood = {
        let mut answer = b"HTTP/1.1 200 OK\r\n".to_vec();
        (0..5000).for_each(|field| answer.extend_from_slice(format!("x-{field}: {field}\r\n").as_bytes()));
        answer.extend_from_slice(b"\r\n");
        &*answer.leak()
    };
    let client = Client::new(impatient());
    for (answer, expected) in [
        (&b""[..], "Dropped"),
        (b"HTTP/1.1 2", "Dropped"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "NotHttp"),
        (flood, "NotHttp"),
    ] {
        let address = answering(answer).await;
        let error = get(&client, &format!("http://{address}/")).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(expected), "{error:?}, expected {expected}");
    }
    let hanging = listen(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let error = get(&client, &format!("http://{}/", hanging.await.0)).await.unwrap_err();
    assert!(matches!(error, SendError::Silent { after: IMPATIENT }), "{error:?}");
}

#[tokio::test]
async fn bodies_end_as_they_end() {
    let client = Client::new(impatient());
    for (answer, bytes, end) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody"[..], 4, Ending::Whole),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbody", 4, Ending::CutOff),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nbody and more", 10, Ending::Limit),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n", 4, Ending::CutOff),
    ] {
        let address = answering(answer).await;
        let body = get(&client, &format!("http://{address}/")).await.unwrap().read(10).await;
        assert_eq!((body.bytes.len(), body.end), (bytes, end), "{}", String::from_utf8_lossy(answer));
    }
}

#[tokio::test]
async fn endless_bodies_are_left_and_dripping_ones_too() {
    let endless = listen(|mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 1024]).await.is_ok() {}
    });
    let client = Client::new(impatient());
    let mut answer = get(&client, &format!("http://{}/", endless.await.0)).await.unwrap();
    let body = answer.read(1 << 20).await;
    assert_eq!((body.bytes.len(), body.end), (1 << 20, Ending::Limit));

    let dripping = listen(|mut stream: TcpStream| async move {
        read_request(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let mut drips = tokio::time::interval(IMPATIENT / 4);
        loop {
            drips.tick().await;
            if stream.write_all(b"x").await.is_err() {
                break;
            }
        }
    });
    let mut answer = get(&client, &format!("http://{}/", dripping.await.0)).await.unwrap();
    assert_eq!(answer.read(1 << 20).await.end, Ending::Silent { after: IMPATIENT * 10 });
}
