//! A whole server in one process: the real router over a real catalog, a SQLite file where nothing else is said, and a
//! real folder, with a clock that moves when it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use catalog::{Actor, Catalog, Name, Timestamp, TokenReach, TokenScope};
use catalog_sqlite::SqliteCatalog;
use distribution::{Clock, Distribution, NewToken, Policy, SecretKey};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use itms_services::AssetKind;
use testkit::app::AppPackage;
use tower::ServiceExt;
use web::{WebState, router};

/// The agents that devices send, as observed.
pub(crate) const INSTALLER: &str =
    "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1";
pub(crate) const OTHER_INSTALLER: &str =
    "com.apple.appstored/1.0 iOS/17.4 model/iPad13,1 hwp/t8101 build/21E219 (6; dt:229) AMS/1";
pub(crate) const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                          Version/26.0 Mobile/15E148 Safari/604.1";

pub(crate) struct TestApp {
    pub(crate) distribution: Arc<Distribution>,
    pub(crate) clock: Arc<TestClock>,
    router: axum::Router,
    pub(crate) catalog: Arc<dyn Catalog>,
    folder: Arc<tempfile::TempDir>,
}

/// What a server is opened with beside its catalog.
pub(crate) struct Place {
    folder: Arc<tempfile::TempDir>,
    clock: Arc<TestClock>,
    policy: Policy,
}

impl Place {
    /// An empty folder, on the day that packages are made for.
    pub(crate) fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        let start = Timestamp::from(AppPackage::NOW);
        let clock = Arc::new(TestClock(AtomicI64::new(start.as_millis())));
        let mut policy = Policy::new("https://apps.example.com".parse().expect("an address"));
        policy.reserve_bytes = 0;
        Self { folder, clock, policy }
    }
}

/// A clock that stands still until it is told to move.
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).expect("tests stay in our time")
    }
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).expect("a short time"), Ordering::SeqCst);
    }
}

/// What a device takes from a manifest.
pub(crate) struct Offered {
    pub(crate) bundle_identifier: String,
    pub(crate) bundle_version: Option<String>,
    pub(crate) title: String,
    pub(crate) package_url: String,
    pub(crate) icon_urls: [String; 2],
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("a text")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(decide: impl FnOnce(&mut Policy)) -> Self {
        let mut place = Place::new();
        decide(&mut place.policy);
        Self::open(place).await
    }

    /// Stops, and starts again on the same folder.
    pub(crate) async fn restart(self) -> Self {
        let place = self.place();
        drop(self);
        Self::open(place).await
    }

    /// Another server on the same catalog and depot, which has heard of nothing so far.
    pub(crate) async fn newcomer(&self) -> Self {
        Self::on(Arc::clone(&self.catalog), self.place()).await
    }

    /// A newcomer. Both take over what the other does from now on.
    pub(crate) async fn another_node(&self) -> Self {
        let other = self.newcomer().await;
        for node in [self, &other] {
            let distribution = Arc::clone(&node.distribution);
            tokio::spawn(async move { distribution.work().await });
        }
        other
    }

    async fn open(place: Place) -> Self {
        let catalog = SqliteCatalog::open(&place.folder.path().join("catalog.db")).await.expect("a catalog");
        Self::on(Arc::new(catalog), place).await
    }

    /// A server there, over this catalog.
    pub(crate) async fn on(catalog: Arc<dyn Catalog>, place: Place) -> Self {
        let Place { folder, clock, policy } = place;
        let depot = depot::Disk::open(&folder.path().join("depot")).expect("a depot");
        let distribution = Distribution::open(
            Arc::clone(&catalog),
            Arc::new(depot),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Self::secret_key(),
            policy,
        );
        let distribution = Arc::new(distribution.await.expect("a new server"));
        let state = WebState { distribution: Arc::clone(&distribution), samples: Arc::default() };
        Self { distribution, clock, router: router(state), catalog, folder }
    }

    fn place(&self) -> Place {
        Place {
            folder: Arc::clone(&self.folder),
            clock: Arc::clone(&self.clock),
            policy: self.distribution.policy().clone(),
        }
    }

    /// What seals the secrets in the catalog.
    pub(crate) fn secret_key() -> SecretKey {
        SecretKey::new(&[7; SecretKey::LEN])
    }

    pub(crate) async fn token(&self, scope: TokenScope, reach: TokenReach) -> String {
        let name = Name::parse("test").expect("a name");
        let new = NewToken { name, scope, reach, expires_at: None };
        let created =
            self.distribution.administration().create_token(new, Actor::Operator).await.expect("a token");
        created.secret.reveal().to_owned()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (head, body) = answer.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// A request as it arrives: the path alone, whatever host the address names.
    pub(crate) async fn request(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
        let path = url.strip_prefix("https://apps.example.com").unwrap_or(url);
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn get(&self, url: &str, agent: &str) -> Answer {
        self.request("GET", url, &[("user-agent", agent)]).await
    }

    pub(crate) async fn upload(&self, token: &str, query: &str, package: impl Into<Bytes>) -> Answer {
        let package = package.into();
        let request = Request::builder()
            .method("PUT")
            .uri(format!("/api/v1/builds?{query}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-length", package.len())
            .body(Body::from(package));
        self.send(request.expect("a request")).await
    }

    /// Publishes a package and gives the address of its page.
    pub(crate) async fn publish(&self, package: &AppPackage) -> String {
        let token = self.token(TokenScope::Publish, TokenReach::Everything).await;
        let answer = self.upload(&token, "channel=beta", package.build()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["page_url"].as_str().expect("an address").to_owned()
    }

    /// Opens a page as a browser does and gives the manifest's address that its button leads to.
    pub(crate) async fn manifest_url(&self, page_url: &str) -> String {
        let page = self.get(page_url, SAFARI).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        let html = page.text();
        let link =
            html.split("href=\"itms-services:").nth(1).expect("a button").split('"').next().expect("a value");
        let reading = itms_services::InstallLink::from_html_attribute(&format!("itms-services:{link}"));
        assert_eq!(reading.faults(), [], "{html}");
        reading.manifest_url().expect("a manifest").to_owned()
    }

    /// What a device takes from the manifest.
    pub(crate) async fn offered(&self, manifest_url: &str, agent: &str) -> Offered {
        let manifest = self.get(manifest_url, agent).await;
        assert_eq!(manifest.status, StatusCode::OK, "{}", manifest.text());
        let limits = itms_services::bounded_plist::Limits::default();
        let document = itms_services::ManifestDocument::read(&manifest.body, &limits).expect("a manifest");
        let view = document.device_view(None);
        let app = view.offered().next().expect("an app");
        let url = |kind| app.asset(kind).expect("an asset").url.to_owned();
        Offered {
            bundle_identifier: app.bundle_identifier.to_owned(),
            bundle_version: app.bundle_version.map(str::to_owned),
            title: app.title.to_owned(),
            package_url: url(AssetKind::SoftwarePackage),
            icon_urls: [url(AssetKind::DisplayImage), url(AssetKind::FullSizeImage)],
        }
    }
}
