use bounded_plist::{Dictionary, Value};

use super::AssetKind;
use crate::hex::lower_hex;
use crate::https_url::HttpsUrl;
use crate::{Error, PackageDigests};

/// One app of a [`Manifest`](super::Manifest).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ManifestItem {
    bundle_identifier: String,
    bundle_version: Option<String>,
    title: String,
    subtitle: Option<String>,
    package: Package,
    /// Assets besides the package; no kind twice.
    others: Vec<(AssetKind, HttpsUrl)>,
    thinned: Vec<ThinnedPackage>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Package {
    url: HttpsUrl,
    digests: Option<PackageDigests>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct ThinnedPackage {
    package: Package,
    variant_ids: Vec<String>,
}

/// Where a device cuts titles in its prompt, in UTF-16 code units (read from decompiled daemons).
pub(super) const TITLE_UNITS: usize = 500;

impl ManifestItem {
    /// An app with the package at `package_url`.
    ///
    /// `bundle_identifier` must equal the app's own (`CFBundleIdentifier`), or the app vanishes after the download
    /// without a message (observed). `title` is what the prompt shows. White space around it is taken off, control
    /// characters become spaces, and it ends after 500 UTF-16 code units, as it does on devices, here without cutting
    /// a character in two. Apple's document asks for two characters; devices are content with one (read from
    /// decompiled daemons), and so is this.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] and [`Error::Character`] for the texts, [`Error::UrlNotAbsolute`], [`Error::UrlNotHttps`] and
    /// [`Error::UrlInvalid`] for the URL.
    pub fn new(bundle_identifier: &str, title: &str, package_url: &str) -> Result<Self, Error> {
        Ok(Self {
            bundle_identifier: token("bundle-identifier", bundle_identifier)?,
            bundle_version: None,
            title: shown_text("title", title)?,
            subtitle: None,
            package: Package { url: HttpsUrl::parse(package_url)?, digests: None },
            others: Vec::new(),
            thinned: Vec::new(),
        })
    }

    /// The app's build number (`CFBundleVersion`). Where it differs from the app's own, the device logs a warning
    /// (read from decompiled daemons).
    ///
    /// # Errors
    ///
    /// [`Error::Empty`], [`Error::Character`].
    pub fn with_bundle_version(mut self, bundle_version: &str) -> Result<Self, Error> {
        self.bundle_version = Some(token("bundle-version", bundle_version)?);
        Ok(self)
    }

    /// The organisation, treated as the title is.
    ///
    /// # Errors
    ///
    /// [`Error::Empty`].
    pub fn with_subtitle(mut self, subtitle: &str) -> Result<Self, Error> {
        self.subtitle = Some(shown_text("subtitle", subtitle)?);
        Ok(self)
    }

    /// One more asset: an image, or the list of on-demand resources.
    ///
    /// # Errors
    ///
    /// [`Error::SecondAsset`] when the item has one of this kind, as it has its package from the start;
    /// [`Error::UrlNotAbsolute`], [`Error::UrlNotHttps`], [`Error::UrlInvalid`].
    pub fn with_asset(mut self, kind: AssetKind, url: &str) -> Result<Self, Error> {
        if kind == AssetKind::SoftwarePackage || self.others.iter().any(|(other, _)| *other == kind) {
            return Err(Error::SecondAsset { kind });
        }
        self.others.push((kind, HttpsUrl::parse(url)?));
        Ok(self)
    }

    /// Digests of the package, which the device checks while it downloads. Emitted: SHA-256 of each chunk and the
    /// chunk size, and MD5 where the digests hold it.
    #[must_use]
    pub fn with_digests(mut self, digests: PackageDigests) -> Self {
        self.package.digests = Some(digests);
        self
    }

    /// A thinned package, which devices of the models in `variant_ids` (`iPhone15,2`) take instead of the universal
    /// one (read from decompiled daemons; Xcode exports such manifests).
    ///
    /// # Errors
    ///
    /// [`Error::Empty`] when there is no model or an empty one, [`Error::Character`]; [`Error::UrlNotAbsolute`],
    /// [`Error::UrlNotHttps`], [`Error::UrlInvalid`].
    pub fn with_thinned_package(
        mut self,
        url: &str,
        variant_ids: &[&str],
        digests: Option<PackageDigests>,
    ) -> Result<Self, Error> {
        if variant_ids.is_empty() {
            return Err(Error::Empty { key: "variantIds" });
        }
        let variant_ids = variant_ids.iter().map(|id| token("variantIds", id)).collect::<Result<_, _>>()?;
        self.thinned
            .push(ThinnedPackage { package: Package { url: HttpsUrl::parse(url)?, digests }, variant_ids });
        Ok(self)
    }

    /// The app's bundle identifier.
    #[must_use]
    pub fn bundle_identifier(&self) -> &str {
        &self.bundle_identifier
    }

    /// The app's build number, where it was given.
    #[must_use]
    pub fn bundle_version(&self) -> Option<&str> {
        self.bundle_version.as_deref()
    }

    /// The title as it is emitted: never empty, at most 500 UTF-16 code units.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The organisation, where it was given.
    #[must_use]
    pub fn subtitle(&self) -> Option<&str> {
        self.subtitle.as_deref()
    }

    /// The URL of the asset of this kind, in its normal form.
    #[must_use]
    pub fn asset_url(&self, kind: AssetKind) -> Option<&str> {
        if kind == AssetKind::SoftwarePackage {
            return Some(self.package.url.as_str());
        }
        self.others.iter().find(|(other, _)| *other == kind).map(|(_, url)| url.as_str())
    }

    pub(super) fn to_plist(&self) -> Value {
        let mut assets = vec![Value::from(self.package.to_plist())];
        assets.extend(self.others.iter().map(|(kind, url)| asset(*kind, url).into()));
        let mut item = Dictionary::from([("assets", Value::from(assets))]);
        if !self.thinned.is_empty() {
            item.insert(
                "thinned-assets",
                self.thinned.iter().map(ThinnedPackage::to_plist).collect::<Value>(),
            );
        }
        item.insert("metadata", self.metadata());
        item.into()
    }

    // `platform-identifier` stays out: absent is accepted everywhere, a wrong value is fatal.
    fn metadata(&self) -> Dictionary {
        let mut metadata = Dictionary::from([("bundle-identifier", self.bundle_identifier.as_str())]);
        if let Some(bundle_version) = &self.bundle_version {
            metadata.insert("bundle-version", bundle_version);
        }
        metadata.insert("kind", "software");
        metadata.insert("title", &self.title);
        if let Some(subtitle) = &self.subtitle {
            metadata.insert("subtitle", subtitle);
        }
        metadata
    }
}

impl Package {
    fn to_plist(&self) -> Dictionary {
        let mut package = asset(AssetKind::SoftwarePackage, &self.url);
        let Some(digests) = &self.digests else { return package };
        let size = Value::from(digests.chunk_bytes.get());
        if let Some(md5) = &digests.md5_chunks {
            package.insert("md5-size", size.clone());
            package.insert("md5s", md5.iter().map(|digest| lower_hex(digest)).collect::<Value>());
        }
        package.insert("sha256-size", size);
        package.insert(
            "sha256s",
            digests.sha256_chunks.iter().map(|digest| lower_hex(digest)).collect::<Value>(),
        );
        package
    }
}

impl ThinnedPackage {
    fn to_plist(&self) -> Dictionary {
        let mut package = self.package.to_plist();
        package.insert("variantIds", self.variant_ids.iter().collect::<Value>());
        package
    }
}

fn asset(kind: AssetKind, url: &HttpsUrl) -> Dictionary {
    Dictionary::from([("kind", kind.as_str()), ("url", url.as_str())])
}

/// `text` for a person: no control characters, nothing XML cannot carry, no white space around, cut as devices cut.
fn shown_text(key: &'static str, text: &str) -> Result<String, Error> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let cut = cut_as_in_prompt(plain.trim()).trim_end();
    if cut.is_empty() { Err(Error::Empty { key }) } else { Ok(cut.to_owned()) }
}

/// `text` for a machine: not empty, without white space or control characters.
fn token(key: &'static str, text: &str) -> Result<String, Error> {
    let is_odd = |c: &char| c.is_whitespace() || c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    match text.chars().find(is_odd) {
        Some(found) => Err(Error::Character { key, found }),
        None if text.is_empty() => Err(Error::Empty { key }),
        None => Ok(text.to_owned()),
    }
}

/// The start of `text` that a prompt shows.
pub(super) fn cut_as_in_prompt(text: &str) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > TITLE_UNITS
    });
    end.map_or(text, |(at, _)| &text[..at])
}
