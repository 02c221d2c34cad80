use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// What every page tells the browser: load nothing from elsewhere, run nothing, keep nothing, tell nobody.
pub(crate) async fn for_pages(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                          frame-ancestors 'none'";
    let headers = response.headers_mut();
    let mut tell = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    tell(header::CONTENT_SECURITY_POLICY, POLICY);
    tell(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    tell(header::REFERRER_POLICY, "no-referrer");
    tell(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    tell(header::CACHE_CONTROL, "no-store");
    response
}
