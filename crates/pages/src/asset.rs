use sha2::{Digest, Sha256};

/// A file that pages load, embedded in the binary.
///
/// Its path holds a digest of its bytes, so that browsers may keep it for ever.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Asset {
    /// The stylesheet of every page.
    Stylesheet,
    /// Airstair's own mark, shown by browsers beside the page's title.
    Mark,
}

impl Asset {
    /// Every asset there is.
    pub const ALL: [Self; 2] = [Self::Stylesheet, Self::Mark];

    /// The asset with this [path](Self::path), if there is one.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asset| asset.path() == path)
    }

    /// Where the page expects it: `/assets/airstair-1f0c6a9b.css`.
    #[must_use]
    pub fn path(self) -> String {
        let digest: [u8; 32] = Sha256::digest(self.bytes()).into();
        let [a, b, c, d, ..] = digest;
        format!("/assets/airstair-{:08x}.{}", u32::from_be_bytes([a, b, c, d]), self.extension())
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Stylesheet => include_bytes!("../assets/airstair.css"),
            Self::Mark => include_bytes!("../assets/mark.svg"),
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Stylesheet => "text/css; charset=utf-8",
            Self::Mark => "image/svg+xml",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Stylesheet => "css",
            Self::Mark => "svg",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Asset;

    #[test]
    fn every_asset_is_found_at_its_path_and_nowhere_else() {
        for asset in Asset::ALL {
            assert_eq!(Asset::at(&asset.path()), Some(asset));
        }
        assert_eq!(Asset::at("/assets/airstair.css"), None);
    }
}
