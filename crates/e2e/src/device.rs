use std::time::{Duration, Instant};

use ipa::{Limits, Package};
use itms_services::{AssetKind, ManifestDocument, bounded_plist};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, IF_RANGE, RANGE, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Method, RequestBuilder, StatusCode, Version};

use crate::{Answer, DeviceError, Page, sha256_hex};

const IPHONE: &str =
    "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1";
const IPAD: &str = "com.apple.appstored/1.0 iOS/17.4 model/iPad13,1 hwp/t8101 build/21E219 (6; dt:229) AMS/1";
pub(crate) const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/26.0 Mobile/15E148 Safari/604.1";

/// How long a device goes on asking for a package when nothing comes, and how often.
const PATIENCE: Duration = Duration::from_secs(20);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// More than any manifest, page or icon here has.
const SMALL: u64 = 16 << 20;

/// An iPhone's or iPad's double: its browser and its installer.
///
/// It trusts one root alone, keeps no cookie and follows no redirect.
#[derive(Clone, Debug)]
pub struct Device {
    client: Client,
    installer: &'static str,
    model: &'static str,
    version: Version,
    size: Size,
}

/// What a device makes of a package whose size it is not told.
#[derive(Clone, Copy, Debug)]
enum Size {
    /// The server promises it.
    Promised,
    /// Devices go on without it.
    Optional,
}

/// Which HTTP a device speaks; both were seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// How a package is fetched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Download {
    /// In one go.
    Whole,
    /// The connection is dropped after so many bytes from the package's beginning, ascending, and the download goes on
    /// from there by a range that holds only for the same entity tag.
    CutAfter(Vec<u64>),
    /// It goes on in the same way whenever the network or the server breaks the connection, and asks again and again
    /// while nobody answers, for as long as a person would wait.
    ThroughBreaks,
}

/// Where one request of a download ends.
#[derive(Clone, Copy)]
enum Until {
    /// The package's end.
    End,
    /// This byte of the package, where the device drops the connection.
    Byte(u64),
    /// Wherever the connection breaks.
    Break,
}

/// What a device has after an install.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The name in the prompt.
    pub title: String,
    /// Of the manifest, and of the package.
    pub bundle_identifier: String,
    /// `CFBundleVersion`, of the manifest and of the package.
    pub bundle_version: String,
    /// The package, byte for byte.
    pub package: Vec<u8>,
    /// The package's SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Where the package lay.
    pub package_url: String,
    /// The size it was announced with, where it was.
    pub announced_bytes: Option<u64>,
}

/// What a manifest offers.
struct Offer {
    title: String,
    bundle_identifier: String,
    bundle_version: Option<String>,
    package_url: String,
    icon_url: String,
}

/// A package, as far as it came.
struct Partial {
    package: Vec<u8>,
    etag: Option<String>,
    /// As it was announced, by `HEAD` or by the first answer.
    size_bytes: Option<u64>,
}

impl Device {
    /// An iPhone that trusts the root in `root_pem` and nothing else.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Connection`] when `root_pem` is no certificate in PEM.
    pub fn iphone(root_pem: &str, protocol: Protocol) -> Result<Self, DeviceError> {
        Self::new(root_pem, protocol, IPHONE, "iPhone15,2")
    }

    /// An iPad that trusts the root in `root_pem` and nothing else.
    ///
    /// # Errors
    ///
    /// As [`iphone`](Self::iphone).
    pub fn ipad(root_pem: &str, protocol: Protocol) -> Result<Self, DeviceError> {
        Self::new(root_pem, protocol, IPAD, "iPad13,1")
    }

    fn new(
        root_pem: &str,
        protocol: Protocol,
        installer: &'static str,
        model: &'static str,
    ) -> Result<Self, DeviceError> {
        let unusable = |source| DeviceError::Connection { what: "the device's own TLS", source };
        let builder = trusting(root_pem).map_err(unusable)?;
        let (builder, version) = match protocol {
            Protocol::Http1 => (builder.http1_only(), Version::HTTP_11),
            Protocol::Http2 => (builder.http2_prior_knowledge(), Version::HTTP_2),
        };
        Ok(Self {
            client: builder.build().map_err(unusable)?,
            installer,
            model,
            version,
            size: Size::Promised,
        })
    }

    /// The same, for packages from elsewhere: a device that is refused their size goes on without it.
    #[must_use]
    pub fn without_need_of_size(mut self) -> Self {
        self.size = Size::Optional;
        self
    }

    /// Opens a page in the browser.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] when it does not come, needs a script, or loads something from elsewhere.
    pub async fn open_page(&self, url: &str) -> Result<Page, DeviceError> {
        let request = self.client.get(url).header(USER_AGENT, SAFARI).header(ACCEPT, "text/html");
        let answer = self.send("the page", request, SMALL).await?;
        answer.expect(StatusCode::OK, "text/html")?;
        Page::read(&answer.text())
    }

    /// Any address in the browser, whatever the answer.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Connection`] when there is no whole answer.
    pub async fn browse(&self, url: &str) -> Result<Answer, DeviceError> {
        self.send("an address", self.client.get(url).header(USER_AGENT, SAFARI), SMALL).await
    }

