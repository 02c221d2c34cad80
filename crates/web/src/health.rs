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
    let troubles = state.distribution.check().await;
    if troubles.is_empty() {
        return "ready\n".into_response();
    }
    let troubles: Vec<_> = troubles.iter().map(ToString::to_string).collect();
    let text = format!("not ready: {}; the server's log says why\n", troubles.join(", and "));
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}
