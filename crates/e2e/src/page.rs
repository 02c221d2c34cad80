use itms_services::InstallLink;
use scraper::{Html, Selector};

use crate::DeviceError;

/// An install page, as a browser without JavaScript has it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The first heading.
    pub heading: String,
    /// All text that a person can read, in order.
    pub text: String,
    /// Where the install button leads, if there is one.
    link: Option<String>,
    /// Where other links lead, as they stand.
    pub links: Vec<String>,
}

impl Page {
    /// Reads the HTML of a page, which may have no script, load nothing from elsewhere, and have one install button at
    /// most.
    pub(crate) fn read(html: &str) -> Result<Self, DeviceError> {
        let fault = |sentence: String| DeviceError::fault("the page", sentence);
        let html = Html::parse_document(html);
        let select = |css| Selector::parse(css).expect("a selector from this file");
        if let Some(script) = html.select(&select("script")).next() {
            return Err(fault(format!("it has a script: {}", script.html())));
        }
        for element in html.select(&select("[src], link[href]")) {
            let url = element.attr("src").or_else(|| element.attr("href")).unwrap_or_default();
            if url.contains("//") {
                return Err(fault(format!("it loads {url} from elsewhere")));
            }
        }
        let anchors: Vec<String> =
            html.select(&select("a[href]")).filter_map(|a| a.attr("href")).map(str::to_owned).collect();
        let (buttons, links): (Vec<_>, Vec<_>) =
            anchors.into_iter().partition(|href| href.starts_with("itms-services:"));
        if buttons.len() > 1 {
            return Err(fault(format!("it has {} install buttons", buttons.len())));
        }
        let words = |css| {
            let found = html.select(&select(css)).next();
            let text: String = found.map(|element| element.text().collect()).unwrap_or_default();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        Ok(Self { heading: words("h1"), text: words("body"), link: buttons.into_iter().next(), links })
    }

    /// Whether there is a button to tap.
    #[must_use]
    pub fn offers_install(&self) -> bool {
        self.link.is_some()
    }

    /// Where the install button leads, if there is one: the link as it stands, without the attribute's escapes.
    #[must_use]
    pub fn install_link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// The manifest's address, read out of the button's link as a device reads it.
    ///
    /// The HTML parser has undone the attribute's escapes already, as a browser does before it hands the link on.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Fault`] when there is no button, or its link has a fault.
    pub fn manifest_url(&self) -> Result<String, DeviceError> {
        let fault = |sentence: String| DeviceError::fault("the page's button", sentence);
        let link = self.link.as_deref().ok_or_else(|| fault(format!("there is none: {}", self.text)))?;
        // A phone refuses a manifest on itself. Here it and the server share a machine, so the link is judged as a phone
        // elsewhere would have it; all else about it counts.
        let elsewhere = link.replacen("%2F%2Flocalhost%3A", "%2F%2Fserver.test%3A", 1);
        let reading = InstallLink::parse(&elsewhere);
        if let Some(seen) = reading.faults().first() {
            return Err(fault(format!("its link is faulty ({}): {link}", seen.name())));
        }
        let manifest_url =
            reading.manifest_url().map(|url| url.replacen("//server.test:", "//localhost:", 1));
        manifest_url.ok_or_else(|| fault(format!("it names no manifest: {link}")))
    }
}
