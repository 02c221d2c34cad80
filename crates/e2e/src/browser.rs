mod chromium;
mod display;
mod error;
mod process;
mod vendor;
mod view;
mod webkit;

use std::ops::AsyncFnMut;
use std::time::{Duration, Instant};

use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

use self::chromium::Chromium;
pub use self::error::BrowserError;
pub use self::view::{Scheme, Scripts, View, Visitor};
use self::webkit::WebKit;
use crate::{Page, ServerFolder};

/// How long something may take that a browser was asked for. A busy machine takes a second or two.
const PATIENCE: Duration = Duration::from_mins(1);
const BREATH: Duration = Duration::from_millis(20);

/// Whose browser it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Engine {
    /// `WebKitGTK`'s `MiniBrowser`: of the same family as Safari.
    WebKit,
    /// Chromium.
    Chromium,
}

/// A browser with a window of its own, steered by its maker's driver.
///
/// It trusts the server, keeps its profile in a temporary folder, and is gone when this is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    running: Running,
    /// Where it keeps what it keeps; removed after it has ended.
    _home: TempDir,
}

#[derive(Debug)]
enum Running {
    WebKit(WebKit),
    Chromium(Chromium),
}

impl Browser {
    /// Starts a browser that trusts the root of `server`, which must be up.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Absent`] when a program it needs is not installed; others when it does not come up.
    pub async fn open(engine: Engine, view: &View, server: &ServerFolder) -> Result<Self, BrowserError> {
        let home = tempfile::tempdir()?;
        let (client, running) = match engine {
            Engine::WebKit => {
                let (client, webkit) = WebKit::open(home.path(), view, server).await?;
                (client, Running::WebKit(webkit))
            }
            Engine::Chromium => {
                let (client, chromium) = Chromium::open(home.path(), view, server).await?;
                (client, Running::Chromium(chromium))
            }
        };
        let mut browser = Self { client, running, _home: home };
        browser.resize(view.width, view.height).await?;
        Ok(browser)
    }

    /// Opens an address, and waits until the page is loaded.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when there is no page.
    pub async fn go_to(&mut self, url: &str) -> Result<(), BrowserError> {
        if let Running::Chromium(chromium) = &mut self.running {
            chromium.forget(&self.client).await?;
        }
        Ok(self.client.goto(url).await?)
    }

    /// Gives the page another size, in CSS pixels, and waits until it has that width. A toolbar may take some of the
    /// height.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Vain`] when the page does not take it.
    pub async fn resize(&mut self, width: u32, height: u32) -> Result<(), BrowserError> {
        match &self.running {
            Running::WebKit(webkit) => webkit.resize(&self.client, width, height).await?,
            Running::Chromium(chromium) => chromium.resize(&self.client, width, height).await?,
        }
        until("the page's new width", async || {
            // A phone that shrinks a page to fit it in has a viewport as wide as the page, at a smaller scale.
            let seen =
                self.evaluate("return Math.round(visualViewport.width * visualViewport.scale)").await?;
            Ok((seen == width).then_some(()))
        })
        .await
    }

    /// What a script gives that runs in the page, though not as a part of it.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the script fails.
    pub async fn evaluate(&self, script: &str) -> Result<Value, BrowserError> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// The text of the first element that a selector finds, as it is seen; `None` when nothing is to be seen.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the driver fails.
    pub async fn text(&self, css: &str) -> Result<Option<String>, BrowserError> {
        let element = match self.client.find(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) if error.is_no_such_element() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !element.is_displayed().await? {
            return Ok(None);
        }
        Ok(Some(element.text().await?.trim().to_owned()))
    }

    /// Waits until the first element that a selector finds shows this text.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Vain`] when it never does.
    pub async fn wait_for_text(&self, css: &str, text: &str) -> Result<(), BrowserError> {
        until("a text", async || Ok((self.text(css).await?.as_deref() == Some(text)).then_some(()))).await
    }

    /// What is on show, as a PNG. Scripts must be on, by which the page tells that it is drawn.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the driver fails.
    pub async fn picture(&self) -> Result<Vec<u8>, BrowserError> {
        const DRAWN: &str =
            "const drawn = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => drawn()))";
        self.client.execute_async(DRAWN, Vec::new()).await?;
        Ok(self.client.screenshot().await?)
    }

    /// The page as a device's double reads it, from the HTML that this browser has: Chromium's as the server sent it,
    /// `WebKit`'s as it writes out what it made of it.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Page`] when a device would not have it.
    pub async fn page(&mut self) -> Result<Page, BrowserError> {
        let html = match &mut self.running {
            Running::WebKit(webkit) => webkit.document(&self.client).await?,
            Running::Chromium(chromium) => chromium.document(&self.client).await?,
        };
        Ok(Page::read(&html)?)
    }

    /// Clicks on the first element that a selector finds.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when there is none, or something lies over it.
    pub async fn click(&self, css: &str) -> Result<(), BrowserError> {
        Ok(self.client.find(Locator::Css(css)).await?.click().await?)
    }

    /// Clicks on a link that is for another program, and gives the link as the browser hands it on.
    ///
    /// This is the last thing to do with a browser: Chromium now asks its owner about the other program, and takes no more
    /// clicks until it knows.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Vain`] when no link with this scheme is handed on.
    pub async fn hand_on(&mut self, css: &str, scheme: &str) -> Result<String, BrowserError> {
        self.click(css).await?;
        until("a link for another program", async || match &mut self.running {
            Running::WebKit(webkit) => webkit.handed_on(&self.client, scheme).await,
            Running::Chromium(chromium) => chromium.handed_on(&self.client, scheme).await,
        })
        .await
    }

    /// Every address that was asked for since the last [`go_to`](Self::go_to).
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the driver fails.
    pub async fn requests(&mut self) -> Result<Vec<String>, BrowserError> {
        match &mut self.running {
            Running::WebKit(webkit) => webkit.requests(&self.client).await,
            Running::Chromium(chromium) => chromium.requests(&self.client).await,
        }
    }

    /// What the browser had to complain about since it was last asked, content security included; `None` for `WebKit`,
    /// whose driver does not tell.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the driver fails.
    pub async fn complaints(&self) -> Result<Option<Vec<String>>, BrowserError> {
        match &self.running {
            Running::WebKit(_) => Ok(None),
            Running::Chromium(chromium) => Ok(Some(chromium.complaints(&self.client).await?)),
        }
    }

    /// Ends it in good order.
    ///
    /// # Errors
    ///
    /// [`BrowserError::Command`] when the driver fails.
    pub async fn close(self) -> Result<(), BrowserError> {
        Ok(self.client.close().await?)
    }
}

/// Asks again and again until there is an answer.
async fn until<T>(
    what: &'static str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, BrowserError>,
) -> Result<T, BrowserError> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        tokio::time::sleep(BREATH).await;
    }
    Err(BrowserError::Vain(what))
}

fn is_of(url: &str, scheme: &str) -> bool {
    url.strip_prefix(scheme).is_some_and(|rest| rest.starts_with(':'))
}

/// What a session is asked to be.
fn capabilities(browser: &str, options: (&str, Value)) -> fantoccini::wd::Capabilities {
    let (name, options) = options;
    let wanted = json!({ "browserName": browser, name: options });
    wanted.as_object().cloned().unwrap_or_default()
}
