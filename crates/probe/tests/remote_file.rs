//! A real server, honest and not, and what the reader makes of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use ipa::ReadAt;
use probe::{RemoteError, RemoteFile};
use reqwest::{Client, Url};

/// What a server makes of a request for a range.
type Answer = fn(&Request) -> Response<Body>;

const LENGTH: u64 = 10_000;

fn content() -> Vec<u8> {
    (0..LENGTH).map(|place| u8::try_from(place % 251).unwrap()).collect()
}

/// What a request asks for by `Range: bytes=FIRST-LAST`.
fn asked(request: &Request) -> (usize, usize) {
    let range = request.headers()[header::RANGE].to_str().unwrap();
    let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    (first.parse().unwrap(), last.parse().unwrap())
}

/// The range asked for, as an honest server answers it.
fn honest(request: &Request) -> Response<Body> {
    let (first, last) = asked(request);
    Response::builder()
        .status(StatusCode::PARTIAL_CONTENT)
        .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{LENGTH}"))
        .header(header::ETAG, "\"one\"")
        .body(content()[first..=last].to_vec().into())
        .unwrap()
}

/// Honest for the first byte, and then the answer that `lie` makes.
fn turncoat(lie: Answer) -> Router {
    let answer = move |request: Request| async move {
        if asked(&request) == (0, 0) { honest(&request) } else { lie(&request) }
    };
    Router::new().route("/app.ipa", get(answer))
}

async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

async fn open(router: Router) -> Result<RemoteFile, RemoteError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = format!("http://{}/app.ipa?token=secret", serve(router).await);
    RemoteFile::open(Arc::new(Client::new()), url.parse::<Url>().unwrap()).await
}

