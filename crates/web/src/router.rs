use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use distribution::Distribution;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{api, assets, device, health, help, install, log, policy};

/// What handlers need.
#[derive(Clone)]
pub struct WebState {
    /// The use cases.
    pub distribution: Arc<Distribution>,
    /// Which builds the pages call a sample: those that Airstair itself carries.
    pub samples: Arc<[catalog::Sha256]>,
}

/// Every route of the server.
pub fn router(state: WebState) -> Router {
    let device = Router::new()
        .route("/t/{ticket}/manifest.plist", get(device::manifest))
        .route("/t/{ticket}/icon-57.png", get(device::display_image))
        .route("/t/{ticket}/icon-512.png", get(device::full_size_image))
        .route("/t/{ticket}/{package}", get(device::package));
    let pages = Router::new()
        .route("/", get(install::root))
        .route("/i/{slug}", get(install::channel))
        .route("/i/{slug}/{build}", get(install::build))
        .route("/i/{slug}/{build}/icon.png", get(install::icon))
        .route("/help", get(help::index))
        .route("/help/{finding}", get(help::finding))
        .route("/assets/{file}", get(assets::asset))
        .fallback(install::unknown)
        .layer(middleware::map_response(policy::for_pages));
    let api = Router::new()
        .route("/api/v1/builds", axum::routing::post(api::upload).put(api::upload))
        // The use case has a limit of its own, which the owner sets.
        .layer(DefaultBodyLimit::disable());
    let health = Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready));
    device
        .merge(api)
        .merge(health)
        .merge(pages)
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn(log::requests))
        .with_state(state)
}
