//! A road as its servers serve it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

use ipa::Depth;
use testkit::icon::Icon;
use testkit::labelled;

use crate::certificates::Certificates;

/// The icon.
static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| Icon::new(57).png());

/// One of the hosts on the road, each at a name and a port of its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Host {
    /// Has the page.
    Pages,
    /// Has the manifest.
    Apps,
    /// Has the icon.
    Icons,
    /// Has the package.
    Files,
    /// Has what others send on to.
    Elsewhere,
}

impl Host {
    pub(crate) const ALL: [Self; 5] = [Self::Pages, Self::Apps, Self::Icons, Self::Files, Self::Elsewhere];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pages => "pages.road.test",
            Self::Apps => "apps.road.test",
            Self::Icons => "icons.road.test",
            Self::Files => "files.road.test",
            Self::Elsewhere => "elsewhere.road.test",
        }
    }
}

/// How a host takes connections.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// Speaks TLS with these certificates, and HTTP without TLS to those who begin so.
    Tls(Certificates),
    /// Speaks HTTP alone.
    Plain,
    /// Has this address, which is not asked.
    Foreign(IpAddr),
    /// Has no address.
    Unresolved,
    /// Refuses them.
    Refused,
    /// Never takes one.
    Silent,
    /// Takes them, and says nothing.
    Mute,
    /// Takes them, and closes them once something was said.
    Closing,
    /// Answers whatever is said with these bytes.
    Saying(&'static [u8]),
}

/// What an address answers.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    pub(crate) status: u16,
    /// `Content-Type`.
    pub(crate) kind: Option<&'static str>,
    /// Other header fields; names of hosts in them get their ports.
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    pub(crate) end: End,
    pub(crate) length: Length,
    pub(crate) ranges: Ranges,
    pub(crate) head: Head,
    /// What the installer gets instead.
    pub(crate) for_installer: Option<Box<Served>>,
}

/// What an answer holds.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Text; names of hosts in it get their ports.
    Text(String),
    Bytes(Vec<u8>),
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Whole,
    /// The connection is closed after so many bytes.
    CutAfter(usize),
    /// Nothing follows so many bytes.
    MuteAfter(usize),
    /// It goes on with the same again and again.
    Endless,
    /// One byte comes after the other, slowly, and never the last.
    Dripping,
    /// There is none: no byte of an answer comes.
    Never,
    /// The connection is closed instead of an answer.
    Dropped,
    /// Nothing but header fields, thousands of them.
    HeaderFlood,
}

/// What an answer says of its length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Length {
    Right,
    /// Nothing: it ends where the connection does.
    Untold,
}

/// What comes where a part is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ranges {
    Served,
    /// The whole.
    Ignored,
    /// Zeros.
    OtherBytes,
    /// The part from the first byte on, whichever was asked for.
    FromStart,
    /// This status.
    Refused(u16),
}

/// What comes where only the header is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Head {
    AsGet,
    /// This status.
    Refused(u16),
    /// Another length.
    OtherLength,
    Never,
    Dropped,
}

impl Served {
    fn new(kind: &'static str, body: Body) -> Self {
        Self {
            status: 200,
            kind: Some(kind),
            fields: Vec::new(),
            body,
            end: End::Whole,
            length: Length::Right,
            ranges: Ranges::Served,
            head: Head::AsGet,
            for_installer: None,
        }
    }

    /// A web page.
    pub(crate) fn page(html: impl Into<String>) -> Self {
        Self::new("text/html; charset=utf-8", Body::Text(html.into()))
    }

    /// A status with a page that says so.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::page(format!("<!doctype html><title>{status}</title><h1>{status}</h1>")) }
    }

    /// A redirect.
    pub(crate) fn redirect(location: &str) -> Self {
        let mut served = Self::status(302);
        served.fields.push(("Location", location.to_owned()));
        served
    }

    /// A page to sign in.
    pub(crate) fn login() -> Self {
        Self::page(
            "<!doctype html><title>Sign in</title><form><input name=u><input name=p type=password></form>",
        )
    }
}

/// Where the page lies, and the manifest, the icon and the package.
pub(crate) const PAGE: (Host, &str) = (Host::Pages, "/beta");
pub(crate) const MANIFEST: (Host, &str) = (Host::Apps, "/m/Ab3.plist");
pub(crate) const ICON: (Host, &str) = (Host::Icons, "/t/Ab3/icon.png");
pub(crate) const PACKAGE: (Host, &str) = (Host::Files, "/t/Ab3/notes.ipa");

/// A road, sound until something is changed.
#[derive(Clone, Debug)]
pub(crate) struct Road {
    /// The address at which the walk begins.
    pub(crate) start: String,
    pub(crate) manners: BTreeMap<Host, Manner>,
    pub(crate) answers: BTreeMap<(Host, &'static str), Served>,
    /// Whether the walk may leave the public addresses: the stage is at none.
    pub(crate) may_be_private: bool,
    /// Whether scripts of the page are read.
    pub(crate) follows_scripts: bool,
    /// How much of the package is looked at.
    pub(crate) depth: Depth,
}

impl Road {
    /// A road of these parts.
    pub(crate) fn of(parts: &labelled::Road) -> Self {
        let link = parts.link().replace("apps.example", Host::Apps.name());
        let page = Served::page(page(&format!("<p><a href=\"{}\">Install</a>", escaped(&link))));
        let manifest = parts.manifest();
        let manifest = match String::from_utf8(manifest) {
            Ok(text) => Body::Text(
                text.replace("apps.example/t/Ab3/icon.png", &format!("{}{}", Host::Icons.name(), ICON.1))
                    .replace("apps.example/", &format!("{}/", Host::Files.name())),
            ),
            Err(error) => Body::Bytes(error.into_bytes()),
        };
        let answers = [
            (PAGE, page),
            (MANIFEST, Served::new("text/xml", manifest)),
            (ICON, Served::new("image/png", Body::Bytes(PNG.clone()))),
            (PACKAGE, Served::new("application/octet-stream", Body::Bytes(parts.package()))),
            ((Host::Elsewhere, "/login"), Served::login()),
        ];
        Self {
            start: format!("https://{}{}", Host::Pages.name(), PAGE.1),
            manners: Host::ALL.map(|host| (host, Manner::Tls(Certificates::default()))).into(),
            answers: answers.into(),
            may_be_private: true,
            follows_scripts: false,
            depth: Depth::Signatures,
        }
    }

    /// The answer at this address.
    pub(crate) fn at(&mut self, place: (Host, &'static str)) -> &mut Served {
        self.answers.get_mut(&place).expect("the road has it")
    }

    /// The certificates of this host.
    pub(crate) fn certificates(&mut self, host: Host) -> &mut Certificates {
        let Some(Manner::Tls(certificates)) = self.manners.get_mut(&host) else {
            unreachable!("{host:?} shows certificates")
        };
        certificates
    }

    /// Where the manifest leads on to, in the place of the text of the page.
    pub(crate) fn text_of_page(&mut self, html: impl FnOnce(&str) -> String) {
        let link = format!(
            "itms-services://?action=download-manifest&amp;url=https%3A%2F%2F{}{}",
            MANIFEST.0.name(),
            MANIFEST.1.replace('/', "%2F")
        );
        self.at(PAGE).body = Body::Text(html(&link));
    }
}

/// A page with this in its body.
pub(crate) fn page(body: &str) -> String {
    format!("<!doctype html><html><head><title>Notes</title></head><body>{body}</body></html>")
}

fn escaped(link: &str) -> String {
    link.replace('&', "&amp;").replace('"', "&quot;")
}
