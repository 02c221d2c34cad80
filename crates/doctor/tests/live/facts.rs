//! Facts of a live road as sound as can be: each field is there to be changed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doctor::{
    Anchor, Answer, Body, BodyEnd, Connected, Facts, Fetch, Fetched, Hop, Host, Icon, ManifestFacts,
    NoAnswer, PackageFetch, PageFacts, PageLink, RangeFetch, Report, Revocations, Severity, Tls, TlsVersion,
    judge,
};
use ipa::Fact;
use itms_services::{InstallLink, LinkPlace, ManifestDocument, bounded_plist};
use signed_data::{Authorities, Certificate, Chain, Limits};
use testkit::labelled::Manifest;
use testkit::pki::{CertificateBuilder, Identity, Key, Name};
use time::UtcDateTime;
use time::macros::utc_datetime;

/// The moment roads are judged at.
pub(crate) const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);
/// The name of the sound host.
pub(crate) const NAME: &str = "apps.example.com";
/// Where its page lies.
pub(crate) const PAGE_URL: &str = "https://apps.example.com/beta";
/// Where its manifest lies.
pub(crate) const MANIFEST_URL: &str = "https://apps.example.com/manifest.plist";
/// Where its package lies.
pub(crate) const PACKAGE_URL: &str = "https://apps.example.com/notes.ipa";
/// How long the sound package is, in bytes.
pub(crate) const PACKAGE_BYTES: u64 = 12_345_678;

/// A server's certificate and those above it, of keys that differ.
#[derive(Clone)]
pub(crate) struct ServerPki {
    pub(crate) root: Identity,
    pub(crate) intermediate: Identity,
    pub(crate) leaf: Identity,
}

impl ServerPki {
    /// Certificates as a public authority issues them.
    pub(crate) fn sound() -> Self {
        Self::with_leaf(|leaf| leaf)
    }

    /// The same, the server's own certificate changed.
    pub(crate) fn with_leaf(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let root = Self::authority("Example Root X1", 3650).self_signed(Key::p256("root"));
        let intermediate = Self::authority("Example R3", 900).issued_by(&root, Key::p256("intermediate"));
        let leaf = change(Self::server(NAME)).issued_by(&intermediate, Key::p256("server"));
        Self { root, intermediate, leaf }
    }

    /// An authority valid for so many days before and after [`NOW`].
    pub(crate) fn authority(name: &str, days: i64) -> CertificateBuilder {
        let name = Name::new().common_name(name).organization("Example Trust Services").country("US");
        let span = time::Duration::days(days);
        CertificateBuilder::new(name, NOW - span).not_after(NOW + span).authority()
    }

    /// A server's certificate of 90 days, a third of them gone, for this name.
    pub(crate) fn server(name: &str) -> CertificateBuilder {
        CertificateBuilder::new(Name::new().common_name(name), NOW - time::Duration::days(30))
            .not_after(NOW + time::Duration::days(60))
            .end_entity()
            .server_authentication()
            .alternative_names(&[name], &[])
    }

    /// What is seen where the server sends all but the root, and the root comes with devices.
    pub(crate) fn tls(&self) -> Tls {
        tls(&[&self.leaf, &self.intermediate], &[&self.root], Anchor::Shipped)
    }
}

/// A certificate as the doctor gets it.
pub(crate) fn read(identity: &Identity) -> Certificate {
    Certificate::read(&identity.certificate.der, &Limits::default()).expect("it is a certificate")
}

/// TLS 1.3 with these certificates sent, where these roots are known.
pub(crate) fn tls(sent: &[&Identity], roots: &[&Identity], anchor: Anchor) -> Tls {
    let sent: Vec<Certificate> = sent.iter().map(|one| read(one)).collect();
    let roots = Authorities::new(roots.iter().map(|root| read(root)).collect(), Vec::new());
    let chain = sent.first().map(|leaf| Chain::build(leaf, &sent, &roots));
    Tls {
        version: TlsVersion::V1_3,
        suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
        asks_for_certificate: false,
        sent: sent.into_iter().map(Ok).collect(),
        chain,
        anchor,
    }
}

/// A public address.
pub(crate) fn address() -> IpAddr {
    IpAddr::from([93, 184, 215, 14])
}

/// A connection to [`address`] in 20 ms.
pub(crate) fn connected() -> Connected {
    Connected { address: address(), after: Duration::from_millis(20), failed: Vec::new() }
}

/// [`NAME`] at port 443, sound.
pub(crate) fn host() -> Host {
    host_with(ServerPki::sound().tls())
}

/// The same by another name, with a certificate for that.
pub(crate) fn host_named(name: &str) -> Host {
    let tls = ServerPki::with_leaf(|_| ServerPki::server(name)).tls();
    Host { name: name.to_owned(), ..host_with(tls) }
}

/// The same with other TLS.
pub(crate) fn host_with(tls: Tls) -> Host {
    Host {
        name: NAME.to_owned(),
        port: 443,
        addresses: vec![address()],
        connection: Ok(connected()),
        tls: Fact::Known(Ok(tls)),
    }
}

/// An answer with this status, `Content-Type` and body, whole, after 40 ms.
pub(crate) fn answer(status: u16, content_type: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", content_type.to_owned()), ("content-length", body.len().to_string())];
    Answer {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        after: Duration::from_millis(40),
        body: Body { bytes: body.to_vec(), end: BodyEnd::Whole },
    }
}

/// The same answer with this header field, its name in lower case, instead of any other of the name.
pub(crate) fn with_header(mut answer: Answer, name: &str, value: &str) -> Answer {
    answer.headers.retain(|(other, _)| other != name);
    answer.headers.push((name.to_owned(), value.to_owned()));
    answer
}

