use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use catalog::{BuildId, Slug};
use distribution::InstallPage;
use http::{HeaderValue, StatusCode, header};
use pages::{Page, PageAssets, UnavailablePage};

use super::card;
use crate::error::{HttpError, say_when};
use crate::{WebState, device};

/// `GET /i/{slug}`: what is current on a channel.
pub(crate) async fn channel(State(state): State<WebState>, Path(slug): Path<String>) -> Response {
    match slug.parse() {
        Ok(slug) => show(&state, &slug, None).await,
        Err(_) => unknown().await,
    }
}

/// `GET /i/{slug}/{build}`: one of a channel's builds.
pub(crate) async fn build(
    State(state): State<WebState>,
    Path((slug, build)): Path<(String, String)>,
) -> Response {
    match (slug.parse(), build.parse()) {
        (Ok(slug), Ok(build)) => show(&state, &slug, Some(build)).await,
        _ => unknown().await,
    }
}

/// `GET /i/{slug}/{build}/icon.png`: the icon, for the page and for previews of its link.
pub(crate) async fn icon(
    State(state): State<WebState>,
    Path((slug, build)): Path<(String, String)>,
) -> Response {
    let (Ok(slug), Ok(build)) = (slug.parse::<Slug>(), build.parse::<BuildId>()) else {
        return HttpError::not_found("there is no such icon").into_text();
    };
    match state.distribution.page_icon(&slug, build).await {
        Ok(Some(blob)) => {
            let mut response = device::png(&blob);
            // A build never changes its icon.
            let keep = HeaderValue::from_static("private, max-age=86400, immutable");
            response.headers_mut().insert(header::CACHE_CONTROL, keep);
            response
        }
        Ok(None) => HttpError::not_found("there is no such icon").into_text(),
        Err(error) => HttpError::from(error).into_text(),
    }
}

/// `GET /`: where people end up who cut a link short.
pub(crate) async fn root() -> Response {
    unavailable(
        StatusCode::OK,
        "Apps are installed from here",
        "Each app has a page of its own. Open the link that you were sent, on the iPhone or iPad itself."
            .into(),
    )
}

/// Any other address.
pub(crate) async fn unknown() -> Response {
    unavailable(
        StatusCode::NOT_FOUND,
        "This link leads nowhere",
        "It may have been mistyped or cut short. Ask whoever sent it to send it again.".into(),
    )
}

async fn show(state: &WebState, slug: &Slug, build: Option<BuildId>) -> Response {
    let page = match state.distribution.install_page(slug, build).await {
        Ok(page) => page,
        Err(error) => return failed(error.into()),
    };
    let ask = "Ask whoever sent you the link.";
    match page {
        InstallPage::Offer(offer) => render(StatusCode::OK, &card::install_page(state, *offer)),
        InstallPage::NothingReleased { app } => unavailable(
            StatusCode::OK,
            "Nothing to install yet",
            format!("No build of {} has been released here so far. Come back later.", app.name),
        ),
        InstallPage::BuildGone { app } => unavailable(
            StatusCode::GONE,
            "This build is gone",
            format!("This build of {} is no longer offered here. {ask}", app.name),
        ),
        InstallPage::Closed { app } => unavailable(
            StatusCode::GONE,
            "This page is closed",
            format!("{} is no longer offered here. {ask}", app.name),
        ),
        InstallPage::Unknown => unknown().await,
    }
}

fn unavailable(status: StatusCode, heading: &str, advice: String) -> Response {
    render(status, &UnavailablePage { heading: heading.to_owned(), advice, assets: PageAssets::served() })
}

fn render(status: StatusCode, page: &impl Page) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => HttpError::failed(error).into_text(),
    }
}

fn failed(error: HttpError) -> Response {
    let status = error.status();
    // Logs the cause.
    drop(error.into_text());
    let mut page = unavailable(
        status,
        "That did not work",
        "The server could not do it just now. Try again in a moment.".into(),
    );
    say_when(&mut page);
    page
}
