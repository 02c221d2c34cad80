use super::Labelled;

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
        let metadata = [
            ("bundle-identifier", "com.example.notes"),
            ("bundle-version", "1"),
            ("kind", "software"),
            ("title", "Notes"),
        ];
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

/// Manifests of an app `com.example.notes`, build 1.
#[must_use]
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn manifests() -> Vec<Labelled<Vec<u8>>> {
    let good = Manifest::default();
    let html = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>".to_vec();
    let two_digests = "<key>sha256s</key><array><string>aa</string><string>bb</string></array>";
    let rows: Vec<Labelled<Manifest>> = vec![
        Labelled::clean("a good manifest", good.clone()),
        Labelled::clean("without what may be absent", good.clone().without("bundle-version")),
        Labelled::clean(
            "the platform told right",
            good.clone().metadata("platform-identifier", "com.apple.platform.iphoneos"),
        ),
        Labelled::clean(
            "a host called example",
            good.clone().package_url("https://apps.example.com/a__b__c.ipa"),
        ),
        Labelled::clean(
            "digests with their size",
            good.clone()
                .package_keys(&format!("{two_digests}<key>sha256-size</key><integer>10485760</integer>")),
        ),
        Labelled::error(&["items-missing"], "no item", good.clone().items(0)),
        Labelled::error(&["items-missing"], "a misspelt key", good.clone().root_key("item")),
        Labelled::error(
            &["no-software-package"],
            "a misspelt kind",
            good.clone().package_kind("software_package"),
        ),
        Labelled::error(&["kind-not-software"], "another kind", good.clone().metadata("kind", "app")),
        Labelled::error(&["kind-not-software"], "no kind", good.clone().without("kind")),
        Labelled::error(&["title-missing"], "no title", good.clone().without("title")),
        Labelled::error(&["title-missing"], "a blank title", good.clone().metadata("title", "  ")),
        Labelled::error(
            &["bundle-identifier-missing"],
            "no identifier",
            good.clone().without("bundle-identifier"),
        ),
        Labelled::error(
            &["bundle-identifier-mismatch"],
            "another app",
            good.clone().metadata("bundle-identifier", "com.example.notes.beta"),
        ),
        Labelled::remark(
            &["bundle-version-mismatch"],
            "another build",
            good.clone().metadata("bundle-version", "41"),
        ),
        Labelled::error(
            &["platform-identifier-wrong"],
            "a misspelt platform",
            good.clone().metadata("platform-identifier", "com.apple.platform.ios"),
        ),
        Labelled::error(
            &["package-url-not-https"],
            "plain http",
            good.clone().package_url("http://apps.example/notes.ipa"),
        ),
        Labelled::remark(
            &["package-url-not-https"],
            "an icon over http",
            good.clone().icon_url("http://apps.example/icon.png"),
        ),
        Labelled::error(&["package-url-not-absolute"], "a name alone", good.clone().package_url("notes.ipa")),
        Labelled::error(
            &["placeholder-left"],
            "a variable",
            good.clone().package_url("https://${SERVER}/notes.ipa"),
        ),
        Labelled::remark(
            &["placeholder-left"],
            "a title of a template",
            good.clone().metadata("title", "{{ title }}"),
        ),
        Labelled::remark(
            &["chunk-size-missing"],
            "digests without a size",
            good.clone().package_keys(two_digests),
        ),
        Labelled::remark(
            &["removed-key"],
            "a key of old",
            good.clone().package_keys("<key>needs-shine</key><true/>"),
        ),
        Labelled::remark(&["several-items"], "two items", good.clone().items(2)),
        Labelled::error(
            &["manifest-not-a-plist"],
            "an ampersand",
            good.clone().metadata("title", "Notes & more"),
        ),
        Labelled::error(
            &["text-before-xml"],
            "a warning in front",
            good.before("Warning: Undefined variable $url in /srv/app.php on line 3\n"),
        ),
    ];
    let mut rows: Vec<Labelled<Vec<u8>>> = rows
        .into_iter()
        .map(|Labelled { what, target, findings, first_cause }| Labelled {
            what,
            target: target.build(),
            findings,
            first_cause,
        })
        .collect();
    rows.push(Labelled::error(&["manifest-is-html"], "a page to sign in", html));
    rows.push(Labelled::error(&["manifest-not-a-plist"], "nothing at all", Vec::new()));
    rows.push(Labelled::error(&["manifest-not-a-plist"], "JSON", br#"{"items": []}"#.to_vec()));
    rows
}
