use pages::{Page, PageAssets, QrCode};
use reqwest::Url;

use super::app::App;

/// The page that leads to the pages of several apps.
#[derive(Page)]
#[template(path = "list.html")]
pub(super) struct ListPage {
    title: String,
    apps: Vec<ListedApp>,
    page_url: String,
    qr_code: Option<QrCode>,
    assets: PageAssets,
}

struct ListedApp {
    name: String,
    version: String,
    build_number: String,
    size: String,
    devices: Option<String>,
    /// Relative, and with its file's name: some stores of files know no index pages.
    page_url: String,
    icon_url: String,
}

impl ListPage {
    pub(super) fn new(base: &Url, apps: &[App], organisation: Option<&str>) -> Self {
        let listed = |app: &App| ListedApp {
            name: app.read.title.clone(),
            version: app.read.version.clone(),
            build_number: app.read.build_number.clone(),
            size: pages::size(app.read.size_bytes),
            devices: app.read.devices.clone(),
            page_url: format!("{}index.html", app.prefix()),
            icon_url: format!("{}icon-512.png", app.prefix()),
        };
        Self {
            title: organisation.map_or_else(|| "Apps".to_owned(), |name| format!("Apps by {name}")),
            apps: apps.iter().map(listed).collect(),
            page_url: base.to_string(),
            qr_code: QrCode::of(base.as_str()),
            assets: PageAssets::beside(),
        }
    }
}
