//! What each answer costs: the statements that the server sends to its database, on both engines, as ARCHITECTURE.md
//! says it.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

#[path = "../routes/app.rs"]
#[expect(dead_code, reason = "what the tests of routes use beside this one")]
mod app;
mod frozen;
mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::{Catalog, TokenReach, TokenScope};
use catalog_postgres::PostgresCatalog;
use catalog_sqlite::SqliteCatalog;
use http::StatusCode;
use scratch_postgres::Server;
use testkit::app::AppPackage;

use app::{INSTALLER, OTHER_INSTALLER, Place, SAFARI, TestApp};
use frozen::FrozenTime;
use statements::Statements;

const DOCUMENT: &str = include_str!("../../../../ARCHITECTURE.md");

/// So many builds are on the channel when its page is asked for.
const BUILDS: usize = 3;

/// So many devices make progress that is written together.
const DEVICES: usize = 10;

#[tokio::test]
async fn every_answer_costs_what_the_architecture_says() {
    let _still = FrozenTime::new();
    let statements = Statements::listen();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap();
    take_stock(Arc::new(sqlite), &mut Bill::new(&statements, 0)).await;
    let Some(server) = Server::start().unwrap() else { return };
    let settings = server.database("catalog").parse().unwrap();
    let postgres = PostgresCatalog::open(&settings).await.unwrap();
    take_stock(Arc::new(postgres), &mut Bill::new(&statements, 1)).await;
}

/// Asks for everything once, as people, devices and machines do.
async fn take_stock(catalog: Arc<dyn Catalog>, bill: &mut Bill<'_>) {
    let app = TestApp::on(Arc::clone(&catalog), Place::new()).await;
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let build =
        |number: usize| AppPackage::new("com.example.notes").build_number(&number.to_string()).build();
    let upload = async |number: usize| {
        let answer = app.upload(&token, "channel=beta", build(number)).await;
        assert!(answer.status.is_success(), "{}", answer.text());
        answer.json()
    };
    bill.start();
    let first = upload(0).await;
    bill.charge("an upload, the first of its app").await;
    for number in 1..BUILDS {
        upload(number).await;
    }
    bill.start();
    let last = upload(BUILDS).await;
    bill.charge("an upload, another build").await;
    upload(BUILDS).await;
    bill.charge("an upload of what is there already").await;

    let page_url = last["page_url"].as_str().unwrap();
    let manifest_url = app.manifest_url(page_url).await;
    bill.charge("the install page").await;
    let older = first["build_url"].as_str().unwrap();
    app.manifest_url(older).await;
    bill.charge("the page of an older build").await;
    fine(&app, "GET", &format!("{older}/icon.png"), SAFARI).await;
    bill.charge("a page's icon").await;

    let offered = app.offered(&manifest_url, INSTALLER).await;
    bill.charge("a manifest, the first of its ticket").await;
    app.offered(&manifest_url, INSTALLER).await;
    bill.charge("a manifest, asked for again").await;
    app.offered(&manifest_url, OTHER_INSTALLER).await;
    bill.charge("a manifest, for another device").await;
    app.offered(&manifest_url, SAFARI).await;
    bill.charge("a manifest, for a browser").await;
    let newcomer = app.newcomer().await;
    bill.start();
    newcomer.offered(&manifest_url, INSTALLER).await;
    bill.charge("a manifest, asked for again at another node").await;
    fine(&app, "GET", &offered.icon_urls[0], INSTALLER).await;
    bill.charge("an icon").await;
    fine(&app, "HEAD", &offered.package_url, INSTALLER).await;
    bill.charge("the package's size").await;
    fine(&app, "GET", &offered.package_url, INSTALLER).await;
    bill.charge("the package").await;
    let range = [("range", "bytes=100-199"), ("user-agent", INSTALLER)];
    let part = app.request("GET", &offered.package_url, &range).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    bill.charge("a part of the package").await;
    let newcomer = app.newcomer().await;
    bill.start();
    fine(&newcomer, "GET", &offered.package_url, INSTALLER).await;
    bill.charge("the package, at another node").await;

    app.distribution.flush_attempts().await.unwrap();
    for device in 0..DEVICES {
        let agent = INSTALLER.replace("iPhone15,2", &format!("iPhone16,{device}"));
        app.offered(&manifest_url, &agent).await;
    }
    bill.start();
    app.distribution.flush_attempts().await.unwrap();
    bill.charge("what 10 devices did, written together").await;

    fine(&app, "GET", "/readyz", SAFARI).await;
    bill.charge("`/readyz`").await;
    bill.end();
    catalog.close().await;
}

async fn fine(app: &TestApp, method: &str, url: &str, agent: &str) {
    let answer = app.request(method, url, &[("user-agent", agent)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{method} {url}: {}", answer.text());
}

/// What one engine is charged for, against what the document says.
struct Bill<'a> {
    statements: &'a Statements,
    /// The numbers of this engine that nothing was charged for yet.
    expected: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl<'a> Bill<'a> {
    /// For the engine in this column of the table.
    fn new(statements: &'a Statements, engine: usize) -> Self {
        let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        let cells = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
        let numbered = cells.filter_map(|cells| Some((cells[0], cells.get(engine + 1)?.parse().ok()?)));
        Self { statements, expected: numbered.collect(), wrong: Vec::new() }
    }

    /// Forgets what was executed until now.
    fn start(&self) {
        self.statements.take();
    }

    /// Takes down what was executed since the last time, for what this is.
    async fn charge(&mut self, what: &'static str) {
        let expected = self.expected.remove(what).unwrap_or(usize::MAX);
        let seen = self.statements.await_count(expected).await;
        if seen.len() != expected {
            self.wrong.push(format!("{what}: {} statements: {seen:#?}", seen.len()));
        }
    }

    fn end(&self) {
        assert!(self.wrong.is_empty(), "other than in ARCHITECTURE.md: {}", self.wrong.join("\n"));
        assert!(self.expected.is_empty(), "lines of ARCHITECTURE.md for nothing: {:?}", self.expected);
    }
}