    /// Taps the page's button, agrees, and installs: manifest, size, icon, package, then the checks of the device.
    ///
    /// # Errors
    ///
    /// [`DeviceError`] says what was wrong with which of the answers.
    pub async fn tap(&self, page: &Page, download: &Download) -> Result<Installed, DeviceError> {
        self.install(&page.manifest_url()?, download).await
    }

    /// The same, from the manifest's address on.
    ///
    /// # Errors
    ///
    /// As [`tap`](Self::tap).
    pub async fn install(&self, manifest_url: &str, download: &Download) -> Result<Installed, DeviceError> {
        let offer = self.offer(manifest_url).await?;
        let announced_bytes = self.ask_size(&offer.package_url).await?;
        self.fetch_icon(&offer.icon_url).await?;
        let package = self.download(&offer.package_url, announced_bytes, download).await?;
        accept(offer, announced_bytes, package)
    }

    async fn offer(&self, manifest_url: &str) -> Result<Offer, DeviceError> {
        let answer = self.send("the manifest", self.request(Method::GET, manifest_url), SMALL).await?;
        answer.expect(StatusCode::OK, "text/xml")?;
        answer.expect_whole()?;
        let document = ManifestDocument::read(&answer.body, &bounded_plist::Limits::default())
            .map_err(|error| answer.fault(error.to_string()))?;
        let view = document.device_view(Some(self.model));
        let app = view
            .offered()
            .next()
            .ok_or_else(|| answer.fault(format!("it offers no app: {:?}", view.shown_reason())))?;
        let url = |kind: AssetKind| match app.asset(kind) {
            Some(asset) if asset.url.starts_with("https://") => Ok(asset.url.to_owned()),
            Some(asset) => Err(answer.fault(format!("{} is not https: {}", kind.as_str(), asset.url))),
            None => Err(answer.fault(format!("it has no {}", kind.as_str()))),
        };
        Ok(Offer {
            title: app.title.to_owned(),
            bundle_identifier: app.bundle_identifier.to_owned(),
            bundle_version: app.bundle_version.map(str::to_owned),
            package_url: url(AssetKind::SoftwarePackage)?,
            icon_url: url(AssetKind::DisplayImage)?,
        })
    }

    async fn ask_size(&self, package_url: &str) -> Result<Option<u64>, DeviceError> {
        let answer = self.send("the package's size", self.request(Method::HEAD, package_url), SMALL).await?;
        if let Size::Optional = self.size
            && !answer.status.is_success()
        {
            return Ok(None);
        }
        answer.expect(StatusCode::OK, "application/octet-stream")?;
        answer.announced_bytes().map(Some)
    }

