use headers::{ETag, HeaderMapExt, IfMatch, IfNoneMatch};
use http::{HeaderMap, StatusCode};

/// What to answer instead of the file, by `If-Match` and `If-None-Match` (RFC 9110, section 13).
pub(crate) fn instead(headers: &HeaderMap, etag: &ETag) -> Option<StatusCode> {
    if headers.typed_get::<IfMatch>().is_some_and(|wanted| !wanted.precondition_passes(etag)) {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    if headers.typed_get::<IfNoneMatch>().is_some_and(|known| !known.precondition_passes(etag)) {
        return Some(StatusCode::NOT_MODIFIED);
    }
    None
}
