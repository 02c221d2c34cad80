use super::breakage::Change::{self, ManifestBytes};
use super::{APP, Breakage, Neighbour};
use crate::app::AppPackage;
use crate::pki::Digest;

/// A manifest to be written as XML: sound, until something is changed.
#[derive(Clone, Debug)]
#[must_use]
pub struct Manifest {
    before: String,
    package_kind: String,
    package_url: String,
    package_extra: String,
    icon_url: String,
    metadata: Vec<(String, String)>,
    items: usize,
    root_key: String,
}

impl Default for Manifest {
    fn default() -> Self {
        let metadata =
            [("bundle-identifier", APP), ("bundle-version", "1"), ("kind", "software"), ("title", "Notes")];
        Self {
            before: String::new(),
            package_kind: "software-package".to_owned(),
            package_url: "https://apps.example/t/Ab3/notes.ipa".to_owned(),
            package_extra: String::new(),
            icon_url: "https://apps.example/t/Ab3/icon.png".to_owned(),
            metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
            items: 1,
            root_key: "items".to_owned(),
        }
    }
}

impl Manifest {
    /// Text in front of everything.
    pub fn before(mut self, text: &str) -> Self {
        text.clone_into(&mut self.before);
        self
    }

    /// Another `kind` of the package's asset.
    pub fn package_kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.package_kind);
        self
    }

    /// Another address of the package.
    pub fn package_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.package_url);
        self
    }

    /// Keys added to the package's asset, as XML.
    pub fn package_keys(mut self, xml: &str) -> Self {
        xml.clone_into(&mut self.package_extra);
        self
    }

    /// SHA-256 of each chunk of a package, added to its asset.
    pub fn digests(self, package: &[u8], chunk_bytes: usize) -> Self {
        let digests = package.chunks(chunk_bytes).fold(String::new(), |digests, chunk| {
            let digest = Digest::Sha256
                .of(chunk)
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            format!("{digests}<string>{digest}</string>")
        });
        self.package_keys(&format!(
            "<key>sha256s</key><array>{digests}</array><key>sha256-size</key><integer>{chunk_bytes}</integer>"
        ))
    }

    /// Another address of the icon.
    pub fn icon_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.icon_url);
        self
    }

    /// A text in the metadata, instead of what is there or added to it.
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata.retain(|(other, _)| other != key);
        self.metadata.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The metadata without this key.
    pub fn without(mut self, key: &str) -> Self {
        self.metadata.retain(|(other, _)| other != key);
        self
    }

    /// The same item so many times.
    pub fn items(self, items: usize) -> Self {
        Self { items, ..self }
    }

    /// Another name for `items`.
    pub fn root_key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.root_key);
        self
    }

    /// The bytes, with nothing escaped that was not given escaped.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let pairs = self.metadata.iter();
        let pairs = pairs.map(|(key, value)| format!("<key>{key}</key><string>{value}</string>"));
        let metadata = pairs.collect::<Vec<_>>().concat();
        let item = format!(
            "<dict><key>assets</key><array>\
             <dict><key>kind</key><string>{}</string><key>url</key><string>{}</string>{}</dict>\
             <dict><key>kind</key><string>display-image</string><key>url</key><string>{}</string></dict>\
             </array><key>metadata</key><dict>{metadata}</dict></dict>",
            self.package_kind, self.package_url, self.package_extra, self.icon_url,
        );
        format!(
            "{}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict><key>{}</key><array>{}</array></dict></plist>\n",
            self.before,
            self.root_key,
            item.repeat(self.items),
        )
        .into_bytes()
    }
}

