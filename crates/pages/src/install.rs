use askama::Template;
use doctor::rules;
use ipa::SigningKind;
use time::UtcDateTime;
use time::macros::utc_datetime;

use crate::asset::Asset;
use crate::finding::FindingCard;
use crate::help::help_path;
use crate::notes::Notes;
use crate::qr_code::QrCode;
use crate::signing::SigningCard;
use crate::words;

/// The page from which a person installs a build: `/i/{slug}` and `/i/{slug}/{build}`.
#[derive(Clone, Debug, Template)]
#[template(path = "install.html")]
pub struct InstallPage {
    /// The app.
    pub app: AppCard,
    /// The build on offer.
    pub build: BuildCard,
    /// Whether it can be installed.
    pub offer: Offer,
    /// What the doctor says of it.
    pub findings: Vec<FindingCard>,
    /// What its publisher says of it.
    pub notes: Notes,
    /// The page's own address, for the picture that a phone's camera reads, and for previews of the link.
    pub page_url: String,
    /// That address as a QR code; absent when it is too long for one.
    pub qr_code: Option<QrCode>,
    /// Builds that were on this channel before, the newest first.
    pub older: Vec<OlderBuild>,
    /// The pages' stylesheet and mark, relative to this page.
    pub assets: PageAssets,
    /// Whether this is the app that Airstair carries to show the road.
    pub sample: bool,
}

/// An app as its page shows it.
#[derive(Clone, Debug)]
pub struct AppCard {
    /// The name under the icon.
    pub name: String,
    /// `CFBundleIdentifier`.
    pub bundle_id: String,
    /// Who offers it.
    pub organisation: Option<String>,
    /// The icon's address.
    pub icon_url: String,
}

/// A build as its page shows it.
#[derive(Clone, Debug)]
pub struct BuildCard {
    /// `CFBundleShortVersionString`.
    pub version: String,
    /// `CFBundleVersion`.
    pub build_number: String,
    /// The package's size.
    pub size_bytes: u64,
    /// When it arrived.
    pub uploaded_at: UtcDateTime,
    /// `MinimumOSVersion`.
    pub minimum_os: Option<String>,
    /// Kinds of device in words: `iPhone and iPad`.
    pub devices: Option<String>,
    /// How it is signed.
    pub signing: Option<SigningCard>,
    /// What it was made from, in words: `main at 3f2a91c`.
    pub origin: Option<String>,
}

/// Whether the button is there.
#[derive(Clone, Debug)]
pub enum Offer {
    /// The install link, unescaped.
    Install(String),
    /// Why there is no button.
    Refused(Refusal),
}

/// Why a build can't be installed.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(crate) reason: String,
    /// The finding that says the same.
    pub(crate) code: &'static str,
    pub(crate) help_url: Option<String>,
}

impl Refusal {
    /// Its profile ran out at this moment.
    #[must_use]
    pub fn profile_expired(at: UtcDateTime) -> Self {
        let day = words::day(at);
        let reason = format!(
            "Its provisioning profile expired on {day}, and iOS refuses it since. Ask for a newer build."
        );
        Self { reason, code: "PRF004", help_url: None }
    }

    /// The same on a server, which has a page that says more.
    #[must_use]
    pub fn with_help(self) -> Self {
        Self { help_url: rules::find(self.code).map(help_path), ..self }
    }
}

/// A build that was on the channel before.
#[derive(Clone, Debug)]
pub struct OlderBuild {
    /// `CFBundleShortVersionString`.
    pub version: String,
    /// `CFBundleVersion`.
    pub build_number: String,
    /// When it was released.
    pub released_at: UtcDateTime,
    /// Its own page.
    pub page_url: String,
}

/// Where a page finds its stylesheet and mark.
#[derive(Clone, Debug)]
pub struct PageAssets {
    /// The stylesheet's address.
    pub stylesheet: String,
    /// The mark's address.
    pub mark: String,
}

impl PageAssets {
    /// As a server of ours serves them.
    #[must_use]
    pub fn served() -> Self {
        Self { stylesheet: Asset::Stylesheet.path(), mark: Asset::Mark.path() }
    }

    /// As files beside a static page.
    #[must_use]
    pub fn beside() -> Self {
        Self { stylesheet: "airstair.css".into(), mark: "mark.svg".into() }
    }
}

impl InstallPage {
    /// One page of every kind there is, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let moment = utc_datetime!(2026-11-21 09:59:25);
        let page_url = "https://apps.example.com/i/notes".to_owned();
        let plain = Self {
            app: AppCard {
                name: "Notes".into(),
                bundle_id: "com.example.notes".into(),
                organisation: Some("Example Corp".into()),
                icon_url: "/i/notes/icon.png".into(),
            },
            build: BuildCard {
                version: "1.2.3".into(),
                build_number: "456".into(),
                size_bytes: 12_345_678,
                uploaded_at: moment,
                minimum_os: Some("15.0".into()),
                devices: Some("iPhone and iPad".into()),
                signing: Some(SigningCard::new(SigningKind::AdHoc, moment + time::Duration::days(300), Some(12))),
                origin: Some("main at 3f2a91c".into()),
            },
            offer: Offer::Install("itms-services://?action=download-manifest&url=https%3A%2F%2Fapps.example.com%2Ft%2FAb3%2Fmanifest.plist".into()),
            findings: Vec::new(),
            notes: Notes::from_markdown("Faster search.\n\n- Fixes **two** crashes\n- [All changes](https://example.com/changes)"),
            qr_code: QrCode::of(&page_url),
            page_url,
            older: vec![OlderBuild {
                version: "1.2.2".into(),
                build_number: "455".into(),
                released_at: moment - time::Duration::days(7),
                page_url: "/i/notes/0192f0c1-0000-7000-8000-000000000001".into(),
            }],
            assets: PageAssets::served(),
            sample: false,
        };
        let mut refused = plain.clone();
        let expired = utc_datetime!(2026-11-02 09:59:25);
        refused.offer = Offer::Refused(Refusal::profile_expired(expired).with_help());
        let mut in_house = plain.clone();
        in_house.app.name = "R&D <β> \"应用\" 🚀".into();
        in_house.notes = Notes::default();
        in_house.older.clear();
        in_house.build.signing =
            Some(SigningCard::new(SigningKind::InHouse, moment + time::Duration::days(20), None).with_help());
        let mut sample = plain.clone();
        sample.sample = true;
        let mut bare = plain.clone();
        bare.app.organisation = None;
        bare.build.minimum_os = None;
        bare.build.devices = None;
        bare.build.signing = None;
        bare.build.origin = None;
        bare.qr_code = None;
        let mut flawed = plain.clone();
        flawed.findings = FindingCard::samples();
        vec![plain, refused, in_house, sample, bare, flawed]
    }
}
