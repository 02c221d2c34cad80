use doctor::Fetch;
use url::Url;

/// What stands at an address.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Page,
    Manifest,
    Package,
}

impl Kind {
    /// By how the path ends: what is called a manifest is one, even where a login page comes instead.
    pub(crate) fn by_name(url: &Url) -> Option<Self> {
        let path = url.path().to_ascii_lowercase();
        match path.rsplit_once('.')?.1 {
            "plist" => Some(Self::Manifest),
            "ipa" => Some(Self::Package),
            "html" | "htm" | "php" | "aspx" => Some(Self::Page),
            _ => None,
        }
    }

    /// By what came.
    pub(crate) fn by_content(fetch: &Fetch) -> Self {
        let Some(answer) = fetch.success() else { return Self::Page };
        let bytes = &answer.body.bytes;
        let beginning = &bytes[..bytes.len().min(4096)];
        let has = |mark: &[u8]| beginning.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark));
        if bytes.starts_with(b"PK\x03\x04") {
            Self::Package
        } else if bytes.starts_with(b"bplist") || has(b"<plist") {
            Self::Manifest
        } else {
            Self::Page
        }
    }
}
