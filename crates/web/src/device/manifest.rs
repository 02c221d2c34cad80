use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use distribution::{DeviceFile, Served};
use http::{HeaderMap, HeaderValue, Method, header};

use super::{visitor, wanted};
use crate::WebState;
use crate::error::HttpError;

/// `GET /t/{ticket}/manifest.plist`: what to install and where it is.
pub(crate) async fn manifest(
    State(state): State<WebState>,
    method: Method,
    Path(ticket): Path<String>,
    headers: HeaderMap,
) -> Response {
    let file = DeviceFile::Manifest;
    match state.distribution.serve(&ticket, file, wanted(&method), &visitor(&headers)).await {
        Ok(Served::Manifest(xml)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (headers, xml).into_response()
        }
        Ok(_) => HttpError::not_found("there is no such file").into_text(),
        Err(error) => HttpError::from(error).into_text(),
    }
}
