use std::fs;
use std::path::Path;

use fantoccini::Client;
use http::Method;
use serde_json::{Value, json};

use super::process::{Process, run};
use super::vendor::{Call, connect};
use super::{BrowserError, Scheme, Scripts, View, Visitor, capabilities, is_of};
use crate::ServerFolder;

/// Chromium by its driver. The browser ends with the driver, since they talk through a pipe.
#[derive(Debug)]
pub(super) struct Chromium {
    mobile: bool,
    /// What the browser told of its pages and its network, since the last page was asked for.
    events: Vec<Value>,
    _driver: Process,
}

impl Chromium {
    pub(super) async fn open(
        home: &Path,
        view: &View,
        server: &ServerFolder,
    ) -> Result<(Client, Self), BrowserError> {
        trust(home, &server.root_path().to_string_lossy())?;
        let mut driver = Process::start("chromedriver", home, |command| command.arg("--port=0"))?;
        let port = driver.announced(|line| {
            let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        })?;
        let mut wanted = capabilities("chrome", ("goog:chromeOptions", options(home, view)));
        wanted.insert("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL", "browser": "ALL" }));
        let client = connect(port, wanted).await?;
        let mobile = view.visitor == Visitor::IPhone;
        let mut chromium = Self { mobile, events: Vec::new(), _driver: driver };
        let scheme = match view.scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        devtools(&client, "Emulation.setEmulatedMedia", media).await?;
        // It begins with a page of its own, which asks for a hundred things.
        client.goto("about:blank").await?;
        chromium.forget(&client).await?;
        Ok((client, chromium))
    }

    pub(super) async fn resize(&self, client: &Client, width: u32, height: u32) -> Result<(), BrowserError> {
        let scale = if self.mobile { 3 } else { 1 };
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": self.mobile });
        devtools(client, "Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
    }

    /// Forgets what was asked for so far.
    pub(super) async fn forget(&mut self, client: &Client) -> Result<(), BrowserError> {
        log(client, "performance").await?;
        self.events.clear();
        Ok(())
    }

    /// Every address that was asked for.
    pub(super) async fn requests(&mut self, client: &Client) -> Result<Vec<String>, BrowserError> {
        self.listen(client).await?;
        Ok(self.requested().map(|request| request.url.to_owned()).collect())
    }

    /// The link with this scheme that a person's click led to, if there was one.
    pub(super) async fn handed_on(
        &mut self,
        client: &Client,
        scheme: &str,
    ) -> Result<Option<String>, BrowserError> {
        self.listen(client).await?;
        let mut clicked = self.requested().filter(|request| request.by_hand && is_of(request.url, scheme));
        Ok(clicked.next().map(|request| request.url.to_owned()))
    }

    /// The HTML of the page, as the server sent it.
    pub(super) async fn document(&mut self, client: &Client) -> Result<String, BrowserError> {
        self.listen(client).await?;
        let document = self.requested().find(|request| request.kind == "Document");
        let id = document.map(|request| request.id).unwrap_or_default();
        let body = devtools(client, "Network.getResponseBody", json!({ "requestId": id })).await?;
        Ok(body["body"].as_str().unwrap_or_default().to_owned())
    }

    /// What it had to complain about since it was last asked.
    pub(super) async fn complaints(&self, client: &Client) -> Result<Vec<String>, BrowserError> {
        let entries = log(client, "browser").await?;
        Ok(entries.iter().map(|entry| format!("{} {}", entry["level"], entry["message"])).collect())
    }

    async fn listen(&mut self, client: &Client) -> Result<(), BrowserError> {
        for entry in log(client, "performance").await? {
            let message = entry["message"].as_str().and_then(|text| serde_json::from_str(text).ok());
            self.events.extend(message.map(|mut message: Value| message["message"].take()));
        }
        Ok(())
    }

    fn requested(&self) -> impl Iterator<Item = Requested<'_>> {
        let sent = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        sent.map(|event| Requested::read(&event["params"]))
    }
}

/// A request, as the browser tells it.
struct Requested<'a> {
    id: &'a str,
    url: &'a str,
    kind: &'a str,
    by_hand: bool,
}

impl<'a> Requested<'a> {
    fn read(told: &'a Value) -> Self {
        let text = |value: &'a Value| value.as_str().unwrap_or_default();
        Self {
            id: text(&told["requestId"]),
            url: text(&told["request"]["url"]),
            kind: text(&told["type"]),
            by_hand: told["hasUserGesture"] == true,
        }
    }
}

/// Puts the server's root where this browser looks for roots its owner added.
fn trust(home: &Path, root: &str) -> Result<(), BrowserError> {
    let store = home.join(".pki").join("nssdb");
    fs::create_dir_all(&store)?;
    let store = format!("sql:{}", store.display());
    run("certutil", home, &["-d", &store, "-N", "--empty-password"])?;
    run("certutil", home, &["-d", &store, "-A", "-t", "C,,", "-n", "airstair", "-i", root])
}

fn options(home: &Path, view: &View) -> Value {
    const ALLOW: u8 = 1;
    const BLOCK: u8 = 2;
    let scripts = match view.scripts {
        Scripts::On => ALLOW,
        Scripts::Off => BLOCK,
    };
    json!({
        "args": [
            "--headless=new",
            // Its sandbox wants rights that a container or root does not have.
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
            "--remote-debugging-pipe",
            format!("--user-agent={}", view.user_agent()),
            format!("--user-data-dir={}", home.join("profile").display()),
        ],
        "prefs": { "profile.managed_default_content_settings.javascript": scripts },
    })
}

/// What was told since the last time.
async fn log(client: &Client, kind: &str) -> Result<Vec<Value>, BrowserError> {
    let call = Call::new(Method::POST, "se/log", Some(json!({ "type": kind })));
    Ok(client.issue_cmd(call).await?.as_array().cloned().unwrap_or_default())
}

/// A command of the protocol of Chromium's developer tools.
async fn devtools(client: &Client, command: &str, parameters: Value) -> Result<Value, BrowserError> {
    let body = json!({ "cmd": command, "params": parameters });
    Ok(client.issue_cmd(Call::new(Method::POST, "goog/cdp/execute", Some(body))).await?)
}
