use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use catalog::{Name, Provenance};
use distribution::{
    Allow, Caller, ChannelError, NotAllowed, OpenInHouse, PublishError, PublishRequest, Published,
};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde::Serialize;
use url::form_urlencoded;

use super::caller::ApiCaller;
use super::view::{FindingView, PublishedView};
use crate::WebState;
use crate::error::HttpError;

/// The longest notes, in bytes.
const NOTES_LIMIT_BYTES: usize = 16 << 10;

/// How much of a refused package is read, and for how long.
const READ_ON_BYTES: usize = 256 << 20;
const READ_ON_FOR: Duration = Duration::from_secs(10);

/// `PUT` or `POST /api/v1/builds?channel=…`: publishes the package that is the body, as it is.
///
/// Authorised before the first byte is taken, streamed to its place. Query: `channel`, `slug`, `notes`, `commit`,
/// `branch`, `pull_request`, `ci_url`, `tag` (several), `allow` (several codes, or `all`), `open_in_house=agreed`.
///
/// 201 for a new build, 200 for one that was there already; 422 with the findings when a device would refuse it.
pub(crate) async fn upload(
    State(state): State<WebState>,
    ApiCaller(caller): ApiCaller,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request = match read_query(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(error) => return error.into_json(),
    };
    match publish(&state, &caller, &request, &headers, body).await {
        Ok(published) => {
            let status = match published.novelty {
                distribution::Novelty::NewBuild => StatusCode::CREATED,
                _ => StatusCode::OK,
            };
            (status, Json(PublishedView::new(&state.distribution, &published))).into_response()
        }
        Err(error) => refusal(&state, error),
    }
}

async fn publish(
    state: &WebState,
    caller: &Caller,
    request: &PublishRequest,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Published, UploadError> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut upload = match state.distribution.begin_upload(caller, announced).await {
        Ok(upload) => upload,
        Err(error) => {
            // It took its time, in which the client has begun to send.
            if let PublishError::Depot(_) = error {
                read_on(body).await;
            }
            return Err(error.into());
        }
    };
    while let Some(frame) = body.frame().await {
        let Ok(bytes) = frame.map_err(UploadError::Cut)?.into_data() else { continue };
        if let Err(error) = upload.write(bytes).await {
            read_on(body).await;
            return Err(error.into());
        }
    }
    Ok(state.distribution.finish_upload(caller, upload, request).await?)
}

/// Takes more of a package that is refused already, and forgets it: over HTTP/1.1 a client whose writing fails may never
/// read why.
async fn read_on(mut body: Body) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > READ_ON_BYTES {
                return;
            }
        }
    };
    // What is not read in time is left.
    let _ = tokio::time::timeout(READ_ON_FOR, reading).await;
}

#[derive(Debug, thiserror::Error)]
enum UploadError {
    #[error("the connection broke while the package arrived")]
    Cut(#[source] axum::Error),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// A refused upload: the stable code, the sentence, and what the doctor found.
#[derive(Debug, Serialize)]
struct RefusalView {
    error: &'static str,
    message: String,
    findings: Vec<FindingView>,
}

fn refusal(state: &WebState, error: UploadError) -> Response {
    let error = match error {
        UploadError::Publish(error) => error,
        cut @ UploadError::Cut(_) => return HttpError::bad_request(cut.to_string()).into_json(),
    };
    let (status, code) = match &error {
        PublishError::NotAllowed(NotAllowed { .. }) => (StatusCode::FORBIDDEN, "not-allowed"),
        PublishError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
        PublishError::NoRoom { .. } => (StatusCode::INSUFFICIENT_STORAGE, "no-room"),
        PublishError::TooSlow { .. } => (StatusCode::REQUEST_TIMEOUT, "too-slow"),
        PublishError::Incomplete { .. } => (StatusCode::BAD_REQUEST, "incomplete"),
        PublishError::NoPackage(_) => (StatusCode::UNPROCESSABLE_ENTITY, "no-package"),
        PublishError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
        PublishError::InHouseOnOpenChannel { .. } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "in-house-on-open-channel")
        }
        PublishError::ChannelClosed { .. } => (StatusCode::CONFLICT, "channel-closed"),
        PublishError::Channel(_) => (StatusCode::CONFLICT, "slug-taken"),
        PublishError::Unsettled(_) => (StatusCode::SERVICE_UNAVAILABLE, "unsettled"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "server-failed"),
    };
    match error {
        PublishError::Refused(findings) => {
            let message = PublishError::Refused(findings.clone()).to_string();
            let view = |finding| FindingView::new(&state.distribution, finding, false);
            let findings = findings.iter().map(view).collect();
            (status, Json(RefusalView { error: code, message, findings })).into_response()
        }
        PublishError::Store(error) | PublishError::Channel(ChannelError::Store(error)) => {
            HttpError::from(error).into_json()
        }
        PublishError::Depot(error) => HttpError::from(error).into_json(),
        error if status == StatusCode::INTERNAL_SERVER_ERROR => HttpError::failed(error).into_json(),
        error => HttpError::new(status, code, error.to_string()).into_json(),
    }
}

fn read_query(query: &str) -> Result<PublishRequest, HttpError> {
    let mut request = PublishRequest::default();
    let mut provenance = Provenance::default();
    let mut allowed = Vec::new();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.into_owned();
        let malformed = |error: catalog::ParseError| HttpError::bad_request(format!("`{key}`: {error}"));
        match &*key {
            "channel" => request.channel = Some(Name::parse(&value).map_err(malformed)?),
            "slug" => request.slug = Some(value.parse().map_err(malformed)?),
            "notes" => request.notes = value,
            "commit" => provenance.commit = Some(value),
            "branch" => provenance.branch = Some(value),
            "pull_request" => provenance.pull_request = Some(value),
            "ci_url" => provenance.ci_url = Some(value),
            "tag" => provenance.tags.push(value),
            "allow" if value == "all" => request.allow = Allow::All,
            "allow" => allowed.push(value),
            "open_in_house" if value == "agreed" => request.open_in_house = OpenInHouse::Agreed,
            other => {
                return Err(HttpError::bad_request(format!("unknown query parameter `{other}={value}`")));
            }
        }
    }
    if request.notes.len() > NOTES_LIMIT_BYTES {
        let seen = request.notes.len();
        return Err(HttpError::bad_request(format!(
            "the notes have {seen} bytes, the limit is {NOTES_LIMIT_BYTES}"
        )));
    }
    if request.allow != Allow::All {
        request.allow = Allow::Named(allowed);
    }
    request.provenance = provenance;
    Ok(request)
}
