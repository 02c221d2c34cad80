use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fantoccini::Client;
use http::Method;
use reqwest::tls::TlsInfo;
use serde_json::{Value, json};

use super::display::Display;
use super::process::Process;
use super::vendor::{Call, connect};
use super::{BrowserError, Scheme, Scripts, View, capabilities, is_of, until};
use crate::device::trusting;
use crate::{ServerFolder, free_port};

/// Lets the toolbar shrink, for else no window is narrower than 447 pixels.
const NARROW_TOOLBAR: &str = "entry, toolbar button, toolbar entry, button, image, toolitem { min-width: 0; padding: 0; margin: 0; border: 0 }";

/// `MiniBrowser`, its driver and its screen. The browser ends with its screen.
#[derive(Debug)]
pub(super) struct WebKit {
    _driver: Process,
    _display: Display,
}

impl WebKit {
    pub(super) async fn open(
        home: &Path,
        view: &View,
        server: &ServerFolder,
    ) -> Result<(Client, Self), BrowserError> {
        let theme = home.join(".config").join("gtk-3.0");
        fs::create_dir_all(&theme)?;
        fs::write(theme.join("gtk.css"), NARROW_TOOLBAR)?;
        let certificate = home.join("server.pem");
        fs::write(&certificate, certificate_of(server).await?)?;
        let display = Display::open(home)?;
        let (port, driver) = start_driver(home, &display).await?;
        let mut arguments = vec!["--automation".to_owned(), format!("--user-agent={}", view.user_agent())];
        if view.scheme == Scheme::Dark {
            arguments.push("--dark-mode".to_owned());
        }
        if view.scripts == Scripts::Off {
            // With scripts off altogether its own driver could not work.
            arguments.push("--enable-javascript-markup=false".to_owned());
        }
        let options = json!({
            "args": arguments,
            "certificates": [{ "host": "localhost", "certificateFile": certificate }],
        });
        let client =
            connect(port, capabilities("MiniBrowser", ("webkitgtk:browserOptions", options))).await?;
        Ok((client, Self { _driver: driver, _display: display }))
    }

    pub(super) async fn resize(&self, client: &Client, width: u32, height: u32) -> Result<(), BrowserError> {
        Ok(client.set_window_rect(0, 0, width, height).await?)
    }

    /// Every address that the page on show was made of.
    pub(super) async fn requests(&self, client: &Client) -> Result<Vec<String>, BrowserError> {
        let script = "return [location.href, ...performance.getEntriesByType('resource').map(e => e.name)]";
        let list = client.execute(script, Vec::new()).await?;
        Ok(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The address on show, letter by letter, when it has this scheme. A link that it can do nothing with is an address
    /// like any other, on show above a page that says so.
    pub(super) async fn handed_on(
        &self,
        client: &Client,
        scheme: &str,
    ) -> Result<Option<String>, BrowserError> {
        let url = client.issue_cmd(Call::new(Method::GET, "url", None)).await?;
        Ok(url.as_str().filter(|url| is_of(url, scheme)).map(str::to_owned))
    }

    /// The page's HTML, as it writes out what it made of it.
    pub(super) async fn document(&self, client: &Client) -> Result<String, BrowserError> {
        Ok(client.source().await?)
    }
}

/// The driver does not say when it is up, nor does it find a port by itself.
async fn start_driver(home: &Path, display: &Display) -> Result<(u16, Process), BrowserError> {
    let port = free_port();
    let mut driver = Process::start("WebKitWebDriver", home, |command| {
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").env("DISPLAY", display.name())
    })?;
    until("WebKit's driver", async || {
        if driver.has_ended()?.is_some() {
            return Err(driver.failure());
        }
        Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(()))
    })
    .await?;
    Ok((port, driver))
}

/// The certificate that the server shows, which is the one thing this browser can be told to trust; taken over a
/// connection that trusts the server's root alone.
async fn certificate_of(server: &ServerFolder) -> Result<String, BrowserError> {
    let client = trusting(&server.root_pem())?.tls_info(true).build()?;
    let answer = client.get(server.public_url()).send().await?;
    let der = answer.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate).unwrap_or_default();
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    Ok(format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"))
}
