use askama::Template;

use crate::install::PageAssets;

/// The plain-HTTP page that hands a phone the root certificate of a local authority.
#[derive(Clone, Debug, Template)]
#[template(path = "trust.html")]
pub struct TrustPage {
    /// The host that the certificate is for.
    pub host: String,
    /// The root's SHA-256 fingerprint, as phones and browsers show it.
    pub fingerprint: String,
    /// Where the profile is.
    pub profile_url: String,
    /// Where the certificate itself is, for other systems.
    pub certificate_url: String,
    /// Where to go on when the root is trusted.
    pub next_url: String,
    /// That page's address as a QR code.
    pub qr_code: Option<crate::QrCode>,
    /// The pages' stylesheet and mark.
    pub assets: PageAssets,
}

impl TrustPage {
    /// One page of every kind there is, for tests and for looking at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let next_url = "https://studio.local:8443/i/notes".to_owned();
        vec![Self {
            host: "studio.local".into(),
            fingerprint: "0A 1B 2C 3D 4E 5F 60 71 82 93 A4 B5 C6 D7 E8 F9 0A 1B 2C 3D 4E 5F 60 71 82 93 A4 B5 C6 D7 E8 F9".into(),
            profile_url: "/airstair.mobileconfig".into(),
            certificate_url: "/airstair.pem".into(),
            qr_code: crate::QrCode::of(&next_url),
            next_url,
            assets: PageAssets::served(),
        }]
    }
}
