use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::WebState;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: the catalog takes writes and the depot takes bytes.
pub(crate) async fn ready(State(state): State<WebState>) -> Response {
    match state.distribution.check().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready; the server's log says why\n").into_response()
        }
    }
}