/// One request at this host, without a redirect. Of a host that was not spoken with comes no answer.
pub(crate) fn fetch(url: &str, host: &Arc<Host>, answer: Answer) -> Fetch {
    let is_spoken_with = host.connection.is_ok() && (host.tls.is_absent() || host.spoken().is_some());
    let answer = if is_spoken_with { Ok(answer) } else { Err(NoAnswer::NoConnection) };
    Fetch { hops: vec![Hop { url: url.to_owned(), host: Arc::clone(host), answer }], stopped: None }
}

/// What the installer gets, and no browser was asked about.
pub(crate) fn fetched(by_installer: Fetch) -> Fetched {
    Fetched { by_installer, by_browser: None }
}

/// A page of this host.
pub(crate) fn page(host: &Arc<Host>) -> Fetch {
    fetch(PAGE_URL, host, answer(200, "text/html; charset=utf-8", b"<!DOCTYPE html><title>Beta</title>"))
}

/// A manifest of this host.
pub(crate) fn manifest(host: &Arc<Host>) -> Fetched {
    fetched(fetch(
        MANIFEST_URL,
        host,
        answer(200, "text/xml", &Manifest::default().package_url(PACKAGE_URL).build()),
    ))
}

/// A package of this host: its size, its beginning, and a part of that.
pub(crate) fn package(host: &Arc<Host>) -> PackageFetch {
    const TYPE: &str = "application/octet-stream";
    let beginning = [b"PK\x03\x04\x14\x00\x00\x00".to_vec(), vec![7; 4088]].concat();
    let ranges = |answer| with_header(answer, "accept-ranges", "bytes");
    let sized = |answer| with_header(answer, "content-length", &PACKAGE_BYTES.to_string());
    let head = sized(ranges(answer(200, TYPE, b"")));
    let mut get = sized(ranges(answer(200, TYPE, &beginning)));
    get.body.end = BodyEnd::Unread;
    let part = with_header(
        ranges(answer(206, TYPE, &beginning[100..=199])),
        "content-range",
        &format!("bytes 100-199/{PACKAGE_BYTES}"),
    );
    PackageFetch {
        head: fetch(PACKAGE_URL, host, head),
        get: fetched(fetch(PACKAGE_URL, host, get)),
        range: Some(RangeFetch { first: 100, last: 199, fetch: fetch(PACKAGE_URL, host, part) }),
    }
}

/// A whole live road, sound until something in it is changed. There is no app at its end to judge.
#[derive(Clone)]
pub(crate) struct Road<'a> {
    pub(crate) now: UtcDateTime,
    pub(crate) may_be_private: bool,
    pub(crate) given_roots: Vec<Certificate>,
    pub(crate) page: Fetch,
    pub(crate) page_link: PageLink<'a>,
    pub(crate) manifest: Fetched,
    pub(crate) icons: Vec<Icon>,
    pub(crate) package: PackageFetch,
    pub(crate) revocations: Option<Revocations>,
}

impl Road<'_> {
    /// All of it at [`host`].
    pub(crate) fn sound() -> Self {
        Self::of(host())
    }

    /// All of it at this host.
    pub(crate) fn of(host: Host) -> Self {
        let host = Arc::new(host);
        Self {
            now: NOW,
            may_be_private: false,
            given_roots: Vec::new(),
            page: page(&host),
            page_link: PageLink::Found { place: &LinkPlace::Anchor, line: 12, frame: None },
            manifest: manifest(&host),
            icons: Vec::new(),
            package: package(&host),
            revocations: None,
        }
    }

    /// What the doctor says of it.
    pub(crate) fn report(&self) -> Report {
        let link = InstallLink::parse(&format!(
            "itms-services://?action=download-manifest&url={}",
            MANIFEST_URL.replace(':', "%3A").replace('/', "%2F")
        ));
        let bytes = self.manifest.by_installer.success().map(|answer| &*answer.body.bytes);
        let document = bytes.map(|bytes| ManifestDocument::read(bytes, &bounded_plist::Limits::default()));
        let manifest = bytes.zip(document.as_ref()).map(|(bytes, document)| ManifestFacts {
            bytes,
            document,
            digests: Fact::Absent,
        });
        let mut facts = Facts::at(self.now);
        facts.may_be_private = self.may_be_private;
        facts.given_roots = &self.given_roots;
        facts.page = Fact::Known(PageFacts { fetch: &self.page, link: self.page_link });
        facts.link = Fact::Known(&link);
        facts.manifest_fetch = Fact::Known(&self.manifest);
        facts.icons = Fact::Known(&self.icons);
        facts.package_fetch = Fact::Known(&self.package);
        facts.revocations = self.revocations.as_ref().into();
        facts.manifest = manifest.map_or_else(|| Fact::NotMeasured("it was not had".to_owned()), Fact::Known);
        judge(&facts)
    }

    /// The names of what is found, the heaviest severity of each, in the order of the road.
    pub(crate) fn findings(&self) -> Vec<(String, Severity)> {
        let mut found: Vec<(String, Severity)> = Vec::new();
        for finding in self.report().findings {
            match found.iter_mut().find(|(name, _)| *name == finding.name) {
                Some((_, severity)) => *severity = finding.severity.max(*severity),
                None => found.push((finding.name, finding.severity)),
            }
        }
        found
    }

    /// The name of what keeps the app from being installed.
    pub(crate) fn first_cause(&self) -> Option<String> {
        self.report().first_cause().map(|finding| finding.name.clone())
    }
}
