use doctor::{Fetch, Fetched, Icon, RedirectStopped};
use ipa::Depth;
use itms_services::bounded_plist::{self, Value};
use itms_services::{
    AssetKind, DigestCheck, FoundLink, InstallLink, LinkPlace, LinkReading, ManifestDocument, SearchLimits,
};
use signed_data::{Authorities, Certificate};
use url::Url;

use crate::Agent;
use crate::download::DownloadWatch;
use crate::fetch::{Fetcher, Wanted};
use crate::kind::Kind;
use crate::package::{self, WalkedPackage};
use crate::page::ReadPage;
use crate::roots::Roots;
use crate::walked::{PlaceOnPage, RoadLink, Walk, WalkedManifest, WalkedPage, WalkedRoad};

/// How a road is walked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it may lead, and how long it may take.
    pub egress: egress::Options,
    /// Roots that the device trusts besides those it comes with: `--ca`.
    pub trusted: Vec<Certificate>,
    /// The authorities below which packages and profiles are signed.
    pub authorities: Authorities,
    /// Whether scripts that a page loads are searched for links too.
    pub follows_page_scripts: bool,
    /// How much of the package is looked at; [`Depth::Deep`] downloads it.
    pub depth: Depth,
    /// Who is told how far a download has come.
    pub watch: Option<DownloadWatch>,
}

/// Public addresses only, Apple's authorities, no scripts, and of the package what a few requests give.
impl Default for Options {
    fn default() -> Self {
        Self {
            egress: egress::Options::default(),
            trusted: Vec::new(),
            authorities: Authorities::apple().clone(),
            follows_page_scripts: false,
            depth: Depth::Signatures,
            watch: None,
        }
    }
}

/// Walks roads as an iPhone would.
#[derive(Debug)]
pub struct Probe {
    pub(crate) fetcher: Fetcher,
    options: Options,
}

/// Where a walk begins.
#[derive(Clone, Debug)]
pub enum Target {
    /// The address of a page, a manifest or a package: what it is shows when it is fetched.
    Address(Url),
    /// An install link.
    Link(LinkReading),
}

/// The most roads that one page is followed for.
const ROADS: usize = 5;
/// The most documents in frames, and scripts, that are fetched for one page.
const PARTS_OF_PAGE: usize = 5;
const PAGE_BYTES: usize = 4 << 20;
const MANIFEST_BYTES: usize = 8 << 20;
const ICON_BYTES: usize = 4 << 20;

