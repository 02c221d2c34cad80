use askama::Template;

use crate::install::PageAssets;
use crate::qr_code::QrCode;
use crate::words;

/// The page that leads to the pages of several apps.
#[derive(Clone, Debug, Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// Its heading.
    pub title: String,
    /// The apps.
    pub apps: Vec<ListedApp>,
    /// The page's own address, for the picture that a phone's camera reads, and for previews of the link.
    pub page_url: String,
    /// That address as a QR code; absent when it is too long for one.
    pub qr_code: Option<QrCode>,
    /// The pages' stylesheet and mark, relative to this page.
    pub assets: PageAssets,
}

/// An app as a list shows it.
#[derive(Clone, Debug)]
pub struct ListedApp {
    /// The name under the icon.
    pub name: String,
    /// `CFBundleShortVersionString`.
    pub version: String,
    /// `CFBundleVersion`.
    pub build_number: String,
    /// The package's size.
    pub size_bytes: u64,
    /// Kinds of device in words: `iPhone and iPad`.
    pub devices: Option<String>,
    /// Its own page.
    pub page_url: String,
    /// The icon's address.
    pub icon_url: String,
}

impl ListPage {
    /// One page of every kind there is, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page_url = "https://apps.example.com/".to_owned();
        let app = |name: &str, folder: &str, devices: Option<&str>| ListedApp {
            name: name.into(),
            version: "1.2.3".into(),
            build_number: "456".into(),
            size_bytes: 12_345_678,
            devices: devices.map(str::to_owned),
            page_url: format!("{folder}/index.html"),
            icon_url: format!("{folder}/icon-512.png"),
        };
        let several = Self {
            title: "Apps by Example Corp".into(),
            apps: vec![
                app("Notes", "notes", Some("iPhone and iPad")),
                app("R&D <β> \"应用\" 🚀", "r-d", Some("iPad")),
                app("An app whose name is longer than any icon is wide, twice over", "long", None),
            ],
            qr_code: QrCode::of(&page_url),
            page_url,
            assets: PageAssets::served(),
        };
        let mut bare = several.clone();
        bare.title = "Apps".into();
        bare.qr_code = None;
        vec![several, bare]
    }
}
