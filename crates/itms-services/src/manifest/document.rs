use bounded_plist::{Dictionary, Format, Integer, Limits, Value};

use super::keys::{self, SeenKey};
use super::{DeviceView, DigestCheck, OddDigest, Placeholder, device_view, digest_check, placeholder};
use crate::Error;
use crate::https_url::first_illegal;

/// A manifest as somebody wrote it, right or wrong.
///
/// Keeps the whole property list, so nothing that was seen is lost: keys that are missing, of a wrong kind, removed by
/// Apple or unknown can all be told apart. What a device takes from it is [`device_view`](Self::device_view).
///
/// ```
/// use itms_services::bounded_plist::Limits;
/// use itms_services::{DropReason, Field, ItemVerdict, ManifestDocument};
///
/// let bytes = b"<plist><dict><key>items</key><array><dict>
///     <key>metadata</key><dict><key>title</key><integer>7</integer></dict>
/// </dict></array></dict></plist>";
/// let document = ManifestDocument::read(bytes, &Limits::default())?;
/// let Field::Seen(items) = document.items() else { panic!() };
/// let Field::Seen(metadata) = items[0].metadata() else { panic!() };
/// assert!(matches!(metadata.title(), Field::OtherKind(_)));
/// assert_eq!(metadata.kind(), Field::Absent);
///
/// let view = document.device_view(None);
/// let [ItemVerdict::Dropped { reasons, .. }] = &view.items[..] else { panic!() };
/// assert!(reasons.contains(&DropReason::TitleMissing) && reasons.contains(&DropReason::PackageMissing));
/// # Ok::<(), itms_services::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestDocument {
    format: Option<Format>,
    root: Value,
}

/// What stands under a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field<'a, T> {
    /// The key is not there.
    Absent,
    /// A value of the kind that belongs there.
    Seen(T),
    /// A value of another kind.
    OtherKind(&'a Value),
}

impl<T> Field<'_, T> {
    /// The value, when it is of the kind that belongs there.
    #[must_use]
    pub fn seen(self) -> Option<T> {
        if let Self::Seen(value) = self { Some(value) } else { None }
    }
}

impl ManifestDocument {
    /// Reads an XML or binary property list, whatever it holds.
    ///
    /// # Errors
    ///
    /// [`Error::NotAPropertyList`] when the bytes are none or exceed `limits`; a device ends the installation then,
    /// on several versions without a message (read from decompiled daemons, observed).
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Ok(Self { root: bounded_plist::read(bytes, limits)?, format: Format::of(bytes) })
    }

    /// Whether the manifest was XML or binary; devices read both (read from decompiled daemons).
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The whole property list.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The items in order; those that are no dictionaries have no keys. Absent, too, when the root is no dictionary.
    #[must_use]
    pub fn items(&self) -> Field<'_, Vec<ItemDocument<'_>>> {
        let item = |(index, value)| ItemDocument { index, value };
        field(self.root.get("items"), |value| Some(value.as_array()?.iter().enumerate().map(item).collect()))
    }

    /// Every key of the manifest's known places with what is known of it, in order of appearance.
    #[must_use]
    pub fn keys(&self) -> Vec<SeenKey> {
        keys::walk(&self.root)
    }

    /// Values that somebody was to fill in, wherever they stand; the first hundred.
    #[must_use]
    pub fn placeholders(&self) -> Vec<Placeholder> {
        placeholder::find(&self.root)
    }

    /// What a device takes from the manifest.
    ///
    /// `model` is the device's, such as `iPhone15,2`: it decides between thinned packages. Without it the universal
    /// assets are taken.
    #[must_use]
    pub fn device_view(&self, model: Option<&str>) -> DeviceView<'_> {
        device_view::view(self, model)
    }
}

/// One item of a [`ManifestDocument`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ItemDocument<'a> {
    index: usize,
    value: &'a Value,
}

impl<'a> ItemDocument<'a> {
    /// Its place in `items`, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// What stands there; a dictionary if all is well.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The universal assets.
    #[must_use]
    pub fn assets(&self) -> Field<'a, Vec<AssetDocument<'a>>> {
        self.asset_list("assets")
    }

    /// Assets for single models; Xcode writes them for thinned exports.
    #[must_use]
    pub fn thinned_assets(&self) -> Field<'a, Vec<AssetDocument<'a>>> {
        self.asset_list("thinned-assets")
    }

    /// What describes the app.
    #[must_use]
    pub fn metadata(&self) -> Field<'a, MetadataDocument<'a>> {
        field(self.value.get("metadata"), |value| Some(MetadataDocument(value.as_dictionary()?)))
    }

    fn asset_list(&self, list: &'static str) -> Field<'a, Vec<AssetDocument<'a>>> {
        let item = self.index;
        let asset = |(index, value)| AssetDocument { item, list, index, value };
        field(self.value.get(list), |value| Some(value.as_array()?.iter().enumerate().map(asset).collect()))
    }
}

/// One asset of an [`ItemDocument`]: a file to download.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AssetDocument<'a> {
    item: usize,
    list: &'static str,
    index: usize,
    value: &'a Value,
}