impl Probe {
    /// A probe that goes about it like this.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let client = egress::Client::new(options.egress.clone());
        let roots = Roots::new(options.trusted.clone());
        Self { fetcher: Fetcher::new(client, roots), options }
    }

    /// Walks from `target` to the package, or as far as there is a way.
    pub async fn walk(&self, target: Target) -> Walk {
        let mut walk = self.begin();
        match target {
            Target::Link(reading) => {
                walk.roads.push(self.follow_link(RoadLink { reading, place: None }).await);
            }
            Target::Address(url) => self.follow_address(&url, &mut walk).await,
        }
        walk
    }

    /// Walks `link`, and looks at the page that leads there too: for who has a link of their own, by which nothing is
    /// started. The page's links are not followed; that one leads to the same server is all that is noted of them.
    pub async fn walk_own(&self, page: &Url, link: LinkReading) -> Walk {
        let fetch = self.fetcher.fetch(page, &Wanted::whole(Agent::Browser, PAGE_BYTES)).await;
        let (page, links) = self.page(fetch).await;
        let of_server = server(&link);
        let on_page = links.into_iter().find(|on_page| server(&on_page.reading) == of_server);
        let link = RoadLink { reading: link, place: on_page.and_then(|on_page| on_page.place) };
        let mut walk = self.begin();
        walk.page = Some(page);
        walk.roads.push(self.follow_link(link).await);
        walk
    }

    /// A walk that has led nowhere yet.
    fn begin(&self) -> Walk {
        Walk {
            page: None,
            roads: Vec::new(),
            may_be_private: self.options.egress.may_reach_private,
            given_roots: self.options.trusted.clone(),
            is_deep: self.options.depth == Depth::Deep,
        }
    }

    async fn follow_address(&self, url: &Url, walk: &mut Walk) {
        match Kind::by_name(url) {
            Some(Kind::Manifest) => return walk.roads.push(self.follow_manifest(url, None).await),
            Some(Kind::Package) => return walk.roads.push(self.follow_package(url).await),
            _ => {}
        }
        let fetch = self.fetcher.fetch(url, &Wanted::whole(Agent::Browser, PAGE_BYTES)).await;
        match Kind::by_content(&fetch) {
            Kind::Manifest => walk.roads.push(self.follow_manifest(url, None).await),
            Kind::Package => walk.roads.push(self.follow_package(url).await),
            Kind::Page => self.follow_page(fetch, walk).await,
        }
    }

    async fn follow_page(&self, fetch: Fetch, walk: &mut Walk) {
        let (page, links) = self.page(fetch).await;
        walk.page = Some(page);
        for link in links.into_iter().take(ROADS) {
            walk.roads.push(self.follow_link(link).await);
        }
        if walk.roads.is_empty() {
            walk.roads.push(WalkedRoad::default());
        }
    }

    /// Reads the page, the documents in its frames where it has no link itself, and its scripts where they are wanted.
    async fn page(&self, fetch: Fetch) -> (WalkedPage, Vec<RoadLink>) {
        let limits = SearchLimits { bytes: PAGE_BYTES, ..SearchLimits::default() };
        let mut walked = WalkedPage { fetch, has_partial_link: false, unread_scripts: 0 };
        if let Some(link) = walked.fetch.stopped.as_ref().and_then(redirected_link) {
            return (walked, vec![RoadLink { reading: link, place: Some(PlaceOnPage::Redirect) }]);
        }
        let Some((mut page, mut links)) = read(&walked.fetch, &limits, None) else {
            return (walked, Vec::new());
        };
        if links.is_empty() && self.options.follows_page_scripts {
            for script in page.scripts.iter().take(PARTS_OF_PAGE) {
                let fetch = self.fetcher.fetch(script, &Wanted::whole(Agent::Browser, PAGE_BYTES)).await;
                let Some(answer) = fetch.success() else { continue };
                let mut script = ReadPage::default();
                script.search(&answer.body.bytes, &limits);
                page.has_partial |= script.has_partial;
                links.extend(script.links.into_iter().map(|found| road_link(in_script(found), None)));
            }
        } else if links.is_empty() {
            walked.unread_scripts = page.scripts.len();
        }
        if links.is_empty() {
            for frame in page.frames.iter().take(PARTS_OF_PAGE) {
                let fetch = self.fetcher.fetch(frame, &Wanted::whole(Agent::Browser, PAGE_BYTES)).await;
                if let Some((_, found)) = read(&fetch, &limits, Some(frame)) {
                    links.extend(found);
                }
            }
        }
        walked.has_partial_link = page.has_partial;
        (walked, links)
    }

    async fn follow_link(&self, link: RoadLink) -> WalkedRoad {
        // Where the link is spoilt, what it meant shows what else is wrong.
        let url = link.reading.manifest_url().or(link.reading.intended_url());
        let url = url.and_then(|url| Url::parse(url).ok());
        match url.filter(|url| matches!(url.scheme(), "https" | "http")) {
            Some(url) => self.follow_manifest(&url, Some(link)).await,
            None => WalkedRoad { link: Some(link), ..WalkedRoad::default() },
        }
    }

    async fn follow_manifest(&self, url: &Url, link: Option<RoadLink>) -> WalkedRoad {
        let wanted = |agent| Wanted::whole(agent, MANIFEST_BYTES);
        let by_installer = self.fetcher.fetch(url, &wanted(Agent::Installer)).await;
        let read = |answer: &doctor::Answer| {
            ManifestDocument::read(&answer.body.bytes, &bounded_plist::Limits::default())
        };
        let document = by_installer.success().map(read);
        let by_browser = match document {
            Some(Ok(_)) => None,
            _ => Some(self.fetcher.fetch(url, &wanted(Agent::Browser)).await),
        };
        // What the installer is refused, a browser may see: there may be more wrong behind it.
        let seen = match &document {
            Some(Ok(document)) => Some(document.clone()),
            _ => by_browser.as_ref().and_then(Fetch::success).and_then(|answer| read(answer).ok()),
        };
        let mut manifest =
            WalkedManifest { fetch: Fetched { by_installer, by_browser }, document, icons: Vec::new() };
        let package = match &seen {
            Some(document) => {
                let (icons, package) = tokio::join!(self.icons(document), self.package_of(document));
                manifest.icons = icons;
                package
            }
            None => None,
        };
        WalkedRoad { link, manifest: Some(manifest), package }
    }

    async fn icons(&self, document: &ManifestDocument) -> Vec<Icon> {
        let view = document.device_view(None);
        let mut icons = Vec::new();
        for app in view.offered().take(1) {
            for kind in [AssetKind::DisplayImage, AssetKind::FullSizeImage] {
                let Some(url) = app.asset(kind).and_then(|asset| web_address(asset.url)) else { continue };
                let fetch = self.fetcher.fetch(&url, &Wanted::whole(Agent::Installer, ICON_BYTES)).await;
                icons.push(Icon { kind, item: app.index, fetch });
            }
        }
        icons
    }

    async fn package_of(&self, document: &ManifestDocument) -> Option<WalkedPackage> {
        let view = document.device_view(None);
        let offered = view.offered().next().and_then(|app| app.asset(AssetKind::SoftwarePackage));
        let url = match offered {
            Some(asset) => web_address(asset.url),
            None => any_package(document),
        }?;
        let check = offered.map_or(&DigestCheck::None, |asset| &asset.digest_check);
        Some(package::walk(&self.fetcher, &url, check, &self.options).await)
    }

    async fn follow_package(&self, url: &Url) -> WalkedRoad {
        let package = Some(package::walk(&self.fetcher, url, &DigestCheck::None, &self.options).await);
        WalkedRoad { package, ..WalkedRoad::default() }
    }
}

