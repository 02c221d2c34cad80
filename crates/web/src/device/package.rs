use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use distribution::{DeviceFile, Served, ServedPackage};
use headers::ETag;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::package_body::PackageBody;
use super::{visitor, wanted};
use crate::error::HttpError;
use crate::range::{Wish, wish};
use crate::{WebState, conditional};

/// `GET /t/{ticket}/{file}.ipa`: the package, whole or in parts; `HEAD` tells its size.
pub(crate) async fn package(
    State(state): State<WebState>,
    method: Method,
    Path((ticket, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if file.strip_suffix(".ipa").is_none() {
        return HttpError::not_found("there is no such file").into_text();
    }
    let served =
        state.distribution.serve(&ticket, DeviceFile::Package, wanted(&method), &visitor(&headers)).await;
    match served {
        Ok(Served::Package(package)) => send(&state, &method, &headers, &package),
        Ok(_) => HttpError::not_found("there is no such file").into_text(),
        Err(error) => HttpError::from(error).into_text(),
    }
}

fn send(state: &WebState, method: &Method, asked: &HeaderMap, package: &ServedPackage) -> Response {
    let len = package.blob.size_bytes();
    let etag = format!("\"{}\"", package.sha256);
    let validator: ETag = etag.parse().expect("a quoted digest is an entity tag");
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).expect("a quoted digest is ASCII"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-transform"));
    // A proxy that buffers would report what it took as what the device got.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    if let Some(status) = conditional::instead(asked, &validator) {
        return (status, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // Ranges are defined for GET alone.
    let wish = if method == Method::GET { wish(asked, &etag, len) } else { Wish::Whole };
    let (status, part) = match wish {
        Wish::Whole => (StatusCode::OK, 0..len),
        Wish::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wish::Unsatisfiable => {
            headers.insert(header::CONTENT_RANGE, content_range(&format!("*/{len}")));
            headers.remove(header::CONTENT_TYPE);
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        headers
            .insert(header::CONTENT_RANGE, content_range(&format!("{}-{}/{len}", part.start, part.end - 1)));
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    if method == Method::HEAD {
        return (status, headers).into_response();
    }
    match package.blob.stream(part.clone()) {
        Ok(stream) => {
            let body = PackageBody::new(stream, part.end - part.start);
            let body = body.counted(package.sending(part.start), &state.distribution);
            (status, headers, Body::new(body)).into_response()
        }
        Err(error) => HttpError::from(error).into_text(),
    }
}

fn content_range(range: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("bytes {range}")).expect("numbers are ASCII")
}