impl<'a> AssetDocument<'a> {
    /// Where it stands: `items[0].assets[1]`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("items[{}].{}[{}]", self.item, self.list, self.index)
    }

    /// What stands there; a dictionary if all is well.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// `kind`: required; see [`AssetKind`](crate::AssetKind) for the ones that are used.
    #[must_use]
    pub fn kind(&self) -> Field<'a, &'a str> {
        self.text("kind")
    }

    /// `url`: required.
    #[must_use]
    pub fn url(&self) -> Field<'a, &'a str> {
        self.text("url")
    }

    /// The first character of its address that an address can't hold, if there is one; devices on iOS 16 or older make
    /// no address of such a text.
    #[must_use]
    pub fn illegal_character(&self) -> Option<char> {
        self.url().seen().and_then(|url| first_illegal(url.trim())).map(|(_, found)| found)
    }

    /// `sha256`: digest of the whole file, optional.
    #[must_use]
    pub fn sha256(&self) -> Field<'a, &'a str> {
        self.text("sha256")
    }

    /// `sha256s`: digests of the chunks, optional.
    #[must_use]
    pub fn sha256s(&self) -> Field<'a, &'a [Value]> {
        self.list("sha256s")
    }

    /// `sha256-size`: length of a chunk in bytes.
    #[must_use]
    pub fn sha256_size(&self) -> Field<'a, Integer> {
        self.number("sha256-size")
    }

    /// `md5`: digest of the whole file, optional.
    #[must_use]
    pub fn md5(&self) -> Field<'a, &'a str> {
        self.text("md5")
    }

    /// `md5s`: digests of the chunks, optional.
    #[must_use]
    pub fn md5s(&self) -> Field<'a, &'a [Value]> {
        self.list("md5s")
    }

    /// `md5-size`: length of a chunk in bytes.
    #[must_use]
    pub fn md5_size(&self) -> Field<'a, Integer> {
        self.number("md5-size")
    }

    /// Digests that no file can have, of either algorithm, whether or not a device looks at them.
    #[must_use]
    pub fn odd_digests(&self) -> Vec<OddDigest> {
        digest_check::odd(self)
    }

    /// `variantIds`: the models a thinned asset is for.
    #[must_use]
    pub fn variant_ids(&self) -> Field<'a, &'a [Value]> {
        self.list("variantIds")
    }

    /// How the device checks the download, judged by all the keys above.
    #[must_use]
    pub fn digest_check(&self) -> DigestCheck<'a> {
        digest_check::judge(self)
    }

    fn text(&self, key: &str) -> Field<'a, &'a str> {
        field(self.value.get(key), Value::as_str)
    }

    fn list(&self, key: &str) -> Field<'a, &'a [Value]> {
        field(self.value.get(key), Value::as_array)
    }

    fn number(&self, key: &str) -> Field<'a, Integer> {
        field(self.value.get(key), Value::as_integer)
    }
}

/// What an [`ItemDocument`] says of its app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetadataDocument<'a>(&'a Dictionary);

impl<'a> MetadataDocument<'a> {
    /// All keys, as they stand.
    #[must_use]
    pub fn dictionary(&self) -> &'a Dictionary {
        self.0
    }

    /// `kind`: required, `software`.
    #[must_use]
    pub fn kind(&self) -> Field<'a, &'a str> {
        self.text("kind")
    }

    /// `bundle-identifier`: required; must equal the app's own.
    #[must_use]
    pub fn bundle_identifier(&self) -> Field<'a, &'a str> {
        self.text("bundle-identifier")
    }

    /// `title`: required; shown in the prompt.
    #[must_use]
    pub fn title(&self) -> Field<'a, &'a str> {
        self.text("title")
    }

    /// `bundle-version`: optional; should equal the app's `CFBundleVersion`.
    #[must_use]
    pub fn bundle_version(&self) -> Field<'a, &'a str> {
        self.text("bundle-version")
    }

    /// `subtitle`: optional; the developer's name.
    #[must_use]
    pub fn subtitle(&self) -> Field<'a, &'a str> {
        self.text("subtitle")
    }

    /// `platform-identifier`: not in Apple's schema, but read.
    #[must_use]
    pub fn platform_identifier(&self) -> Field<'a, &'a str> {
        self.text("platform-identifier")
    }

    /// `has-messages-extension`: not in Apple's schema, but read.
    #[must_use]
    pub fn has_messages_extension(&self) -> Field<'a, bool> {
        field(self.0.get("has-messages-extension"), Value::as_bool)
    }

    /// `launch-prohibited`: not in Apple's schema, but read.
    #[must_use]
    pub fn launch_prohibited(&self) -> Field<'a, bool> {
        field(self.0.get("launch-prohibited"), Value::as_bool)
    }

    fn text(self, key: &str) -> Field<'a, &'a str> {
        field(self.0.get(key), Value::as_str)
    }
}

fn field<'a, T>(value: Option<&'a Value>, read: impl FnOnce(&'a Value) -> Option<T>) -> Field<'a, T> {
    match value {
        None => Field::Absent,
        Some(value) => read(value).map_or(Field::OtherKind(value), Field::Seen),
    }
}
