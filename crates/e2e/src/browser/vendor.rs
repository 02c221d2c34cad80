use fantoccini::Client;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use url::{ParseError, Url};

use super::BrowserError;

/// A command to a driver, beside those that the client has a word for.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    path: &'static str,
    body: Option<Value>,
}

impl Call {
    /// The path is under the session's own.
    pub(super) fn new(method: Method, path: &'static str, body: Option<Value>) -> Self {
        Self { method, path, body }
    }
}

impl WebDriverCompatibleCommand for Call {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.as_ref().map(Value::to_string))
    }
}

/// Opens a session at the driver on this port. Drivers speak plain HTTP, to this machine alone.
pub(super) async fn connect(port: u16, capabilities: Capabilities) -> Result<Client, BrowserError> {
    let mut builder = fantoccini::ClientBuilder::new(HttpConnector::new());
    Ok(builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}/")).await?)
}
