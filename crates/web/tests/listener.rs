//! One port: HTTPS for those who speak it, the way there for those who don't.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tls::{LocalCa, ServerName, ServerTls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use web::{Listener, redirect_router};

async fn ask(address: std::net::SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a listener");
    let request = b"GET /i/x HTTP/1.1\r\nhost: elsewhere.example\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("a connection");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn plain_http_on_the_secured_port_is_led_to_the_public_address_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let now = testkit::app::AppPackage::NOW;
    let names = vec![ServerName::try_from("localhost").expect("a name")];
    let ca = Arc::new(LocalCa::open(folder.path(), &names, now).expect("an authority"));
    let tls = ServerTls::local_ca(ca, names, now).expect("a certificate");
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("an address");
    let router = Router::new().route("/i/x", get(|| async { "secret" }));
    let (stop, stopped) = oneshot::channel::<()>();
    let listener =
        Listener::secured(tcp, tls.acceptor(), router, redirect_router("https://apps.example.com/"));
    let running = tokio::spawn(listener.run(async move { drop(stopped.await) }));
    let answer = ask(address).await;
    assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
    assert!(answer.contains("location: https://apps.example.com/\r\n"), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    drop(stop);
    running.await.expect("the listener stops when it is told to");
}

#[tokio::test]
async fn behind_a_proxy_plain_http_is_answered() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = tcp.local_addr().expect("an address");
    let router = Router::new().route("/i/x", get(|| async { "page" }));
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(Listener::plain(tcp, router).run(async move { drop(stopped.await) }));
    assert!(ask(address).await.ends_with("page"));
    drop(stop);
    running.await.expect("the listener stops when it is told to");
}
