use askama::Template;

use crate::install::PageAssets;

/// A page for a link that leads to nothing that can be installed: unknown, closed, or nothing released yet.
#[derive(Clone, Debug, Template)]
#[template(path = "unavailable.html")]
pub struct UnavailablePage {
    /// What is the matter, as a heading.
    pub heading: String,
    /// What the person can do about it.
    pub advice: String,
    /// The pages' stylesheet and mark.
    pub assets: PageAssets,
}

impl UnavailablePage {
    /// One page of every kind there is, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self {
            heading: "This link leads nowhere".into(),
            advice:
                "It may have been mistyped, or its owner has closed it. Ask whoever sent it for a new one."
                    .into(),
            assets: PageAssets::served(),
        }]
    }
}
