use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use depot::Blob;
use distribution::{DeviceFile, Served};
use http::{HeaderMap, HeaderValue, Method, header};

use super::package_body::PackageBody;
use super::{visitor, wanted};
use crate::WebState;
use crate::error::HttpError;

/// `GET /t/{ticket}/icon-57.png`: the placeholder on the Home Screen.
pub(crate) async fn display_image(
    state: State<WebState>,
    method: Method,
    ticket: Path<String>,
    headers: HeaderMap,
) -> Response {
    image(state, DeviceFile::DisplayImage, &method, ticket, &headers).await
}

/// `GET /t/{ticket}/icon-512.png`: the large icon.
pub(crate) async fn full_size_image(
    state: State<WebState>,
    method: Method,
    ticket: Path<String>,
    headers: HeaderMap,
) -> Response {
    image(state, DeviceFile::FullSizeImage, &method, ticket, &headers).await
}

async fn image(
    State(state): State<WebState>,
    file: DeviceFile,
    method: &Method,
    Path(ticket): Path<String>,
    headers: &HeaderMap,
) -> Response {
    match state.distribution.serve(&ticket, file, wanted(method), &visitor(headers)).await {
        Ok(Served::Image(blob)) => png(&blob),
        Ok(_) => HttpError::not_found("there is no such file").into_text(),
        Err(error) => HttpError::from(error).into_text(),
    }
}

/// An icon, whole.
pub(crate) fn png(blob: &Blob) -> Response {
    match blob.stream(0..blob.size_bytes()) {
        Ok(stream) => {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("image/png"))];
            (headers, axum::body::Body::new(PackageBody::new(stream, blob.size_bytes()))).into_response()
        }
        Err(error) => HttpError::from(error).into_text(),
    }
}
