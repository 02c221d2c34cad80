use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header;
use pages::{Page, PageAssets, QrCode, TrustPage};

use crate::error::HttpError;
use crate::{assets, policy};

/// What the plain-HTTP page of a local authority hands out.
#[derive(Clone, Debug)]
pub struct TrustAnchor {
    /// The host the server's certificate is for.
    pub host: String,
    /// The root's SHA-256 fingerprint, spelled for people.
    pub fingerprint: String,
    /// The root as a configuration profile.
    pub profile: Vec<u8>,
    /// The root as PEM.
    pub pem: String,
    /// Where to go on over HTTPS.
    pub next_url: String,
}

/// Sends whoever comes by plain HTTP to the public address.
pub fn redirect_router(public_url: &str) -> Router {
    let target = public_url.to_owned();
    Router::new().fallback(move || async move { axum::response::Redirect::temporary(&target) })
}

/// What plain HTTP gets where a local authority signs: the root to trust, how to trust it, and nothing else.
pub fn trust_router(anchor: TrustAnchor) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/airstair.mobileconfig", get(profile))
        .route("/airstair.pem", get(pem))
        .route("/assets/{file}", get(assets::asset))
        // Who opens a link by plain HTTP has the same steps to take.
        .fallback(page)
        .layer(middleware::map_response(policy::for_pages))
        .with_state(Arc::new(anchor))
}

async fn page(State(anchor): State<Arc<TrustAnchor>>) -> Response {
    let page = TrustPage {
        host: anchor.host.clone(),
        fingerprint: anchor.fingerprint.clone(),
        profile_url: "/airstair.mobileconfig".to_owned(),
        certificate_url: "/airstair.pem".to_owned(),
        next_url: anchor.next_url.clone(),
        qr_code: QrCode::of(&anchor.next_url),
        assets: PageAssets::served(),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => HttpError::failed(error).into_text(),
    }
}

async fn profile(State(anchor): State<Arc<TrustAnchor>>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-apple-aspen-config")], anchor.profile.clone()).into_response()
}

async fn pem(State(anchor): State<Arc<TrustAnchor>>) -> Response {
    ([(header::CONTENT_TYPE, "application/x-pem-file")], anchor.pem.clone()).into_response()
}