/// Digests of two parts, whose size must be told beside them.
const TWO_DIGESTS: &str = "<key>sha256s</key><array><string>aa</string><string>bb</string></array>";

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["manifest-is-html"],
            "a page to sign in",
            &[""],
            ManifestBytes(|_| {
                b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>".to_vec()
            }),
        ),
        Breakage::error(&["manifest-not-a-plist"], "nothing at all", &[""], ManifestBytes(|_| Vec::new())),
        Breakage::error(
            &["manifest-not-a-plist"],
            "JSON",
            &[""],
            ManifestBytes(|_| br#"{"items": []}"#.to_vec()),
        ),
        Breakage::error(
            &["manifest-not-a-plist"],
            "an ampersand",
            &["item/title"],
            Change::Manifest(|manifest| manifest.metadata("title", "Notes & more")),
        ),
        Breakage::error(
            &["text-before-xml"],
            "a warning in front",
            &["start"],
            Change::Manifest(|manifest| {
                manifest.before("Warning: Undefined variable $url in /srv/app.php on line 3\n")
            }),
        ),
        Breakage::error(
            &["items-missing"],
            "no item",
            &["item", "items"],
            Change::Manifest(|manifest| manifest.items(0)),
        ),
        Breakage::error(
            &["items-missing"],
            "a misspelt key",
            &["root", "items"],
            Change::Manifest(|manifest| manifest.root_key("item")),
        ),
        Breakage::error(
            &["no-software-package"],
            "a misspelt kind",
            &["item/package-kind"],
            Change::Manifest(|manifest| manifest.package_kind("software_package")),
        ),
        Breakage::error(
            &["kind-not-software"],
            "another kind",
            &["item/kind"],
            Change::Manifest(|manifest| manifest.metadata("kind", "app")),
        ),
        Breakage::error(
            &["kind-not-software"],
            "no kind",
            &["item/kind"],
            Change::Manifest(|manifest| manifest.without("kind")),
        ),
        Breakage::error(
            &["title-missing"],
            "no title",
            &["item/title"],
            Change::Manifest(|manifest| manifest.without("title")),
        ),
        Breakage::error(
            &["title-missing"],
            "a blank title",
            &["item/title"],
            Change::Manifest(|manifest| manifest.metadata("title", "  ")),
        ),
        Breakage::error(
            &["bundle-identifier-missing"],
            "no identifier",
            &["item/identifier"],
            Change::Manifest(|manifest| manifest.without("bundle-identifier")),
        ),
        Breakage::error(
            &["platform-identifier-wrong"],
            "a misspelt platform",
            &["item/platform"],
            Change::Manifest(|manifest| manifest.metadata("platform-identifier", "com.apple.platform.ios")),
        ),
        Breakage::error(
            &["package-url-not-https"],
            "plain http for the package",
            &["item/package-url"],
            Change::Manifest(|manifest| manifest.package_url("http://apps.example/notes.ipa")),
        ),
        Breakage::remark(
            &["package-url-not-https"],
            "an icon over http",
            &["item/icon-url"],
            Change::Manifest(|manifest| manifest.icon_url("http://apps.example/icon.png")),
        ),
        Breakage::error(
            &["package-url-not-absolute"],
            "a name alone",
            &["item/package-url"],
            Change::Manifest(|manifest| manifest.package_url("notes.ipa")),
        ),
        Breakage::remark(
            &["package-url-invalid"],
            "a space in the package's address",
            &["item/package-url"],
            Change::Manifest(|manifest| manifest.package_url("https://apps.example/My Notes.ipa")),
        ),
        Breakage::error(
            &["placeholder-left"],
            "a variable",
            &["item/package-url"],
            Change::Manifest(|manifest| manifest.package_url("https://${SERVER}/notes.ipa")),
        ),
        Breakage::remark(
            &["placeholder-left"],
            "a title of a template",
            &["item/title"],
            Change::Manifest(|manifest| manifest.metadata("title", "{{ title }}")),
        ),
        Breakage::remark(
            &["chunk-size-missing"],
            "digests without a size",
            &["item/package-keys"],
            Change::Manifest(|manifest| manifest.package_keys(TWO_DIGESTS)),
        ),
        Breakage::remark(
            &["removed-key"],
            "a key of old",
            &["item/package-keys"],
            Change::Manifest(|manifest| manifest.package_keys("<key>needs-shine</key><true/>")),
        ),
        Breakage::remark(
            &["several-items"],
            "two items",
            &["items"],
            Change::Manifest(|manifest| manifest.items(2)),
        ),
    ]
}

/// What is wrong only beside the package, while it comes.
pub(super) fn breakages_met_with_the_package() -> Vec<Breakage> {
    const OTHER: &str = "<key>sha256</key>\
        <string>ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad</string>";
    vec![Breakage::error(
        &["digest-mismatch"],
        "the digest of another package",
        &["item/package-keys"],
        Change::Manifest(|manifest| manifest.package_keys(OTHER)),
    )]
}

/// What is wrong only beside the app, which the device then has.
pub(super) fn breakages_met_at_the_app() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["bundle-identifier-mismatch"],
            "another app",
            &["item/identifier"],
            Change::Manifest(|manifest| manifest.metadata("bundle-identifier", "com.example.notes.beta")),
        ),
        Breakage::remark(
            &["bundle-version-mismatch"],
            "another build",
            &["item/version"],
            Change::Manifest(|manifest| manifest.metadata("bundle-version", "41")),
        ),
    ]
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let good = Manifest::default();
    let package = AppPackage::new(APP).build();
    let edition = AppPackage::new(APP).display_name("Notes again").build();
    vec![
        Neighbour::clean("a good manifest", good.clone()),
        Neighbour::clean(
            "a space in the package's address, encoded",
            good.clone().package_url("https://apps.example/My%20Notes.ipa?v=1.0,2"),
        ),
        Neighbour::clean("without what may be absent", good.clone().without("bundle-version")),
        Neighbour::clean(
            "the platform told right",
            good.clone().metadata("platform-identifier", "com.apple.platform.iphoneos"),
        ),
        Neighbour::clean(
            "a host called example",
            good.clone().package_url("https://apps.example.com/a__b__c.ipa"),
        ),
        Neighbour::clean("digests with their size", good.clone().digests(&package, 4096)),
        Neighbour::error(&["digest-mismatch"], "digests of another edition", good.digests(&edition, 4096)),
    ]
}