/// Reads `length` bytes from `offset` on, away from the runtime as readers of packages do.
async fn read(file: &Arc<RemoteFile>, offset: u64, length: usize) -> Result<Vec<u8>, String> {
    let file = Arc::clone(file);
    let blocking = move || {
        let mut bytes = vec![0; length];
        let count = file.read_at(offset, &mut bytes).map_err(|error| error.to_string())?;
        bytes.truncate(count);
        Ok(bytes)
    };
    tokio::task::spawn_blocking(blocking).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_read_and_counted() {
    let file = open(turncoat(honest)).await.unwrap();
    assert_eq!(file.len(), LENGTH);
    let file = Arc::new(file);
    let all = content();
    for (offset, length, expected) in [
        (0, 5, &all[..5]),
        (9_990, 50, &all[9_990..]),
        (9_999, 1, &all[9_999..]),
        (10_000, 5, &[][..]),
        (u64::MAX, 5, &[][..]),
        (3, 0, &[][..]),
    ] {
        assert_eq!(read(&file, offset, length).await.unwrap(), expected, "{length} from {offset}");
    }
    // The opening's byte, and three ranges that are not empty.
    assert_eq!(file.traffic(), probe::Traffic { requests: 4, bytes: 1 + 5 + 10 + 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_in_ranges_is_not_opened() {
    let answers: [(Answer, &str); 8] = [
        (|_| (StatusCode::OK, content()).into_response(), "ignores ranges: it answered 200 OK"),
        (|_| StatusCode::NOT_FOUND.into_response(), "answered 404 Not Found"),
        (|_| StatusCode::RANGE_NOT_SATISFIABLE.into_response(), "answered 416 Range Not Satisfiable"),
        (
            |_| (StatusCode::PARTIAL_CONTENT, "P").into_response(),
            "`Content-Range: `, expected `bytes 0-0/LENGTH`",
        ),
        (
            |_| (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, "bytes 0-0/*")], "P").into_response(),
            "`Content-Range: bytes 0-0/*`",
        ),
        (
            |_| (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, "bytes 0-0/0")], "P").into_response(),
            "`Content-Range: bytes 0-0/0`",
        ),
        (
            |_| (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, "bytes 0-0/-5")], "P").into_response(),
            "`Content-Range: bytes 0-0/-5`",
        ),
        (
            |_| {
                let headers = [(header::CONTENT_RANGE, "bytes 0-0/9"), (header::CONTENT_ENCODING, "gzip")];
                (StatusCode::PARTIAL_CONTENT, headers, "P").into_response()
            },
            "`Content-Encoding: gzip`",
        ),
    ];
    for (answer, expected) in answers {
        let router =
            Router::new().route("/app.ipa", get(move |request: Request| async move { answer(&request) }));
        let error = open(router).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error:?}, expected {expected:?}");
        assert!(!error.contains("secret"), "{error:?} repeats the query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lies_later_is_caught() {
    let lies: [(Answer, &str); 9] = [
        (|_| (StatusCode::OK, content()).into_response(), "ignores ranges"),
        (|_| StatusCode::PRECONDITION_FAILED.into_response(), "changed while it was read"),
        (|_| StatusCode::SERVICE_UNAVAILABLE.into_response(), "answered 503 Service Unavailable"),
        (
            |request| {
                let mut response = honest(request);
                response.headers_mut().insert(header::ETAG, "\"two\"".parse().unwrap());
                response
            },
            "changed while it was read",
        ),
        (
            |request| {
                let mut response = honest(request);
                response.headers_mut().insert(header::CONTENT_RANGE, "bytes 0-99/10000".parse().unwrap());
                response
            },
            "`Content-Range: bytes 0-99/10000`, expected `bytes 100-199/10000`",
        ),
        (
            |request| {
                let mut response = honest(request);
                response.headers_mut().insert(header::CONTENT_RANGE, "bytes 100-199/20000".parse().unwrap());
                response
            },
            "expected `bytes 100-199/10000`",
        ),
        (|request| honest(request).map(|_| content().into()), "sent 10000 bytes for a range of 100 bytes"),
        (|request| honest(request).map(|_| vec![0; 99].into()), "sent 99 bytes for a range of 100 bytes"),
        (
            // Without an announced length, for ever.
            |request| {
                let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0_u8; 60]));
                honest(request).map(|_| Body::from_stream(endless))
            },
            "bytes for a range of 100 bytes",
        ),
    ];
    for (lie, expected) in lies {
        let file = Arc::new(open(turncoat(lie)).await.unwrap());
        let error = read(&file, 100, 100).await.unwrap_err();
        assert!(error.contains(expected), "{error:?}, expected {expected:?}");
        assert!(file.traffic().bytes < 200_000, "{:?}", file.traffic());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_no_end_of_the_file() {
    let broken = |request: &Request| {
        let parts = [Ok(vec![0_u8; 60]), Err(std::io::Error::other("the cable is out"))];
        honest(request).map(|_| Body::from_stream(futures_util::stream::iter(parts)))
    };
    let file = Arc::new(open(turncoat(broken)).await.unwrap());
    let error = read(&file, 100, 100).await.unwrap_err();
    assert!(error.contains("could not be fetched"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn later_ranges_name_the_edition_and_go_straight_to_the_redirects_target() {
    static REDIRECTS: AtomicU64 = AtomicU64::new(0);
    let target = |request: Request| async move {
        let is_first = asked(&request) == (0, 0);
        let matches = request.headers().get(header::IF_MATCH).map(|etag| etag == "\"one\"");
        assert_eq!(matches, if is_first { None } else { Some(true) });
        assert_eq!(request.headers()[header::ACCEPT_ENCODING], "identity");
        honest(&request)
    };
    let redirect = || async {
        REDIRECTS.fetch_add(1, Ordering::Relaxed);
        Redirect::temporary("/elsewhere.ipa")
    };
    let router = Router::new().route("/app.ipa", get(redirect)).route("/elsewhere.ipa", get(target));
    let file = Arc::new(open(router).await.unwrap());
    assert_eq!(file.url().path(), "/elsewhere.ipa");
    assert_eq!(read(&file, 100, 100).await.unwrap(), content()[100..200]);
    assert_eq!(REDIRECTS.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn weak_entity_tags_are_compared_but_never_sent() {
    let weak = |request: Request| async move {
        assert!(!request.headers().contains_key(header::IF_MATCH), "RFC 9110 compares strongly here");
        let mut response = honest(&request);
        let etag = if asked(&request).0 < 500 { "W/\"one\"" } else { "W/\"two\"" };
        response.headers_mut().insert(header::ETAG, etag.parse().unwrap());
        response
    };
    let file = Arc::new(open(Router::new().route("/app.ipa", get(weak))).await.unwrap());
    assert_eq!(read(&file, 100, 100).await.unwrap(), content()[100..200]);
    assert!(read(&file, 500, 100).await.unwrap_err().contains("changed while it was read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_told_with_the_address_and_without_the_query() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://me:secret@{address}/app.ipa?token=secret").parse().unwrap();
    let error = RemoteFile::open(Arc::new(Client::new()), url).await.unwrap_err();
    assert_eq!(error.to_string(), format!("http://{address}/app.ipa could not be fetched"));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(!cause.contains("secret"), "{cause:?}");
}
