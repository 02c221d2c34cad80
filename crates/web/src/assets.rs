use axum::response::{IntoResponse, Response};
use http::{Uri, header};
use pages::Asset;

use crate::error::HttpError;

/// `GET /assets/{file}`: what pages load. The name holds a digest, so browsers may keep it for ever.
pub(crate) async fn asset(uri: Uri) -> Response {
    let Some(asset) = Asset::at(uri.path()) else {
        return HttpError::not_found("there is no such file").into_text();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.media_type()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.bytes()).into_response()
}