    async fn fetch_icon(&self, icon_url: &str) -> Result<(), DeviceError> {
        let answer = self.send("the icon", self.request(Method::GET, icon_url), SMALL).await?;
        answer.expect(StatusCode::OK, "image/png")?;
        answer.expect_whole()?;
        if !answer.body.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err(answer.fault("it does not begin as a PNG does"));
        }
        Ok(())
    }

    async fn download(
        &self,
        package_url: &str,
        size_bytes: Option<u64>,
        download: &Download,
    ) -> Result<Vec<u8>, DeviceError> {
        let mut part = Partial { package: Vec::new(), etag: None, size_bytes };
        match download {
            Download::Whole => {}
            Download::CutAfter(cuts) => {
                for cut in cuts {
                    if part.size_bytes.is_none_or(|size_bytes| *cut < size_bytes) {
                        self.fetch(package_url, &mut part, Until::Byte(*cut)).await?;
                    }
                }
            }
            Download::ThroughBreaks => {
                self.fetch_through_breaks(package_url, &mut part).await?;
                return Ok(part.package);
            }
        }
        self.fetch(package_url, &mut part, Until::End).await?;
        Ok(part.package)
    }

    async fn fetch_through_breaks(&self, package_url: &str, part: &mut Partial) -> Result<(), DeviceError> {
        let mut heard_at = Instant::now();
        while part.size_bytes.is_none_or(|size_bytes| (part.package.len() as u64) < size_bytes) {
            let before = part.package.len();
            match self.fetch(package_url, part, Until::Break).await {
                Ok(()) if part.package.len() > before => heard_at = Instant::now(),
                Ok(()) | Err(DeviceError::Connection { .. }) if heard_at.elapsed() < PATIENCE => {
                    tokio::time::sleep(ASK_AGAIN_AFTER).await;
                }
                Ok(()) => {
                    return Err(DeviceError::fault("the package", format!("no byte came for {PATIENCE:?}")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Fetches more of a package: all of it at first, later the rest by a range that holds only for the same entity tag.
    async fn fetch(&self, package_url: &str, part: &mut Partial, until: Until) -> Result<(), DeviceError> {
        let what = "the package";
        let have = part.package.len() as u64;
        let wanted = match until {
            Until::Byte(stop) => stop.saturating_sub(have),
            Until::End | Until::Break => u64::MAX,
        };
        if wanted == 0 {
            return Ok(());
        }
        let mut request = self.request(Method::GET, package_url);
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
            request = request.header(IF_RANGE, part.etag.clone().unwrap_or_default());
        }
        let answer = match until {
            Until::End | Until::Byte(_) => self.send(what, request, wanted).await?,
            Until::Break => self.send_and_keep(what, request).await?,
        };
        let seen = strong_etag(&answer)?;
        let status = if have == 0 { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
        answer.expect(status, "application/octet-stream")?;
        let size_bytes = match part.size_bytes {
            Some(size_bytes) => size_bytes,
            None => *part.size_bytes.insert(answer.announced_bytes()?),
        };
        if have > 0 {
            expect_rest(&answer, have, size_bytes)?;
        }
        if part.etag.get_or_insert_with(|| seen.clone()) != &seen {
            return Err(answer.fault(format!("its entity tag changed to {seen}")));
        }
        if answer.announced_bytes()? != size_bytes - have {
            return Err(answer.fault(format!(
                "{size_bytes} bytes were announced first, then {} from byte {have} on",
                answer.announced_bytes()?
            )));
        }
        if let Until::End = until {
            answer.expect_whole()?;
        }
        part.package.extend(answer.body);
        Ok(())
    }

    fn request(&self, method: Method, url: &str) -> RequestBuilder {
        // Devices offer to undo compression; a package must come as it is nevertheless.
        self.client
            .request(method, url)
            .header(USER_AGENT, self.installer)
            .header(ACCEPT_ENCODING, "gzip, deflate, br")
    }

    async fn send(
        &self,
        what: &'static str,
        request: RequestBuilder,
        limit_bytes: u64,
    ) -> Result<Answer, DeviceError> {
        let response = request.send().await.map_err(|source| DeviceError::Connection { what, source })?;
        self.expect_version(Answer::read(what, response, limit_bytes).await?)
    }

    /// Sends a request and keeps what came of the answer before the connection broke, where it did.
    async fn send_and_keep(
        &self,
        what: &'static str,
        request: RequestBuilder,
    ) -> Result<Answer, DeviceError> {
        let response = request.send().await.map_err(|source| DeviceError::Connection { what, source })?;
        self.expect_version(Answer::read_part(what, response, u64::MAX).await.answer)
    }

    fn expect_version(&self, answer: Answer) -> Result<Answer, DeviceError> {
        if answer.version == self.version {
            return Ok(answer);
        }
        Err(answer.fault(format!("it came by {:?}, not {:?}", answer.version, self.version)))
    }
}

/// A client that trusts one root, follows nothing and goes straight to where it is sent.
///
/// # Errors
///
/// When `root_pem` is no certificate in PEM.
pub fn trusting(root_pem: &str) -> reqwest::Result<ClientBuilder> {
    // Only the first call can succeed, and every call means the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = Certificate::from_pem(root_pem.as_bytes())?;
    Ok(Client::builder().tls_certs_only([root]).redirect(Policy::none()).no_proxy())
}

fn strong_etag(answer: &Answer) -> Result<String, DeviceError> {
    match answer.header("etag") {
        Some(etag) if etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2 => Ok(etag.to_owned()),
        // The status says more.
        None if !answer.status.is_success() => Ok(String::new()),
        other => Err(answer.fault(format!("{other:?} is no strong entity tag"))),
    }
}

fn expect_rest(answer: &Answer, from: u64, size_bytes: u64) -> Result<(), DeviceError> {
    let expected = format!("bytes {from}-{}/{size_bytes}", size_bytes - 1);
    match answer.header("content-range") {
        Some(seen) if seen == expected => Ok(()),
        other => Err(answer.fault(format!("the rest is {other:?}, not {expected:?}"))),
    }
}

/// What the device compares when it has all bytes.
fn accept(offer: Offer, announced_bytes: Option<u64>, package: Vec<u8>) -> Result<Installed, DeviceError> {
    let fault = |sentence: String| DeviceError::fault("the installed package", sentence);
    let seen = ipa::inspect(&package, &Limits::default()).map_err(|error| fault(error.to_string()))?;
    let (bundle_identifier, bundle_version) = identity(&seen).ok_or_else(|| {
        fault("its Info.plist does not tell its bundle identifier and build number".to_owned())
    })?;
    if offer.bundle_identifier != bundle_identifier {
        return Err(fault(format!(
            "the manifest offers {}, the package is {bundle_identifier}",
            offer.bundle_identifier
        )));
    }
    if offer.bundle_version.as_deref() != Some(&*bundle_version) {
        return Err(fault(format!(
            "the manifest offers build {:?}, the package is build {bundle_version}",
            offer.bundle_version
        )));
    }
    let sha256 = sha256_hex(&package);
    let Offer { title, package_url, .. } = offer;
    Ok(Installed { title, bundle_identifier, bundle_version, package, sha256, package_url, announced_bytes })
}

fn identity(package: &Package) -> Option<(String, String)> {
    let info = package.app.info.known()?;
    let bundle_id = info.bundle_id.known()?.as_str().to_owned();
    Some((bundle_id, info.build_number.known()?.as_str().to_owned()))
}
