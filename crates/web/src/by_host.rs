use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use http::header;
use tower::ServiceExt;

/// Answers with one of `others` who names its host, such as `192.168.1.7:8443`, and with `usual` everybody else.
///
/// So a request chooses among the addresses that a server has, and can't make it a new one.
pub fn by_host(usual: Router, others: impl IntoIterator<Item = (String, Router)>) -> Router {
    let others: Arc<HashMap<String, Router>> = Arc::new(others.into_iter().collect());
    if others.is_empty() {
        return usual;
    }
    Router::new().fallback(move |request: Request| {
        let router = host(&request).and_then(|host| others.get(host)).unwrap_or(&usual).clone();
        router.oneshot(request)
    })
}

/// The host and port that a request names: as HTTP/2 does, or as HTTP/1.1 does.
fn host(request: &Request) -> Option<&str> {
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    authority.or_else(|| request.headers().get(header::HOST)?.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::StatusCode;

    use super::*;

    async fn answer(request: http::request::Builder) -> StatusCode {
        let of = |status: StatusCode| Router::new().route("/", get(move || async move { status }));
        let router = by_host(of(StatusCode::OK), [("10.0.0.7:8443".to_owned(), of(StatusCode::ACCEPTED))]);
        let request = request.body(Body::empty()).expect("a request");
        let Ok(response) = router.oneshot(request).await;
        response.status()
    }

    #[tokio::test]
    async fn only_a_known_host_is_told_apart() {
        for (host, expected) in [
            ("10.0.0.7:8443", StatusCode::ACCEPTED),
            ("10.0.0.7", StatusCode::OK),
            ("10.0.0.8:8443", StatusCode::OK),
            ("evil.example", StatusCode::OK),
        ] {
            let http1 = Request::builder().uri("/").header(header::HOST, host);
            assert_eq!(answer(http1).await, expected, "HTTP/1.1, {host}");
            let http2 = Request::builder().uri(format!("https://{host}/"));
            assert_eq!(answer(http2).await, expected, "HTTP/2, {host}");
        }
        assert_eq!(answer(Request::builder().uri("/")).await, StatusCode::OK, "no host at all");
    }
}
