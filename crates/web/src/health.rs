use std::fmt::Write;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use catalog::SelfCheck;
use doctor::Finding;
use http::StatusCode;

use crate::WebState;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// `GET /readyz`: the catalog takes writes and the depot takes bytes; and what the last check of the server's own road says
/// against it, which makes it no less ready.
pub(crate) async fn ready(State(state): State<WebState>) -> Response {
    let troubles = state.distribution.check().await;
    if troubles.is_empty() {
        return ready_text(state.distribution.last_self_check().as_deref()).into_response();
    }
    let troubles: Vec<_> = troubles.iter().map(ToString::to_string).collect();
    let text = format!("not ready: {}; the server's log says why\n", troubles.join(", and "));
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

fn ready_text(check: Option<&SelfCheck>) -> String {
    let mut text = "ready\n".to_owned();
    for Finding { code, name, message, .. } in check.into_iter().flat_map(SelfCheck::errors) {
        // What a finding quotes may be hostile, and a line is a line.
        let message = message.replace(char::is_control, " ");
        let _ = writeln!(text, "but devices may not reach it: {code} {name}: {message}");
    }
    text
}
