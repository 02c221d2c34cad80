//! What findings mean: the same pages for everybody, as long as this program runs.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use doctor::rules;
use headers::{ETag, HeaderMapExt};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use pages::{HelpIndexPage, HelpPage, Page, RenderError};
use sha2::{Digest, Sha256};

use crate::conditional;
use crate::error::HttpError;

/// A page as it is sent, each time the same.
struct Rendered {
    html: String,
    etag: ETag,
}

/// All of them.
struct HelpPages {
    index: Rendered,
    unknown: Rendered,
    by_code: HashMap<&'static str, Rendered>,
}

/// Rendered when the first is asked for.
static PAGES: LazyLock<Result<HelpPages, RenderError>> = LazyLock::new(HelpPages::render);

/// `GET /help`: every finding there is.
pub(crate) async fn index(asked: HeaderMap) -> Response {
    show(|pages| pages.index.answer(&asked))
}

/// `GET /help/{finding}`: what a finding means, by its code; who gives its name is led there.
pub(crate) async fn finding(Path(finding): Path<String>, asked: HeaderMap) -> Response {
    match rules::find(&finding) {
        Some(rule) if rule.code == finding => show(|pages| pages.by_code[rule.code].answer(&asked)),
        Some(rule) => Redirect::permanent(&pages::help_path(rule)).into_response(),
        None => show(|pages| (StatusCode::NOT_FOUND, Html(&*pages.unknown.html)).into_response()),
    }
}

fn show(answer: impl FnOnce(&'static HelpPages) -> Response) -> Response {
    match &*PAGES {
        Ok(pages) => answer(pages),
        Err(error) => HttpError::failed(error).into_text(),
    }
}

impl HelpPages {
    fn render() -> Result<Self, RenderError> {
        let page = |rule: &&'static doctor::Rule| Ok((rule.code, Rendered::of(&HelpPage::of(rule))?));
        Ok(Self {
            index: Rendered::of(&HelpIndexPage::new())?,
            unknown: Rendered::of(&HelpIndexPage::fallback())?,
            by_code: rules::ALL.iter().map(page).collect::<Result<_, RenderError>>()?,
        })
    }
}

impl Rendered {
    fn of(page: &impl Page) -> Result<Self, RenderError> {
        let html = page.render()?;
        let digest = catalog::Sha256::new(Sha256::digest(&html).into());
        let etag = format!("\"{digest}\"").parse().expect("a quoted digest is an entity tag");
        Ok(Self { html, etag })
    }

    /// Browsers may keep it, and ask whether it is still the same: another version of this program may say it better.
    fn answer(&'static self, asked: &HeaderMap) -> Response {
        let mut response = match conditional::instead(asked, &self.etag) {
            Some(status) => status.into_response(),
            None => Html(&*self.html).into_response(),
        };
        response.headers_mut().typed_insert(self.etag.clone());
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}