/// The server that a link leads to.
fn server(link: &LinkReading) -> Option<url::Origin> {
    Some(Url::parse(link.manifest_url()?).ok()?.origin())
}

fn redirected_link(stopped: &RedirectStopped) -> Option<LinkReading> {
    let RedirectStopped::Elsewhere { location: Some(location) } = stopped else { return None };
    location.to_ascii_lowercase().starts_with("itms-").then(|| InstallLink::parse(location))
}

/// The links of a document that came, `frame` where it is in a frame of the page.
fn read(fetch: &Fetch, limits: &SearchLimits, frame: Option<&Url>) -> Option<(ReadPage, Vec<RoadLink>)> {
    let answer = fetch.success()?;
    let url = Url::parse(&fetch.last().url).ok()?;
    let mut page = ReadPage::of(&answer.body.bytes, &url, limits);
    let frame = frame.map(Url::as_str);
    let links = std::mem::take(&mut page.links).into_iter().map(|found| road_link(found, frame)).collect();
    Some((page, links))
}

fn road_link(found: FoundLink, frame: Option<&str>) -> RoadLink {
    let place = PlaceOnPage::At { place: found.place, line: found.line, frame: frame.map(str::to_owned) };
    RoadLink { reading: found.reading, place: Some(place) }
}

fn in_script(found: FoundLink) -> FoundLink {
    FoundLink { place: LinkPlace::Script, ..found }
}

fn web_address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))
}

/// The first package that any item names, where a device would take none.
fn any_package(document: &ManifestDocument) -> Option<Url> {
    let items = document.items().seen()?;
    let assets = items.iter().filter_map(|item| item.assets().seen()).flatten();
    let is_package = |kind: &Value| kind.as_str() == Some(AssetKind::SoftwarePackage.as_str());
    let mut packages = assets.filter(|asset| asset.value().get("kind").is_some_and(is_package));
    packages.find_map(|asset| web_address(asset.value().get("url")?.as_str()?))
}
