use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use e2e::{Certificates, Device, Nginx, Protocol, ServerFolder, TestServer, free_port};
use itms_services::{AssetKind, ManifestDocument, bounded_plist};
use tempfile::TempDir;

use crate::cores::{Core, on};
use crate::pairing::{Backing, Pairing};
use crate::place::{Place, write_package};
use crate::process::Meter;

/// A package on a real server, and the same bytes for an nginx with the same certificate: in files, or in the same
/// bucket.
pub(crate) struct Stage {
    ours: ServerFolder,
    running: Option<TestServer>,
    backing: Backing,
    nginx: Option<Nginx>,
    nginx_port: u16,
    package_bytes: u64,
    addresses: Addresses,
    certificates: Certificates,
    /// Removed at the end.
    folder: TempDir,
}

/// Whose server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Ours,
    Nginx,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    Page,
    Manifest,
    Package,
}

struct Addresses {
    page: String,
    manifest: String,
    package: String,
}

impl Stage {
    /// Publishes a package of the scale's size and starts both servers.
    pub(crate) fn set(place: &Place) -> Result<Self> {
        Self::with(place, Pairing::EMBEDDED)
    }

    /// The same where catalog and packages are kept so.
    pub(crate) fn with(place: &Place, pairing: Pairing) -> Result<Self> {
        let folder = place.folder()?;
        let files = folder.path().join("files");
        fs::create_dir(&files)?;
        let package = files.join("app.ipa");
        write_package(&package, place.scale.package_bytes, 500)?;
        let certificates = Certificates::write(folder.path());
        let backing = Backing::start(pairing)?;
        let ours = ServerFolder::new(&place.airstair)
            .with_data(&folder.path().join("data"))
            .with_certificates(&certificates);
        let ours = backing.behind(ours);
        let running = on(Core::Server, || ours.start())?;
        let token = ours.publish_token()?;
        let published = ours.publish(&token, &package, &["--channel", "bench"]).fine()?.json();
        let page = published["page_url"].as_str().context("an address of a page")?;
        let addresses = walk(&ours, page, &files)?;
        let package_bytes = fs::metadata(package)?.len();
        let nginx_port = free_port();
        let nginx = Some(start_nginx(&folder, nginx_port, &backing)?);
        let running = Some(running);
        Ok(Self { ours, running, backing, nginx, nginx_port, package_bytes, addresses, certificates, folder })
    }

    /// Starts a side anew, so that it has forgotten what it did.
    pub(crate) fn restart(&mut self, side: Side) -> Result<()> {
        match side {
            Side::Ours => {
                drop(self.running.take());
                self.running = Some(on(Core::Server, || self.ours.start())?);
            }
            Side::Nginx => {
                drop(self.nginx.take());
                self.nginx = Some(start_nginx(&self.folder, self.nginx_port, &self.backing)?);
            }
        }
        Ok(())
    }

    /// What the kernel knows about a side's process.
    pub(crate) fn meter(&self, side: Side) -> Meter {
        Meter::of(match side {
            Side::Ours => self.running.as_ref().expect("it was started").id(),
            Side::Nginx => self.nginx.as_ref().expect("it was started").id(),
        })
    }

    pub(crate) fn port(&self, side: Side) -> u16 {
        match side {
            Side::Ours => self.ours.port(),
            Side::Nginx => self.nginx_port,
        }
    }

    /// Where a side has what is asked for.
    pub(crate) fn url(&self, side: Side, wanted: Wanted) -> String {
        let ours = match wanted {
            Wanted::Page => &self.addresses.page,
            Wanted::Manifest => &self.addresses.manifest,
            Wanted::Package => &self.addresses.package,
        };
        let file = match wanted {
            Wanted::Page => "page.html",
            Wanted::Manifest => "manifest.plist",
            Wanted::Package => "app.ipa",
        };
        match side {
            Side::Ours => ours.clone(),
            Side::Nginx => format!("https://localhost:{}/{file}", self.nginx_port),
        }
    }

    /// The folder and address of our server.
    pub(crate) fn server(&self) -> &ServerFolder {
        &self.ours
    }

    /// The package's exact size.
    pub(crate) fn package_bytes(&self) -> u64 {
        self.package_bytes
    }

    /// The root that signs both servers' certificate.
    pub(crate) fn root(&self) -> PathBuf {
        self.certificates.root()
    }
}

/// Walks from the page to the package as a device does, and puts what it was given on the way into files.
fn walk(server: &ServerFolder, page_url: &str, files: &Path) -> Result<Addresses> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let device = Device::iphone(&server.root_pem(), Protocol::Http2)?;
        let manifest_url = device.open_page(page_url).await?.manifest_url()?;
        let page = device.browse(page_url).await?;
        let manifest = device.browse(&manifest_url).await?;
        let document = ManifestDocument::read(&manifest.body, &bounded_plist::Limits::default())?;
        let view = document.device_view(None);
        let app = view.offered().next().context("the manifest offers an app")?;
        let package = app.asset(AssetKind::SoftwarePackage).context("the manifest names a package")?;
        fs::write(files.join("page.html"), &page.body)?;
        fs::write(files.join("manifest.plist"), &manifest.body)?;
        let package = package.url.to_owned();
        Ok(Addresses { page: page_url.to_owned(), manifest: manifest_url, package })
    })
}

/// One nginx process with its own defaults, but for what would end a long connection, write a log nobody reads, or put
/// on the disk what a slow client has not taken of a bucket's package.
fn start_nginx(folder: &TempDir, port: u16, backing: &Backing) -> Result<Nginx> {
    let (mut upstream, mut package) = (String::new(), String::new());
    if let Some(storage) = &backing.storage {
        let url: url::Url = storage.largest_blob()?.parse()?;
        let host = url.authority();
        let target = &url[url::Position::BeforePath..];
        upstream = format!("upstream bucket {{ server {host}; keepalive 64; }}");
        package = format!(
            "location = /app.ipa {{
               proxy_pass http://bucket{target};
               proxy_http_version 1.1; proxy_set_header Host {host}; proxy_set_header Connection '';
               proxy_max_temp_file_size 0;
             }}"
        );
    }
    let http = format!(
        "sendfile on; tcp_nopush on; keepalive_requests 100000000; access_log off;
         types {{ text/html html; text/xml plist; application/octet-stream ipa; }}
         {upstream}
         server {{
           listen 127.0.0.1:{port} ssl http2 backlog=4096;
           server_name localhost;
           ssl_certificate chain.pem; ssl_certificate_key key.pem;
           ssl_protocols TLSv1.2 TLSv1.3;
           root files;
           {package}
         }}"
    );
    on(Core::Server, || Nginx::start(folder.path(), &http)).context("nginx can't be run")
}
